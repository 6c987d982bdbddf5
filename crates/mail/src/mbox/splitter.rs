//! The incremental splitter.

use memchr::memmem::Finder;

use super::separator::{Line, Verdict, judge, line_end};
use super::sniff::BOM;

/// Largest mail that is kept whole unless told otherwise, in bytes.
pub const DEFAULT_MAX_MAIL: usize = 32 << 20;

const NEEDLE: &[u8] = b"\nFrom ";
/// How far one has to look back from a line feed to see whether it ends a blank line.
const LOOK_BEHIND: usize = 2;
/// A buffer that grew beyond this for one large mail is not used again.
const MAX_SPARE: usize = 4 << 20;

/// One mail in the buffer of a [`Cut`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailRange {
    /// Where its `From ` line starts in the input, in bytes.
    pub offset: u64,
    /// Where the mail starts in the buffer, behind the `From ` line.
    pub start: usize,
    /// Where the mail ends in the buffer.
    pub end: usize,
    /// The mail was longer than the bound, or the input broke off in it: this is its beginning.
    pub truncated: bool,
}

/// Some complete mails: one buffer, and where in it they are, in the order of the input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// The bytes of all the mails, with the lines between them.
    pub buffer: Vec<u8>,
    /// The mails, in order.
    pub mails: Vec<MailRange>,
}

impl Cut {
    /// Each mail with its bytes.
    pub fn iter(&self) -> impl Iterator<Item = (MailRange, &[u8])> {
        self.mails
            .iter()
            .map(|mail| (*mail, self.buffer.get(mail.start..mail.end).unwrap_or_default()))
    }
}

/// Bytes before the first `From ` line, which belong to no mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stray {
    /// Where they start in the input.
    pub offset: u64,
    /// How many there are.
    pub length: u64,
}

/// Splits an mbox that arrives in blocks into mails.
///
/// Memory is bounded by the largest block fed, the bytes of the mails not yet taken, and the
/// bound on one mail. How the input is cut into blocks makes no difference to the result.
///
/// ```
/// use tidewaiter_mail::mbox::Splitter;
/// let mut splitter = Splitter::default();
/// splitter.feed(b"From A\nSubject: one\n\nFr");
/// splitter.feed(b"om B\nSubject: two\n");
/// splitter.finish();
/// let cut = splitter.take().unwrap();
/// let subjects: Vec<&[u8]> = cut.iter().map(|(_, mail)| mail).collect();
/// assert_eq!(subjects, [b"Subject: one\n", b"Subject: two\n"]);
/// ```
#[derive(Clone, Debug)]
pub struct Splitter {
    finder: Finder<'static>,
    max_mail: usize,
    pub(super) buffer: Vec<u8>,
    /// Offset in the input of the start of the buffer, as seen from `scanned`.
    base: u64,
    /// No separator's line feed is before this place in the buffer but those already seen.
    scanned: usize,
    state: State,
    mails: Vec<MailRange>,
    stray: Option<Stray>,
    spare: Vec<u8>,
    ended: bool,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Before anything but blank lines.
    Start,
    /// In a mail: its `From ` line and its first byte in the buffer.
    Mail { line: usize, start: usize },
    /// In bytes that are dropped, up to the next separator; `from` is where they start, `stray`
    /// the offset of the first where they belong to no mail.
    Skip { from: usize, stray: Option<u64> },
    /// Behind the last mail.
    Done,
}

impl Default for Splitter {
    fn default() -> Self {
        Self::new(DEFAULT_MAX_MAIL)
    }
}

impl Splitter {
    /// A splitter that cuts mails longer than `max_mail` bytes short and marks them so.
    pub fn new(max_mail: usize) -> Self {
        Self {
            finder: Finder::new(NEEDLE),
            max_mail,
            buffer: Vec::new(),
            base: 0,
            scanned: 0,
            state: State::Start,
            mails: Vec::new(),
            stray: None,
            spare: Vec::new(),
            ended: false,
        }
    }

    /// Takes in the next block of the input.
    pub fn feed(&mut self, block: &[u8]) {
        self.buffer.extend_from_slice(block);
        self.advance();
    }

    /// The input is complete: the mail that is going on ends here.
    pub fn finish(&mut self) {
        self.end(false);
    }

    /// The input broke off: the mail that is going on ends here and is marked as truncated.
    pub fn break_off(&mut self) {
        self.end(true);
    }

    /// How many bytes of complete mails wait to be taken, about.
    pub fn ready(&self) -> usize {
        if self.mails.is_empty() { 0 } else { self.settled() }
    }

    /// Hands out the complete mails found so far; `None` if there are none.
    pub fn take(&mut self) -> Option<Cut> {
        if self.mails.is_empty() {
            return None;
        }
        let settled = self.settled();
        let mut rest = std::mem::take(&mut self.spare);
        rest.clear();
        rest.extend_from_slice(self.buffer.get(settled..).unwrap_or_default());
        let mut buffer = std::mem::replace(&mut self.buffer, rest);
        buffer.truncate(settled);
        self.base += settled as u64;
        self.scanned = self.scanned.saturating_sub(settled);
        match &mut self.state {
            State::Mail { line, start } => {
                *line = line.saturating_sub(settled);
                *start = start.saturating_sub(settled);
            }
            State::Skip { from, .. } => *from = 0,
            State::Start | State::Done => {}
        }
        Some(Cut { buffer, mails: std::mem::take(&mut self.mails) })
    }

    /// Gives back the buffer of a [`Cut`] that is done with, to save an allocation.
    pub fn recycle(&mut self, buffer: Vec<u8>) {
        if buffer.capacity() <= MAX_SPARE && buffer.capacity() > self.spare.capacity() {
            self.spare = buffer;
        }
    }

    /// Bytes before the first `From ` line, once that or the end of the input has come.
    pub fn stray(&self) -> Option<Stray> {
        self.stray
    }

    /// Up to where the buffer is in mails that are complete.
    fn settled(&self) -> usize {
        match self.state {
            State::Start => 0,
            State::Mail { line, .. } => line,
            State::Skip { from, .. } => from,
            State::Done => self.buffer.len(),
        }
    }

    fn end(&mut self, broken: bool) {
        if self.ended {
            return;
        }
        self.ended = true;
        self.advance();
        let length = self.buffer.len();
        if let (State::Mail { start, .. }, false) = (self.state, broken) {
            let blank = length.checked_sub(1).and_then(|last| blank_line(&self.buffer, last));
            self.close(blank.unwrap_or(length).max(start));
        } else {
            self.close(length);
        }
        if let (true, State::Mail { .. }, Some(mail)) = (broken, self.state, self.mails.last_mut())
        {
            mail.truncated = true;
        }
        if let State::Skip { from, .. } = self.state {
            self.buffer.truncate(from);
        }
        self.state = State::Done;
    }

    fn advance(&mut self) {
        if matches!(self.state, State::Start) {
            self.start();
        }
        if matches!(self.state, State::Mail { .. } | State::Skip { .. }) {
            self.scan();
            self.drop_excess();
        }
    }

    /// Gets past blank lines to the first `From ` line.
    fn start(&mut self) {
        if self.base == 0 {
            if !self.ended && BOM.starts_with(&self.buffer) {
                return;
            }
            if self.buffer.starts_with(BOM) {
                self.discard(0, BOM.len());
            }
        }
        let text = self.buffer.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
        self.discard(0, text.unwrap_or(self.buffer.len()));
        if self.buffer.is_empty() || !self.ended && b"From ".starts_with(&self.buffer) {
            return;
        }
        let verdict = if self.buffer.starts_with(b"From ") {
            judge(&self.buffer, self.ended)
        } else {
            Verdict::Text
        };
        let start = match verdict {
            Verdict::More => return,
            Verdict::Separator(start) => Some(start),
            // With nothing before it there is no other mail that the line could be part of.
            Verdict::Text if self.buffer.starts_with(b"From ") => match line_end(&self.buffer) {
                Line::Ends(end) => Some(end),
                Line::More => Some(self.buffer.len()),
                Line::TooLong => None,
            },
            Verdict::Text => None,
        };
        if let Some(start) = start {
            self.state = State::Mail { line: 0, start };
            self.scanned = start;
        } else {
            self.state = State::Skip { from: 0, stray: Some(self.base) };
        }
    }

    /// Looks for separators from `scanned` on.
    fn scan(&mut self) {
        while let Some(found) =
            self.buffer.get(self.scanned..).and_then(|rest| self.finder.find(rest))
        {
            let feed = self.scanned + found;
            self.scanned = feed;
            let line = feed + 1;
            let verdict = match blank_line(&self.buffer, feed) {
                Some(end) => {
                    let rest = self.buffer.get(line..).unwrap_or_default();
                    (judge(rest, self.ended), end)
                }
                None => (Verdict::Text, feed),
            };
            match verdict {
                (Verdict::More, _) => return,
                (Verdict::Text, _) => self.scanned = line,
                (Verdict::Separator(length), end) => {
                    self.close(end);
                    let start = line + length;
                    self.state = State::Mail { line, start };
                    self.scanned = start;
                }
            }
        }
        let unseen = self.buffer.len().saturating_sub(NEEDLE.len() - 1);
        self.scanned = self.scanned.max(unseen);
    }

    /// Ends the mail that is going on, if one is.
    fn close(&mut self, end: usize) {
        match self.state {
            State::Mail { line, start } => {
                let offset = self.base + line as u64;
                let kept = end.min(start.saturating_add(self.max_mail));
                self.mails.push(MailRange { offset, start, end: kept, truncated: kept < end });
            }
            State::Skip { stray: Some(offset), .. } => {
                self.stray = Some(Stray { offset, length: self.base + end as u64 - offset });
            }
            State::Skip { stray: None, .. } | State::Start | State::Done => {}
        }
    }

    /// Keeps a mail beyond the bound, or bytes that are skipped, from piling up.
    fn drop_excess(&mut self) {
        if let State::Mail { start, .. } = self.state {
            let limit = start.saturating_add(self.max_mail);
            if self.scanned <= limit.saturating_add(LOOK_BEHIND) {
                return;
            }
            self.close(self.scanned.saturating_sub(1));
            self.state = State::Skip { from: limit, stray: None };
        }
        if let State::Skip { from, .. } = self.state {
            self.discard(from, self.scanned.saturating_sub(LOOK_BEHIND));
        }
    }

    /// Drops a part of the buffer; places before it keep their meaning, offsets do behind it.
    fn discard(&mut self, from: usize, to: usize) {
        if from < to {
            self.buffer.drain(from..to);
            self.base += (to - from) as u64;
            self.scanned = self.scanned.saturating_sub(to - from);
        }
    }
}

/// Where the line that ends with the line feed at `feed` starts, if it is blank.
fn blank_line(buffer: &[u8], feed: usize) -> Option<usize> {
    match buffer.get(feed.saturating_sub(2)..feed)? {
        [.., b'\n'] => Some(feed),
        [b'\n', b'\r'] => Some(feed - 1),
        _ => None,
    }
}
