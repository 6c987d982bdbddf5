//! `tidewaiter explain`: for one series, each rule and why it spoke or not.

use anyhow::anyhow;
use tidewaiter_engine::{State, judged};
use tidewaiter_mail::MessageId;
use tidewaiter_report::{SeriesRecord, Summary, explain_text};

use crate::{
    cli::{ExplainArgs, Format, Global},
    commands::dry_run::replay,
    failure::Failure,
    load,
    output::Output,
};

pub(crate) fn run(args: &ExplainArgs, global: &Global) -> Result<(), Failure> {
    let id = args.message_id.trim().trim_start_matches('<').trim_end_matches('>');
    let id = MessageId::new(id)
        .ok_or_else(|| Failure::usage(anyhow!("`{}` is no Message-ID", args.message_id)))?;
    let context = load::context(&args.judge, global)?;
    let mut state = State::new();
    let mut summary = Summary::default();
    let (end, _) = replay(&args.archive, None, global, &context, &mut state, &mut summary)?;
    let all = judged(&mut state, &context);
    let found = all.iter().find(|judged| {
        let series = &judged.series;
        let mut mails = series.parts().chain(&series.comments);
        mails.any(|part| part.mail.header.message_id.as_ref() == Some(&id))
    });
    let Some(judged) = found else {
        end.result()?;
        let mails = summary.mails;
        return Err(Failure::usage(anyhow!(
            "no series has a mail with the Message-ID `{id}` ({mails} mails were read)"
        )));
    };
    let mut output = Output::new();
    match global.format {
        Some(Format::Jsonl) => output.json(&SeriesRecord::new(judged))?,
        _ => output.text(&explain_text(judged, global.verbose))?,
    }
    output.flush()?;
    end.result()
}
