//! Prints the sample archive: an invented week on qemu-devel.
//!
//! ```text
//! cargo run -p tidewaiter-testkit --example qemu-sample > fixtures/mbox/qemu-sample.mbox
//! cargo run -p tidewaiter-testkit --example qemu-sample -- expected > fixtures/mbox/qemu-sample.expected.tsv
//! cargo run -p tidewaiter-testkit --example qemu-sample -- readme > fixtures/mbox/README.md
//! cargo run -p tidewaiter-testkit --example qemu-sample -- tree > fixtures/mbox/qemu-sample.tree
//! ```
//!
//! The week is written in `week/*.txt`; `sample/script.rs` says how.

mod sample;

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let week = sample::week();
    let what = std::env::args().nth(1).unwrap_or_else(|| "mbox".to_owned());
    let Some((_, bytes)) = week.outputs().into_iter().find(|(name, _)| *name == what) else {
        return Err(std::io::Error::other(
            "failed to find such an output: mbox, expected, readme, tree",
        ));
    };
    std::io::stdout().write_all(&bytes)
}
