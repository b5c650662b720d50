//! Arithmetic on slices and shapes: the numbers a network is made of, and nothing about networks.
//!
//! This is the only crate of the workspace that may hold `unsafe` code. Read the modules from top to bottom.
#![expect(clippy::inline_always, reason = "bodies are compiled once for each set of instructions")]

pub mod instructions; // the widest of this machine
pub mod vector; // several f64 side by side
pub mod exponential; // exp, ln and tanh with the same bits on every platform
pub mod cosine; // cos of an angle in turns, likewise
pub mod real; // the two number types, f32 and f64
pub mod pages; // memory for many numbers
mod cache; // memory that is asked for before it is used
pub mod tiny; // networks whose weights stay in registers
pub mod team; // threads that work on parts of one task
pub mod elementwise; // functions of every number, and sums
pub mod dropout; // which numbers drop out
pub mod hidden; // bias, blend and dropout in one pass
pub mod columns; // layers with a factor for each column
pub mod periodic; // the periodic embedding of a number
pub mod half; // matrix products of 16-bit factors
pub mod product; // matrix products
pub mod step; // one step of each optimizer
pub mod peak; // what the machine can do at most
pub mod door; // bytes in and out of a program in WebAssembly

pub use real::Real;
