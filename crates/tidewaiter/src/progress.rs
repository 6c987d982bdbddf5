//! Progress on standard error, where that is a terminal.

use std::{io::IsTerminal, sync::Arc, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tidewaiter_archive::Progress;

/// Shows how far the reading is.
pub(crate) struct Meter {
    bar: ProgressBar,
    progress: Arc<Progress>,
    calls: u64,
}

impl Meter {
    /// Starts showing, unless `quiet` or standard error is no terminal.
    pub(crate) fn start(progress: Arc<Progress>, quiet: bool) -> Self {
        let total = progress.total();
        let bar = if quiet || !std::io::stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(8));
            let template = match total {
                Some(_) => "{bytes}/{total_bytes} {percent}% {bytes_per_sec} eta {eta} {wide_msg}",
                None => "{spinner} {bytes} {bytes_per_sec} {elapsed} {wide_msg}",
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        };
        Self { bar, progress, calls: 0 }
    }

    /// Called for every mail; `series` is how many have been judged.
    pub(crate) fn step(&mut self, series: Option<u64>) {
        self.calls += 1;
        if self.bar.is_hidden() || !self.calls.is_multiple_of(64) {
            return;
        }
        self.bar.set_position(self.progress.bytes());
        let mails = self.progress.mails();
        self.bar.set_message(match series {
            Some(series) => format!("{mails} mails, {series} series"),
            None => format!("{mails} mails"),
        });
    }

    /// Takes the line away.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
