//! Mails that say something to the program, and what comes of them.

use jiff::Timestamp;
use tidewaiter_engine::{Arrival, Config, Context, Effect, Event, State, config, step};
use tidewaiter_policy::maintainers::Maintainers;
use tidewaiter_reply::ReplyKind;

pub(crate) const OPERATOR: &str = "operator@example.net";
const START: i64 = 1_780_272_000;

/// Replies go to the list as configured; `mx.example.net` is believed, and Mia maintains hw/misc.
pub(crate) fn sending() -> Context {
    let maintainers = "Misc\n----\nMisc devices\nM: Mia <mia@example.com>\nF: hw/misc/\n\n\
                       THE REST\nM: Lia <lia@example.com>\nF: *\nF: */\n";
    let text = config::BUILTIN
        .replace("mode = \"observe\"", "mode = \"list\"")
        .replace("decline = \"hold\"", "decline = \"list\"")
        .replace("authserv-ids = []", "authserv-ids = [\"mx.example.net\"]");
    Context {
        config: Config::parse(&text).unwrap().0,
        maintainers: Some(Maintainers::parse(maintainers).0),
        ..crate::scene::context(None)
    }
}

pub(crate) fn at(hour: f64) -> Timestamp {
    Timestamp::from_second(START + (hour * 3_600.0) as i64).unwrap()
}

/// An answer to a mail, that a trusted server vouches for.
pub(crate) fn answer(hour: f64, id: &str, from: &str, above: &str, text: &str) -> String {
    let (_, domain) = from.split_once('@').unwrap();
    let date = at(hour).strftime("%a, %d %b %Y %H:%M:%S +0000");
    format!(
        "Authentication-Results: mx.example.net; dkim=pass header.d={domain}\n\
         Date: {date}\nFrom: Somebody <{from}>\nTo: qemu-devel@nongnu.org\n\
         Message-ID: <{id}@x>\nIn-Reply-To: <{above}@x>\nReferences: <{above}@x>\n\
         Subject: Re: [PATCH] one\nList-Id: <qemu-devel.nongnu.org>\n\n{text}\n"
    )
}

/// The same to the program alone.
pub(crate) fn private(mail: &str) -> String {
    mail.replace("To: qemu-devel@nongnu.org", "To: tidewaiter@bot.example.net")
        .replace("List-Id: <qemu-devel.nongnu.org>\n", "")
}

/// A series by `al@example.org` that states a use of AI, after one that made them known.
pub(crate) fn begun(context: &Context, state: &mut State) -> Vec<Effect> {
    let mut effects = Vec::new();
    for line in ["0 z al - [PATCH] zero", "20 a al - [PATCH] one || AI-used-for: code"] {
        let (mail, time) = crate::scene::mail(line);
        let arrival = Arrival::new(context, mail, time);
        effects.extend(step(state, context, Event::Mail(Box::new(arrival))));
    }
    effects
}

pub(crate) fn take(context: &Context, state: &mut State, hour: f64, raw: &str) -> Vec<Effect> {
    let arrival = Arrival::new(context, context.read(raw.as_bytes()), at(hour));
    step(state, context, Event::Mail(Box::new(arrival)))
}

/// Effects as words; what only looks at the clock is left out.
pub(crate) fn words(effects: &[Effect]) -> Vec<String> {
    let word = |effect: &Effect| match effect {
        Effect::Record(judged) => Some(format!("record {}", judged.series.id.as_ref()?.as_str())),
        Effect::Queue(reply) => {
            let to: Vec<String> =
                reply.to.iter().filter_map(|to| Some(to.address.as_ref()?.to_string())).collect();
            let held = reply.held_by.map(|held| format!(", {held}")).unwrap_or_default();
            let what = match reply.kind {
                ReplyKind::Summary => "note",
                ReplyKind::Why { .. } => "answer",
                ReplyKind::Digest { .. } => "digest",
            };
            Some(format!("{what} to {}{held}", to.join(" ")))
        }
        Effect::Cancel(_) => Some("cancel".to_owned()),
        Effect::WakeAt(_) => None,
        Effect::Tell(notice) => Some(format!("{:?}", notice.what)),
        Effect::Command(command) => Some(command.to_string()),
    };
    effects.iter().filter_map(word).collect()
}
