//! What a diff's lines say, apart from any policy: small facts, so that the text can go.

mod lines;
mod mechanical;
mod shape;

use tidewaiter_patch::{DiffLine, DiffLines};

pub use lines::{Adds, FileFacts};
pub use mechanical::Mechanical;

/// How many changed lines of one diff are looked at; of a longer one nothing is said as a whole.
const LINES: usize = 20_000;

/// What a diff's lines say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiffFacts {
    /// The same edit over and over, where that is half of the diff or more.
    pub mechanical: Option<Mechanical>,
    /// The files of which there is something to say, by path.
    pub files: Vec<FileFacts>,
}

impl DiffFacts {
    /// Looks at a diff; `None` where there is nothing to say. At most 20,000 changed lines.
    #[must_use]
    pub fn of(diff: &str) -> Option<Self> {
        if diff.is_empty() {
            return None;
        }
        let mut runs = mechanical::Runs::default();
        let mut reader = lines::LineReader::default();
        // One search through the whole text costs less than one in each line.
        let mut signs = lines::FIND.iter().flat_map(|find| find.find_iter(diff)).peekable();
        let start = diff.as_ptr() as usize;
        let (mut files, mut lines) = (0_u32, 0_usize);
        let mut last = None;
        for line in DiffLines::new(diff) {
            reader.line(line);
            let (text, added) = match line {
                DiffLine::File { old, new } => {
                    // One file may come in two sections.
                    files += u32::from(last != Some(new.or(old)));
                    last = Some(new.or(old));
                    runs.file(old.is_none() || new.is_none());
                    continue;
                }
                DiffLine::Hunk { .. } | DiffLine::Context(_) => {
                    runs.stop();
                    continue;
                }
                DiffLine::Removed(text) => (text, false),
                DiffLine::Added(text) => (text, true),
            };
            runs.line(files, added, text);
            let from = (text.as_ptr() as usize).saturating_sub(start);
            while signs.next_if(|sign| sign.start() < from).is_some() {}
            if signs.peek().is_some_and(|sign| sign.end() <= from + text.len()) {
                reader.signs(text, added);
            }
            lines += 1;
            if lines > LINES {
                break;
            }
        }
        reader.finish();
        let mechanical = if lines > LINES { None } else { mechanical::look(&runs, files) };
        let mut files = reader.files;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let facts = Self { mechanical, files };
        (facts != Self::default()).then_some(facts)
    }

    /// What is known of one file.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&FileFacts> {
        let place = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        self.files.get(place)
    }
}

#[cfg(test)]
mod tests;
