//! The script of the week: lines that start with `%` are directives, the rest is their text.
//!
//! | directive | means |
//! | --- | --- |
//! | `%series KEY WHO DAY HH:MM` | a version of a series begins |
//! | `%mail KEY WHO DAY HH:MM SUBJECT` | any other mail |
//! | `%reply PARENT KEY WHO DAY HH:MM` | an answer to a mail by its key |
//! | `%cover TITLE`, `%patch TITLE` | a part; its text is the commit message |
//! | `%notes` | text below `---` |
//! | `%file PATH`, `%added PATH`, `%gone PATH`, `%moved OLD NEW`, `%binary PATH`, `%bump PATH OLD NEW` | a file |
//! | `%hunk LINE SECTION` | one hunk of a modified or moved file |
//! | `%expect KIND WHY-NOT-JUDGED OUTCOME OUTCOME WHY` | the row of `expected.tsv` |
//! | `%about` | the row's text in the README |
//! | `%each`, `%do`, `%end` | the lines between `%do` and `%end` once for each row of ` | ` columns, `$1` to `$F` replaced by its columns |
//!
//! The rest (`%v`, `%prefix`, `%cc`, `%at`, `%arrives`, ...) sets one thing of the part before
//! it, or of the whole series where no part has begun.
//! A series' mails are `KEY` (its first), `KEY/0` (the cover letter) and `KEY/N`.

/// One directive with the text below it.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// The word after `%`.
    pub(crate) word: String,
    /// The rest of its line.
    pub(crate) rest: String,
    /// The text below it, without blank lines at its ends.
    pub(crate) text: String,
}

impl Block {
    /// The words of the directive's line.
    pub(crate) fn words(&self) -> Vec<&str> {
        self.rest.split_whitespace().collect()
    }

    /// The word at this place.
    pub(crate) fn word(&self, place: usize) -> &str {
        self.words().get(place).copied().unwrap_or_else(|| panic!("too few words: {self:?}"))
    }
}

/// A series or a mail: its first directive and those below it.
pub(crate) type Entry = Vec<Block>;

/// Directives whose text follows; text below any other goes to the nearest of these above it.
const WITH_TEXT: [&str; 9] =
    ["mail", "reply", "cover", "patch", "notes", "hunk", "added", "gone", "about"];

/// Splits a script into its series and mails.
pub(crate) fn entries(script: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in repeated(script) {
        match line.strip_prefix('%') {
            Some(directive) => {
                let (word, rest) = directive.split_once(' ').unwrap_or((directive, ""));
                let block =
                    Block { word: word.to_owned(), rest: rest.to_owned(), text: String::new() };
                match entries.last_mut() {
                    Some(entry) if !["series", "mail", "reply"].contains(&word) => {
                        entry.push(block)
                    }
                    _ => entries.push(vec![block]),
                }
            }
            None => {
                let taker = |block: &&mut Block| WITH_TEXT.contains(&block.word.as_str());
                let blocks = entries.last_mut().map(|entry| entry.iter_mut().rev());
                if let Some(block) = blocks.and_then(|mut blocks| blocks.find(taker)) {
                    block.text.push_str(&line);
                    block.text.push('\n');
                }
            }
        }
    }
    for block in entries.iter_mut().flatten() {
        block.text = block.text.trim_matches('\n').to_owned();
    }
    entries
}

/// The names of a row's columns in a `%do`: `$1` to `$9`, then `$A` and on.
const PLACES: &str = "123456789ABCDEF";

/// The script's lines with every `%each` written out.
fn repeated(script: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut lines = script.lines();
    while let Some(line) = lines.next() {
        if line != "%each" {
            out.push(line.to_owned());
            continue;
        }
        let rows: Vec<_> = lines.by_ref().take_while(|line| *line != "%do").collect();
        let body: Vec<_> = lines.by_ref().take_while(|line| *line != "%end").collect();
        for row in rows {
            out.extend(body.iter().map(|line| {
                let words = row.split(" | ").map(str::trim).enumerate();
                words.fold((*line).to_owned(), |line, (place, word)| {
                    line.replace(
                        &format!("${}", PLACES.chars().nth(place).unwrap_or_default()),
                        word,
                    )
                })
            }));
        }
    }
    out
}
