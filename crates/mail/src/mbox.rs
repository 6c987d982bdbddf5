//! mbox framing.
