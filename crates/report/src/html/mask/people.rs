//! The people of a series.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, MatchKind};
use tidewaiter_mail::{Address, Mailbox};
use tidewaiter_patch::{Content, Part};

use super::{Finder, Lists, Mask, Role};

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

/// Who the trailers of a mail name.
pub(super) fn named_in(part: &Part) -> Vec<Mailbox> {
    let trailers = match &part.mail.content {
        Content::Patch(patch) => &patch.trailers,
        Content::Comment(comment) | Content::Other(comment) => &comment.trailers,
        _ => return Vec::new(),
    };
    let person = |key: &str| PERSON_TRAILERS.iter().any(|known| known.eq_ignore_ascii_case(key));
    let named = trailers.iter().filter(|trailer| person(&trailer.key)).take(30);
    named.filter_map(|trailer| Mailbox::parse(&trailer.value)).collect()
}

/// Who is gathered, before a mask is made of them.
#[derive(Default)]
pub(super) struct People {
    lists: Lists,
    whole: BTreeMap<String, Role>,
    words: BTreeMap<String, Role>,
    singles: BTreeMap<String, Role>,
}

impl People {
    pub(super) fn new(lists: Lists) -> Self {
        Self { lists, ..Self::default() }
    }

    /// The first role that a person is met in stays.
    pub(super) fn add(&mut self, mailbox: Option<&Mailbox>, role: Role, words: bool) {
        let Some(mailbox) = mailbox.filter(|_| self.whole.len() < 2 * PEOPLE) else { return };
        let list = |a: &Address| self.lists.contains(a.local(), a.domain());
        if mailbox.address.as_ref().is_some_and(list) {
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
        if let [single] = parts.as_slice() {
            self.singles.entry((*single).to_owned()).or_insert(role);
        } else {
            self.whole.entry(name.to_owned()).or_insert(role);
        }
    }

    pub(super) fn into_mask(self) -> Mask {
        let (patterns, roles): (Vec<_>, Vec<_>) = self.whole.into_iter().unzip();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            .build(&patterns);
        let whole = automaton.ok().map(|automaton| Finder { automaton, roles });
        Mask { whole, words: self.words, singles: self.singles, lists: self.lists }
    }
}
