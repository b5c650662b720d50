//! Ctrl-C: the first asks to stop, the second stops at once.

use crate::progress::say;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Begins to watch; the flag becomes true when a stop is asked for. The message says at once what happens, where that takes a
/// while.
pub(crate) fn watch(message: Option<&'static str>) -> Arc<AtomicBool> {
    let asked = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&asked);
    let handler = move || {
        if seen.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        message.into_iter().for_each(say);
    };
    // Where no handler can be set, Ctrl-C ends the process as usual.
    let _ = ctrlc::set_handler(handler);
    asked
}
