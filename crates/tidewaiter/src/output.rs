//! Standard output that ends quietly where nobody reads on, and text that no mail can colour.

use std::io::{self, BufWriter, ErrorKind, Stdout, Write};

use serde::Serialize;

use crate::{daemon::logging, failure::Failure};

/// A line on standard error, which may be closed as well; in the daemon, a line of its log, without
/// addresses.
pub(crate) fn complain(text: &str) {
    if logging::is_on() {
        tracing::warn!("{}", logging::masked(text));
        return;
    }
    let _ = writeln!(io::stderr(), "{text}");
}

/// Buffered standard output.
pub(crate) struct Output {
    to: BufWriter<Stdout>,
    closed: bool,
}

impl Output {
    pub(crate) fn new() -> Self {
        Self { to: BufWriter::with_capacity(64 * 1024, io::stdout()), closed: false }
    }

    /// Nobody reads any more; there is no point in going on.
    pub(crate) fn closed(&self) -> bool {
        self.closed
    }

    /// Writes one JSON object and a newline.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let mut line = serde_json::to_vec(value).map_err(|e| {
            Failure::Internal(anyhow::Error::new(e).context("failed to write JSON"))
        })?;
        line.push(b'\n');
        self.bytes(&line)
    }

    /// Writes text as it is; what comes from a mail goes through `safe` first.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        self.bytes(text.as_bytes())
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let result = self.to.write_all(bytes);
        self.outcome(result)
    }

    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        let result = self.to.flush();
        self.outcome(result)
    }

    fn outcome(&mut self, result: io::Result<()>) -> Result<(), Failure> {
        match result {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            Err(error) => Err(Failure::io(
                anyhow::Error::new(error).context("failed to write to standard output"),
            )),
            Ok(()) => Ok(()),
        }
    }
}
