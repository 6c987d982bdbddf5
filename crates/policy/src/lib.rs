//! tidewaiter: policy.

pub mod glob;
pub mod maintainers;
