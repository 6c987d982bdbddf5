//! `tidewaiter list`: the stored series.

mod text;

use std::ops::ControlFlow;

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;
use tidewaiter_policy::glob::PathGlobs;
use tidewaiter_report::counted;
use tidewaiter_store::{Beside, SeriesRow};

use crate::{
    cli::{Format, Global, ListArgs},
    commands::outbox::width,
    failure::Failure,
    load,
    operate::find,
    output::Output,
};

pub(crate) fn run(args: &ListArgs, global: &Global) -> Result<(), Failure> {
    let globs = PathGlobs::new(args.path.iter().map(String::as_str)).map_err(Failure::usage)?;
    let loaded = load::configuration(global)?;
    let store = find::look(&loaded)?;
    let mut output = Output::new();
    let (mut all, mut shown) = (0_u64, 0_u64);
    let mut failure = None;
    let each = |row: SeriesRow| {
        all += 1;
        match one(&store, &row, args, &globs, global, &mut output) {
            Ok(true) => shown += 1,
            Ok(false) => {}
            Err(error) => failure = Some(error),
        }
        if failure.is_some() || output.closed() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    store.each_series(since(args), each).map_err(Failure::io)?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    if global.format != Some(Format::Jsonl) && !global.quiet {
        let of = match shown {
            shown if shown == all => String::new(),
            _ => format!(" of {all}"),
        };
        let gap = if shown == 0 { "" } else { "\n" };
        output.text(&format!("{gap}{}{of}\n", counted(shown, "series", "series")))?;
    }
    output.flush()
}

fn since(args: &ListArgs) -> Option<Timestamp> {
    let day = args.since?.to_zoned(TimeZone::UTC).ok()?;
    Some(day.timestamp())
}

/// Prints a series where it is one of those asked for; whether it is.
fn one(
    store: &Beside,
    row: &SeriesRow,
    args: &ListArgs,
    globs: &PathGlobs,
    global: &Global,
    output: &mut Output,
) -> Result<bool, Failure> {
    // What was recorded as nothing cannot be shown.
    let Some(line) = &row.record else { return Ok(false) };
    let record: Value = serde_json::from_str(line).map_err(|error| {
        Failure::io(
            anyhow::Error::new(error).context("failed to read the store: a series is damaged"),
        )
    })?;
    let is = |field: &str| record.get(field) == Some(&Value::Bool(true));
    if args.declared && !is("declared") && !is("indicated") {
        return Ok(false);
    }
    if !args.path.is_empty() {
        let paths = store.paths(row).map_err(Failure::io)?;
        if !paths.iter().any(|path| globs.is_match(path)) {
            return Ok(false);
        }
    }
    match global.format {
        Some(Format::Jsonl) => output.text(&format!("{line}\n"))?,
        _ => output.text(&text::shown(store, row, &record, global.verbose, width())?)?,
    }
    Ok(true)
}
