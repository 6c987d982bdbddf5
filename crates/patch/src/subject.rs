//! Subject tags: `[PATCH v2 03/10]` and its kin.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

/// A series' version: `v2` is 2.0, `v5.1` is 5.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The number after the `v`.
    pub major: u32,
    /// The number after the dot of a fractional version, else 0.
    pub minor: u32,
}

impl Version {
    /// The version of a series whose subjects name none.
    pub const FIRST: Self = Self { major: 1, minor: 0 };
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minor {
            0 => write!(f, "v{}", self.major),
            minor => write!(f, "v{}.{minor}", self.major),
        }
    }
}

/// What the brackets in front of a patch's title say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SubjectTag {
    /// The words that are nothing else: `RFC`, `RESEND`, a tree's name; in order.
    pub prefixes: Vec<String>,
    /// The `2` of `v2` and of `v2.1`.
    #[serde(serialize_with = "major")]
    #[schemars(with = "Option<u32>")]
    pub version: Option<Version>,
    /// The place of this patch in its series; 0 is the cover letter.
    pub index: Option<u32>,
    /// How many patches the series has.
    pub total: Option<u32>,
    /// The release or branch it is meant for: `10.2` of `for-10.2`.
    pub target: Option<String>,
    /// The subject without its tags.
    pub title: String,
    /// A pull request (`[PULL 00/45]`, `[GIT PULL]`).
    #[serde(skip)]
    pub pull: bool,
}

fn major<S: serde::Serializer>(v: &Option<Version>, s: S) -> Result<S::Ok, S::Error> {
    v.map(|v| v.major).serialize(s)
}

impl SubjectTag {
    /// Whether one of the words is this one, without regard to case.
    #[must_use]
    pub fn has_prefix(&self, word: &str) -> bool {
        self.prefixes.iter().any(|p| p.eq_ignore_ascii_case(word))
    }

    /// Sent for discussion, not for inclusion: `RFC`, `WIP`, `RFT` or `DO NOT MERGE`.
    #[must_use]
    pub fn is_rfc(&self) -> bool {
        ["RFC", "RFT", "WIP", "PoC"].iter().any(|w| self.has_prefix(w))
    }
}

impl fmt::Display for SubjectTag {
    /// Writes the tag in git's order, so that parsing it gives the same tag again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for prefix in &self.prefixes {
            write!(f, "{prefix} ")?;
        }
        f.write_str(if self.pull { "PULL" } else { "PATCH" })?;
        if let Some(target) = &self.target {
            write!(f, " for-{target}")?;
        }
        if let Some(version) = self.version {
            write!(f, " {version}")?;
        }
        if let (Some(index), Some(total)) = (self.index, self.total) {
            write!(f, " {index}/{total}")?;
        }
        write!(f, "] {}", self.title)
    }
}

/// Where a bracket of its own stands in a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `[here] [PATCH] title`.
    BeforeTag,
    /// `[PATCH] [here] title`.
    BehindTag,
}

/// A subject taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// It starts with `Re:` or the like, in any of the languages mailers use.
    pub reply: bool,
    /// It starts with `Fwd:` or the like.
    pub forward: bool,
    /// The tag of a patch, a cover letter or a pull request.
    pub tag: Option<SubjectTag>,
    /// A number in the tag is too large to be one, and was left out.
    pub over_bound: bool,
    /// The subject without `Re:` and without tags; list names like `[Qemu-devel]` are taken off
    /// too where a patch tag follows.
    pub title: String,
}

impl Subject {
    /// Takes a decoded, unfolded subject apart.
    #[must_use]
    pub fn parse(subject: &str) -> Self {
        Self::parse_on_lists(subject, |_, _| false)
    }

    /// As [`Subject::parse`], with the names that lists may have put in brackets of their own:
    /// those are taken off, before the tag and behind it.
    #[must_use]
    pub fn parse_on_lists(subject: &str, is_list: impl Fn(&str, Place) -> bool) -> Self {
        let mut parsed = Self::default();
        let mut words = Words::default();
        let mut rest = subject.trim();
        // What is left once the last tag group was taken off; groups in front of the first tag
        // group are prefixes only if one follows.
        let mut committed = rest;
        let mut waiting: Vec<&str> = Vec::new();
        loop {
            rest = rest.trim_start();
            // Behind the tag a `re:` is the title's own.
            if !words.is_tag
                && let Some((after, forward)) = strip_reply(rest)
            {
                parsed.forward |= forward;
                parsed.reply |= !forward;
                // What a company or a list put in front of `Re:` is no part of the tag.
                waiting.clear();
                // b4 marks thanks for a part of a series so.
                let after = after.trim_start();
                rest = after.strip_prefix("(subset)").unwrap_or(after);
                committed = rest;
                continue;
            }
            let Some((group, after)) = bracket_group(rest) else { break };
            let tokens = Words::of(group);
            if words.is_tag {
                // Behind the tag only further tags are taken; else it is the title's own bracket.
                if is_list(group, Place::BehindTag) {
                    rest = after;
                    committed = after;
                    continue;
                }
                if !tokens.only_tag {
                    break;
                }
            } else if !tokens.is_tag {
                if waiting.len() == MOST_GROUPS {
                    break;
                }
                waiting.push(group);
                rest = after;
                continue;
            }
            for group in waiting.drain(..).filter(|group| !is_list(group, Place::BeforeTag)) {
                words.prefixes.push(group.to_owned());
            }
            words.merge(tokens);
            rest = after;
            committed = after;
        }
        let title = committed.trim();
        if !words.is_tag {
            title.clone_into(&mut parsed.title);
            return parsed;
        }
        // `[PATCH]: title`.
        let (title, trailing) = trailing_version(title.trim_start_matches([':', ' ']));
        parsed.over_bound = words.over_bound;
        words.version = words.version.or(trailing);
        title.clone_into(&mut parsed.title);
        parsed.tag = Some(SubjectTag {
            prefixes: words.prefixes,
            version: words.version,
            index: words.numbers.map(|(i, _)| i),
            total: words.numbers.map(|(_, t)| t),
            target: words.target,
            title: title.to_owned(),
            pull: words.pull,
        });
        parsed
    }
}

/// How many groups in brackets may stand in front of the tag.
const MOST_GROUPS: usize = 8;

/// `Re:` in the languages and spellings that mailers write.
const REPLIES: &[&str] = &[
    "re", "aw", "antw", "antwort", "sv", "vs", "odp", "res", "rif", "回复", "答复", "回覆", "答覆",
    "ynt",
];
const FORWARDS: &[&str] = &["fwd", "fw", "wg", "tr", "enc", "vb", "转发", "轉寄"];

/// Takes one `Re:` or `Fwd:` off; the second value is true for a forward.
fn strip_reply(text: &str) -> Option<(&str, bool)> {
    // No word that means an answer is longer; the look-ahead ends, so that all of it is linear.
    let start = text.get(..text.floor_char_boundary(40))?;
    let colon = start.find([':', '：'])?;
    let word = text.get(..colon)?.trim_end();
    if word.len() > 16 {
        return None;
    }
    // `Re[2]:` counts how often it was answered.
    let word = word.split(['[', '(', '^']).next().unwrap_or(word);
    let lower = word.to_lowercase();
    let after = text.get(colon..)?.trim_start_matches([':', '：']);
    if REPLIES.contains(&lower.as_str()) {
        Some((after, false))
    } else if FORWARDS.contains(&lower.as_str()) {
        Some((after, true))
    } else {
        None
    }
}

/// The content of a leading `[...]` and what follows it. A bracket closed by `}` or left open
/// by a slip counts where its words make it a tag.
fn bracket_group(text: &str) -> Option<(&str, &str)> {
    // `[[PATCH] title` is a slip for one bracket.
    let inner = text.strip_prefix('[')?.trim_start_matches('[');
    let close = inner.find([']', '}']);
    match close {
        Some(at) if inner.get(at..at + 1) == Some("]") || Words::of(inner.get(..at)?).is_tag => {
            Some((inner.get(..at)?, inner.get(at + 1..)?))
        }
        _ => {
            // "[PATCH v2 foo: bar": the words that only tags have are the tag.
            let (mut at, mut end) = (0, 0);
            for word in inner.split_inclusive(' ').take(6) {
                let bare = word.trim_end();
                if bare.len() > 12 || !(bare.is_empty() || Words::of(bare).only_tag) {
                    break;
                }
                end = at + bare.len();
                at += word.len();
            }
            if end == 0 {
                return None;
            }
            inner.split_at_checked(end)
        }
    }
}

/// The words of one or more bracket groups.
#[derive(Default)]
struct Words {
    prefixes: Vec<String>,
    version: Option<Version>,
    numbers: Option<(u32, u32)>,
    target: Option<String>,
    pull: bool,
    /// Some number was too large.
    over_bound: bool,
    /// Some word makes this the tag of a patch.
    is_tag: bool,
    /// Every word is one that only tags have.
    only_tag: bool,
}

impl Words {
    fn of(group: &str) -> Self {
        let mut words = Self { only_tag: true, ..Self::default() };
        let between = |c: char| c.is_whitespace() || c == ',';
        let mut tokens = group.split(between).filter(|t| !t.is_empty()).peekable();
        while let Some(token) = tokens.next() {
            // "2/ 7" and "2 /7".
            if let Some(next) = tokens.peek()
                && (token.ends_with('/') || next.starts_with('/'))
                && let Some((index, total)) = numbers(&format!("{token}{next}"))
            {
                words.number(index, total);
                tokens.next();
                continue;
            }
            // "1 of 2" (hg) and "for 9.1" (spelled with a space) take more than one token.
            if tokens.peek() == Some(&"of")
                && let Ok(index) = token.parse::<u32>()
            {
                tokens.next();
                if let Some(total) = tokens.next().and_then(|t| t.parse().ok()) {
                    words.number(index, total);
                }
                continue;
            }
            if token.eq_ignore_ascii_case("for")
                && let Some(target) =
                    tokens.next_if(|t| t.starts_with(|c: char| c.is_ascii_digit()))
            {
                words.target = Some(target.trim_end_matches('?').to_owned());
                continue;
            }
            words.token(token, 0);
        }
        words.only_tag &= words.is_tag;
        words
    }

    fn number(&mut self, index: u32, total: u32) {
        self.numbers = Some((index, total));
        self.is_tag = true;
    }

    /// Takes one token, cutting glued ones (`PATCHv2`, `PATCH1/8`, `PATCH-for-9.1?`) apart.
    fn token(&mut self, token: &str, depth: u32) {
        let lower = token.to_ascii_lowercase();
        if depth < 4 {
            for (word, keep) in [("patch", false), ("pull", false), ("rfc", true)] {
                let Some(tail) = lower.strip_prefix(word) else { continue };
                let glued = tail.trim_start_matches(['-', '_', '/', ':', '.']);
                let joined = tail.len() != glued.len();
                let numbered = tail.starts_with(|c: char| c.is_ascii_digit() || c == 'v');
                if !(tail.is_empty() || joined || numbered) {
                    continue;
                }
                self.is_tag = true;
                self.pull |= word == "pull";
                if keep {
                    self.prefixes.push(token.get(..word.len()).unwrap_or(token).to_owned());
                }
                if let Some(glued) = token.get(token.len() - glued.len()..)
                    && !glued.is_empty()
                {
                    self.token(glued, depth + 1);
                }
                return;
            }
        }
        if let Some(version) = version(&lower) {
            self.version = Some(version);
            self.is_tag = true;
        } else if let Some((index, total)) = numbers(&lower) {
            self.number(index, total);
        } else if let Some(target) = lower.strip_prefix("for-").filter(|t| !t.is_empty()) {
            let start = token.len() - target.len();
            let target = token.get(start..).unwrap_or(target);
            self.target = Some(target.trim_end_matches('?').to_owned());
        } else if depth < 4
            && let Some((head, tail)) = token.split_once('/')
            && ["rfc", "patch", "rft"].contains(&tail.to_ascii_lowercase().as_str())
        {
            self.token(head, depth + 1);
            self.token(tail, depth + 1);
        } else if is_number(&lower) {
            self.over_bound = true;
        } else {
            let known = ["resend", "rft", "wip", "repost", "rebased"].contains(&lower.as_str());
            self.only_tag &= known;
            self.is_tag |= known;
            self.prefixes.push(token.to_owned());
        }
    }

    fn merge(&mut self, other: Self) {
        self.prefixes.extend(other.prefixes);
        self.version = self.version.or(other.version);
        self.numbers = self.numbers.or(other.numbers);
        self.target = self.target.take().or(other.target);
        self.pull |= other.pull;
        self.over_bound |= other.over_bound;
        self.is_tag |= other.is_tag;
    }
}

/// `v2`, `v2.1`, `v02`.
fn version(lower: &str) -> Option<Version> {
    let digits = lower.strip_prefix('v')?;
    let (major, minor) = digits.split_once('.').unwrap_or((digits, "0"));
    Some(Version { major: small(major)?, minor: small(minor)? })
}

/// `03/10`, and `02.1/12` as an afterthought to part 2.
fn numbers(text: &str) -> Option<(u32, u32)> {
    let (index, total) = text.split_once('/')?;
    let index = index.split_once('.').map_or(index, |(whole, _)| whole);
    Some((small(index)?, small(total)?))
}

/// A version or a part's number, however large.
fn is_number(lower: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    lower.strip_prefix('v').is_some_and(digits)
        || lower.split_once('/').is_some_and(|(index, total)| digits(index) && digits(total))
}

fn small(digits: &str) -> Option<u32> {
    let fits = (1..=5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| digits.parse().ok()).flatten()
}

/// A version at the end of the title: `foo: bar (v2)`, `foo: bar [v2]`.
fn trailing_version(title: &str) -> (&str, Option<Version>) {
    let cut = || {
        let open = if title.ends_with(')') { '(' } else { '[' };
        let inner = title.strip_suffix([')', ']'])?;
        let (before, word) = inner.rsplit_once(open)?;
        let found = version(&word.to_ascii_lowercase())?;
        Some((before.trim_end(), Some(found)))
    };
    cut().unwrap_or((title, None))
}

#[cfg(test)]
mod tests;
