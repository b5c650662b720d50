//! The model file: what comes back is what went in, to the bit; other readers find the same numbers; damage is refused.

use glassnet::encoder::{EncodeNote, Encoding};
use glassnet::fit::Fit;
use glassnet::fit_config::FitConfig;
use glassnet::generator::Generator;
use glassnet::model::{Model, Prediction};
use glassnet::objective::Objective;
use glassnet::quantiles::QuantileLevels;
use glassnet::schema::{Schema, SchemaOptions, Task};
use glassnet::table::Table;
use glassnet::temperature::TemperatureScaling;
use glassnet::train_config::TrainConfig;
use glassnet_io::model_file::{from_bytes, read, to_bytes, write};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use safetensors::SafeTensors;

/// Rows of a table with a number, a truth value, a category of 110 levels (more than have an input of their own) and a
/// column that has holes and nothing else but one number; the target is one of so many classes, or a number for 0.
fn table(n_classes: usize, seed: u64, scale: f64) -> Table {
    let mut generator = Generator::new(seed);
    let mut table = Table::new("t.csv", ["number", "truth", "level", "holes", "y"]).unwrap();
    for row in 0..220 {
        let number = if row % 13 == 5 { "NA".into() } else { (scale * generator.normal()).to_string() };
        let truth = ["yes", "no", "", "no"][generator.up_to(3) as usize];
        // Levels 0 to 9 once, the others twice or more.
        let level = format!("level {}", if row < 110 { row } else { 10 + row % 100 });
        let holes = if row % 3 == 0 { generator.uniform().to_string() } else { String::new() };
        let y = match n_classes {
            0 => (scale * (3.0 + generator.normal()).abs()).to_string(),
            _ => format!("class {}", row % n_classes),
        };
        table.push_row([number.as_str(), truth, &level, &holes, &y]);
    }
    table
}

fn model(table: &Table, seed: u64) -> Model {
    let options = SchemaOptions {
        targets: vec!["y".into()],
        category: vec!["level".into()],
        ..SchemaOptions::default()
    };
    let schema = Schema::infer(table, &options).unwrap();
    let train = TrainConfig { epochs: 2, ..TrainConfig::default() };
    let quantiles = Some(Objective::Quantile(QuantileLevels::default()));
    let is_number = schema.task() == Some(Task::Regression);
    let objective =
        if is_number { [None, quantiles, Some(Objective::Poisson)][seed as usize % 3] } else { None };
    let plain = FitConfig { hidden_layer_sizes: vec![4, 3], objective, seed, train, ..FitConfig::plain() };
    let config = FitConfig {
        ensemble: if seed.is_multiple_of(5) { 3 } else { 1 },
        temperature_scaling: [TemperatureScaling::None, TemperatureScaling::Soften, TemperatureScaling::Full]
            [seed as usize % 3],
        ..plain
    };
    let mut fit = Fit::start(table, schema, config, None).unwrap();
    while fit.epoch().is_some() {}
    fit.finish().unwrap().model
}

/// New rows: a level that nobody has seen, a hole in every place, and the columns in another order, one of them new.
fn odd_rows() -> Table {
    let mut table = Table::new("odd.csv", ["more", "level", "holes", "truth", "number"]).unwrap();
    for row in [
        ["1", "level 3", "0.25", "yes", "-3.5"],
        ["2", "level 50", "", "No", "1e3"],
        ["3", "nowhere", "?", "TRUE", "0.1"],
        ["4", "", "null", "", ""],
    ] {
        table.push_row(row);
    }
    table
}

/// Every bit of the predictions for a table.
fn bits(model: &Model, table: &Table) -> (Vec<u64>, Vec<EncodeNote>) {
    let predicted = model.predict(table).unwrap();
    let bits = match &predicted.prediction {
        Prediction::Probabilities(p) => p.values().iter().map(|p| u64::from(p.to_bits())).collect(),
        Prediction::Numbers(numbers) => numbers.values().iter().map(|number| number.to_bits()).collect(),
        Prediction::Quantiles(quantiles) => quantiles.values().iter().map(|q| q.to_bits()).collect(),
    };
    (bits, predicted.notes)
}

#[test]
fn the_table_has_every_kind_of_column() {
    let model = model(&table(3, 1, 10.0), 1);
    let encodings = model.encoder.columns();
    assert!(matches!(encodings[0].encoding, Encoding::Number(_)) && encodings[0].has_missing);
    assert!(matches!(encodings[1].encoding, Encoding::Boolean) && encodings[1].has_missing);
    let Encoding::Category { levels, rare } = &encodings[2].encoding else { panic!("{encodings:?}") };
    assert_eq!(levels.len(), 100);
    assert!(!rare.is_empty());
    assert!(encodings[3].has_missing);
    // Predictions that are all the same would say nothing.
    let (bits, notes) = bits(&model, &odd_rows());
    assert_eq!((bits.len(), notes.len()), (12, 3), "{notes:?}");
    assert!((0..3).all(|class| bits[class] != bits[class + 3] && bits[class + 3] != bits[class + 6]));
}

proptest! {
    // The same cases each time: a training is behind each of them.
    #![proptest_config(ProptestConfig { cases: 24, rng_seed: RngSeed::Fixed(0), failure_persistence: None, ..ProptestConfig::default() })]

    /// Written, read, and predicting the same bits: two classes, three, and numbers of any size by every objective.
    #[test]
    fn predictions_are_the_same_to_the_bit(
        n_classes in prop::sample::select(vec![0_usize, 2, 3]), seed in 0_u64..1_000, exponent in -12_i32..12,
    ) {
        let table = table(n_classes, seed, 10_f64.powi(exponent));
        let model = model(&table, seed);
        let bytes = to_bytes(&model);
        let copy = from_bytes(&bytes).unwrap();
        prop_assert_eq!(&copy, &model);
        prop_assert_eq!(to_bytes(&copy), bytes);
        prop_assert_eq!(bits(&copy, &table), bits(&model, &table));
        // 1e3 may be out of reach of a column of tiny numbers.
        if exponent > -2 {
            prop_assert_eq!(bits(&copy, &odd_rows()), bits(&model, &odd_rows()));
        }
    }
}

#[test]
fn a_file_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let model = model(&table(2, 4, 1.0), 4);
    write(&path, &model).unwrap();
    assert_eq!(read(&path).unwrap(), model);
}

#[test]
fn another_reader_finds_each_number_in_its_place() {
    let model = model(&table(3, 2, 10.0), 5);
    assert_eq!(model.networks.len(), 3);
    let bytes = to_bytes(&model);
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let number = |name: &str, place: usize| {
        let data = file.tensor(name).unwrap().data();
        f32::from_le_bytes(data[4 * place..4 * place + 4].try_into().unwrap())
    };
    let mut n_tensors = 0;
    let others = ["network", "network2", "network3"].into_iter().zip(&model.networks);
    for (prefix, network) in others.chain([("linear", &model.baselines.linear)]) {
        for (i, layer) in network.layers().iter().enumerate().filter(|(_, layer)| layer.n_weights() > 0) {
            let (weight, bias) = (format!("{prefix}.layers.{i}.weight"), format!("{prefix}.layers.{i}.bias"));
            let (n_inputs, n_outputs) = (layer.n_inputs(), layer.n_outputs());
            assert_eq!(file.tensor(&weight).unwrap().shape(), [n_inputs, n_outputs]);
            assert_eq!(file.tensor(&bias).unwrap().shape(), [n_outputs]);
            for output in 0..n_outputs {
                for input in 0..n_inputs {
                    let expected = network.weight(i).row(input)[output];
                    assert_eq!(number(&weight, input * n_outputs + output), expected, "{weight}");
                }
                assert_eq!(number(&bias, output), network.bias(i)[output], "{bias}");
            }
            assert!(network.bias(i).iter().any(|&bias| bias != 0.0), "{bias} says nothing");
            n_tensors += 2;
        }
    }
    assert_eq!((n_tensors, file.len()), (20, 20));
}

#[test]
fn damage_is_refused() {
    let bytes = to_bytes(&model(&table(2, 3, 10.0), 3));
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    for length in [0, 7, 8, 100, header, header + 8, bytes.len() - 1] {
        assert!(from_bytes(&bytes[..length]).is_err(), "cut to {length} bytes");
    }
    // The lowest bit of a number here and there: only the checksum can tell.
    for place in (header + 8..bytes.len()).step_by(4).step_by(37) {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        let reason = from_bytes(&changed).unwrap_err();
        assert!(reason.contains("checksum"), "byte {place}: {reason}");
    }
    // A digit of a constant in the description.
    let text = String::from_utf8_lossy(&bytes[..header + 8]);
    let place = text.find("standard_deviation").unwrap() + "standard_deviation\\\":".len() + 2;
    let mut changed = bytes.clone();
    changed[place] = if changed[place] == b'5' { b'6' } else { b'5' };
    assert!(from_bytes(&changed).is_err());
}

#[test]
fn a_file_from_before_there_was_a_choice_of_objective_is_read() {
    let model = model(&table(3, 1, 10.0), 1);
    let mut config = serde_json::to_value(&model.story.config).unwrap();
    assert!(config.as_object_mut().unwrap().remove("objective").is_some());
    assert_eq!(serde_json::from_value::<FitConfig>(config).unwrap(), model.story.config);
}

/// Once the number of rows decided which loss chose the epoch, and the strong recipe's files said so.
#[test]
fn a_file_whose_epoch_was_chosen_by_rows_is_read() {
    let strong = FitConfig::strong(Task::Classification);
    let mut config = serde_json::to_value(&strong).unwrap();
    let watched = config.pointer_mut("/train/watched").unwrap();
    assert_eq!(*watched, "tempered_loss");
    *watched = "by_rows".into();
    assert_eq!(serde_json::from_value::<FitConfig>(config.clone()).unwrap(), strong);
    *config.pointer_mut("/train/watched").unwrap() = "by_luck".into();
    assert!(serde_json::from_value::<FitConfig>(config).is_err());
}
