//! The robust style of encoding, by hand: order of the inputs, constants of the training rows only, unseen and missing.

use glassnet::encoder::{EncodeNote, Encoder, Encoding, Style};
use glassnet::fit::Fit;
use glassnet::fit_config::FitConfig;
use glassnet::layer::Layer;
use glassnet::model::Prediction;
use glassnet::recipe::Recipe;
use glassnet::schema::{Schema, SchemaOptions, Task};
use glassnet::table::Table;
use glassnet::train_config::TrainConfig;

/// A category of two levels, one of three, one of ten, a number with a hole, and a whole number.
fn table() -> Table {
    let mut table = Table::new("t.csv", ["two", "n", "three", "many", "m", "y"]).unwrap();
    for row in 0..12_usize {
        let number = if row == 3 { String::new() } else { format!("{}", row as f64 * 0.5) };
        let many = format!("level {}", row.min(9));
        let (two, three) = (["no way", "by all means"][row % 2], ["a", "b", "c", "b"][row % 4]);
        table.push_row([
            two,
            &number,
            three,
            &many,
            &format!("{}", row * row + 3),
            &format!("{}", row as f64 + 0.5),
        ]);
    }
    table
}

fn schema(table: &Table) -> Schema {
    let category = vec!["many".into(), "two".into(), "three".into()];
    let options = SchemaOptions { targets: vec!["y".into()], category, ..SchemaOptions::default() };
    Schema::infer(table, &options).unwrap()
}

fn clipped(z: f64) -> f64 {
    z / (1.0 + (z / 3.0) * (z / 3.0)).sqrt()
}

#[test]
fn numbers_come_first_and_level_numbers_last() {
    let table = table();
    let rows: Vec<usize> = (0..12).collect();
    let encoder = Encoder::fit_in(Style::Robust, &table, &schema(&table), &rows).unwrap();
    let names = ["n", "m", "two=by all means", "n is missing", "three=a", "three=b", "three=c", "many"];
    assert_eq!(encoder.input_names(), names);
    assert_eq!(encoder.input_columns(), [1, 4, 0, 1, 2, 2, 2, 3]);
    assert_eq!((encoder.n_numbers(), encoder.level_counts()), (2, vec![10]));
    let x = encoder.encode::<f64>(&table, &rows).unwrap().x;
    let near =
        |found: f64, expected: f64| assert!((found - expected).abs() < 1e-14, "{found} not {expected}");
    // Of 0, 0.5, 1, 2, … 5.5: median 3, quartiles 1.5 and 4.25.
    near(x.row(11)[0], clipped(2.5 / 2.75));
    // A hole is the mean, 31.5/11.
    near(x.row(3)[0], clipped((31.5 / 11.0 - 3.0) / 2.75));
    // +1 and −1 as often: median 0, quartiles ±1.
    near(x.row(0)[2], clipped(-0.5));
    near(x.row(1)[2], clipped(0.5));
    // Eleven present, one hole: the quartiles are the same, the range is 2.
    assert_eq!((x.row(0)[3], x.row(3)[3]), (0.0, clipped(-2.0)));
    // A quarter of the rows is a, a half is b.
    near(x.row(0)[4], clipped(1.0 / 0.25));
    near(x.row(1)[4], 0.0);
    near(x.row(1)[5], clipped(0.5));
    near(x.row(0)[5], clipped(-0.5));
    assert_eq!((x.row(0)[7], x.row(8)[7], x.row(11)[7]), (1.0, 9.0, 10.0));
}

#[test]
fn unseen_is_missing_and_constants_come_from_the_training_rows() {
    let table = table();
    let encoder = Encoder::fit_in(Style::Robust, &table, &schema(&table), &[0, 1, 2]).unwrap();
    let encoded = encoder.encode::<f64>(&table, &[0, 3, 9]).unwrap();
    // Of the training rows n is 0, 0.5 and 1; `many` has three levels there, `three` as well.
    let names = [
        "n",
        "m",
        "two=by all means",
        "three=a",
        "three=b",
        "three=c",
        "many=level 0",
        "many=level 1",
        "many=level 2",
    ];
    assert_eq!(encoder.input_names(), names);
    assert_eq!(encoded.x.row(0)[0], clipped(-1.0));
    assert_eq!(encoded.x.row(1)[0], 0.0, "a hole is the mean, here the median");
    assert_eq!(encoded.x.row(2)[6..], encoded.x.row(1)[6..], "neither level is known");
    assert!(encoded.notes.contains(&EncodeNote::UnseenMissing { column: "n".into(), n_cells: 1 }));
    assert!(encoded.notes.contains(&EncodeNote::Unseen {
        column: "many".into(),
        n_cells: 2,
        example: "level 3".into()
    }));
    let Encoding::RobustNumber { scale, mean, missing } = &encoder.columns()[1].encoding else { panic!() };
    assert_eq!((scale.median, scale.scale, *mean, missing), (0.5, 2.0, 0.5, &None));
    assert!((scale.restore(encoded.x.row(2)[0]) - 4.5).abs() < 1e-12, "an encoded number can be read back");
}

#[test]
fn a_strong_fit_has_the_recipes_layers_and_stays_in_range() {
    let table = table();
    let schema = schema(&table);
    let config = FitConfig::for_schema(&schema);
    assert_eq!((config.recipe, &config), (Recipe::Strong, &FitConfig::strong(Task::Regression)));
    let train = TrainConfig { epochs: 4, ..config.train };
    let config = FitConfig { hidden_layer_sizes: vec![8, 6], train, ..config };
    let mut fit = Fit::start(&table, schema, config, None).unwrap();
    while fit.epoch().is_some() {}
    let model = fit.finish().unwrap().model;
    model.check().unwrap();
    let layers: Vec<String> = model.network().layers().iter().map(ToString::to_string).collect();
    let expected = [
        "periodic",
        "scale",
        "dense",
        "blend mish",
        "dropout",
        "dense",
        "blend mish",
        "dropout 0.15",
        "dense",
    ];
    let without_lookup: Vec<&String> = layers.iter().filter(|layer| !layer.starts_with("lookup")).collect();
    assert_eq!(without_lookup.len(), expected.len(), "{layers:?}");
    assert!(without_lookup.iter().zip(expected).all(|(layer, start)| layer.starts_with(start)), "{layers:?}");
    let first_dense =
        model.network().layers().iter().find(|layer| matches!(layer, Layer::Dense { .. })).unwrap();
    assert_eq!(model.dense_input_names().len(), first_dense.n_inputs());
    let Some([low, high]) = model.target.numbers()[0].range else { panic!("no range") };
    assert!(low >= 0.5 && high <= 11.5 && low < high);
    let Prediction::Numbers(numbers) = model.predict(&table).unwrap().prediction else {
        panic!("no numbers")
    };
    assert!(numbers.values().iter().all(|number| (low..=high).contains(number)), "{numbers:?}");
}

#[test]
fn two_classes_have_two_outputs_and_ties_go_to_the_last_epoch() {
    let mut table = Table::new("t.csv", ["x", "y"]).unwrap();
    for row in 0..40 {
        table.push_row([format!("{row}").as_str(), if row < 20 { "a" } else { "b" }]);
    }
    let options = SchemaOptions { targets: vec!["y".into()], ..SchemaOptions::default() };
    let schema = Schema::infer(&table, &options).unwrap();
    let config = FitConfig::strong(Task::Classification);
    let train = TrainConfig { epochs: 16, ..config.train };
    let mut fit = Fit::start(&table, schema, FitConfig { train, ..config }, None).unwrap();
    while fit.epoch().is_some() {}
    let model = fit.finish().unwrap().model;
    model.check().unwrap();
    assert_eq!((model.network().n_outputs(), model.story.history.len()), (2, 16));
    let losses = || model.story.history.iter().map(|report| report.validation_loss.unwrap());
    let least = losses().fold(f64::INFINITY, f64::min);
    let losses: Vec<f64> = losses().collect();
    assert_eq!(losses.iter().rposition(|&loss| loss == least).unwrap() + 1, model.story.best_epoch);
    let Prediction::Probabilities(p) = model.predict(&table).unwrap().prediction else {
        panic!("no classes")
    };
    assert!(p.row(0)[0] > 0.9 && p.row(39)[1] > 0.9, "{:?} {:?}", p.row(0), p.row(39));
}
