//! tidewaiter: policy.

pub mod maintainers;
