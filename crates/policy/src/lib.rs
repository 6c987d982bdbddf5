//! tidewaiter: policy.
