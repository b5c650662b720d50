//! Tables of every format through the real binary: the same model from the same cells.

#[path = "../command/mod.rs"]
mod command;
#[path = "../bad_input/folder.rs"]
#[expect(dead_code, reason = "made for the tests of bad input, which use all of it")]
mod folder; // a folder of its own for each test
mod rows; // one table in every format
mod formats; // the same model from each of them
mod encodings; // text that is not in UTF-8
mod files; // several files as one table
mod streaming; // tables larger than memory
mod images; // MNIST's format
mod dates;
mod decimal_commas; // dates as numbers
mod schema_file; // columns written, edited and read back
