//! tidewaiter: reply.
