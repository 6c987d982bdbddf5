//! One mail as we read it, held against git's reading.

use tidewaiter_mail::Mailbox;
use tidewaiter_patch::{Content, Mail};
use tidewaiter_testkit::git::{MailInfo, NumStat, Oracle};

/// What is compared, in the order of [`Answer::agrees`].
pub(crate) const FIELDS: [&str; 4] = ["diff", "author", "trailers", "message"];

/// Where we agree with git on one mail; `None` for what is not compared.
pub(crate) struct Answer {
    pub(crate) agrees: [Option<bool>; 4],
    /// The author agrees only because a list rewrote the sender and we undid it.
    pub(crate) rewritten: bool,
    /// Not a `Re:` mail, and still no patch to us.
    pub(crate) no_patch: bool,
}

impl Answer {
    /// The fields that differ, and whether the mail is no patch to us.
    pub(crate) fn differing(&self) -> impl Iterator<Item = &'static str> {
        let fields = FIELDS.into_iter().zip(self.agrees);
        let differing = fields.filter(|(_, agrees)| *agrees == Some(false)).map(|(field, _)| field);
        differing.chain(self.no_patch.then_some("no patch"))
    }
}

/// Compares a mail; `None` where git finds no patch in it that `git apply` would read.
pub(crate) fn compare(oracle: &Oracle, raw: &[u8], mail: &Mail) -> Option<Answer> {
    if mail.diff().is_none() && !may_hold_diff(raw) {
        return None;
    }
    let info = oracle.mailinfo(raw)?;
    let files = oracle.numstat(&info.patch)?;
    let diff = Some(same_files(mail, &files));
    let mut answer = Answer { agrees: [diff, None, None, None], rewritten: false, no_patch: false };
    match &mail.content {
        Content::Patch(patch) => {
            let (same, rewritten) = same_author(patch.author.as_ref(), mail, &info);
            answer.rewritten = same && rewritten;
            let ours = patch.trailers.iter().map(|t| (t.key.as_str(), t.value.as_str()));
            let git = oracle.trailers(&info.subject, &info.message);
            let git = git.iter().map(|(key, value)| (key.as_str(), value.as_str()));
            let message = String::from_utf8_lossy(&info.message);
            answer.agrees = [
                diff,
                Some(same),
                Some(ours.eq(git)),
                Some(patch.message.trim_end() == message.trim_end()),
            ];
        }
        // We keep neither message nor trailers of what a pull request brings along.
        Content::Pull(pull) => {
            let (same, rewritten) = same_author(pull.author.as_ref(), mail, &info);
            answer.rewritten = same && rewritten;
            answer.agrees = [diff, Some(same), None, None];
        }
        _ => answer.no_patch = !mail.header.reply,
    }
    Some(answer)
}

/// Whether git could find a diff where we found none: a line that starts one, or text that has
/// to be decoded first. Only spares git the work on thousands of mails without a patch.
fn may_hold_diff(raw: &[u8]) -> bool {
    let starts: [&[u8]; 4] = [b"diff -", b"--- ", b"Index: ", b"=2D"];
    raw.split(|&byte| byte == b'\n').any(|line| {
        starts.iter().any(|start| line.starts_with(start))
            || line.to_ascii_lowercase().ends_with(b"base64")
            || line.to_ascii_lowercase().ends_with(b"base64\r")
    })
}

/// The same files with the same counts, whatever their order.
fn same_files(mail: &Mail, git: &[NumStat]) -> bool {
    type Row<'a> = (&'a str, Option<u64>, Option<u64>);
    let mut git: Vec<Row<'_>> = git.iter().map(|f| (f.path.as_str(), f.added, f.removed)).collect();
    let files = mail.diff().map(|diff| diff.files.as_slice()).unwrap_or_default();
    let mut ours: Vec<Row<'_>> = files
        .iter()
        .map(|f| {
            let count = |lines: u32| (!f.binary).then_some(u64::from(lines));
            (f.path.as_str(), count(f.added), count(f.removed))
        })
        .collect();
    git.sort_unstable();
    ours.sort_unstable();
    git == ours
}

/// Whether the author is git's, and whether that takes a rewritten sender into account.
///
/// git takes `From` as it stands: "X via LIST <LIST@...>" where a list wrote it, which we undo, so
/// that git's name has to begin with ours. Where a mailbox has no name git repeats its address.
fn same_author(ours: Option<&Mailbox>, mail: &Mail, git: &MailInfo) -> (bool, bool) {
    let address = ours.and_then(|m| m.address.as_ref()).map(ToString::to_string);
    let name = ours.and_then(|m| m.name.as_deref());
    let same_address = address.as_deref().unwrap_or_default() == git.email;
    if same_address && name.unwrap_or(&git.email) == git.author {
        return (true, false);
    }
    let via = |name: &str| git.author.strip_prefix(name).is_some_and(|t| t.starts_with(" via "));
    (mail.header.sender_munged && name.is_some_and(via), true)
}
