//! A context and mails for tests.

use jiff::Timestamp;
use tidewaiter_engine::{Arrival, Config, Context, Overrides, config};
use tidewaiter_patch::Mail;
use tidewaiter_policy::{Policy, Vocabulary, builtin_policies};
use tidewaiter_reply::{IdKey, Mode, Templates};

pub(crate) fn context(mode: Option<Mode>) -> Context {
    let policies = builtin_policies().iter().map(|(_, text)| Policy::parse(text).unwrap().0);
    Context {
        config: Config::parse(config::BUILTIN).unwrap().0,
        policies: policies.collect(),
        against: None,
        vocabulary: Vocabulary::builtin().unwrap(),
        maintainers: None,
        tree: None,
        keyring: None,
        templates: Templates::builtin().unwrap(),
        key: IdKey::dry_run(),
        overrides: Overrides { mode, ..Overrides::default() },
    }
}

/// One mail as a line: `hour id sender parent subject || text`; the text's `/` is a line break.
/// A patch changes hw/misc/frob.c by lines that depend on its title. Behind a sender `?` says that
/// no server vouches for them. An answer is dated: without that no server's word is for it.
pub(crate) fn mail(line: &str) -> (Mail, Timestamp) {
    let (raw, time) = raw(line);
    (Mail::parse(raw.as_bytes()), time)
}

pub(crate) fn raw(line: &str) -> (String, Timestamp) {
    let mut words = line.splitn(5, ' ');
    let mut next = || words.next().unwrap();
    let (hour, id, sender, parent, subject) = (next(), next(), next(), next(), next());
    let (subject, text) = subject.split_once(" || ").unwrap_or((subject, ""));
    let title = subject.rsplit("] ").next().unwrap();
    // What a server found; only where one is trusted does it matter.
    let vouched = if sender.ends_with('?') {
        ""
    } else {
        "Authentication-Results: mx.example.net; dkim=pass header.d=example.org\n"
    };
    let sender = sender.trim_end_matches('?');
    let mut raw = vouched.to_owned();
    raw += &format!(
        "From: {sender} <{sender}@example.org>\nTo: qemu-devel@nongnu.org\n\
         Message-ID: <{id}@x>\nSubject: {subject}\nList-Id: <qemu-devel.nongnu.org>\n"
    );
    let second = (hour.parse::<f64>().unwrap() * 3600.0) as i64;
    let time = Timestamp::from_second(1_780_272_000 + second).unwrap();
    if subject.starts_with("Re:") {
        raw += &format!("Date: {}\n", time.strftime("%a, %d %b %Y %H:%M:%S +0000"));
    }
    if parent != "-" {
        raw += &format!("In-Reply-To: <{parent}@x>\nReferences: <{parent}@x>\n");
    }
    raw += &format!("\n{}\n", text.replace(" / ", "\n"));
    if !subject.contains(" 0/") && !subject.starts_with("Re:") {
        raw += &format!(
            "Signed-off-by: {sender} <{sender}@example.org>\n---\n hw/misc/frob.c | 1 +\n \
             1 file changed, 1 insertion(+)\n\ndiff --git a/hw/misc/frob.c b/hw/misc/frob.c\n\
             --- a/hw/misc/frob.c\n+++ b/hw/misc/frob.c\n@@ -1 +1,2 @@\n a\n+{title}\n-- \n2.47.3\n"
        );
    }
    (raw, time)
}

pub(crate) fn arrivals(context: &Context, lines: &[&str]) -> Vec<Arrival> {
    lines.iter().map(|line| mail(line)).map(|(m, t)| Arrival::new(context, m, t)).collect()
}
