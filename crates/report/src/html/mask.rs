//! A page without names: who wrote, and to whom, is left out of every text.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::{AhoCorasick, MatchKind};
use tidewaiter_engine::Judged;
use tidewaiter_mail::{Address, Mailbox};
use tidewaiter_patch::{Content, Part};

/// How many people of one thread are looked for.
const PEOPLE: usize = 400;

/// Trailers that name a person.
const PERSON_TRAILERS: [&str; 8] = [
    "Signed-off-by",
    "Reviewed-by",
    "Acked-by",
    "Tested-by",
    "Reported-by",
    "Suggested-by",
    "Co-developed-by",
    "Cc",
];

/// What stands in place of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Author,
    Maintainer,
    Operator,
    Person,
}

impl Role {
    fn word(self) -> &'static str {
        match self {
            Self::Author => "[author]",
            Self::Maintainer => "[maintainer]",
            Self::Operator => "[operator]",
            Self::Person => "[person]",
        }
    }
}

/// Takes the people of one series out of texts.
pub(super) struct Mask {
    /// Names and addresses as whole.
    whole: Option<Finder>,
    /// Single words of names.
    words: BTreeMap<String, Role>,
    /// Addresses of lists, which are no people.
    lists: BTreeSet<String>,
}

struct Finder {
    automaton: AhoCorasick,
    roles: Vec<Role>,
}

impl Mask {
    /// The people of a series: who wrote, answered or is written to, and those that its patches'
    /// trailers name.
    pub(super) fn new(judged: &Judged, operator: &Mailbox, lists: &[String]) -> Self {
        let series = &judged.series;
        let mut people = People {
            lists: lists.iter().map(|list| list.to_lowercase()).collect(),
            list_ids: series.lists.iter().map(|id| id.as_str().to_lowercase()).collect(),
            ..People::default()
        };
        people.add(series.author.as_ref(), Role::Author, true);
        let parts = || series.parts().chain(&series.comments);
        for part in &series.patches {
            let author = part.mail.patch().and_then(|patch| patch.author.as_ref());
            people.add(author, Role::Author, true);
        }
        people.add(Some(operator), Role::Operator, false);
        for reply in judged.judgements.iter().filter_map(|j| j.reply.as_ref()) {
            for mailbox in reply.to.iter().chain(&reply.cc) {
                people.add(Some(mailbox), Role::Maintainer, true);
            }
        }
        for part in parts() {
            let header = &part.mail.header;
            people.add(header.from.as_ref(), Role::Person, true);
            for mailbox in named_in(part) {
                people.add(Some(&mailbox), Role::Person, true);
            }
            // A recipient may be a list under a name of common words.
            for mailbox in header.to.iter().chain(&header.cc) {
                people.add(Some(mailbox), Role::Person, false);
            }
        }
        people.into_mask()
    }

    /// A title, or text of ours: whole names and addresses are replaced.
    pub(super) fn whole(&self, text: &str) -> String {
        let Some(finder) = &self.whole else { return self.addresses(text) };
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for found in finder.automaton.find_iter(text) {
            let (Some(before), Some(role)) =
                (text.get(from..found.start()), finder.roles.get(found.pattern().as_usize()))
            else {
                continue;
            };
            let bounded = !text.get(..found.start()).is_some_and(ends_in_word)
                && !text.get(found.end()..).is_some_and(starts_with_word);
            if bounded {
                out.push_str(before);
                out.push_str(role.word());
                from = found.end();
            }
        }
        out.push_str(text.get(from..).unwrap_or_default());
        self.addresses(&out)
    }

    /// Words from a mail: single names are replaced too.
    pub(super) fn words(&self, text: &str) -> String {
        let text = self.whole(text);
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            let marked = out.ends_with('[');
            match self.words.get(word).filter(|_| !marked) {
                Some(role) => out.push_str(role.word()),
                None => out.push_str(word),
            }
            let mut after = after.chars();
            out.extend(after.next());
            rest = after.as_str();
        }
        out
    }

    /// A Message-ID, which often ends in its writer's address: what stands before that.
    pub(super) fn id(&self, id: &str) -> String {
        let left = id.rsplit_once('@').map_or(id, |(left, _)| left);
        // git send-email: `20260602041235.1217462-1-` and the address.
        let mut dashes = left.match_indices('-').map(|(at, _)| at);
        let stamp = left
            .split('.')
            .next()
            .is_some_and(|s| s.len() >= 8 && s.bytes().all(|b| b.is_ascii_digit()));
        let left = match (stamp, dashes.next(), dashes.next()) {
            (true, Some(_), Some(second)) => left.get(..=second).unwrap_or(left),
            _ => left,
        };
        let lower = left.to_lowercase();
        let named = self
            .words
            .keys()
            .any(|word| word.chars().count() > 2 && lower.contains(&word.to_lowercase()));
        if named { "…".to_owned() } else { format!("{left}…") }
    }

    /// Replaces what is left of addresses, those of lists aside.
    fn addresses(&self, text: &str) -> String {
        let local = |c: char| c.is_alphanumeric() || "._%+-=".contains(c);
        let host = |c: char| c.is_alphanumeric() || ".-".contains(c);
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('@') {
            let start = before.trim_end_matches(local).len();
            let end = after.find(|c| !host(c)).unwrap_or(after.len());
            let (head, user) = before.split_at_checked(start).unwrap_or((before, ""));
            let (domain, tail) = after.split_at_checked(end).unwrap_or(("", after));
            let address = format!("{user}@{domain}");
            let full = !user.is_empty() && !domain.is_empty();
            out.push_str(head);
            if full && !self.lists.contains(&address.to_lowercase()) {
                out.push_str("[address]");
            } else {
                out.push_str(&address);
            }
            rest = tail;
        }
        out.push_str(rest);
        out
    }
}

fn ends_in_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(char::is_alphanumeric)
}

fn starts_with_word(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_alphanumeric)
}

/// Who the trailers of a mail name.
fn named_in(part: &Part) -> Vec<Mailbox> {
    let trailers = match &part.mail.content {
        Content::Patch(patch) => &patch.trailers,
        Content::Comment(comment) | Content::Other(comment) => &comment.trailers,
        _ => return Vec::new(),
    };
    let person = |key: &str| PERSON_TRAILERS.iter().any(|known| known.eq_ignore_ascii_case(key));
    let named = trailers.iter().filter(|trailer| person(&trailer.key)).take(30);
    named.filter_map(|trailer| Mailbox::parse(&trailer.value)).collect()
}

#[derive(Default)]
struct People {
    lists: BTreeSet<String>,
    list_ids: BTreeSet<String>,
    whole: BTreeMap<String, Role>,
    words: BTreeMap<String, Role>,
}

impl People {
    /// The first role that a person is met in stays.
    fn add(&mut self, mailbox: Option<&Mailbox>, role: Role, words: bool) {
        let Some(mailbox) = mailbox.filter(|_| self.whole.len() < 2 * PEOPLE) else { return };
        let list = |m: &Mailbox| m.address.as_ref().is_some_and(|a| self.is_list(a));
        if list(mailbox) {
            return;
        }
        if let Some(address) = &mailbox.address {
            self.whole.entry(address.as_str().to_lowercase()).or_insert(role);
            if words && address.local().len() > 3 {
                self.words.entry(address.local().to_owned()).or_insert(role);
            }
        }
        let Some(name) = mailbox.name.as_deref().map(str::trim).filter(|n| !n.is_empty()) else {
            return;
        };
        // "A B via list", "A B (work)": the name itself.
        let name = name.split(" via ").next().unwrap_or(name);
        let name = name.split('(').next().unwrap_or(name).trim();
        let parts: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
        for word in parts.iter().filter(|word| words && word.chars().count() > 1) {
            self.words.entry((*word).to_owned()).or_insert(role);
        }
        if parts.len() > 1 {
            self.whole.entry(name.to_owned()).or_insert(role);
        }
    }

    /// A configured list, or one whose copy was seen.
    fn is_list(&self, address: &Address) -> bool {
        let id = format!("{}.{}", address.local(), address.domain()).to_lowercase();
        self.list_ids.contains(&id) || self.lists.contains(&address.as_str().to_lowercase())
    }

    fn into_mask(self) -> Mask {
        let (patterns, roles): (Vec<_>, Vec<_>) = self.whole.into_iter().unzip();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            .build(&patterns);
        let whole = automaton.ok().map(|automaton| Finder { automaton, roles });
        Mask { whole, words: self.words, lists: self.lists }
    }
}
