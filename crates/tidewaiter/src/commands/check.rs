//! `tidewaiter check`: one series before it is sent, judged as its list would judge it.

mod fix_tag;
mod git;
mod hook;
mod input;
mod pick;
mod show;
mod sum;

use std::path::PathBuf;

use anyhow::anyhow;
use tidewaiter_engine::{CheckedSeries, Context};
use tidewaiter_mail::Message;
use tidewaiter_patch::Mail;
use tidewaiter_policy::Severity;
use tidewaiter_report::SeriesRecord;

use crate::{
    cli::{CheckArgs, Command, Format, Global, JudgeArgs},
    failure::Failure,
    load,
    output::Output,
};
use input::Source;
use pick::Picked;

pub(crate) fn run(args: &CheckArgs, global: &Global) -> Result<(), Failure> {
    if args.hook {
        return hook::run(args, global);
    }
    if args.fix_tag {
        return fix_tag::run(args, global);
    }
    judge_and_show(args, &args.files, &[], global)
}

/// Whether a failure of ours must not keep anybody from sending.
pub(crate) fn never_in_the_way(command: &Command) -> bool {
    matches!(command, Command::Check(args) if args.hook && !args.strict)
}

/// A series with what its policy makes of it.
struct Assessed {
    context: Context,
    picked: Picked,
    /// The mails, in the order in which they were given.
    sources: Vec<Source>,
    checked: CheckedSeries,
    /// The policy's file and its text, to point into.
    policy_file: (String, String),
}

/// Judges the series in these files and shows what was found; `more` are mails, or headers of
/// mails, that only tell where the series goes.
fn judge_and_show(
    args: &CheckArgs,
    files: &[PathBuf],
    more: &[Message],
    global: &Global,
) -> Result<(), Failure> {
    let assessed = assess(args, files, more, global)?;
    let mut output = Output::new();
    match global.format {
        Some(Format::Jsonl) => output.json(&SeriesRecord::new(&assessed.checked.judged))?,
        _ => output.text(&show::text(&assessed, global))?,
    }
    output.flush()?;
    let first = assessed.checked.judged.first().and_then(|judged| judged.assessment.as_ref());
    let mut findings = first.into_iter().flat_map(|assessment| &assessment.findings);
    if findings.any(|finding| finding.severity > Severity::Note) {
        return Err(Failure::Findings);
    }
    Ok(())
}

fn assess(
    args: &CheckArgs,
    files: &[PathBuf],
    more: &[Message],
    global: &Global,
) -> Result<Assessed, Failure> {
    let mut sources = match &args.git {
        Some(range) => git::patches(range)?,
        None => input::read(files)?,
    };
    if sources.len() > input::MOST {
        let count = sources.len();
        return Err(Failure::usage(anyhow!("{count} mails are too many for one series")));
    }
    let loaded = load::configuration(global)?;
    let messages: Vec<Message> = sources.iter_mut().map(Source::message).collect();
    let picked = pick::pick(args, &loaded, messages.iter().chain(more), files, global)?;
    let policy_file = load::policy_text(&loaded, &picked.id)?;
    let judge = judge_args(args, &picked, &loaded);
    let context = load::context_of(loaded, &judge, global)?;
    let mails = messages.into_iter().map(Mail::from_message).collect();
    let checked = tidewaiter_engine::check(&context, mails, picked.this_tree).map_err(|why| {
        let what = match (&args.git, files) {
            (Some(range), _) => format!("`{range}`"),
            (None, [file]) if file.as_os_str() != "-" => format!("`{}`", file.display()),
            (None, [] | [_]) => "standard input".to_owned(),
            (None, _) => "these files".to_owned(),
        };
        Failure::usage(anyhow!("failed to check {what} as one series: {why}"))
    })?;
    Ok(Assessed { context, picked, sources, checked, policy_file })
}

/// What the checkout gives is used where nothing else was named.
fn judge_args(args: &CheckArgs, picked: &Picked, loaded: &load::Loaded) -> JudgeArgs {
    let configured = loaded.config.files.tree.is_some();
    let tree = args.tree.clone().or_else(|| picked.top.clone().filter(|_| !configured));
    JudgeArgs {
        policy: Some(picked.id.clone()),
        maintainers: args.maintainers.clone(),
        tree,
        ..JudgeArgs::default()
    }
}
