//! Lines by which a mail points at other mails: `Based-on:`, `Supersedes:`, `change-id:`.

use tidewaiter_mail::MessageId;

/// What a mail says of its place among other series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// Series that have to be applied first, in order, each once.
    pub based_on: Vec<MessageId>,
    /// Series that this one replaces.
    pub supersedes: Vec<MessageId>,
    /// b4's id of the change, the same for all its versions.
    pub change_id: Option<String>,
}

/// How many links of one kind are kept.
const MOST: usize = 50;

impl Links {
    /// Collects the links in the lines of a text that start with such a key.
    #[must_use]
    pub fn find<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut links = Self::default();
        for line in lines {
            let Some((key, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            match key {
                _ if key.len() > 12 => {}
                _ if key.eq_ignore_ascii_case("based-on") => add(&mut links.based_on, value),
                _ if key.eq_ignore_ascii_case("supersedes") => add(&mut links.supersedes, value),
                _ if key.eq_ignore_ascii_case("change-id") => {
                    let fits = (8..=200).contains(&value.len())
                        && value.bytes().all(|b| b.is_ascii_graphic());
                    if fits {
                        links.change_id.get_or_insert_with(|| value.to_owned());
                    }
                }
                _ => {}
            }
        }
        links
    }

    /// Adds another text's links behind these.
    pub fn merge(&mut self, other: Self) {
        for (to, from) in
            [(&mut self.based_on, other.based_on), (&mut self.supersedes, other.supersedes)]
        {
            for id in from {
                if !to.contains(&id) && to.len() < MOST {
                    to.push(id);
                }
            }
        }
        self.change_id = self.change_id.take().or(other.change_id);
    }
}

fn add(ids: &mut Vec<MessageId>, value: &str) {
    if let Some(id) = id_in(value)
        && !ids.contains(&id)
        && ids.len() < MOST
    {
        ids.push(id);
    }
}

/// The Message-ID in `<id>`, in a bare id, or in an archive's URL
/// (`https://patchew.org/QEMU/ID/`, `https://lore.kernel.org/r/ID`).
#[must_use]
pub fn id_in(value: &str) -> Option<MessageId> {
    let word = value
        .split([' ', '\t', ',', '<', '>', '(', ')', '"'])
        .find(|w| w.contains('@') || w.contains("%40"))?;
    let Some((_, path)) = word.split_once("://") else { return MessageId::new(word) };
    let part = path.split('/').skip(1).find(|p| p.contains('@') || p.contains("%40"))?;
    MessageId::new(&part.replace("%40", "@").replace("%2B", "+").replace("%3D", "="))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("<a.1@example.org>" => Some("a.1@example.org".to_owned()); "brackets")]
    #[test_case("a.1@example.org" => Some("a.1@example.org".to_owned()); "bare")]
    #[test_case("<a.1@example.org> (\"[PATCH] x\")" => Some("a.1@example.org".to_owned()); "with a title")]
    #[test_case("https://lists.example.org/r/a.1@example.org/T/#t" => Some("a.1@example.org".to_owned()); "url")]
    #[test_case("https://lists.example.org/QEMU/a.1%40example.org/" => Some("a.1@example.org".to_owned()); "escaped url")]
    #[test_case("the other series" => None; "words")]
    fn id(value: &str) -> Option<String> {
        id_in(value).map(|id| id.to_string())
    }

    #[test]
    fn several() {
        let text = "Based-on: <a@x>\nbased-on: b@x\nBased-on: <a@x>\nSupersedes: <c@x>\n\
                    change-id: 20260101-frob-abc\nMentions Based-on: <d@x>\n";
        let links = Links::find(text.lines());
        let ids: Vec<_> = links.based_on.iter().map(MessageId::as_str).collect();
        assert_eq!(ids, ["a@x", "b@x"]);
        assert_eq!(links.supersedes.len(), 1);
        assert_eq!(links.change_id.as_deref(), Some("20260101-frob-abc"));
    }
}
