//! A page without names: who wrote, and to whom, is left out of every text.

mod people;

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use tidewaiter_engine::Judged;
use tidewaiter_mail::Mailbox;
use tidewaiter_policy::Policy;

use self::people::{People, named_in};

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
    /// Names of one word.
    singles: BTreeMap<String, Role>,
    lists: Lists,
}

/// Lists, which are no people: configured ones, and those whose copy was seen.
#[derive(Default)]
struct Lists {
    addresses: BTreeSet<String>,
    ids: BTreeSet<String>,
}

impl Lists {
    fn contains(&self, local: &str, domain: &str) -> bool {
        self.ids.contains(&format!("{local}.{domain}").to_lowercase())
            || self.addresses.contains(&format!("{local}@{domain}").to_lowercase())
    }
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
        let lists = Lists {
            addresses: lists.iter().map(|list| list.to_lowercase()).collect(),
            ids: series.lists.iter().map(|id| id.as_str().to_lowercase()).collect(),
        };
        let mut people = People::new(lists);
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
        let mut out = self.addresses(&out);
        for role in [Role::Author, Role::Maintainer, Role::Operator, Role::Person] {
            // A name with its address.
            let word = role.word();
            out = out.replace(&format!("{word} <{word}>"), word);
        }
        out
    }

    /// Text of ours that quotes a policy: its links, and names that are words of it too, stay.
    pub(super) fn quoting(&self, policy: &Quoted<'_>, text: &str) -> String {
        fn pieces(mask: &Mask, links: &[&str], text: &str, words: &BTreeSet<&str>) -> String {
            let Some((link, others)) = links.split_first() else {
                let single = |word: &str| mask.singles.get(word).filter(|_| !words.contains(word));
                return replaced(&mask.whole(text), single);
            };
            let parts = text.split(link).map(|piece| pieces(mask, others, piece, words));
            parts.collect::<Vec<_>>().join(link)
        }
        pieces(self, &policy.links, text, &policy.words)
    }

    /// Words from a mail: single names are replaced too.
    pub(super) fn words(&self, text: &str) -> String {
        replaced(&self.whole(text), |word| self.words.get(word))
    }

    /// A Message-ID, which often ends in its writer's address: what stands before that, or
    /// nothing where that names somebody too.
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
        if named { String::new() } else { format!("{left}…") }
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
            out.push_str(head);
            let full = !user.is_empty() && !domain.is_empty();
            if full && !self.lists.contains(user, domain.trim_end_matches('.')) {
                out.push_str("[address]");
            } else {
                out.extend([user, "@", domain]);
            }
            rest = tail;
        }
        out.push_str(rest);
        out
    }
}

/// A text with some of its words replaced.
fn replaced<'a>(text: &str, role: impl Fn(&str) -> Option<&'a Role>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        // What was replaced before stays.
        let before = out.ends_with('[');
        match role(word).filter(|_| !before) {
            Some(role) => out.push_str(role.word()),
            None => out.push_str(word),
        }
        let mut after = after.chars();
        out.extend(after.next());
        rest = after.as_str();
    }
    out
}

/// What a reply quotes of a policy's file.
pub(super) struct Quoted<'a> {
    links: Vec<&'a str>,
    words: BTreeSet<&'a str>,
}

impl<'a> Quoted<'a> {
    pub(super) fn new(policy: Option<&'a Policy>) -> Self {
        let sentences = || policy.into_iter().flat_map(|policy| &policy.sentences);
        let of_sentences = sentences().flat_map(|s| s.url.iter().chain(&s.reported_by));
        let own = policy.into_iter().filter_map(|policy| policy.url.as_ref());
        let links = own.chain(of_sentences).map(String::as_str).filter(|link| !link.is_empty());
        let mut links: Vec<&str> = links.collect();
        // The longest first: one may start another.
        links.sort_unstable_by_key(|link| (std::cmp::Reverse(link.len()), *link));
        links.dedup();
        let texts = sentences().flat_map(|s| s.text.iter().chain(&s.by));
        let words = texts.flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
        Self { links, words: words.collect() }
    }
}

fn ends_in_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(char::is_alphanumeric)
}

fn starts_with_word(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_alphanumeric)
}
