//! When a series is judged, when something is said, and only once.
//!
//! [`step`] decides everything: the daemon and the dry run both call it, and only who carries
//! its [`Effect`]s out differs. This crate is pure: no clock, socket, file, environment or
//! terminal.

mod cancel;
mod caps;
mod check;
mod command;
pub mod config;
mod context;
mod digest;
mod due;
mod event_time;
mod judge;
mod judged;
mod notice;
mod operate;
mod opt_out;
mod pulled;
mod render;
mod repost;
mod speak;
mod state;
mod step;
mod told;
mod trust;
mod versions;
mod why;
mod words;

pub use check::{CheckedSeries, check};
pub use command::{Command, Delivery};
pub use config::Config;
pub use context::{Context, Overrides};
pub use digest::Every;
pub use event_time::{Stamps, event_times};
pub use judged::{Judged, Judgement, Silence};
pub use notice::{Notice, NoticeKind};
pub use state::State;
pub use step::{Arrival, Effect, Event, finish, judged, settle, step};
