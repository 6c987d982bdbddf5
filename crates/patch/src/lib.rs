//! tidewaiter: patch.
