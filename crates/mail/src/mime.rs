//! The parts of a mail, walked without recursion and counted before they are decoded.
//!
//! mailparse's own walk is recursive and matches boundaries by prefix, so that a part whose
//! boundary extends its parent's is cut wrong; only its header and parameter parsing is used.

use mailparse::ParsedContentType;

use crate::{
    Note, Notes, bounds, charset, flowed,
    headers::{self, Headers},
    transfer,
};

/// The text of a mail.
#[derive(Debug, Default)]
pub(crate) struct Text {
    /// Its prose parts, one after the other.
    pub(crate) body: String,
    /// Patches that came as attachments.
    pub(crate) attachments: Vec<String>,
    /// It is a delivery or disposition report (RFC 6522).
    pub(crate) report: bool,
}

/// A part still to be looked at.
struct Part<'a> {
    raw: &'a [u8],
    depth: usize,
    /// The type of the multipart around it is `multipart/digest`.
    in_digest: bool,
}

enum Kind {
    Prose,
    Patch,
    Attachment,
    Html,
    Other,
}

/// Reads the text parts of a mail whose header is already parsed.
pub(crate) fn read(headers: &Headers<'_>, body: &[u8], notes: &mut Notes) -> Text {
    let mut text = Text::default();
    let mut html = false;
    let mut stack: Vec<Part<'_>> = Vec::new();
    let mut leaves = 0_usize;

    let ctype = content_type(headers, false);
    if let Some(boundary) = boundary_of(&ctype, body, notes, &mut text) {
        push_parts(&mut stack, body, &boundary, 1, &ctype, notes);
    } else {
        html |= read_leaf(headers, &ctype, body, true, &mut text, notes);
    }
    while let Some(part) = stack.pop() {
        leaves += 1;
        if leaves > bounds::PARTS || text.body.len() > bounds::TEXT {
            notes.add(Note::OverBound);
            break;
        }
        let split = headers::split(part.raw, notes);
        let headers = Headers::parse(&split.block, notes);
        let ctype = content_type(&headers, part.in_digest);
        match boundary_of(&ctype, split.body, notes, &mut text) {
            Some(_) if part.depth >= bounds::DEPTH => notes.add(Note::OverBound),
            Some(boundary) => {
                push_parts(&mut stack, split.body, &boundary, part.depth + 1, &ctype, notes);
            }
            None => html |= read_leaf(&headers, &ctype, split.body, false, &mut text, notes),
        }
    }
    if html && text.body.trim().is_empty() && text.attachments.is_empty() {
        notes.add(Note::HtmlOnly);
    }
    text
}

fn content_type(headers: &Headers<'_>, in_digest: bool) -> ParsedContentType {
    let raw = headers.first("Content-Type").unwrap_or_default();
    let raw = raw.get(..raw.len().min(bounds::HEADER_VALUE)).unwrap_or_default();
    let value = String::from_utf8_lossy(raw);
    let value = value.trim();
    let default = if in_digest { "message/rfc822" } else { "text/plain" };
    mailparse::parse_content_type(if value.contains('/') { value } else { default })
}

/// The boundary of a multipart that can be entered.
fn boundary_of(
    ctype: &ParsedContentType,
    body: &[u8],
    notes: &mut Notes,
    text: &mut Text,
) -> Option<String> {
    let kind = ctype.mimetype.strip_prefix("multipart/")?;
    let line = ctype.params.get("boundary").filter(|b| !b.is_empty()).map(|b| format!("--{b}"));
    // A boundary that is missing or never occurs: the body is read as it stands.
    let found = line.filter(|line| memchr::memmem::find(body, line.as_bytes()).is_some());
    if found.is_none() {
        notes.add(Note::UnclosedMultipart);
    }
    match kind {
        "report" => text.report = true,
        "signed" => {
            let protocol = ctype.params.get("protocol").map_or("", String::as_str);
            notes.add(if protocol.to_ascii_lowercase().contains("pkcs7") {
                Note::Smime
            } else {
                Note::PgpMime
            });
        }
        _ => {}
    }
    found
}

/// Cuts a multipart's body at its boundary lines and pushes its parts, the first on top.
fn push_parts<'a>(
    stack: &mut Vec<Part<'a>>,
    body: &'a [u8],
    boundary: &str,
    depth: usize,
    ctype: &ParsedContentType,
    notes: &mut Notes,
) {
    let mut parts: Vec<&'a [u8]> = Vec::new();
    let mut start: Option<usize> = None;
    let mut closed = false;
    for at in memchr::memmem::find_iter(body, boundary.as_bytes()) {
        if at > 0 && body.get(at - 1) != Some(&b'\n') {
            continue;
        }
        let after = body.get(at + boundary.len()..).unwrap_or_default();
        let line_len = memchr::memchr(b'\n', after).map_or(after.len(), |n| n + 1);
        let line = after.get(..line_len).unwrap_or_default().trim_ascii();
        if !line.is_empty() && line != b"--" {
            // The boundary of another multipart that starts the same.
            continue;
        }
        if let Some(start) = start.take() {
            // The line end before a boundary belongs to the boundary (RFC 2046 section 5.1.1).
            let part = body.get(start..at).unwrap_or_default();
            let part = part.strip_suffix(b"\n").unwrap_or(part);
            parts.push(part.strip_suffix(b"\r").unwrap_or(part));
        }
        if line == b"--" {
            closed = true;
            break;
        }
        if parts.len() >= bounds::PARTS {
            notes.add(Note::OverBound);
            closed = true;
            break;
        }
        start = Some(at + boundary.len() + line_len);
    }
    if let Some(start) = start {
        parts.push(body.get(start..).unwrap_or_default());
    }
    if !closed {
        notes.add(Note::UnclosedMultipart);
    }
    let in_digest = ctype.mimetype == "multipart/digest";
    stack.extend(parts.into_iter().rev().map(|raw| Part { raw, depth, in_digest }));
}

/// Adds one leaf to the text; whether it was HTML.
fn read_leaf(
    headers: &Headers<'_>,
    ctype: &ParsedContentType,
    body: &[u8],
    whole_mail: bool,
    text: &mut Text,
    notes: &mut Notes,
) -> bool {
    let kind = kind_of(headers, ctype, whole_mail);
    if matches!(kind, Kind::Html) {
        return true;
    }
    if matches!(kind, Kind::Other) {
        return false;
    }
    let encoding = headers.first("Content-Transfer-Encoding").map(String::from_utf8_lossy);
    let room = bounds::TEXT.saturating_sub(text.body.len());
    // Encoded text is at most four thirds (base64) or three times (QP) as long as the text.
    let capped = body.get(..body.len().min(room.saturating_mul(3))).unwrap_or(body);
    let bytes = transfer::decode(capped, encoding.as_deref(), notes);
    let label = ctype.params.get("charset").map(String::as_str);
    let decoded = charset::decode(&bytes, label);
    if decoded.fallback {
        notes.add(Note::CharsetFallback);
    }
    if decoded.lossy {
        notes.add(Note::LossyText);
    }
    if capped.len() < body.len() {
        notes.add(Note::OverBound);
    }
    let mut clean = clean_text(&decoded.text, room, notes);
    let flow = ctype.params.get("format").is_some_and(|f| f.eq_ignore_ascii_case("flowed"));
    if flow {
        notes.add(Note::Flowed);
        let delsp = ctype.params.get("delsp").is_some_and(|d| d.eq_ignore_ascii_case("yes"));
        clean = flowed::unflow(&clean, delsp);
    }
    let is_diff = || clean.starts_with("diff --git ") || clean.contains("\ndiff --git ");
    match kind {
        Kind::Patch => text.attachments.push(clean),
        Kind::Attachment if is_diff() => text.attachments.push(clean),
        Kind::Attachment => {}
        _ => {
            text.body.push_str(&clean);
            if !clean.is_empty() && !clean.ends_with('\n') {
                text.body.push('\n');
            }
        }
    }
    false
}

fn kind_of(headers: &Headers<'_>, ctype: &ParsedContentType, whole_mail: bool) -> Kind {
    let disposition = headers
        .first("Content-Disposition")
        .map(|raw| raw.get(..raw.len().min(bounds::HEADER_VALUE)).unwrap_or_default())
        .map(|raw| mailparse::parse_content_disposition(&String::from_utf8_lossy(raw)));
    let attached = disposition
        .as_ref()
        .is_some_and(|d| matches!(d.disposition, mailparse::DispositionType::Attachment));
    let name = disposition
        .as_ref()
        .and_then(|d| d.params.get("filename"))
        .or_else(|| ctype.params.get("name"))
        .map_or("", String::as_str);
    let lower = name.to_ascii_lowercase();
    let named_patch = [".patch", ".diff"].iter().any(|end| lower.ends_with(end));
    match ctype.mimetype.as_str() {
        "text/html" => Kind::Html,
        "text/x-patch" | "text/x-diff" | "application/x-patch" | "application/x-diff" => {
            Kind::Patch
        }
        // Some mailers send a whole inline patch under such a type.
        mime if whole_mail && mime.starts_with("text/") => Kind::Prose,
        // A mail that is nothing else was written to be read, as git reads it.
        "application/octet-stream" if whole_mail && !attached && !named_patch => Kind::Prose,
        mime if named_patch
            && (mime.starts_with("text/") || mime == "application/octet-stream") =>
        {
            Kind::Patch
        }
        mime if mime.starts_with("text/") && attached => Kind::Attachment,
        mime if mime.starts_with("text/") || mime.starts_with("multipart/") => Kind::Prose,
        _ => Kind::Other,
    }
}

/// Line ends to LF, NUL bytes out, over-long lines cut.
fn clean_text(text: &str, room: usize, notes: &mut Notes) -> String {
    let text = match text.get(..text.floor_char_boundary(room)).filter(|cut| cut.len() < text.len())
    {
        Some(cut) => {
            notes.add(Note::OverBound);
            cut
        }
        None => text,
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let has_cr = memchr::memchr(b'\r', text.as_bytes()).is_some();
    let has_nul = memchr::memchr(0, text.as_bytes()).is_some();
    let mut clean = if has_cr {
        let unix = text.replace("\r\n", "\n");
        // A text with bare CR only comes from very old Macs and from broken gateways.
        if unix.contains('\n') { unix } else { unix.replace('\r', "\n") }
    } else {
        text.to_owned()
    };
    if has_nul {
        notes.add(Note::NulByte);
        clean.retain(|c| c != '\0');
    }
    if longest_line(clean.as_bytes()) > bounds::LINE {
        notes.add(Note::OverBound);
        clean = cut_lines(&clean);
    }
    clean
}

fn longest_line(text: &[u8]) -> usize {
    let mut start = 0;
    let mut longest = 0;
    for at in memchr::memchr_iter(b'\n', text) {
        longest = longest.max(at - start);
        start = at + 1;
    }
    longest.max(text.len() - start)
}

fn cut_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (content, end) = match line.strip_suffix('\n') {
            Some(content) => (content, "\n"),
            None => (line, ""),
        };
        let mut cut = content.len().min(bounds::LINE);
        while !content.is_char_boundary(cut) {
            cut -= 1;
        }
        out.push_str(content.get(..cut).unwrap_or(content));
        out.push_str(end);
    }
    out
}
