//! Undoing mboxrd's `>From ` quoting.

use std::borrow::Cow;

use memchr::memmem;

/// Takes one `>` off every line that is `From ` behind one or more `>`.
///
/// Right only for an archive known to be mboxrd: git and mboxo write no such quoting, or one
/// that cannot be undone. Borrows when there is nothing to undo.
///
/// ```
/// use tidewaiter_mail::mbox::unquote_mboxrd;
/// assert_eq!(*unquote_mboxrd(b"A: b\n\n>>From me\n"), *b"A: b\n\n>From me\n");
/// ```
pub fn unquote_mboxrd(mail: &[u8]) -> Cow<'_, [u8]> {
    let mut unquoted: Option<Vec<u8>> = None;
    let mut copied = 0;
    for hit in memmem::find_iter(mail, b">From ") {
        let before = mail.get(copied..hit).unwrap_or_default();
        let text = before.iter().rposition(|byte| *byte != b'>').map_or(0, |at| at + 1);
        let starts_line = match before.get(..text).and_then(<[u8]>::last) {
            Some(byte) => *byte == b'\n',
            None => copied == 0,
        };
        if starts_line {
            let copy = unquoted.get_or_insert_with(|| Vec::with_capacity(mail.len()));
            copy.extend_from_slice(before);
            copied = hit + 1;
        }
    }
    let Some(mut copy) = unquoted else { return Cow::Borrowed(mail) };
    copy.extend_from_slice(mail.get(copied..).unwrap_or_default());
    Cow::Owned(copy)
}
