//! The page in the browser: the library behind one door of bytes, [`page::Page::answer`]. Translation only: every number comes from
//! the library. Read the modules from top to bottom.

pub mod reply; // questions and answers as bytes
pub mod presets; // tables that the page comes with
mod tables; // a table as understood
mod numbers; // passes, layers and findings as JSON
mod map; // what the network says on a plane of two columns
mod contest; // many trainings at once
mod code; // a network as a program
mod lessons; // the tutorial
mod model; // a model file that was opened
pub mod page; // what the page can ask

/// The page, one file of HTML with everything in it, as `cargo xtask web` has built it.
#[cfg(not(target_family = "wasm"))]
pub const PAGE: &str = include_str!("../dist/index.html");

#[cfg(target_family = "wasm")]
mod answers {
    use crate::page::Page;
    use std::cell::RefCell;

    thread_local! {
        static PAGE: RefCell<Page> = RefCell::default();
    }

    fn answer(question: &[u8]) -> Vec<u8> {
        PAGE.with_borrow_mut(|page| page.answer(question))
    }

    glassnet_kernels::door!(answer);
}
