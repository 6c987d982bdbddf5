//! Ctrl-C: the first one asks for a clean end, the second one ends at once.

use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// The exit code of a run that Ctrl-C ended, as shells number it.
pub(crate) const CODE: u8 = 130;

/// Catches Ctrl-C from now on.
pub(crate) fn watch() -> &'static AtomicBool {
    // A second handler in one process fails; the first one is ours as well.
    let _ = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(CODE));
        }
    });
    &INTERRUPTED
}

/// Whether Ctrl-C was pressed.
pub(crate) fn pressed() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}
