//! `tidewaiter dry-run`: an archive in, every series judged, a report out.

mod page;

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    num::NonZeroU64,
    ops::ControlFlow,
    path::Path,
    time::Instant,
};

use anyhow::Context as _;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use tidewaiter_engine::{
    Arrival, Context, Effect, Event, Judged, Stamps, State, event_times, finish, judged, step,
};
use tidewaiter_reply::{Reply, ReplyKind};
use tidewaiter_report::{Asked, Difference, SeriesRecord, Summary, summary_text};

use crate::{
    archives::{self, End},
    cli::{ArchiveArgs, DryRunArgs, Format, Global},
    diagnostics::coloured,
    failure::Failure,
    load,
    output::Output,
};

pub(crate) fn run(args: &DryRunArgs, global: &Global) -> Result<(), Failure> {
    let started = Instant::now();
    let mut context = load::context(&args.judge, global)?;
    context.overrides.without_trace = true;
    if let Some(name) = &args.list
        && context.config.list(name).is_none()
        && args.judge.policy.is_none()
    {
        return Err(Failure::usage(anyhow::anyhow!(
            "there is no entry for the list `{name}` in the configuration"
        )));
    }
    if let (Some(since), Some(until)) = (args.since, args.until)
        && since > until
    {
        return Err(Failure::usage(anyhow::anyhow!(
            "--since {since} is later than --until {until}"
        )));
    }
    if let Some(folder) = &args.replies {
        empty_folder(folder, "replies")?;
    }
    if let Some(folder) = &args.html {
        empty_folder(folder, "the page")?;
    }
    let mut output = Output::new();
    let mut jsonl = Records::open(args, global, &mut output)?;

    let mut summary = Summary::default();
    let mut state = State::new();
    let (end, others) =
        replay(&args.archive, args.limit, global, &context, &mut state, &mut summary)?;
    if summary.mails == 0 && matches!(end, End::Broken(_)) {
        return end.result();
    }
    summary.interrupted = end.early();
    let mut all = judged(&mut state, &context);
    all.retain(|judged| wanted(args, &context, judged));
    for judged in &all {
        summary.series(judged);
        jsonl.write(&SeriesRecord::new(judged))?;
    }
    summary.difference = Difference::of(&all);
    if let Some(folder) = &args.replies {
        write_replies(folder, &all, &others)?;
    }
    let digests = others.iter().filter(|r| matches!(r.kind, ReplyKind::Digest { .. }));
    summary.digests = digests.count() as u64;
    if let Some(folder) = &args.html {
        page::write(folder, args, &summary, &context, &all)?;
    }
    summary.seconds = Some((started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0);
    jsonl.write(&summary)?;
    let on_stdout = jsonl.end()?;
    if !on_stdout {
        let colour = coloured(global, &io::stdout());
        let asked = Asked { set: &args.judge.set, name_all: global.verbose, colour };
        output.text(&summary_text(&summary, &context, &all, asked))?;
    }
    output.flush()?;
    end.result()
}

/// Reads the archives and replays them in order of event time; the digests, and the answers to
/// persons who asked why, that would be sent.
pub(crate) fn replay(
    archive: &ArchiveArgs,
    limit: Option<NonZeroU64>,
    global: &Global,
    context: &Context,
    state: &mut State,
    summary: &mut Summary,
) -> Result<(End, Vec<Reply>), Failure> {
    let mut arrivals: Vec<Arrival> = Vec::new();
    let mut stamps: Vec<Stamps> = Vec::new();
    let mut left = limit.map_or(u64::MAX, NonZeroU64::get);
    let end = archives::read(
        archive,
        global,
        |raw| {
            let mail = context.read(&raw.bytes);
            (raw.bytes.len(), Arrival::new(context, mail, Timestamp::UNIX_EPOCH))
        },
        |(bytes, arrival)| {
            left -= 1;
            summary.mail(bytes, arrival.mail.kind());
            let header = &arrival.mail.header;
            stamps
                .push(Stamps { received: header.received, date: header.date.map(|d| d.timestamp) });
            arrivals.push(arrival);
            Ok(if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        },
    )?;
    for (arrival, time) in arrivals.iter_mut().zip(event_times(&stamps)) {
        arrival.time = time;
    }
    drop(stamps);
    arrivals.sort_by(|a, b| {
        let (one, other) = (&a.mail.header, &b.mail.header);
        (a.time, &one.message_id, one.content).cmp(&(b.time, &other.message_id, other.content))
    });
    // What a dry run would do is read from the state at the end, but only summaries are kept there.
    let mut others = Vec::new();
    let mut take = |effects: Vec<Effect>| {
        others.extend(effects.into_iter().filter_map(|effect| match effect {
            Effect::Queue(reply) if reply.kind != ReplyKind::Summary => Some(*reply),
            _ => None,
        }));
    };
    for arrival in arrivals {
        take(step(state, context, Event::Mail(Box::new(arrival))));
    }
    take(finish(state, context));
    Ok((end, others))
}

fn wanted(args: &DryRunArgs, context: &Context, judged: &Judged) -> bool {
    let day = judged.series.first.to_zoned(TimeZone::UTC).date();
    let late_enough = args.since.is_none_or(|since: Date| day >= since);
    let early_enough = args.until.is_none_or(|until: Date| day <= until);
    late_enough
        && early_enough
        && args.list.as_deref().is_none_or(|name| went_to(context, judged, name))
}

fn went_to(context: &Context, judged: &Judged, name: &str) -> bool {
    let series = &judged.series;
    let list = context.config.list(name);
    let id = list.map_or(name, |list| list.id.as_str());
    let address = list.map_or(name, |list| list.reply.list.as_str());
    series.lists.iter().any(|l| l.as_str().eq_ignore_ascii_case(id))
        || series.parts().any(|part| {
            let header = &part.mail.header;
            header.to.iter().chain(&header.cc).any(|m| {
                m.address.as_ref().is_some_and(|a| a.as_str().eq_ignore_ascii_case(address))
            })
        })
}

/// Where the JSON objects go.
enum Records<'a> {
    Nowhere,
    Stdout(&'a mut Output),
    File(BufWriter<File>, String),
}

impl<'a> Records<'a> {
    fn open(args: &DryRunArgs, global: &Global, output: &'a mut Output) -> Result<Self, Failure> {
        match &args.jsonl {
            Some(path) if path.as_os_str() == "-" => Ok(Self::Stdout(output)),
            Some(path) => {
                not_an_archive(path, &args.archive)?;
                let name = path.display().to_string();
                let file = File::create(path)
                    .with_context(|| format!("failed to create `{name}`"))
                    .map_err(Failure::Io)?;
                Ok(Self::File(BufWriter::new(file), name))
            }
            None if global.format == Some(Format::Jsonl) => Ok(Self::Stdout(output)),
            None => Ok(Self::Nowhere),
        }
    }

    fn write(&mut self, record: &impl serde::Serialize) -> Result<(), Failure> {
        match self {
            Self::Nowhere => Ok(()),
            Self::Stdout(output) => output.json(record),
            Self::File(file, name) => {
                let mut line = serde_json::to_vec(record).map_err(|e| {
                    Failure::Internal(anyhow::Error::new(e).context("failed to write JSON"))
                })?;
                line.push(b'\n');
                file.write_all(&line)
                    .with_context(|| format!("failed to write `{name}`"))
                    .map_err(Failure::Io)
            }
        }
    }

    /// Writes out what is buffered; whether standard output was used.
    fn end(self) -> Result<bool, Failure> {
        match self {
            Self::Nowhere => Ok(false),
            Self::Stdout(_) => Ok(true),
            Self::File(mut file, name) => {
                file.flush()
                    .with_context(|| format!("failed to write `{name}`"))
                    .map_err(Failure::Io)?;
                Ok(false)
            }
        }
    }
}

/// A slip of the hand must not empty an archive.
fn not_an_archive(path: &Path, archive: &ArchiveArgs) -> Result<(), Failure> {
    let Ok(target) = path.canonicalize() else { return Ok(()) };
    match archive.paths.iter().find(|read| read.canonicalize().is_ok_and(|read| read == target)) {
        Some(read) => Err(Failure::usage(anyhow::anyhow!(
            "failed to create `{}`: it is an archive that is to be read",
            read.display()
        ))),
        None => Ok(()),
    }
}

/// Makes the folder for what is written. Files of an earlier run would mix with the new ones.
fn empty_folder(folder: &Path, what: &str) -> Result<(), Failure> {
    fs::create_dir_all(folder)
        .with_context(|| format!("failed to create `{}`", folder.display()))
        .map_err(Failure::Io)?;
    let mut entries = fs::read_dir(folder)
        .with_context(|| format!("failed to read `{}`", folder.display()))
        .map_err(Failure::Io)?;
    if entries.next().is_some() {
        return Err(Failure::usage(anyhow::anyhow!(
            "failed to write {what} into `{}`: it holds files already",
            folder.display()
        )));
    }
    Ok(())
}

/// Writes each reply as `NNNN-<id>.eml`, numbered in the order of the report; digests and answers
/// to persons come last.
fn write_replies(folder: &Path, all: &[Judged], others: &[Reply]) -> Result<(), Failure> {
    let replies = all.iter().flat_map(|judged| &judged.judgements).filter_map(|j| j.reply.as_ref());
    let replies = replies.chain(others);
    for (number, reply) in replies.enumerate() {
        // The id is ours: hex digits and the configured domain.
        let id = reply.id.as_str().split('@').next().unwrap_or_default();
        let path = folder.join(format!("{:04}-{id}.eml", number + 1));
        fs::write(&path, reply.to_eml(reply.held_by.is_some(), None))
            .with_context(|| format!("failed to write `{}`", path.display()))
            .map_err(Failure::Io)?;
    }
    Ok(())
}
