//! Lines that are meant as tags, also where the colon or the dashes are missing.

use super::{KeyClass, TagValue, Vocabulary};
use crate::observe::Malformed;

/// No key is longer.
const KEY: usize = 40;

impl Vocabulary {
    /// The key, in the vocabulary's spelling where its own is wrong, the value, and what is wrong.
    ///
    /// `Assisted by: X`, `AI_used_for: code`, `AI-used-for code`, `Co Authored By X`.
    pub(crate) fn tag_line<'t>(
        &self,
        line: &'t str,
    ) -> Option<(String, &'t str, Option<Malformed>)> {
        let colon = line.find(':').filter(|at| *at <= KEY);
        if let Some((key, value)) = colon.and_then(|at| line.split_at_checked(at)) {
            let value = value.get(1..).unwrap_or_default().trim();
            let key = key.trim_end();
            if self.is_key(key) {
                return Some((key.to_owned(), value, None));
            }
            let dashed = key.replace([' ', '_'], "-");
            if !dashed.starts_with('-')
                && let Some(known) = self.known_key(&dashed)
            {
                return Some((known.to_owned(), value, Some(Malformed::Key)));
            }
        }
        let names = self.keys.iter().map(|(name, _)| name).chain(&self.person_keys);
        for name in names.filter(|name| name.contains('-')) {
            let Some((start, rest)) = line.split_at_checked(name.len()) else { continue };
            if rest.starts_with(' ') && start.replace([' ', '_'], "-").eq_ignore_ascii_case(name) {
                return Some((name.clone(), rest.trim(), Some(Malformed::Colon)));
            }
        }
        None
    }

    /// Whether a value names uses of the vocabulary and nothing else, or says that there was none.
    pub(crate) fn are_known_uses(&self, value: &str) -> bool {
        let uses = self.uses(value);
        if uses.is_empty() {
            return self.negative.contains(&value.trim().to_lowercase());
        }
        uses.iter().all(|used| self.uses.values().any(|known| known == used))
    }

    /// The class of the key that was meant where one letter of it is wrong, missing, too much or
    /// swapped with the next, and the value fits: uses, or a tool.
    pub(crate) fn near_class(&self, key: &str, value: &str) -> Option<KeyClass> {
        let near = |name: &str| key.len().abs_diff(name.len()) <= 1 && is_one_slip(key, name);
        let (_, class) = self
            .keys
            .iter()
            .find(|(name, class)| matches!(class, KeyClass::Uses | KeyClass::Tool) && near(name))?;
        let fits = match class {
            KeyClass::Uses => self.are_known_uses(value),
            _ => matches!(self.value(value), TagValue::Tool(_)),
        };
        fits.then_some(*class)
    }

    fn is_key(&self, key: &str) -> bool {
        self.key_class(key).is_some() || self.is_person_key(key)
    }

    fn known_key(&self, key: &str) -> Option<&str> {
        let names = self.keys.iter().map(|(name, _)| name).chain(&self.person_keys);
        names.map(String::as_str).find(|name| name.eq_ignore_ascii_case(key))
    }
}

/// Whether two short words differ in one letter, without regard to case.
fn is_one_slip(one: &str, other: &str) -> bool {
    let letters = |word: &str| word.chars().map(|c| c.to_ascii_lowercase()).collect::<Vec<_>>();
    let (one, other) = (letters(one), letters(other));
    let same = |a: &mut dyn Iterator<Item = &char>, b: &mut dyn Iterator<Item = &char>| {
        a.zip(b).take_while(|(a, b)| a == b).count()
    };
    let head = same(&mut one.iter(), &mut other.iter());
    let tail = same(&mut one.iter().rev(), &mut other.iter().rev());
    let (long, short) = (one.len().max(other.len()), one.len().min(other.len()));
    let swapped = one.len() == other.len()
        && head + tail + 2 == long
        && one.get(head) == other.get(head + 1)
        && one.get(head + 1) == other.get(head);
    // One letter put in, left out, or another: the rest is the same from both ends.
    swapped || (head < long && head + tail + 1 >= long && short + 1 >= long)
}
