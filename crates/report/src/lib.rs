//! tidewaiter: report.
