//! The tutorial: lessons as data, run on the library. Read the modules from top to bottom.

pub mod lesson; // what a lesson is, from its file
pub mod training; // one network trained as a lesson asks, and its numbers
pub mod run; // a lesson under way, pulled by a face
