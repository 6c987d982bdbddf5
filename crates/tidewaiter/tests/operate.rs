//! The operators' commands, with and without a daemon on the store.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failure of the support code is the test's failure"
)]

#[path = "operate/config.rs"]
mod config;
#[path = "operate/daemon.rs"]
mod daemon;
#[path = "operate/doctor.rs"]
mod doctor;
#[path = "operate/list.rs"]
mod list;
#[path = "operate/outbox.rs"]
mod outbox;
mod program;
#[path = "../../store/tests/scene/mod.rs"]
mod sample;
#[path = "operate/scene.rs"]
mod scene;
#[path = "operate/store.rs"]
mod store;
