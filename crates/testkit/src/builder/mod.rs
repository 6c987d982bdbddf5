//! A builder of patch mails as `git format-patch` and `git send-email` write them.
//!
//! Everything is made from what is passed in: no clock, no random part. Line ends are LF; see
//! [`crate::fixtures::crlf`].
//!
//! ```
//! use tidewaiter_testkit::builder::Mail;
//! let mail = Mail::patch("hw/misc: add frob")
//!     .from("Alice Author", "alice@example.org")
//!     .to("list@example.net")
//!     .version(2)
//!     .part(1, 3)
//!     .body("It was missing.")
//!     .diff("hw/misc/frob.c", 4, 2)
//!     .build();
//! assert!(mail.starts_with(b"From: Alice Author <alice@example.org>\nSubject: [PATCH v2 1/3] hw/"));
//! ```

mod date;
mod diffstat;
mod file;
mod header;
mod mbox;
mod text;
mod thread;

pub use date::mail_date;
pub use file::FileDiff;
pub use header::mailbox;
pub use mbox::Mbox;
pub use thread::thread;

/// The signature of every built patch and cover letter.
const SIGNATURE: &str = "-- \n2.47.3\n\n";

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Patch,
    Cover,
    Plain,
}

/// A mail to be built: a patch, a cover letter, an answer to one, or any other.
#[derive(Debug, Clone)]
pub struct Mail {
    kind: Kind,
    title: String,
    prefix: String,
    version: u32,
    part: Option<(u32, u32)>,
    from: (String, String),
    author: Option<(String, String)>,
    to: Vec<String>,
    cc: Vec<String>,
    id: Option<String>,
    date: String,
    in_reply_to: Option<String>,
    references: Vec<String>,
    above: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    mailer: Option<String>,
    body: Vec<String>,
    trailers: Vec<String>,
    notes: Option<String>,
    files: Vec<FileDiff>,
    shortlog: Vec<String>,
}

impl Mail {
    /// A patch with this title, which is the first line of its commit message.
    #[must_use]
    pub fn patch(title: &str) -> Self {
        Self::new(Kind::Patch, title)
    }

    /// A cover letter with this title; [`Mail::covering`] gives it shortlog and diffstat.
    #[must_use]
    pub fn cover(title: &str) -> Self {
        Self::new(Kind::Cover, title)
    }

    /// Any other mail, with this subject as it stands.
    #[must_use]
    pub fn plain(subject: &str) -> Self {
        Self::new(Kind::Plain, subject)
    }

    /// An answer to `parent`: `Re:`, In-Reply-To and References set, to its sender and its list.
    #[must_use]
    pub fn reply(parent: &Self) -> Self {
        let subject = parent.subject();
        let subject = if subject.starts_with("Re: ") { subject } else { format!("Re: {subject}") };
        let mut mail = Self::new(Kind::Plain, &subject);
        mail.from = ("Rita Reviewer".to_owned(), "rita@example.com".to_owned());
        mail.date.clone_from(&parent.date);
        mail.to = vec![mailbox(&parent.from.0, &parent.from.1)];
        mail.cc = [parent.to.as_slice(), &parent.cc].concat();
        mail.references.clone_from(&parent.references);
        mail.in_reply_to(&parent.message_id())
    }

    fn new(kind: Kind, title: &str) -> Self {
        Self {
            kind,
            title: title.to_owned(),
            prefix: "PATCH".to_owned(),
            version: 1,
            part: None,
            from: ("Alice Author".to_owned(), "alice@example.org".to_owned()),
            author: None,
            to: Vec::new(),
            cc: Vec::new(),
            id: None,
            date: mail_date(date::BASE),
            in_reply_to: None,
            references: Vec::new(),
            above: Vec::new(),
            headers: Vec::new(),
            mailer: None,
            body: Vec::new(),
            trailers: Vec::new(),
            notes: None,
            files: Vec::new(),
            shortlog: Vec::new(),
        }
    }

    /// Who sends it; Alice Author <alice@example.org> where this is not called.
    #[must_use]
    pub fn from(mut self, name: &str, address: &str) -> Self {
        self.from = (name.to_owned(), address.to_owned());
        self
    }

    /// The patch's author where another sends it: the in-body `From:` line.
    #[must_use]
    pub fn author(mut self, name: &str, address: &str) -> Self {
        self.author = Some((name.to_owned(), address.to_owned()));
        self
    }

    /// One more recipient, as written in the header (`bob@example.net`, `Bob <bob@example.net>`).
    #[must_use]
    pub fn to(mut self, mailbox: &str) -> Self {
        self.to.push(mailbox.to_owned());
        self
    }

    /// One more recipient in Cc.
    #[must_use]
    pub fn cc(mut self, mailbox: &str) -> Self {
        self.cc.push(mailbox.to_owned());
        self
    }

    /// Leaves a recipient out of Cc, as mail programs do with the one who answers.
    #[must_use]
    pub fn without_cc(mut self, mailbox: &str) -> Self {
        self.cc.retain(|cc| cc != mailbox);
        self
    }

    /// The Message-ID, no brackets; else one is made from subject, sender and date.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// The Date header as written.
    #[must_use]
    pub fn date(mut self, date: &str) -> Self {
        date.clone_into(&mut self.date);
        self
    }

    /// The Date header from seconds since 1970, in UTC.
    #[must_use]
    pub fn at(mut self, seconds: i64) -> Self {
        self.date = mail_date(seconds);
        self
    }

    /// What stands in the subject's brackets before version and number, such as `RFC PATCH`.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        prefix.clone_into(&mut self.prefix);
        self
    }

    /// The series version; 1 is not written.
    #[must_use]
    pub fn version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    /// The patch's number and how many there are; the number is padded as git pads it.
    #[must_use]
    pub fn part(mut self, index: u32, total: u32) -> Self {
        self.part = Some((index, total));
        self
    }

    /// In-Reply-To, and the last of References; no brackets.
    #[must_use]
    pub fn in_reply_to(mut self, id: &str) -> Self {
        self.in_reply_to = Some(id.to_owned());
        self.references.push(id.to_owned());
        self
    }

    /// One more of References; no brackets.
    #[must_use]
    pub fn reference(mut self, id: &str) -> Self {
        self.references.push(id.to_owned());
        self
    }

    /// One more header, as written, after all others.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// One more header above all others, as written, where servers put theirs.
    #[must_use]
    pub fn above(mut self, name: &str, value: &str) -> Self {
        self.above.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The X-Mailer of a patch or cover letter; git-send-email where this is not called.
    #[must_use]
    pub fn mailer(mut self, name: &str) -> Self {
        self.mailer = Some(name.to_owned());
        self
    }

    /// One more paragraph of the commit message, or of the text.
    #[must_use]
    pub fn body(mut self, paragraph: &str) -> Self {
        self.body.push(paragraph.trim_end_matches('\n').to_owned());
        self
    }

    /// One more paragraph, quoted with `> `.
    #[must_use]
    pub fn quoted(self, text: &str) -> Self {
        let quoted: Vec<_> = text.lines().map(|line| format!("> {line}")).collect();
        self.body(&quoted.join("\n"))
    }

    /// One more trailer at the end of the commit message.
    #[must_use]
    pub fn trailer(mut self, key: &str, value: &str) -> Self {
        self.trailers.push(format!("{key}: {value}"));
        self
    }

    /// One more trailer: `Signed-off-by` of the author, else of the sender.
    #[must_use]
    pub fn signed_off(self) -> Self {
        let (name, address) = self.author.as_ref().unwrap_or(&self.from);
        let value = format!("{name} <{address}>");
        self.trailer("Signed-off-by", &value)
    }

    /// What stands between the `---` line and the diffstat.
    #[must_use]
    pub fn notes(mut self, notes: &str) -> Self {
        self.notes = Some(notes.trim_end_matches('\n').to_owned());
        self
    }

    /// One more modified file: one hunk of made-up lines.
    ///
    /// # Panics
    /// Where both counts are 0: such a diff says nothing.
    #[must_use]
    pub fn diff(self, path: &str, added: usize, removed: usize) -> Self {
        self.file(FileDiff::modified(path).change(added, removed))
    }

    /// One more new file of that many made-up lines.
    #[must_use]
    pub fn new_file(self, path: &str, lines: usize) -> Self {
        self.file(FileDiff::added(path).change(lines, 0))
    }

    /// One more deleted file of that many made-up lines.
    #[must_use]
    pub fn deleted_file(self, path: &str, lines: usize) -> Self {
        self.file(FileDiff::deleted(path).change(0, lines))
    }

    /// One more renamed file; both counts 0 is a rename alone.
    #[must_use]
    pub fn renamed_file(self, old: &str, new: &str, added: usize, removed: usize) -> Self {
        self.file(FileDiff::renamed(old, new).change(added, removed))
    }

    /// One more file.
    #[must_use]
    pub fn file(mut self, file: FileDiff) -> Self {
        self.files.push(file);
        self
    }

    /// Gives a cover letter the shortlog and the diffstat of its patches.
    #[must_use]
    pub fn covering(mut self, patches: &[Self]) -> Self {
        self.shortlog = text::shortlog(patches);
        self.files = patches.iter().flat_map(|patch| patch.files.clone()).collect();
        self
    }

    /// The Message-ID, no brackets: the one given, or the one that is made.
    #[must_use]
    pub fn message_id(&self) -> String {
        self.id.clone().unwrap_or_else(|| {
            let key = [self.subject(), self.from.1.clone(), self.date.clone()].join("\n");
            format!("{}.built@example.org", file::hash(&key))
        })
    }

    /// Name and address of who sends it.
    #[must_use]
    pub fn sender(&self) -> (&str, &str) {
        (&self.from.0, &self.from.1)
    }

    /// The Subject with its brackets, not encoded, not folded.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("{}{}", self.brackets(), self.title)
    }

    fn brackets(&self) -> String {
        if self.kind == Kind::Plain {
            return String::new();
        }
        let mut words = vec![self.prefix.clone()];
        if self.version != 1 {
            words.push(format!("v{}", self.version));
        }
        if let Some((index, total)) = self.part {
            let width = total.to_string().len();
            words.push(format!("{index:0width$}/{total}"));
        }
        format!("[{}] ", words.join(" "))
    }

    /// The mail's bytes.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        let body = text::body(self);
        let mut out = header::block(self, body.is_ascii());
        out.push('\n');
        out.push_str(&body);
        out.into_bytes()
    }
}
