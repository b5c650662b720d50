//! The tutorial: ten lessons as data and words, run on the library. Pure: no files, clock, printing or randomness of
//! its own. Read the modules from top to bottom: each imports only from those above it.
//!
//! A face pulls epochs and shows what came out:
//!
//! ```
//! use glassnet_lessons::{lesson, run::Run};
//!
//! let lesson = lesson::named("stuck").expect("a lesson of that name");
//! let mut run = Run::start(lesson);
//! while run.advance(1_000).is_some() {}
//! let outcome = run.finish();
//! assert!(outcome.goals.iter().all(|goal| goal.is_met));
//! ```
#![forbid(unsafe_code)]

pub mod words; // the words of the runner, in each language
pub mod number; // numbers as the lessons write them
pub mod facts; // what a run knows, by name
pub mod goal; // what the machine checks
pub mod experiment; // what a lesson does
pub mod text; // the words of a lesson
pub mod lesson; // the lessons
mod training; // a training as facts
mod functions; // the sigmoid and its tangents as facts
mod starts; // many trainings as facts
pub mod run; // epochs, pulled by a face
pub mod table; // facts as tables
pub mod figure; // facts as figures
#[cfg(feature = "pages")]
pub mod page; // a lesson as a page of HTML
