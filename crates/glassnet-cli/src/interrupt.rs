//! Ctrl-C: the first asks to stop, the second stops at once.

use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether a stop was asked for.
pub(crate) struct Interrupt;

/// Begins to watch.
pub(crate) fn watch() -> Interrupt {
    let handler = || {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    };
    // Where no handler can be set, Ctrl-C ends the process as usual.
    let _ = ctrlc::set_handler(handler);
    Interrupt
}

impl Interrupt {
    /// Whether a stop was asked for.
    pub(crate) fn is_set(&self) -> bool {
        INTERRUPTED.load(Ordering::Relaxed)
    }
}
