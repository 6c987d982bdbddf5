//! A series, what a policy makes of it, and settings, ready to be changed by a test.

use std::{io::Write, sync::Arc};

use jiff::Timestamp;
use tidewaiter_mail::{Address, MailDate, Mailbox, Message, MessageId};
use tidewaiter_patch::{Assembler, Header, Mail, Series};
use tidewaiter_policy::{
    Assessment, Audience, Declared, DeclaredForm, Finding, Indicated, IndicatedForm, Outcome,
    PatchAssessment, Risk, Severity, TagBefore, maintainers::Maintainers,
};
use tidewaiter_testkit::builder::{self, thread};

use crate::{
    AuthorFacts, DigestItem, Draft, IdKey, Identity, ListReply, Mode, PolicyView, Recipients,
    RenderError, Reply, Sentence, Templates, recipients, render,
};

const BAN_URL: &str = "https://www.qemu.org/docs/master/devel/code-provenance.html";

pub(super) const BAN: [Sentence<'static>; 2] = [
    Sentence {
        text: "Current QEMU project policy is to DECLINE any contributions which are believed to \
               include or derive from AI generated content.",
        url: BAN_URL,
        date: "2025-06-24",
        by: None,
    },
    Sentence {
        text: "This policy does not apply to other uses of AI, such as researching APIs or \
               algorithms, static analysis, or debugging, provided their output is not included \
               in contributions.",
        url: BAN_URL,
        date: "2025-06-24",
        by: None,
    },
];

pub(super) const LIMIT: [Sentence<'static>; 1] = [Sentence {
    text: "Core code that other things depend on, and that cannot simply be thrown away once a \
           problem is noticed long after the fact, stays off-limits without prior agreement from \
           a maintainer.",
    url: "https://policy.example.org/ai.html",
    date: "2026-05-29",
    by: None,
}];

const RELAXED: (&str, &str) = ("qemu-2026-05", "2026-05-29");

pub(super) const MAINTAINERS: &str = "\
Frob devices
M: Maja Maintainer <maja@example.com>
M: \"Doe, Jane\" <jane@example.net>
R: Rolf Reviewer <rolf@example.com>
L: frob@lists.example.org
S: Maintained
F: hw/misc/
F: tests/qtest/

Translation
M: Tom Translator <tom@example.com>
M: Uma Upper <uma@example.com>
M: Vic Vector <vic@example.com>
M: Wim Widget <wim@example.com>
S: Supported
F: accel/tcg/

Old board
M: Olaf Old <olaf@example.com>
S: Orphan
F: hw/old/

THE REST
M: Everybody <everybody@example.com>
S: Supported
F: *
F: */
";

/// All that a reply depends on.
pub(super) struct Scene {
    pub(super) series: Series,
    pub(super) assessment: Assessment,
    pub(super) list: ListReply,
    pub(super) facts: AuthorFacts,
    pub(super) sentences: Vec<Sentence<'static>>,
    /// The policy's id and date.
    pub(super) policy: (&'static str, &'static str),
    pub(super) in_force: bool,
}

pub(super) fn address(text: &str) -> Address {
    Address::new(text).unwrap()
}

pub(super) fn known_word(word: &str) -> bool {
    ["AI-used-for", "Assisted-by", "code", "tests", "docs", "research", "none", "Copilot", "LLM"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word))
}

impl Scene {
    pub(super) fn new(cover: Option<builder::Mail>, patches: Vec<builder::Mail>) -> Self {
        let mut assembler = Assembler::new();
        let mut key = None;
        for (second, mail) in (0..).zip(thread(1_780_000_000, cover, patches)) {
            let time = Timestamp::from_second(1_780_000_000 + second).unwrap();
            key = Some(assembler.add(Mail::parse(&mail.build()), time).key());
        }
        let series = assembler.series_of(key.unwrap()).unwrap();
        Self::of(series)
    }

    /// A series from elsewhere, with nothing declared.
    pub(super) fn of(series: Series) -> Self {
        let patches = series
            .patches
            .iter()
            .map(|part| PatchAssessment {
                index: part.index,
                message_id: part.mail.header.message_id.clone(),
                title: part.mail.header.title.clone(),
                added: part.mail.diff().map_or(0, |diff| diff.added),
                removed: part.mail.diff().map_or(0, |diff| diff.removed),
                counted: part.mail.diff().map_or(0, |diff| diff.added),
                adds_more_than_a_fix: false,
                declared: Vec::new(),
                indicated: Vec::new(),
                categories: vec!["code".to_owned()],
                subsystems: Vec::new(),
                own_subsystems: Vec::new(),
                risk: Risk::High,
                reasons: vec!["never to be seen".to_owned()],
            })
            .collect();
        let assessment = Assessment {
            policy: "qemu-2025-06".to_owned(),
            policy_date: Some("2025-06-24".to_owned()),
            patches,
            declared: false,
            indicated: false,
            risk: Risk::High,
            reasons: Vec::new(),
            findings: Vec::new(),
            outcome: Outcome::Disclosure,
            agreements: Vec::new(),
            trace: Vec::new(),
        };
        let list = ListReply {
            project: "qemu".to_owned(),
            list_name: "qemu-devel".to_owned(),
            list: address("qemu-devel@nongnu.org"),
            mode: Mode::List,
            cc_maintainers: false,
            decline: Mode::List,
            never_to: Vec::new(),
        };
        let facts = AuthorFacts { reachable: true, trusted: true, known: true };
        Self {
            series,
            assessment,
            list,
            facts,
            sentences: BAN.to_vec(),
            policy: ("qemu-2025-06", "2025-06-24"),
            in_force: true,
        }
    }

    pub(super) fn patch(&mut self, index: u32) -> &mut PatchAssessment {
        self.assessment.patches.iter_mut().find(|patch| patch.index == index).unwrap()
    }

    pub(super) fn declares(mut self, index: u32, line: usize, value: &str) -> Self {
        self.patch(index).declared.push(Declared {
            form: DeclaredForm::Tag,
            key: Some("AI-used-for".to_owned()),
            value: value.to_owned(),
            uses: value.split(", ").map(str::to_owned).collect(),
            tool: None,
            line,
            message_id: None,
        });
        self.assessment.declared = true;
        self
    }

    pub(super) fn cover_declares(mut self, line: usize, value: &str) -> Self {
        let id = self.series.id.clone();
        for index in 1..=self.series.total {
            self = self.declares(index, line, value);
            self.patch(index).declared.last_mut().unwrap().message_id.clone_from(&id);
        }
        self
    }

    pub(super) fn marked(mut self, index: u32, line: usize) -> Self {
        self.patch(index).indicated.push(Indicated {
            form: IndicatedForm::AgentTrailer,
            key: Some("Co-authored-by".to_owned()),
            value: "Copilot <copilot@example.com>".to_owned(),
            tool: Some("Copilot".to_owned()),
            line: Some(line),
        });
        self.assessment.indicated = true;
        self
    }

    pub(super) fn sized(mut self, index: u32, categories: &[&str], added: u32) -> Self {
        let patch = self.patch(index);
        patch.categories = categories.iter().map(|kind| (*kind).to_owned()).collect();
        (patch.added, patch.removed) = (added, 0);
        self
    }

    fn finding(&self, index: u32, severity: Severity) -> Finding {
        Finding {
            rule: "a-rule".to_owned(),
            severity,
            audience: Audience::Maintainer,
            patch: Some(index),
            message_id: None,
            line: None,
            text: None,
            rule_text: None,
            rule_url: None,
            rule_reported_by: None,
            advice: "never to be seen".to_owned(),
            before: None,
        }
    }

    /// Every declared line is declined.
    pub(super) fn declined(mut self) -> Self {
        for patch in self.assessment.patches.clone() {
            for declared in patch.declared {
                let mut finding = self.finding(patch.index, Severity::Decline);
                finding.line = Some(declared.line);
                finding.text = Some(format!("AI-used-for: {}", declared.value));
                self.assessment.findings.push(finding);
            }
        }
        self.assessment.outcome = Outcome::Decline;
        self
    }

    /// The patch had a tag in the version before, and its diff is the same.
    pub(super) fn loses(mut self, index: u32, value: &str) -> Self {
        let mut finding = self.finding(index, Severity::Ask);
        finding.text = Some(format!("AI-used-for: {value}"));
        finding.before = Some(TagBefore {
            version: "v1".to_owned(),
            patch: index,
            total: self.series.total,
            whole_series: false,
            message_id: None,
            line: 9,
            key: "AI-used-for".to_owned(),
            value: value.to_owned(),
        });
        self.assessment.findings.push(finding);
        self.assessment.outcome = Outcome::Ask;
        self.series.version.major = 3;
        self
    }

    pub(super) fn asks(mut self, index: u32, counted: &str) -> Self {
        let mut finding = self.finding(index, Severity::Ask);
        finding.text = Some(counted.to_owned());
        // Rules that count point at the patch's own tag.
        let own = |d: &&Declared| d.message_id.is_none();
        finding.line = self.patch(index).declared.iter().find(own).map(|d| d.line);
        self.assessment.findings.push(finding);
        self.assessment.outcome = Outcome::Ask;
        self
    }

    /// Changes the header of the mail that is answered, past what a parser would let through.
    pub(super) fn with_header(mut self, change: impl Fn(&mut Header)) -> Self {
        let id = self.series.id.clone();
        let parts = self.series.cover.iter_mut().chain(&mut self.series.patches);
        for part in parts.filter(|part| part.mail.header.message_id == id) {
            let mut mail = Mail::clone(&part.mail);
            change(&mut mail.header);
            self.series.author.clone_from(&mail.header.from);
            self.series.id.clone_from(&mail.header.message_id);
            part.mail = Arc::new(mail);
        }
        self
    }

    pub(super) fn mode(mut self, mode: Mode) -> Self {
        self.list.mode = mode;
        self.list.decline = mode;
        self
    }

    pub(super) fn recipients(&self) -> Recipients {
        let (maintainers, _) = Maintainers::parse(MAINTAINERS);
        recipients(&self.list, &self.series, &self.assessment, Some(&maintainers), self.facts)
    }

    pub(super) fn policy_view<'a>(
        &'a self,
        sentences: &'a [Sentence<'a>],
        may_cite: &'a dyn Fn(&str) -> bool,
    ) -> PolicyView<'a> {
        PolicyView {
            id: self.policy.0,
            project_name: "QEMU",
            date: self.policy.1,
            url: BAN_URL,
            in_force: self.in_force,
            sentences,
            may_cite,
        }
    }

    pub(super) fn digest_item(&self, why: Option<&'static str>) -> Option<DigestItem> {
        let policy = self.policy_view(&[], &known_word);
        DigestItem::new(&self.series, &self.assessment, &policy, why, true)
    }

    pub(super) fn try_reply(&self, templates: &Templates) -> Result<Reply, RenderError> {
        render(
            templates,
            &Draft {
                identity: &identity(),
                list: &self.list,
                key: &IdKey::dry_run(),
                series: &self.series,
                assessment: &self.assessment,
                policy: self.policy_view(&self.sentences, &known_word),
                recipients: &self.recipients(),
            },
        )
    }

    pub(super) fn reply(&self) -> Reply {
        self.try_reply(&Templates::builtin().unwrap()).unwrap()
    }

    /// The mail as text, for snapshots; line ends LF.
    pub(super) fn eml(&self) -> String {
        let bytes = self.reply().to_eml(true, date());
        String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
    }
}

pub(super) fn identity() -> Identity {
    Identity {
        address: address("tidewaiter@bot.example.net"),
        name: "tidewaiter".to_owned(),
        operator: Mailbox::parse("Olga Operator <olga@example.net>").unwrap(),
        message_id_domain: "bot.example.net".to_owned(),
    }
}

pub(super) fn date() -> Option<MailDate> {
    MailDate::parse("Fri, 29 May 2026 11:46:19 +0200")
}

/// Example 1: the policy declines, patches 2 and 3 declare.
pub(super) fn declining() -> Scene {
    let patches = vec![
        builder::Mail::patch("hw/misc: move frob registers").diff("hw/misc/frob.c", 4, 2),
        builder::Mail::patch("tests/qtest: test frob").new_file("tests/qtest/frob.c", 40),
        builder::Mail::patch("hw/misc: add frob device").new_file("hw/misc/frobdev.c", 90),
    ];
    let patches = patches.into_iter().map(|mail| mail.version(2)).collect();
    let cover =
        builder::Mail::cover("hw/misc: add frob device").version(2).id("cover.1@example.org");
    Scene::new(Some(cover), patches).declares(2, 14, "tests").declares(3, 11, "code").declined()
}

/// Example 2: within the policy's list.
pub(super) fn disclosing() -> Scene {
    let mut scene = series_of(5).declares(4, 9, "tests").sized(4, &["tests"], 88);
    scene.policy = RELAXED;
    scene
}

/// Example 3: over the limit, and in a core path.
pub(super) fn asking() -> Scene {
    let mut scene = series_of(5).declares(3, 21, "code").asks(
        3,
        "57 lines outside tests (the policy's limit for a small fix: 20); touches accel/tcg",
    );
    scene.sentences = LIMIT.to_vec();
    scene.policy = RELAXED;
    scene
}

pub(super) fn series_of(total: usize) -> Scene {
    let patches = (1..=total)
        .map(|n| builder::Mail::patch(&format!("accel/tcg: step {n}")).diff("accel/tcg/a.c", n, 1))
        .collect();
    Scene::new(Some(builder::Mail::cover("accel/tcg: steps")), patches)
}

/// A single patch, without number or cover letter.
pub(super) fn single(title: &str) -> Scene {
    Scene::new(None, vec![builder::Mail::patch(title).diff("hw/misc/frob.c", 4, 2)])
        .declares(1, 7, "code")
        .declined()
}

pub(super) fn id(text: &str) -> MessageId {
    MessageId::new(text).unwrap()
}

/// What tests elsewhere hold a reply against.
pub(super) fn assert_same(reply: &Reply, read: &Message) {
    let addresses = |mailboxes: &[Mailbox]| -> Vec<(Option<String>, Option<Address>)> {
        mailboxes.iter().map(|m| (m.name.clone(), m.address.clone())).collect()
    };
    assert_eq!(addresses(&reply.to), addresses(&read.to));
    assert_eq!(addresses(&reply.cc), addresses(&read.cc));
    assert_eq!(read.from.as_ref(), Some(&reply.from));
    assert_eq!(read.message_id.as_ref(), Some(&reply.id));
    assert_eq!(read.in_reply_to, reply.in_reply_to);
    assert_eq!(read.references, reply.references);
    assert_eq!(read.subject.as_deref(), Some(reply.subject.as_str()));
    assert_eq!(read.body.trim_end(), reply.body.trim_end());
}

/// Gives `input` to a program and takes what it prints; `None` where it is not installed.
pub(super) fn piped(program: &str, arguments: &[&str], input: &[u8]) -> Option<String> {
    use std::process::{Command, Stdio};
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program} failed");
    Some(String::from_utf8(output.stdout).unwrap())
}
