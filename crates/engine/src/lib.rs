//! tidewaiter: engine.
