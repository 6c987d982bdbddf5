//! tidewaiter: archive.
