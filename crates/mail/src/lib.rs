//! tidewaiter: mail.
