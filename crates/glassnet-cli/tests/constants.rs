//! Every constant of a recipe has its flag, and the model says which were changed.

mod command;

use command::{glassnet, penguins};

/// A flag, its value, and the change that the model tells of.
const FLAGS: [(&str, &str, &str); 28] = [
    ("--hidden-layer-sizes", "8,8", "hidden_layer_sizes [8,8] (not [256,256,256])"),
    ("--activation", "relu", "activation \"relu\" (not \"selu\")"),
    ("--learning-rate", "0.01", "learning_rate 0.01 (not automatic)"),
    ("--schedule", "constant", "schedule \"constant\" (not \"cosine_log4\")"),
    ("--weight-decay", "0.1", "weight_decay 0.1 (not 0.02)"),
    ("--dropout", "0.3", "dropout 0.3 (not 0.15)"),
    ("--input-noise", "0.2", "input_noise 0.2 (not automatic)"),
    ("--batch-size", "32", "batch_size 32 (not automatic)"),
    ("--patience", "7", "patience 7 (not automatic)"),
    ("--optimizer", "sgd", "optimizer \"sgd\" (not \"adamw\")"),
    ("--beta1", "0.8", "beta1 0.8 (not 0.9)"),
    ("--beta2", "0.99", "beta2 0.99 (not 0.95)"),
    ("--epsilon", "1e-6", "epsilon 1e-6 (not 1e-8)"),
    ("--dropout-schedule", "constant", "dropout_schedule \"constant\" (not \"flat_cosine\")"),
    ("--weight-decay-schedule", "constant", "weight_decay_schedule \"constant\" (not \"flat_cosine\")"),
    ("--weight-rate-factor", "2", "weight_rate_factor 2.0 (not 1.0)"),
    ("--bias-rate-factor", "0.5", "bias_rate_factor 0.5 (not 0.1)"),
    ("--scale-rate-factor", "3", "scale_rate_factor 3.0 (not 6.0)"),
    ("--periodic-rate-factor", "0.2", "periodic_rate_factor 0.2 (not 0.1)"),
    ("--lookup-rate-factor", "0.7", "lookup_rate_factor 0.7 (not 1.0)"),
    ("--slope-rate-factor", "0.3", "slope_rate_factor 0.3 (not 0.1)"),
    ("--n-frequencies", "4", "n_frequencies 4 (not 16)"),
    ("--n-embedded", "2", "n_embedded 2 (not 3)"),
    ("--frequency-deviation", "0.5", "frequency_deviation 0.5 (not 0.1)"),
    ("--n-lookup-units", "5", "n_lookup_units 5 (not 8)"),
    ("--initialiser", "he-normal", "initialiser \"he_normal\" (not automatic)"),
    ("--last-batch", "keep", "last_batch \"keep\" (not \"drop\")"),
    ("--watched", "loss", "watched \"loss\" (not \"tempered_loss\")"),
];

#[test]
fn every_constant_has_its_flag_and_the_model_tells_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let table = penguins();
    for (flag, value, change) in FLAGS {
        let common = ["train", table.to_str().unwrap(), "--target", "species", "--quiet", "--out", "m"];
        let done = glassnet(folder.path(), &[&common[..], &["--epochs", "2", flag, value]].concat());
        assert_eq!(done.status, 0, "{flag}: {}", done.stderr);
        let told = glassnet(folder.path(), &["inspect", "m"]).stdout;
        let recipe = told.lines().find(|line| line.starts_with("recipe ")).unwrap();
        assert!(recipe.contains("epochs 2 (not 256)") && recipe.contains(change), "{flag} {value}: {recipe}");
    }
    let common = ["train", table.to_str().unwrap(), "--target", "species", "--quiet", "--out", "m"];
    let refused = glassnet(folder.path(), &[&common[..], &["--optimizer", "sgd", "--beta1", "0.5"]].concat());
    assert_eq!(refused.status, 2);
    assert!(
        refused.stderr.contains("--beta1 is of adam and adamw, and the optimizer is sgd"),
        "{}",
        refused.stderr
    );
}
