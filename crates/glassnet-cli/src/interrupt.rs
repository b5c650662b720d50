//! Ctrl-C: the first asks to stop, the second stops at once.

use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Begins to watch; the answer is whether a stop was asked for.
pub(crate) fn watch() -> impl Fn() -> bool {
    let handler = || {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    };
    // Where no handler can be set, Ctrl-C ends the process as usual.
    let _ = ctrlc::set_handler(handler);
    || INTERRUPTED.load(Ordering::Relaxed)
}
