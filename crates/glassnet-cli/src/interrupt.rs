//! Ctrl-C: the first asks to stop, the second stops at once.

use crate::progress::say;
use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Begins to watch; the answer is whether a stop was asked for. The message says at once what happens, where that takes a while.
pub(crate) fn watch(message: Option<&'static str>) -> impl Fn() -> bool {
    let handler = move || {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        message.into_iter().for_each(say);
    };
    // Where no handler can be set, Ctrl-C ends the process as usual.
    let _ = ctrlc::set_handler(handler);
    || INTERRUPTED.load(Ordering::Relaxed)
}
