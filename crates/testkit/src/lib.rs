//! Test support: git as an oracle, fixture mails, corpora of real mail, a builder of patch mails, an
//! SMTP server that follows a script, an IMAP server that misbehaves, a Dovecot on loopback, a whole
//! mail world with Postfix and a list, a proxy that breaks connections, and one that misbehaves at any
//! step of IMAP or SMTP.
//!
//! A dev-dependency only; nothing here runs in the program.
#![expect(clippy::expect_used, reason = "test support: a failure here is the test's failure")]

pub mod builder;
pub mod certificates;
pub mod corpus;
pub mod dovecot;
pub mod fixtures;
pub mod git;
mod guard;
pub mod imap_script;
pub mod patatt;
mod ports;
pub mod proxy;
pub mod rig;
pub mod smtp;
pub mod steps;

use std::path::PathBuf;

/// The workspace's root folder.
#[must_use]
pub fn workspace_root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}
