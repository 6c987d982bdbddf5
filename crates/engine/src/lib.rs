//! When a series is judged, when something is said, and only once.

mod event_time;
pub use event_time::{Stamps, event_times};
