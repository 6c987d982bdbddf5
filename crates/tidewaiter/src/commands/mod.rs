//! One file a command.

pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod dry_run;
pub(crate) mod explain;
pub(crate) mod list;
pub(crate) mod outbox;
pub(crate) mod parse;
pub(crate) mod policy;
pub(crate) mod stop;
pub(crate) mod store;
