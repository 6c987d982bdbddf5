//! Which kind of mail a message is.

use tidewaiter_mail::{Mailbox, Message, Note, strip_signature};

use crate::{
    Body, Diff, Diffstat, Links, Subject, Trailer, Unquoted,
    diff::may_hold_diff,
    find_trailers, is_diffstat_line,
    mail::{Comment, Content, CoverLetter, Header, Mail, Patch, PullRequest},
    subject::Place,
    trailers::is_given,
};

/// What was found in a message's text, whatever kind of mail it turns out to be.
#[derive(Default)]
struct Found<'a> {
    body: Body<'a>,
    diff: Option<Diff>,
    diffstat: Option<Diffstat>,
    trailers: Vec<Trailer>,
    /// From a `git format-patch` file that came as an attachment.
    attached_from: Option<Mailbox>,
    attached_prose: Option<&'a str>,
}

pub(crate) fn classify(mut message: Message) -> Mail {
    let content_hash = message.content_hash();
    let text = std::mem::take(&mut message.body);
    let attachments = std::mem::take(&mut message.attachments);
    let lists = |group: &str, place| is_list_name(&message, group, place);
    let subject = Subject::parse_on_lists(message.subject.as_deref().unwrap_or(""), lists);
    if subject.over_bound {
        message.notes.add(Note::OverBound);
    }
    let mut header = header(message, subject, content_hash);
    if header.notes.has(Note::Unparsed) {
        return Mail { header, content: Content::Unparsed };
    }
    let attached = Attached::read(&text, &attachments);
    if let Some(tag) = attached.as_ref().and_then(|a| a.subject.as_ref()?.tag.clone())
        && header.tag.is_none()
        && !header.reply
    {
        header.title.clone_from(&tag.title);
        header.tag = Some(tag);
    }
    // Half of all mails are answers without a diff: only their own words matter.
    let found = if header.reply && attached.is_none() && !may_hold_diff(&text) {
        Found::default()
    } else {
        find(&text, attached.as_ref())
    };
    let content = content(&header, &text, found);
    note_counts(&mut header, &content);
    Mail { header, content }
}

/// Whether a list that the mail went through, or was sent to, has this name. In front of the tag
/// a part of the name does (`f2fs-dev` of linux-f2fs-devel); behind it stand names of drivers.
fn is_list_name(message: &Message, name: &str, place: Place) -> bool {
    let lists = message.lists.iter().filter_map(|id| id.as_str().split('.').next());
    let locals = message.recipients().filter_map(|m| Some(m.address.as_ref()?.local()));
    let name = name.to_ascii_lowercase();
    let part = |list: &str| {
        place == Place::BeforeTag && name.len() >= 5 && list.to_ascii_lowercase().contains(&name)
    };
    lists.clone().any(part) || lists.chain(locals).any(|list| list.eq_ignore_ascii_case(&name))
}

fn header(m: Message, subject: Subject, content: tidewaiter_mail::ContentHash) -> Header {
    Header {
        message_id: m.message_id,
        date: m.date,
        received: m.received,
        from: m.from,
        sender_munged: m.sender_munged,
        from_count: m.from_count,
        auth_results: m.auth_results,
        signed: m.signed,
        to: m.to,
        cc: m.cc,
        lists: m.lists,
        in_reply_to: m.in_reply_to,
        references: m.references,
        subject: m.subject,
        reply: subject.reply || subject.forward,
        tag: subject.tag,
        title: subject.title,
        automatic: m.automatic,
        loops: m.loops,
        vouched: false,
        notes: m.notes,
        content,
    }
}

/// Patches that came as attachments, and the text they are read from.
struct Attached {
    text: String,
    from: Option<Mailbox>,
    subject: Option<Subject>,
    /// The mail's own text is prose around it, not the commit message.
    whole: bool,
}

impl Attached {
    fn read(text: &str, attachments: &[String]) -> Option<Self> {
        let first = attachments.first()?;
        if Diff::parse(Body::cut(text).rest).is_some() {
            return None;
        }
        let rest = attachments.iter().skip(1);
        // A `git format-patch` file brings its own header and message.
        if first.starts_with("From ") || first.starts_with("From: ") {
            let inner = Message::parse(first.as_bytes());
            let subject = inner.subject.as_deref().map(Subject::parse);
            let text = rest.fold(inner.body, |text, next| text + "\n" + next);
            return Some(Self { text, from: inner.from, subject, whole: true });
        }
        // Else the message is the mail's text, as with `git format-patch --attach`.
        let joined = attachments.iter().fold(text.to_owned(), |text, next| text + next);
        Some(Self { text: joined, from: None, subject: None, whole: false })
    }
}

fn find<'a>(text: &'a str, attached: Option<&'a Attached>) -> Found<'a> {
    let source = attached.map_or(text, |a| a.text.as_str());
    let body = Body::cut(source);
    let diff = Diff::parse(body.rest);
    let trailers = find_trailers(body.message, body.message_line);
    Found {
        diffstat: Diffstat::find(body.rest).or_else(|| Diffstat::find(body.message)),
        diff,
        trailers,
        attached_from: attached.and_then(|a| a.from.clone()),
        attached_prose: attached.filter(|a| a.whole).map(|_| text),
        body,
    }
}

fn note_counts(header: &mut Header, content: &Content) {
    // A diff in a cover letter (an interdiff) or in a comment is not what the mail is about.
    let (diff, diffstat) = match content {
        Content::Patch(patch) => (patch.diff.as_ref(), patch.diffstat.as_ref()),
        Content::Pull(pull) => (pull.diff.as_ref(), pull.diffstat.as_ref()),
        _ => (None, None),
    };
    if let Some(diff) = diff {
        if diff.mangled {
            header.notes.add(Note::MangledDiff);
        }
        if let Some(claim) = diffstat
            && (claim.added, claim.removed) != (diff.added, diff.removed)
        {
            header.notes.add(Note::DiffstatMismatch);
        }
    }
    if let Some(tag) = &header.tag
        && let (Some(index), Some(total)) = (tag.index, tag.total)
        && index > total
    {
        header.notes.add(Note::CountOverTotal);
    }
}

fn content(header: &Header, text: &str, found: Found<'_>) -> Content {
    let answers = header.in_reply_to.is_some() || !header.references.is_empty();
    if header.reply {
        // `Re: [PATCH]` answers, even where the mail program lost the ids.
        return comment(text, found, answers || header.tag.is_some());
    }
    let asks_for_pull = is_pull_text(text);
    let Some(tag) = &header.tag else {
        if asks_for_pull {
            return pull(header, text, found, true);
        }
        // No `[PATCH]`, but all else of a patch: a message signed off, `---`, a git diff.
        // In a thread that is a notice ("added to the stable tree"), unless the subject was lost.
        let alone = !answers || header.subject.is_none();
        if alone && found.is_signed_off() && found.diff.is_some() && !found.quotes() {
            return patch(header, found);
        }
        // A program that answers under a subject of its own (a holiday, a receipt) says nothing
        // about the patch; one that writes `Re:` (a build) does.
        return comment(text, found, answers && header.automatic.is_none());
    };
    if tag.pull || asks_for_pull {
        let request = found.diff.is_none() || tag.index == Some(0) || asks_for_pull;
        return pull(header, text, found, request);
    }
    match (tag.index, &found.diff) {
        // `[PATCH 0/1]` over a whole patch: a wrong number, not a cover letter.
        (Some(0), Some(_)) if tag.total <= Some(1) && found.is_signed_off() => patch(header, found),
        (Some(0), _) => cover(text, found),
        // An answer that kept the subject without `Re:`.
        (_, None) if answers && found.quotes() && !found.is_signed_off() => {
            comment(text, found, true)
        }
        (_, Some(_)) => patch(header, found),
        // A part whose diff was lost. A robot's report names the patch that it is about in just
        // the same way, `[tree:branch 7/9]`, but calls itself no patch.
        (Some(_), None) if calls_itself_patch(header) => patch(header, found),
        (Some(_), None) => comment(text, found, answers),
        // A patch whose diff was lost still has its message and its dashes.
        (None, None) if found.is_signed_off() => patch(header, found),
        (None, None) => comment(text, found, answers),
    }
}

impl Found<'_> {
    /// A message that is signed off, and `---` below it.
    fn is_signed_off(&self) -> bool {
        self.trailers.iter().any(|t| t.is("Signed-off-by")) && self.body.rest.starts_with("---\n")
    }

    /// The message quotes another mail.
    fn quotes(&self) -> bool {
        self.body.message.lines().any(|line| line.starts_with('>') && !line.starts_with(">From "))
    }
}

/// Whether the tag says so in a word, not by its numbers alone.
fn calls_itself_patch(header: &Header) -> bool {
    let subject = header.subject.as_deref().unwrap_or_default();
    let tag = subject.strip_suffix(header.title.as_str()).unwrap_or(subject).to_lowercase();
    tag.contains("patch") || tag.contains("rfc")
}

/// The text that `git request-pull` writes.
fn is_pull_text(text: &str) -> bool {
    let starts = |line: &str| text.starts_with(line) || text.contains(&format!("\n{line}"));
    text.contains("available in the Git repository at:")
        && (starts("The following changes since commit ") || starts("are available in the Git"))
}

fn patch(header: &Header, found: Found<'_>) -> Content {
    let Found { body, diff, diffstat, trailers, attached_from, attached_prose } = found;
    let (notes, notes_line) = match attached_prose {
        Some(prose) => (strip_signature(prose).trim().to_owned(), 1),
        None => notes_of(&body),
    };
    let links = Links::find(body.message.lines().chain(notes.lines()));
    let diff_text = diff.as_ref().and_then(|_| Diff::text(body.rest)).unwrap_or_default();
    Content::Patch(Box::new(Patch {
        author: body.from.or(attached_from).or_else(|| header.from.clone()),
        message: body.message.to_owned(),
        message_line: body.message_line,
        notes,
        notes_line,
        trailers,
        diff,
        diff_text: diff_text.to_owned(),
        diffstat,
        links,
    }))
}

/// What stands between `---` and the diff, without the diffstat, and its first line's number.
fn notes_of(body: &Body<'_>) -> (String, usize) {
    let split = body.rest.split_once('\n').filter(|(dashes, _)| dashes.trim_end() == "---");
    let Some((_, rest)) = split else { return (String::new(), body.rest_line) };
    let mut notes = String::new();
    let mut first = None;
    let mut lines = rest.lines().enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        let starts_diff = line.starts_with("diff --git ")
            || line.starts_with("Index: ")
            || (line.starts_with("--- ")
                && lines.peek().is_some_and(|(_, l)| l.starts_with("+++ ")));
        // The signature of a patch without a diff.
        if starts_diff || line == "-- " {
            break;
        }
        if is_diffstat_line(line) || (first.is_none() && line.trim().is_empty()) {
            continue;
        }
        first = first.or(Some(body.rest_line + 1 + index));
        notes.push_str(line);
        notes.push('\n');
    }
    notes.truncate(notes.trim_end().len());
    // A changelog between two lines of dashes.
    if let Some(above) = notes.strip_suffix("\n---") {
        notes.truncate(above.trim_end().len());
    }
    (notes, first.unwrap_or(body.rest_line))
}

fn cover(text: &str, found: Found<'_>) -> Content {
    let own = strip_signature(text);
    let trailers = cover_trailers(own);
    let links = Links::find(own.lines());
    Content::Cover(Box::new(CoverLetter {
        trailers,
        diffstat: found.diffstat.or_else(|| Diffstat::find(text)),
        links,
        text: own.to_owned(),
    }))
}

/// A cover letter's trailers end its prose, above the shortlog or below everything; any line
/// that is a trailer of a paragraph of trailers counts. `---` ends a paragraph, too.
fn cover_trailers(text: &str) -> Vec<Trailer> {
    let mut found = Vec::new();
    let (mut start, mut first_line, mut at) = (0, 1, 0);
    for (index, line) in text.split_inclusive('\n').chain(["\n"]).enumerate() {
        if ["", "---"].contains(&line.trim_end()) {
            let paragraph = text.get(start..at).unwrap_or_default();
            let is_shortlog = paragraph.lines().any(|l| l.ends_with("):") && l.contains(" ("));
            if !is_shortlog {
                let trailers = find_trailers(paragraph, first_line).into_iter();
                found.extend(trailers.filter(|t| is_given(&t.key, &t.value)));
            }
            (start, first_line) = (at + line.len(), index + 2);
        }
        at += line.len();
    }
    found
}

fn pull(header: &Header, text: &str, found: Found<'_>, request: bool) -> Content {
    Content::Pull(Box::new(PullRequest {
        request,
        diff: found.diff,
        diffstat: found.diffstat,
        author: found.body.from.or_else(|| header.from.clone()),
        links: Links::find(strip_signature(text).lines()),
    }))
}

fn comment(text: &str, found: Found<'_>, answers: bool) -> Content {
    let unquoted = Unquoted::of(text);
    let comment = Box::new(Comment {
        trailers: unquoted.trailers(),
        links: Links::find(unquoted.text().lines()),
        diff: found.diff,
        unquoted,
    });
    if answers { Content::Comment(comment) } else { Content::Other(comment) }
}
