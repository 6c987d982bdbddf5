//! `tidewaiter stop|resume|opt-out|opt-in`.

use anyhow::anyhow;
use jiff::Timestamp;

use crate::{
    archives::safe,
    cli::{Global, OptArgs, StopArgs},
    edges,
    failure::Failure,
    load::{self, Loaded},
    operate::{self, Order, find, order},
    output::Output,
};

/// Turns the switch on whatever the daemon does: it looks at it before each reply.
pub(crate) fn stop(args: &StopArgs, global: &Global) -> Result<(), Failure> {
    global.text_only()?;
    let loaded = load::configuration(global)?;
    let why = match args.why.as_slice() {
        [] => operate::BY_HAND.to_owned(),
        words => words.join(" "),
    };
    let turn = || -> Result<String, Failure> {
        let mut beside = find::look(&loaded)?;
        let before = beside.stopped().map_err(Failure::io)?;
        beside.stop(&why, Timestamp::now()).map_err(Failure::io)?;
        Ok(operate::stopped(before.as_ref()))
    };
    let text = turn().map_err(|failure| by_file(failure, &loaded))?;
    said(&text, global)
}

/// There is another way, which needs no store.
fn by_file(failure: Failure, loaded: &Loaded) -> Failure {
    let file = edges::stop_file(loaded);
    let hint = |error: anyhow::Error| {
        anyhow!("{error:#}; nothing is sent either while the file `{}` exists", file.display())
    };
    match failure {
        Failure::Io(error) => Failure::Io(hint(error)),
        other => other,
    }
}

pub(crate) fn resume(global: &Global) -> Result<(), Failure> {
    global.text_only()?;
    let loaded = load::configuration(global)?;
    said(&order::give(&loaded, &Order::Resume)?.text, global)
}

/// Says nothing of a person's series from now on, or again.
pub(crate) fn opt(args: &OptArgs, out: bool, global: &Global) -> Result<(), Failure> {
    global.text_only()?;
    let loaded = load::configuration(global)?;
    let person = args.address.clone();
    let order = if out { Order::OptOut(person) } else { Order::OptIn(person) };
    said(&order::give(&loaded, &order)?.text, global)
}

/// Prints what was done, unless nothing is wanted.
pub(crate) fn said(text: &str, global: &Global) -> Result<(), Failure> {
    let mut output = Output::new();
    if !global.quiet {
        output.text(&format!("{}\n", safe(text)))?;
    }
    output.flush()
}
