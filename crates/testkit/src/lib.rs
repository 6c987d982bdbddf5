//! tidewaiter: testkit.
