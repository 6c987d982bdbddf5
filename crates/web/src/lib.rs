//! The daemon's status page: read-only, over HTTP/1, on loopback.
//!
//! The daemon is a [`Source`] of [`Snapshot`]s; [`serve`] shows the newest one as a page for a person (`/`),
//! as JSON (`/status.json`), for a supervisor (`/healthz`), for Prometheus (`/metrics`), and its series
//! as an Atom feed (`/feed.atom`). Nothing here changes anything, knows a password, or depends on
//! another crate of the workspace.
//!
//! Text of a [`Snapshot`] may come from a mail and is hostile: it is given as decoded, and is cut and
//! escaped here, for each form in which it is shown.

mod feed;
mod guard;
mod health;
mod host;
mod latest;
mod metrics;
mod options;
mod page;
mod routes;
mod serve;
mod shown;
mod snapshot;
mod template;
mod tidy;
mod when;

pub use options::{NotLoopback, Options, loopback_only};
pub use serve::serve;
pub use snapshot::{
    Alarm, Cap, Connection, Counters, Hearing, Level, List, Replies, Reply, Sending, Series,
    Snapshot, Span, Stop, Watcher,
};

/// Where snapshots come from: the daemon.
pub trait Source: Send + Sync + 'static {
    /// How everything is right now. May block for some milliseconds, on SQLite for instance: it is
    /// called on a thread for blocking work, never twice at once, and at most once a second. One that never
    /// returns holds up the end of the runtime.
    ///
    /// # Errors
    /// Why it cannot be told, as a sentence (`failed to ...`); that is shown, and `/healthz` says 503.
    fn snapshot(&self) -> Result<Snapshot, String>;
}
