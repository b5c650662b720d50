//! Bad input through the real binary: what is refused, in which words, with which exit status, and what is left behind.

#[path = "../command/mod.rs"]
mod command;
mod folder; // a folder of its own for each test
mod tables; // tables that are refused
mod unusual; // tables that are odd, and work
mod predicting; // tables that are not what the model was trained on
mod models; // model files that are none, or damaged
mod settings; // settings outside their domain, and trainings that fail
mod outputs; // places where nothing can be written
#[cfg(unix)]
mod interrupt; // Ctrl-C
