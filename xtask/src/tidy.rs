//! The house rules that the compiler and clippy do not know.
//!
//! What clippy can check (`todo!`, `dbg!`, `#[allow]`, reasons, `SAFETY:` comments) stands under `[workspace.lints]`
//! in the root's `Cargo.toml` instead, where it is exact.

mod finding; // what a rule reports
mod code; // Rust without its comments and strings
mod manifest; // the dependencies of a Cargo.toml
mod text; // rules on every text file
mod rust; // rules on one Rust file
mod order; // what may import what
mod dependencies; // every dependency used and explained
mod folders; // files that belong together

use crate::tree::{self, File};
use finding::Finding;

type Rule = fn(&[File]) -> Vec<Finding>;

const RULES: [Rule; 14] = [
    text::last_newline,
    text::trailing_spaces,
    text::machine_paths,
    text::registry_hosts,
    text::size,
    rust::purpose,
    rust::length,
    rust::unsafe_code,
    rust::purity,
    order::modules,
    order::crates,
    dependencies::all,
    folders::lessons,
    folders::fixtures,
];

/// Applies every rule to every tracked file and prints what each finds.
///
/// # Errors
/// When anything was found.
pub(crate) fn run() -> Result<(), String> {
    let files = tree::tracked()?;
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&files)).collect();
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    println!("{} rules on {} files: {} findings", RULES.len(), files.len(), findings.len());
    if findings.is_empty() {
        Ok(())
    } else {
        Err("each line above names the place, the rule and the remedy".into())
    }
}
