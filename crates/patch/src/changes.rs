//! A diff line by line, for those that look at what its lines say.

use crate::loose;

/// One line of a diff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffLine<'a> {
    /// A new file's lines begin: its path before and after, `None` for `/dev/null`.
    File {
        /// Its path before, without `a/`.
        old: Option<&'a str>,
        /// Its path after, without `b/`.
        new: Option<&'a str>,
    },
    /// A hunk begins.
    Hunk {
        /// The number of its first line in the file after the patch.
        start: u32,
        /// What git wrote behind the `@@`: the line that opens the section, or nothing.
        section: &'a str,
    },
    /// A line that stays.
    Context(&'a str),
    /// A line that goes.
    Removed(&'a str),
    /// A line that comes.
    Added(&'a str),
}

/// The lines of a diff's hunks, without their sign and line end.
///
/// Reads what a hunk's header announces, and nothing behind it: prose between two files, or a
/// mail's signature, is no part of any hunk. Never fails; what cannot be read is left out.
#[derive(Clone, Debug)]
pub struct DiffLines<'a> {
    lines: std::str::Lines<'a>,
    old: u64,
    new: u64,
    /// The `--- ` line, which waits for its `+++ `.
    before: Option<&'a str>,
}

impl<'a> DiffLines<'a> {
    /// Reads a diff's text, as in [`crate::Patch::diff_text`].
    #[must_use]
    pub fn new(diff: &'a str) -> Self {
        Self { lines: diff.lines(), old: 0, new: 0, before: None }
    }
}

impl<'a> Iterator for DiffLines<'a> {
    type Item = DiffLine<'a>;

    fn next(&mut self) -> Option<DiffLine<'a>> {
        loop {
            let line = self.lines.next()?;
            if self.old > 0 || self.new > 0 {
                let rest = line.get(1..).unwrap_or_default();
                match line.as_bytes().first() {
                    Some(b'-') => {
                        self.old = self.old.saturating_sub(1);
                        return Some(DiffLine::Removed(rest));
                    }
                    Some(b'+') => {
                        self.new = self.new.saturating_sub(1);
                        return Some(DiffLine::Added(rest));
                    }
                    Some(b' ' | b'\t') | None => {
                        self.old = self.old.saturating_sub(1);
                        self.new = self.new.saturating_sub(1);
                        return Some(DiffLine::Context(rest));
                    }
                    Some(b'\\') => continue,
                    // Damaged: the hunk ends here, whatever its header says.
                    Some(_) => (self.old, self.new) = (0, 0),
                }
            }
            if let Some(name) = line.strip_prefix("--- ") {
                self.before = Some(name);
            } else if let Some(name) = line.strip_prefix("+++ ") {
                if let Some(before) = self.before.take() {
                    return Some(DiffLine::File { old: bare(before), new: bare(name) });
                }
            } else if line.starts_with("@@ -")
                && let Some((old, new)) = loose::hunk_ranges(line)
            {
                (self.old, self.new) = (old, new);
                return Some(DiffLine::Hunk { start: start(line), section: section(line) });
            }
        }
    }
}

/// The first number behind the `+` of `@@ -1,2 +3,4 @@`.
fn start(line: &str) -> u32 {
    let digits = line.split_once(" +").map_or("", |(_, rest)| rest);
    let end = digits.bytes().take_while(u8::is_ascii_digit).count();
    digits.get(..end).and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

fn section(line: &str) -> &str {
    line.get(3..).and_then(|l| l.split_once("@@")).map_or("", |(_, section)| section.trim())
}

fn bare(name: &str) -> Option<&str> {
    let name = name.split('\t').next().unwrap_or(name).trim_end();
    let path = name.strip_prefix("a/").or_else(|| name.strip_prefix("b/"));
    (name != "/dev/null").then(|| path.unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::{DiffLine::*, *};

    #[test]
    fn lines_in_order() {
        let diff = "diff --git a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n@@ -7,2 +8,2 @@ int main(void)\n one\n\
                    -two\n+too\ndiff --git a/y b/y\nnew file mode 100644\n--- /dev/null\n+++ b/y\n\
                    @@ -0,0 +1 @@\n+-- \n\\ No newline at end of file\n-- \n2.40\n";
        let lines: Vec<_> = DiffLines::new(diff).collect();
        assert_eq!(
            lines,
            [
                File { old: Some("x.c"), new: Some("x.c") },
                Hunk { start: 8, section: "int main(void)" },
                Context("one"),
                Removed("two"),
                Added("too"),
                File { old: None, new: Some("y") },
                Hunk { start: 1, section: "" },
                Added("-- "),
            ]
        );
    }

    #[test]
    fn a_damaged_hunk_ends() {
        let diff = "--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n a\nwrapped\n+b\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-c\n+d\n";
        let changed = DiffLines::new(diff).filter(|l| matches!(l, Added(_) | Removed(_)));
        assert_eq!(changed.collect::<Vec<_>>(), [Removed("c"), Added("d")]);
    }
}
