//! `tidewaiter doctor`: whether everything that `run` needs is there and works. Nothing is sent.

mod files;
mod servers;
mod state;

use std::fmt::Write;

use anyhow::anyhow;
use tidewaiter_reply::Mode;
use tidewaiter_report::{CheckStatus, Checked, CheckedType, counted, cut, lines, one_line};

use crate::{
    cli::{Format, Global},
    commands::outbox::width,
    diagnostics::coloured,
    failure::Failure,
    load::{self, Loaded},
    output::Output,
};

pub(crate) fn run(global: &Global) -> Result<(), Failure> {
    let loaded = load::configuration(global)?;
    let mut report = Report::new(global);
    report.add(&configuration(&loaded))?;
    files::check(&loaded, global, &mut report)?;
    let store = state::check(&loaded, &mut report)?;
    servers::check(&loaded, store.as_ref(), &mut report)?;
    report.end()
}

fn configuration(loaded: &Loaded) -> Checked {
    let lists = counted(loaded.config.lists.len() as u64, "list", "lists");
    let text = format!("`{}` is valid: {lists}.", loaded.name());
    match &loaded.path {
        Some(_) => ok("configuration", text),
        None => warn("configuration", text, "Name your own with --config FILE."),
    }
}

/// Whether anything may be sent to a list.
fn sends(loaded: &Loaded) -> bool {
    loaded.config.lists.iter().any(|list| list.reply.mode != Mode::Observe)
}

/// As it should be.
pub(crate) fn ok(part: &str, text: String) -> Checked {
    checked(part, CheckStatus::Ok, text, None)
}

/// Somebody should look at it.
pub(crate) fn warn(part: &str, text: String, advice: &str) -> Checked {
    checked(part, CheckStatus::Warn, text, Some(advice))
}

/// It does not work.
pub(crate) fn fail(part: &str, text: String, advice: &str) -> Checked {
    checked(part, CheckStatus::Fail, text, Some(advice))
}

fn checked(part: &str, status: CheckStatus, text: String, advice: Option<&str>) -> Checked {
    let advice = advice.map(str::to_owned);
    Checked { record: CheckedType::Check, part: part.to_owned(), status, text, advice }
}

/// Prints checks as they are done, and counts them.
pub(crate) struct Report<'g> {
    global: &'g Global,
    output: Output,
    all: u64,
    failed: u64,
}

impl<'g> Report<'g> {
    pub(crate) fn new(global: &'g Global) -> Self {
        Self { global, output: Output::new(), all: 0, failed: 0 }
    }

    pub(crate) fn add(&mut self, checked: &Checked) -> Result<(), Failure> {
        self.all += 1;
        self.failed += u64::from(checked.status == CheckStatus::Fail);
        match self.global.format {
            Some(Format::Jsonl) => self.output.json(checked)?,
            _ if self.global.quiet && checked.status == CheckStatus::Ok => {}
            _ => self.output.text(&shown(checked, self.global))?,
        }
        // The next one may take a while.
        self.output.flush()
    }

    /// Fails where something does not work.
    pub(crate) fn end(mut self) -> Result<(), Failure> {
        self.output.flush()?;
        if self.failed == 0 {
            return Ok(());
        }
        let all = self.all;
        Err(Failure::io(anyhow!("{} of {all} checks failed", self.failed)))
    }
}

/// How wide `ok`, `warn`, `fail` and what they are about stand.
const LABEL: usize = 6;
const PART: usize = 16;

fn shown(checked: &Checked, global: &Global) -> String {
    let width = width();
    let room = width.saturating_sub(LABEL + PART).max(20);
    let status = checked.status.as_str();
    let label = if coloured(global, &std::io::stdout()) {
        let colour = match checked.status {
            CheckStatus::Ok => "32",
            CheckStatus::Warn => "33",
            CheckStatus::Fail => "31",
        };
        format!("\u{1b}[{colour}m{status}\u{1b}[0m{}", " ".repeat(LABEL - status.len()))
    } else {
        format!("{status:<LABEL$}")
    };
    let mut text = String::new();
    let mut first = format!("{label}{:<PART$}", cut(&one_line(&checked.part), PART - 1));
    let advice = checked.advice.as_deref().unwrap_or_default();
    for part in [&checked.text, advice] {
        for line in lines(&one_line(part), room) {
            let _ = writeln!(text, "{first}{line}");
            first = " ".repeat(LABEL + PART);
        }
    }
    text
}
