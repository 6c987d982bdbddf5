//! The outbox over a real store, against a server that follows a script.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failure of the support code is the test's failure"
)]

mod cancelled;
mod come_back;
mod crash;
mod gates;
mod giving_up;
mod probing;
mod recipients;
mod rules;
mod scene;
mod steps;
mod tls;
mod waits;
