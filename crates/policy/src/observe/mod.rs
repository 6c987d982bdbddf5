//! What one mail says of AI use, before anybody knows its series or its policy.

mod command;
mod comment;
mod marks;
mod prose;
mod sentences;
mod tags;

use tidewaiter_patch::{Content, Mail};

pub use self::command::{Command, CommandWord};
use crate::{DiffFacts, Indicated, Vocabulary, vocabulary::KeyClass};

/// How many tags, marks and commands of one mail are kept, each.
const MOST: usize = 100;

/// What was seen in one mail; two words and no allocation where that is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The sender says that the patches were taken.
    pub quiet: Option<Quiet>,
    /// The sender gives a `Reviewed-by` or `Acked-by`.
    pub reviewed: bool,
    /// The sender's own words speak of AI, the policy, or its tags: a comment, a cover letter, or
    /// what stands below a patch's `---`.
    pub raises_policy: bool,
    /// A patch's message names a CVE.
    pub names_cve: bool,
    seen: Option<Box<Seen>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    tags: Vec<SeenTag>,
    negative: Vec<SeenTag>,
    unclear: Vec<SeenTag>,
    marks: Vec<Indicated>,
    commands: Vec<Command>,
    diff: Option<DiffFacts>,
}

/// How a maintainer takes patches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quiet {
    /// "Queued".
    Queued,
    /// "Applied".
    Applied,
}

/// Where in a mail a tag stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Among the trailers of a commit message.
    Trailer,
    /// A line of the commit message that is no trailer for git.
    Message,
    /// Below the `---` of a patch: lost when it is applied.
    Notes,
    /// In a cover letter.
    Cover,
    /// In a person's answer: it counts where that person is the author.
    Comment,
}

/// A tag or sentence that declares a use of AI, or, among [`Observed::negative`], says that there
/// was none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenTag {
    /// Its key as written; `None` for a sentence.
    pub key: Option<String>,
    /// Its value, at most 1,000 characters.
    pub value: String,
    /// What its key says by itself; `None` for a sentence.
    pub class: Option<KeyClass>,
    /// What AI was used for, as far as the value says.
    pub uses: Vec<String>,
    /// The tool that it names.
    pub tool: Option<String>,
    /// Its line in the mail's decoded text, from 1.
    pub line: usize,
    /// Where it stands.
    pub place: Place,
    /// What is wrong with how it is written.
    pub malformed: Option<Malformed>,
}

impl SeenTag {
    /// Whether it is a tag that git does not keep as a trailer of the commit.
    #[must_use]
    pub fn is_misplaced(&self) -> bool {
        self.key.is_some() && matches!(self.place, Place::Message | Place::Notes)
    }
}

/// What is wrong with how a tag is written, though it is plain what was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// No colon stands behind the key: `AI-used-for code`.
    Colon,
    /// Blanks or underscores stand in the key, and git sees no trailer: `Assisted by: X`. Or one
    /// letter of it is wrong: `AI-use-for: tests`.
    Key,
    /// The key stands twice: `Assisted-by: Assisted-by: X`.
    Doubled,
    /// Nothing stands behind the key; only among [`Observed::unclear`].
    Empty,
}

static NOTHING: Observed =
    Observed { quiet: None, reviewed: false, raises_policy: false, names_cve: false, seen: None };

impl Observed {
    /// What is seen in a mail that says nothing.
    #[must_use]
    pub fn nothing() -> &'static Self {
        &NOTHING
    }

    /// Whether nothing was seen at all.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == NOTHING
    }

    /// Tags that declare a use of AI, by line.
    #[must_use]
    pub fn tags(&self) -> &[SeenTag] {
        self.seen.as_ref().map_or(&[], |seen| &seen.tags)
    }

    /// Tags whose value says that no AI was used: no declaration.
    #[must_use]
    pub fn negative(&self) -> &[SeenTag] {
        self.seen.as_ref().map_or(&[], |seen| &seen.negative)
    }

    /// Tags that say nothing: neither that AI was used nor that it was not.
    #[must_use]
    pub fn unclear(&self) -> &[SeenTag] {
        self.seen.as_ref().map_or(&[], |seen| &seen.unclear)
    }

    /// Marks that a tool left.
    #[must_use]
    pub fn marks(&self) -> &[Indicated] {
        self.seen.as_ref().map_or(&[], |seen| &seen.marks)
    }

    /// Commands in the sender's own words.
    #[must_use]
    pub fn commands(&self) -> &[Command] {
        self.seen.as_ref().map_or(&[], |seen| &seen.commands)
    }

    /// Whether the sender asks for quiet.
    #[must_use]
    pub fn asks_for_quiet(&self) -> bool {
        self.commands().iter().any(|command| command.word.quiets())
    }

    /// The commands alone, without those that speak of an agreement: what counts of a mail that
    /// nobody else can read.
    #[must_use]
    pub fn in_private(mut self) -> Self {
        let mut private = Self::default();
        for command in self.seen.take().map(|seen| seen.commands).unwrap_or_default() {
            if !command.word.agrees() {
                private.command(command);
            }
        }
        private
    }

    /// Whether something was seen on this line.
    fn has_line(&self, line: usize) -> bool {
        self.tags().iter().chain(self.negative()).any(|tag| tag.line == line)
            || self.marks().iter().any(|mark| mark.line == Some(line))
    }

    /// What the lines of its diff say.
    #[must_use]
    pub fn diff(&self) -> Option<&DiffFacts> {
        self.seen.as_ref()?.diff.as_ref()
    }

    fn tag(&mut self, tag: SeenTag) {
        push(&mut self.seen().tags, tag);
    }

    fn none_used(&mut self, tag: SeenTag) {
        push(&mut self.seen().negative, tag);
    }

    fn says_nothing(&mut self, tag: SeenTag) {
        push(&mut self.seen().unclear, tag);
    }

    fn mark(&mut self, mark: Indicated) {
        push(&mut self.seen().marks, mark);
    }

    fn command(&mut self, command: Command) {
        push(&mut self.seen().commands, command);
    }

    fn seen(&mut self) -> &mut Seen {
        self.seen.get_or_insert_default()
    }
}

fn push<T>(items: &mut Vec<T>, item: T) {
    if items.len() < MOST {
        items.push(item);
    }
}

/// Looks at one mail.
///
/// Quoted lines, diffs and signatures are not looked at; a pull request's parts not at all.
#[must_use]
pub fn observe(vocabulary: &Vocabulary, mail: &Mail) -> Observed {
    let mut observed = Observed::default();
    match &mail.content {
        Content::Patch(patch) => {
            tags::of_patch(vocabulary, patch, &mut observed);
            marks::of_patch(vocabulary, &mail.header, patch, &mut observed);
            prose::of_patch(vocabulary, &mail.header, patch, &mut observed);
            observed.names_cve = names_cve(&patch.message);
            observed.raises_policy = vocabulary.raises.is_match(&patch.notes);
            if let Some(facts) = DiffFacts::of(&patch.diff_text) {
                observed.seen().diff = Some(facts);
            }
        }
        Content::Cover(cover) => {
            tags::of_cover(vocabulary, cover, &mut observed);
            marks::of_cover(vocabulary, &mail.header, cover, &mut observed);
            prose::of_cover(vocabulary, &mail.header, cover, &mut observed);
            observed.raises_policy = vocabulary.raises.is_match(&cover.text);
        }
        Content::Comment(comment) | Content::Other(comment) => {
            tags::of_comment(vocabulary, comment, &mut observed);
            comment::read(vocabulary, comment, &mut observed);
            prose::of_comment(vocabulary, &mail.header, comment, &mut observed);
        }
        Content::Pull(_) | Content::Unparsed => {}
    }
    observed
}

/// Whether a text holds something like `CVE-2026-1234`.
fn names_cve(text: &str) -> bool {
    text.match_indices("CVE-").any(|(at, sign)| {
        let digits = text.get(at + sign.len()..).unwrap_or_default().bytes();
        digits.take_while(u8::is_ascii_digit).count() == 4
    })
}

/// A line of the mail as it may be kept: at most 1,000 characters.
fn bounded(text: &str) -> String {
    text.chars().take(1_000).collect()
}

#[cfg(test)]
mod tests;
