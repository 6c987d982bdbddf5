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
                Some(_) => "{percent}% {bytes} {bytes_per_sec} eta {eta} {wide_msg}",
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

    /// Called for every mail.
    pub(crate) fn step(&mut self) {
        self.calls += 1;
        if self.bar.is_hidden() || !self.calls.is_multiple_of(64) {
            return;
        }
        self.bar.set_position(self.progress.bytes());
        self.bar.set_message(format!("{} mails", self.progress.mails()));
    }

    /// Takes the line away.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
