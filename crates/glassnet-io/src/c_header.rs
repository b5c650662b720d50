//! Models as C: one header that needs the standard library alone and allocates nothing.
//!
//! It has a `struct` for a row of the table, numbers as `double`, NAN where they are missing, everything else as text, and a
//! function that predicts: for classes it writes their probabilities and gives the number of the most probable one, for numbers it
//! writes the prediction of each target, or the quantiles. A row is encoded in 64 bits, the network is computed in 32.
//!
//! What differs from predictions by glassnet: texts must be spelt as in the training table, without white space around them (truth
//! values and marks of missing values in lower or upper case or with a capital), and dates are the numbers that glassnet makes of
//! them.

mod columns;
mod helpers;
mod layers;
mod outcome;
mod source;

use crate::export::Exported;
use glassnet::model::Model;
use helpers::Needed;
use source::{commented, identifier};
use std::collections::HashSet;

/// A header under way.
struct Header {
    /// What every name begins with.
    prefix: String,
    /// Types and constants.
    text: String,
    /// What comes behind the helpers.
    functions: String,
    needs: HashSet<Needed>,
    /// Tables of texts and numbers so far.
    n_tables: usize,
}

/// The header; all its names begin with that of the model.
pub fn export(model: &Model, name: &str) -> Exported {
    let prefix = identifier(name, &mut HashSet::new());
    let mut header = Header {
        prefix: prefix.clone(),
        text: String::new(),
        functions: String::new(),
        needs: HashSet::new(),
        n_tables: 0,
    };
    let fields = columns::fields(&model.encoder);
    columns::row(&mut header, &fields);
    columns::encode(&mut header, &model.encoder, &fields);
    for (number, network) in model.networks.iter().enumerate() {
        layers::network(&mut header, number, network);
    }
    let gives = outcome::outcome(&mut header, model);
    let guard = format!("{}_H", prefix.to_ascii_uppercase());
    let text = format!(
        "/* Predicts {}. Written by glassnet {}.\n\n   #include this file where it is used, and link with -lm. C99. */\n\
         #ifndef {guard}\n#define {guard}\n\n#include <math.h>\n#include <stddef.h>\n#include <string.h>\n\n{}\n{}{}#endif\n",
        commented(&model.target.name()),
        env!("CARGO_PKG_VERSION"),
        header.text,
        helpers::helpers(&header),
        header.functions,
    );
    Exported { bytes: text.into_bytes(), takes: fields, gives }
}
