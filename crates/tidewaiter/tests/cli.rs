//! The command line as people and scripts meet it: exit codes, messages, options, endings.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a failure of the support code is the test's failure"
)]

#[path = "cli/check.rs"]
mod check;
#[path = "cli/checkout.rs"]
mod checkout;
#[path = "cli/endings.rs"]
mod endings;
#[path = "cli/hook.rs"]
mod hook;
#[path = "cli/messages.rs"]
mod messages;
#[path = "cli/options.rs"]
mod options;
mod program;
#[path = "cli/texts.rs"]
mod texts;

const SAMPLE: &str = "fixtures/mbox/qemu-sample.mbox";

/// The program's objects, one a line.
fn objects(stdout: &str) -> Vec<serde_json::Value> {
    stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}
