//! Points at which a test lets the process die, and the one place that commits.

use rusqlite::Transaction;

use crate::{Error, error::Doing};

/// What a commit makes last. Each has a point before and one after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// One step of a migration.
    Migrate,
    /// The store was opened.
    Open,
    /// Mails are about to be read.
    Parse,
    /// Mails, events, decisions, replies and cursors.
    Take,
    /// A reply is about to be sent.
    Arm,
    /// What became of a reply.
    Outcome,
    /// What an operator asked for.
    Operate,
    /// Old mails go.
    Retain,
    /// A person's mails go.
    Forget,
}

impl Point {
    /// Every one.
    pub const ALL: &[Self] = &[
        Self::Migrate,
        Self::Open,
        Self::Parse,
        Self::Take,
        Self::Arm,
        Self::Outcome,
        Self::Operate,
        Self::Retain,
        Self::Forget,
    ];

    /// The names of the points before and after it.
    #[must_use]
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Migrate => ("before-migrate", "after-migrate"),
            Self::Open => ("before-open", "after-open"),
            Self::Parse => ("before-parse", "after-parse"),
            Self::Take => ("before-take", "after-take"),
            Self::Arm => ("before-arm", "after-arm"),
            Self::Outcome => ("before-outcome", "after-outcome"),
            Self::Operate => ("before-operate", "after-operate"),
            Self::Retain => ("before-retain", "after-retain"),
            Self::Forget => ("before-forget", "after-forget"),
        }
    }
}

/// Whether this is a test's build, in which a process can be told to die, and what time it is.
pub const FOR_TESTS: bool = cfg!(feature = "failpoints");

/// The only place that commits.
pub(crate) fn commit(tx: Transaction<'_>, point: Point) -> Result<(), Error> {
    let (before, after) = point.names();
    reach(before);
    tx.commit().doing("write to the store")?;
    reach(after);
    Ok(())
}

/// Ends the process here, at once and without any tidying up, where a test asked for it:
/// `TIDEWAITER_DIE_AT=NAME` or `NAME:3` for the third time. With `TIDEWAITER_PANIC_AT` it panics there,
/// once. Or hangs here, for as long as the file `TIDEWAITER_HANG_WHILE` exists:
/// `TIDEWAITER_HANG_AT=NAME`. Without the feature `failpoints` this is nothing.
pub fn reach(name: &str) {
    #[cfg(feature = "failpoints")]
    dies::reach(name);
    #[cfg(not(feature = "failpoints"))]
    let _ = name;
}

/// Panics where a mail holds the text that a test has put into `TIDEWAITER_CHOKE_ON`, as a parser may
/// at a mail that nobody has thought of. Without the feature `failpoints` this is nothing.
pub fn choke(mail: &[u8]) {
    #[cfg(feature = "failpoints")]
    dies::choke(mail);
    #[cfg(not(feature = "failpoints"))]
    let _ = mail;
}

/// Panics before this is decided, where a test asked for it with `TIDEWAITER_FALL_OVER=NAME`, or
/// ends the process with `TIDEWAITER_DIE_OVER=NAME`. What was given up is decided no more, and so
/// takes nothing down.
pub fn fall(state: &tidewaiter_engine::State, due: &str) {
    #[cfg(feature = "failpoints")]
    dies::fall(state, due);
    #[cfg(not(feature = "failpoints"))]
    let _ = (state, due);
}

#[cfg(feature = "failpoints")]
mod dies {
    use std::{
        path::PathBuf,
        sync::atomic::{AtomicU32, Ordering},
        time::Duration,
    };

    static DIES: AtomicU32 = AtomicU32::new(0);
    static PANICS: AtomicU32 = AtomicU32::new(0);

    /// One of these, in a test, is the series that takes the program down.
    #[expect(clippy::panic, reason = "a test asked for it")]
    pub(super) fn fall(state: &tidewaiter_engine::State, due: &str) {
        let is = |name: &str| std::env::var(name).is_ok_and(|wanted| wanted == due);
        if state.has_given_up(due) {
            return;
        }
        if is("TIDEWAITER_DIE_OVER") {
            std::process::abort();
        }
        if is("TIDEWAITER_FALL_OVER") {
            panic!("a test asked for it");
        }
    }

    #[expect(clippy::panic, reason = "a test asks for it")]
    pub(super) fn choke(mail: &[u8]) {
        let Ok(text) = std::env::var("TIDEWAITER_CHOKE_ON") else { return };
        if mail.windows(text.len().max(1)).any(|window| window == text.as_bytes()) {
            panic!("a test's mail is choked on");
        }
    }

    #[expect(clippy::panic, reason = "a test asks for it, and there is none without one")]
    pub(super) fn reach(name: &str) {
        if std::env::var("TIDEWAITER_HANG_AT").is_ok_and(|at| at == name)
            && let Some(file) = std::env::var_os("TIDEWAITER_HANG_WHILE").map(PathBuf::from)
        {
            while file.exists() {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        if times("TIDEWAITER_DIE_AT", name, &DIES).is_some_and(|(is, wanted)| is >= wanted) {
            std::process::abort();
        }
        if times("TIDEWAITER_PANIC_AT", name, &PANICS).is_some_and(|(is, wanted)| is == wanted) {
            panic!("canary-panic");
        }
    }

    /// How often a point was reached that a test named, and how often it wants it to be.
    fn times(variable: &str, name: &str, reached: &AtomicU32) -> Option<(u32, u32)> {
        let wanted = std::env::var(variable).ok()?;
        let (point, times) = wanted.split_once(':').unwrap_or((&wanted, "1"));
        let reached = (point == name).then(|| reached.fetch_add(1, Ordering::SeqCst) + 1)?;
        Some((reached, times.parse().unwrap_or(1)))
    }
}
