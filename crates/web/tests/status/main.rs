//! The status page over loopback: as a browser sees it, and as programs and worse clients do.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a failure of the support code is the test's failure"
)]

mod bounds;
mod browser;
mod feed;
mod http;
mod metrics;
mod sample;
mod source;
mod support;
