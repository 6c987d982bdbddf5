//! Test support: git as an oracle.
//!
//! A dev-dependency only; nothing here runs in the program.

pub mod git;
