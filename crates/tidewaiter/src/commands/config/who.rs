//! Who would get what: three recorded series, judged as configured for each list.

use std::fmt::Write;

use jiff::{Timestamp, ToSpan as _};
use tidewaiter_engine::{Arrival, Context, Event, State, config::ListConfig, finish, judged, step};
use tidewaiter_mail::Mailbox;
use tidewaiter_reply::{HeldBy, Reply};

use crate::{archives::safe, cli::Global, cli::JudgeArgs, failure::Failure, load};

/// What the three say of AI use: a name, a line of the commit message, and the file that they touch.
const SERIES: [(&str, &str, &str); 3] = [
    ("states AI use for code", "AI-used-for: code", "hw/misc/example.c"),
    ("states AI use for tests", "AI-used-for: tests", "tests/qtest/example-test.c"),
    ("carries a tool's mark", "Co-authored-by: Copilot <copilot@github.com>", "hw/misc/example.c"),
];

/// A table of what each list's configuration makes of them today.
pub(super) fn would_get(loaded: &load::Loaded, global: &Global) -> Result<String, Failure> {
    let quiet = Global { quiet: true, ..global.clone() };
    let args = JudgeArgs { as_configured: true, ..JudgeArgs::default() };
    // Nothing is sent, and whoever asks need not be the one who may read the key.
    let mut loaded = loaded.clone();
    loaded.config.files.key = None;
    let mut context = load::context_of(loaded, &args, &quiet)?;
    let mut text = String::new();
    for list in context.config.lists.clone() {
        // Whatever tree it is for: the files are examples.
        context.overrides.policy = Some(list.policy.clone());
        let _ = writeln!(text, "\n{}: who would get what of a patch that", list.reply.list_name);
        for (what, line, file) in SERIES {
            let _ = writeln!(text, "  {what:<26}{}", safe(&one(&context, &list, line, file)));
        }
    }
    Ok(text)
}

/// What comes of one series of an author who is known and vouched for.
fn one(context: &Context, list: &ListConfig, line: &str, file: &str) -> String {
    let now = Timestamp::now();
    let day = now.checked_sub(24.hours()).unwrap_or(now);
    let mut state = State::new();
    for (time, mail) in [
        (day, mail(context, list, "an earlier patch", "Plain.", file)),
        (now, mail(context, list, "an example", line, file)),
    ] {
        let arrival = Arrival::new(context, context.read(mail.as_bytes()), time);
        step(&mut state, context, Event::Mail(Box::new(arrival)));
        finish(&mut state, context);
    }
    let all = judged(&mut state, context);
    let Some(judgement) = all.last().and_then(|judged| judged.first()) else {
        return "nobody".to_owned();
    };
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let outcome = serde_json::to_value(judgement.outcome()).map(word).unwrap_or_default();
    let who = match (&judgement.reply, judgement.silence) {
        (Some(reply), _) => addressed(reply),
        (None, Some(silence)) => {
            let why = serde_json::to_value(silence).map(word).unwrap_or_default();
            format!("nobody ({why})")
        }
        (None, None) => "nobody".to_owned(),
    };
    format!("{outcome}: {who}")
}

fn addressed(reply: &Reply) -> String {
    let name = |person: &Mailbox| {
        let address = person.address.as_ref().map(|a| a.as_str().to_owned()).unwrap_or_default();
        if address == AUTHOR { "the author".to_owned() } else { address }
    };
    let people: Vec<String> = reply.to.iter().chain(&reply.cc).map(name).collect();
    match reply.held_by {
        Some(HeldBy::Observe) => "nobody, it is only stored and shown".to_owned(),
        Some(HeldBy::Digest) => "the digest's readers".to_owned(),
        Some(held) if people.is_empty() => format!("nobody, held ({held})"),
        Some(held) => format!("{}, once a person has released it ({held})", people.join(", ")),
        None => people.join(", "),
    }
}

const AUTHOR: &str = "author@example.org";

fn mail(context: &Context, list: &ListConfig, title: &str, line: &str, file: &str) -> String {
    // As the operator's own server would say it.
    let vouched = match context.config.trust.authserv_ids.first() {
        Some(id) => format!("Authentication-Results: {id}; dkim=pass header.d=example.org\n"),
        None => String::new(),
    };
    let (id, name) = (title.replace(' ', "-"), &list.id);
    format!(
        "{vouched}From: A. Person <{AUTHOR}>\nTo: {}\nList-Id: <{name}>\n\
         Subject: [PATCH] {title}\nMessage-ID: <{id}@example.org>\n\nIt changes a line.\n\n{line}\n\
         Signed-off-by: A. Person <{AUTHOR}>\n---\n {file} | 2 +-\n \
         1 file changed, 1 insertion(+), 1 deletion(-)\n\ndiff --git a/{file} b/{file}\n\
         index 1111111..2222222 100644\n--- a/{file}\n+++ b/{file}\n@@ -1,3 +1,3 @@\n int a;\n\
         -int b;\n+int {};\n int c;\n-- \n2.40.0\n",
        list.reply.list,
        id.replace('-', "_"),
    )
}
