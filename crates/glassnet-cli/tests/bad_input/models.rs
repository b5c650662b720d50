//! Model files that are none, or damaged: each is refused, and none gives another model without a word.

use crate::command::glassnet;
use crate::folder::{Folder, good_table};

/// A folder with `t.csv` and the bytes of a model as small as can be.
fn small() -> (Folder, Vec<u8>) {
    let folder = Folder::new();
    folder.write("t.csv", good_table());
    let model = folder.model("t.csv", "kind", &["--hidden-layer-sizes", "2", "--dropout", "0"]);
    (folder, model)
}

#[test]
fn files_that_are_no_models() {
    let (folder, _) = small();
    let safetensors = |json: &str| [&(json.len() as u64).to_le_bytes()[..], json.as_bytes()].concat();
    folder.write("empty", "");
    folder.write("short", "abc");
    folder.write("others", safetensors(r#"{"__metadata__":{"format":"pt"}}"#));
    folder.write("plain", safetensors("{}"));
    folder.write("broken", safetensors(r#"{"__metadata__":"#));
    folder.write("mine", safetensors(r#"{"__metadata__":{"glassnet":"{}"}}"#));
    let no_model =
        "is no safetensors file, as `glassnet train` writes them; the model comes before the table";
    let cases: [(&str, &[&str]); 9] = [
        ("none", &["cannot read none"]),
        (".", &["cannot read .", "it is a folder"]),
        ("empty", &["empty is not a usable model", "it is empty"]),
        ("short", &["short is not a usable model", no_model]),
        ("t.csv", &["t.csv is not a usable model", no_model]),
        ("others", &["others is not a usable model", "not written by glassnet"]),
        ("plain", &["plain is not a usable model", "not written by glassnet"]),
        ("broken", &["broken is not a usable model", "cut short or changed?"]),
        ("mine", &["mine is not a usable model", "no field `format`"]),
    ];
    for (file, words) in cases {
        folder.fails(&["predict", file, "t.csv"], 1, words);
        folder.fails(&["evaluate", file, "t.csv"], 1, words);
        folder.fails(&["plot", "network", file], 1, words);
    }
    folder.fails(&["inspect", "mine"], 1, cases[8].1);
    folder.fails(
        &["train", "trained/model", "--target", "kind"],
        1,
        &["trained/model, line 1", "Is this a text file?"],
    );
}

#[test]
fn other_versions_are_named() {
    let (folder, model) = small();
    let format = br#"\"format\":2,"#;
    let at = model.windows(format.len()).position(|window| window == format).unwrap() + format.len() - 2;
    for (version, is_newer) in [(b'0', false), (b'3', true), (b'9', true)] {
        let mut changed = model.clone();
        changed[at] = version;
        folder.write("other", changed);
        let its = format!("its format is {}", char::from(version));
        // There never was a format 0.
        let remedy = if is_newer { "reads up to 2: use a newer glassnet" } else { "was it changed?" };
        let words = ["other is not a usable model", &its, remedy];
        folder.fails(&["predict", "other", "t.csv"], 1, &words);
    }
    // Format 1 differs in nothing that this model has.
    let mut older = model;
    older[at] = b'1';
    folder.write("older", older);
    let predict = |file: &str| glassnet(folder.path(), &["predict", file, "t.csv"]).stdout;
    assert!(!predict("older").is_empty() && predict("older") == predict("trained/model"));
}

#[test]
fn a_model_cut_short_is_refused() {
    let (folder, model) = small();
    let near_the_end = (1..20).map(|less| model.len() - less);
    for length in (0..20).chain((20..model.len()).step_by(model.len() / 40)).chain(near_the_end) {
        folder.write("cut", &model[..length]);
        folder.fails(&["predict", "cut", "t.csv"], 1, &["cut is not a usable model"]);
    }
    folder.write("longer", [&model[..], b"\0"].concat());
    folder.fails(&["predict", "longer", "t.csv"], 1, &["longer is not a usable model"]);
}

#[test]
fn a_flipped_bit_is_refused_or_changes_nothing() {
    let (folder, model) = small();
    let predict = |file: &str| glassnet(folder.path(), &["predict", file, "t.csv"]);
    let whole = predict("trained/model");
    // The length and the first words, places all over the description, and every eleventh byte of the tensors.
    let header = 8 + u64::from_le_bytes(model[..8].try_into().unwrap()) as usize;
    let description = (40..header).step_by((header - 40) / 150);
    let mut n_refused = 0;
    for (turn, at) in (0..40).chain(description).chain((header..model.len()).step_by(11)).enumerate() {
        let mut changed = model.clone();
        changed[at] ^= 1 << (turn % 8);
        folder.write("flipped", &changed);
        let done = predict("flipped");
        let is_refused = done.status == 1
            && done.stdout.is_empty()
            && done.stderr.starts_with("error: flipped is not a usable model: ");
        let is_same = done.status == 0 && done.stdout == whole.stdout;
        assert!(is_refused || (is_same && at < header), "byte {at} of {}: {}", model.len(), done.stderr);
        n_refused += usize::from(is_refused);
    }
    assert!(n_refused > 150, "{n_refused}");
}
