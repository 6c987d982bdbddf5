//! The daemon against a real Dovecot, a real Postfix and a list.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failure of the support code is the test's failure"
)]

mod crash;
mod cuts;
mod faults;
mod forgeries;
mod junk;
mod kills;
mod logs;
mod loops;
mod opt_out;
mod people;
mod policies;
#[path = "../program/mod.rs"]
mod program;
mod replay;
mod scene;
mod service;
mod signals;
mod speed;
mod status;
mod unit;
mod victims;
mod whole;
mod words;
mod year;
