use std::{num::NonZeroUsize, ops::ControlFlow};

use test_case::test_case;

use super::*;
use crate::{Ended, for_each_parallel};

/// Real list mail, where it is at hand beside the workspace.
#[test_case("lists-2026-05-07.mbox.xz", 17_271)]
#[test_case("qemu-crosspost.mbox.xz", 3_815)]
fn mails_are_counted_right(name: &str, expected: usize) {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    let path = corpora.join(name);
    if !path.exists() {
        println!("skipped: no {}", path.display());
        return;
    }
    let cancel = AtomicBool::new(false);
    let mut reader = open(&path, Options::default(), &cancel).unwrap();
    let mut mails = 0;
    let ended = for_each_parallel(
        &mut reader,
        NonZeroUsize::MIN,
        |mail| assert!(!mail.truncated && !mail.bytes.is_empty()),
        |()| {
            mails += 1;
            ControlFlow::Continue(())
        },
    );
    println!("{name}: {mails} mails");
    assert_eq!((ended.unwrap(), mails), (Ended::Complete, expected));
}
