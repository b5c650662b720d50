//! `glassnet playground`: the page, served on this machine or written to a file.

use crate::args::PlaygroundArgs;
use crate::failure::{Failure, Result};
use crate::progress::say;
use crate::{interrupt, output, server};
use glassnet_io::atomic;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Serves until Ctrl-C, or writes the file.
pub(crate) fn run(args: &PlaygroundArgs) -> Result<()> {
    if let Some(path) = &args.out {
        atomic::write(path, glassnet_web::PAGE.as_bytes())?;
        return output::text(&format!("{}\n", path.display()));
    }
    let address = server::serve(server::listen_here(args.port)?, None)?;
    output::text(&format!("{address}\n"))?;
    say("the page is served on this machine only; Ctrl-C ends it");
    if args.open {
        open::that_detached(&address)
            .map_err(|error| Failure::Work(format!("no browser for {address}: {error}")))?;
    }
    let is_over = interrupt::watch(None);
    while !is_over.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
