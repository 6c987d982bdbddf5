//! One section of the file and its entries.

use std::fmt;

/// A section: a subsystem, a board, a tool, with its people and paths.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// The title line.
    pub name: String,
    /// Line of the title, from 1.
    pub line: usize,
    /// The underlined heading above, such as `Guest CPU cores (TCG)`.
    pub group: Option<String>,
    /// `S:`; the last one if there are several.
    pub status: Option<Status>,
    /// `M:` and `R:`, in order.
    pub people: Vec<Person>,
    /// `L:`
    pub lists: Vec<List>,
    /// `T:`, such as `git https://git.example.org/qemu.git block`.
    pub trees: Vec<String>,
    /// `W:`
    pub web: Vec<String>,
    /// `Q:`
    pub patchwork: Vec<String>,
    /// `B:`
    pub bugs: Vec<String>,
    /// `C:`
    pub chat: Vec<String>,
    /// `P:`, Linux's subsystem profile.
    pub profiles: Vec<String>,
    /// `F:`
    pub files: Vec<Pattern>,
    /// `X:`
    pub excludes: Vec<Pattern>,
    /// `N:`
    pub name_regexes: Vec<Pattern>,
    /// `K:`
    pub keywords: Vec<Pattern>,
    /// Entries with any other letter.
    pub other: Vec<(char, String)>,
}

impl Section {
    /// The people on `M:` lines.
    pub fn maintainers(&self) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(|p| p.role == Role::Maintainer)
    }

    /// The people on `R:` lines.
    pub fn reviewers(&self) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(|p| p.role == Role::Reviewer)
    }
}

/// A pattern as written, and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The text behind the tag.
    pub text: String,
    /// Line in the file, from 1.
    pub line: usize,
}

/// Why a person is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// `M:`
    Maintainer,
    /// `R:`
    Reviewer,
}

/// A person on an `M:` or `R:` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Which line it was.
    pub role: Role,
    /// The name, without quotes.
    pub name: Option<String>,
    /// The address as written, without angle brackets; compare it parsed.
    pub address: String,
}

impl Person {
    /// Reads `Name <address>`, `<address>` or `address`, several with commas between.
    ///
    /// Empty if there is no address. A comma in a name, quoted or not, does not part it.
    pub(super) fn parse_all(role: Role, value: &str) -> Vec<Self> {
        let mut people = Vec::new();
        let mut pending = String::new();
        for part in value.split(',') {
            if !pending.is_empty() {
                pending.push(',');
            }
            pending.push_str(part);
            if let Some(person) = Self::parse(role, &pending) {
                people.push(person);
                pending.clear();
            }
        }
        people
    }

    fn parse(role: Role, value: &str) -> Option<Self> {
        let (name, address) = match value.split_once('<') {
            Some((name, rest)) => (name, rest.split_once('>')?.0),
            None => ("", value.split_whitespace().find(|word| word.contains('@'))?),
        };
        let name = name.trim().trim_matches('"').trim();
        let address = address.trim();
        let (local, domain) = address.rsplit_once('@')?;
        if local.is_empty() || domain.is_empty() || address.contains(char::is_whitespace) {
            return None;
        }
        Some(Self {
            role,
            name: (!name.is_empty()).then(|| name.to_owned()),
            address: address.to_owned(),
        })
    }
}

/// A mailing list on an `L:` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// The list's address as written.
    pub address: String,
    /// What follows it, such as `(moderated for non-subscribers)`.
    pub note: Option<String>,
}

impl List {
    pub(super) fn parse(value: &str) -> Option<Self> {
        let (address, note) = match value.split_once(char::is_whitespace) {
            Some((address, note)) => (address, Some(note.trim().to_owned())),
            None => (value, None),
        };
        let address = address.trim_start_matches('<').trim_end_matches('>');
        address.contains('@').then(|| Self {
            address: address.to_owned(),
            note: note.filter(|note| !note.is_empty()),
        })
    }
}

/// How well a section is looked after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Someone is paid to look after it.
    Supported,
    /// Someone looks after it.
    Maintained,
    /// Has a maintainer with little time.
    OddFixes,
    /// Nobody looks after it.
    Orphan,
    /// Replaced by something better.
    Obsolete,
    /// Anything else, as written.
    Other(String),
}

impl Status {
    /// Reads the text behind `S:`; letter case does not matter, as in the script.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.trim().to_ascii_lowercase().as_str() {
            "supported" => Self::Supported,
            "maintained" => Self::Maintained,
            "odd fixes" => Self::OddFixes,
            "orphan" => Self::Orphan,
            "obsolete" => Self::Obsolete,
            _ => Self::Other(text.trim().to_owned()),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Supported => "Supported",
            Self::Maintained => "Maintained",
            Self::OddFixes => "Odd Fixes",
            Self::Orphan => "Orphan",
            Self::Obsolete => "Obsolete",
            Self::Other(text) => text,
        })
    }
}
