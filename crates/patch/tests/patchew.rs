//! What Patchew's own tests assert about its test mails, held against our reading of them.
//!
//! The mails are Patchew's (MIT) and not part of the repository; without them the test says so and
//! passes. What concerns Patchew's database, routing or test runs is listed as not applicable;
//! where we differ on purpose a decision in `docs/adr/` says why.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod patchew {
    pub(crate) mod fields;
    pub(crate) mod world;
}

use patchew::{fields, world::World};
use tidewaiter_testkit::corpus;

/// What became of one assertion.
pub(crate) enum Verdict {
    Holds,
    /// We read something else: what.
    Fails(String),
    /// We read something else on purpose: the decision that says why.
    Differs(&'static str),
    /// It is about something that we do not do: what.
    Inapplicable(&'static str),
}

#[test]
fn corpus_of_patchew_assertions() {
    let Some((files, expected)) = corpus::patchew() else { return };
    let asserts = corpus::patchew_asserts(&expected);
    let (mut holds, mut inapplicable, mut wrong) = (0, 0, Vec::new());
    let mut differs = 0;
    for assert in &asserts {
        let what = format!("{} {} {}", assert.file, assert.field, assert.test);
        let mut names = vec![assert.file.as_str()];
        if assert.field == "different_topic" {
            names.push("0004-multiple-patch-reviewed.mbox");
        }
        let mut world = World::default();
        for name in names {
            let (_, bytes) = files.iter().find(|(file, _)| file == name).unwrap();
            world.read(bytes, corpus::patchew_container(&expected, name).unwrap());
        }
        match fields::check(&mut world, assert) {
            Verdict::Holds => holds += 1,
            Verdict::Differs(decision) => {
                differs += 1;
                println!("differs, {decision}: {what}");
            }
            Verdict::Inapplicable(why) => {
                inapplicable += 1;
                println!("not applicable, {why}: {what}");
            }
            Verdict::Fails(ours) => wrong.push(format!("{what}: {ours}")),
        }
    }
    let applicable = asserts.len() - inapplicable;
    println!(
        "{holds} of {applicable} hold; {differs} differ on purpose; {inapplicable} not applicable"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
