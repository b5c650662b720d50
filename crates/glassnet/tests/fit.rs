//! From a table to a model: which rows take part in what, and that every number comes back in the table's own unit.
#![expect(clippy::format_collect, reason = "small tables as text")]

use glassnet::dataset::{ClassWeights, Dataset, balanced_class_weights};
use glassnet::encoder::{Encoder, Encoding};
use glassnet::fit::{Fit, Fitted};
use glassnet::fit_config::{ClassWeight, FitConfig};
use glassnet::generator::Generator;
use glassnet::initialiser::Initialiser;
use glassnet::layer::Layer;
use glassnet::metrics::{MetricName, Metrics};
use glassnet::model::{Model, Prediction, Truth};
use glassnet::network::Network;
use glassnet::objective::Objective;
use glassnet::optimizer::OptimizerConfig;
use glassnet::recipe::Recipe;
use glassnet::schema::{Schema, SchemaOptions, Task};
use glassnet::split::Split;
use glassnet::standard::Standardization;
use glassnet::table::Table;
use glassnet::target::TargetEncoder;
use glassnet::train_config::TrainConfig;
use glassnet::trainer::{Trained, Trainer};

fn table(text: &str) -> Table {
    Table::read(text.as_bytes(), "t.csv", None).unwrap()
}

fn schema(table: &Table) -> Schema {
    Schema::infer(table, &SchemaOptions { targets: vec!["y".into()], ..SchemaOptions::default() }).unwrap()
}

fn fit(table: &Table, config: FitConfig, validation: Option<&Table>) -> Fitted {
    let mut fit = Fit::start(table, schema(table), config, validation).unwrap();
    while fit.epoch().is_some() {}
    fit.finish().unwrap()
}

fn value(metrics: &Metrics, name: MetricName) -> f64 {
    metrics.get(name).unwrap().value.unwrap()
}

fn short() -> FitConfig {
    let train = TrainConfig { epochs: 3, patience: None, ..FitConfig::plain().train };
    FitConfig { hidden_layer_sizes: vec![7, 5], train, ..FitConfig::plain() }
}

/// A column of each kind, with holes; the target is one of as many classes, or a number when that is 0. Every number of
/// the table occurs once.
fn mixed(n_rows: usize, n_classes: usize, seed: u64) -> Table {
    let mut generator = Generator::new(seed);
    let mut text = String::from("n,b,c,y\n");
    for row in 0..n_rows {
        let n = 250.0 + 40.0 * generator.normal();
        let number = if row % 11 == 4 { String::new() } else { n.to_string() };
        let boolean = ["yes", "no", "no", "", "yes"][row % 5];
        let category = ["u", "v", "w", "v"][generator.up_to(3) as usize];
        let target = match n_classes {
            0 => (9_000.0 + 3.0 * n + 50.0 * generator.normal()).to_string(),
            _ => format!("k{}", row % n_classes),
        };
        text += &format!("{number},{boolean},{category},{target}\n");
    }
    table(&text)
}

fn numbers(table: &Table, column: &str, rows: &[usize]) -> Vec<f64> {
    let column = &table.columns()[table.position(column).unwrap()];
    rows.iter().filter_map(|&row| column.cell(row).parse().ok()).collect()
}

/// Mean and standard deviation over n.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt())
}

fn assert_near(found: f64, expected: f64, relative: f64, name: &str) {
    assert!((found - expected).abs() <= relative * expected.abs(), "{name}: {found} instead of {expected}");
}

/// The rows of the table that were held out, found by their targets.
fn held_out_rows(table: &Table, fitted: &Fitted) -> Vec<usize> {
    let Truth::Numbers(truth) = &fitted.held_out.as_ref().unwrap().truth else { panic!("no numbers") };
    let all: Vec<usize> = (0..table.n_rows()).collect();
    let targets = numbers(table, "y", &all);
    let row = |truth: &f64| targets.iter().position(|target| (target - truth).abs() < 1e-6 * target.abs());
    truth.values().iter().map(|truth| row(truth).expect("a truth in the table's own unit")).collect()
}

#[test]
fn constants_come_from_the_rows_that_are_not_held_out() {
    let table = mixed(60, 0, 1);
    let fitted = fit(&table, short(), None);
    let held_out = held_out_rows(&table, &fitted);
    assert_eq!(held_out.len(), 12);
    let training: Vec<usize> = (0..60).filter(|row| !held_out.contains(row)).collect();
    let check = |found: &Standardization, column: &str| {
        let (mean, deviation) = moments(&numbers(&table, column, &training));
        assert_near(found.mean, mean, 1e-12, column);
        assert_near(found.standard_deviation, deviation, 1e-12, column);
    };
    let Model { encoder, target, baselines, story, .. } = &fitted.model;
    let Encoding::Number(standardization) = &encoder.columns()[0].encoding else { panic!("{encoder:?}") };
    check(standardization, "n");
    check(&target.numbers()[0].standardization, "y");
    let mean = moments(&numbers(&table, "y", &training)).0;
    assert_near(baselines.constant[0], mean, 1e-12, "the constant baseline");
    assert_eq!((story.n_training_rows, story.n_validation_rows), (48, 12));
    // How far the held-out targets are from that mean, in the table's own unit.
    let truth = numbers(&table, "y", &held_out);
    let squares: f64 = truth.iter().map(|y| (y - mean).powi(2)).sum();
    let constant = &fitted.held_out.as_ref().unwrap().evaluation.constant;
    let rmse = value(constant, MetricName::Rmse);
    assert_near(rmse, (squares / 12.0).sqrt(), 1e-5, "rmse of the mean");
}

#[test]
fn validation_rows_do_not_train() {
    // One epoch, which is then the best one whatever the validation rows say.
    let train = TrainConfig { epochs: 1, ..short().train };
    let config = FitConfig { train, validation_fraction: 0.0, ..short() };
    let table = mixed(40, 3, 2);
    let alone = fit(&table, config.clone(), None);
    let one = fit(&table, config.clone(), Some(&mixed(15, 3, 3)));
    let other = fit(&table, config, Some(&mixed(25, 3, 4)));
    assert!(alone.held_out.is_none());
    for fitted in [&one, &other] {
        assert_eq!(fitted.model.networks, alone.model.networks);
        assert_eq!(fitted.model.encoder, alone.model.encoder);
        assert_eq!(fitted.model.baselines, alone.model.baselines);
    }
    let loss = |fitted: &Fitted| fitted.model.story.history[0].validation_loss;
    assert!(loss(&one).is_some() && loss(&one) != loss(&other));
}

#[test]
fn every_class_is_held_out_in_proportion() {
    let text: String =
        (0..100).map(|row| format!("{row},{}\n", if row % 10 == 3 { "b" } else { "a" })).collect();
    let table = table(&format!("x,y\n{text}"));
    for seed in 0..10 {
        let train = TrainConfig { epochs: 1, ..short().train };
        let fitted = fit(&table, FitConfig { seed, train, ..short() }, None);
        let Truth::Classes(classes) = fitted.held_out.unwrap().truth else { panic!("no classes") };
        assert_eq!(classes.iter().filter(|&&class| class == 0).count(), 18, "seed {seed}");
        assert_eq!(classes.len(), 20);
        // Of the 80 training rows 72 and 8.
        let shares = fitted.model.baselines.constant;
        assert!((shares[0] - 0.9).abs() < 1e-12 && (shares[1] - 0.1).abs() < 1e-12, "{shares:?}");
    }
}

#[test]
fn threads_change_nothing_and_seeds_everything() {
    let table = mixed(60, 0, 5);
    let run = |seed, threads| fit(&table, FitConfig { seed, threads, ..short() }, None);
    let (one, two, other) = (run(3, 1), run(3, 2), run(4, 1));
    assert_eq!(one.model.networks, two.model.networks);
    assert_eq!(one.model.baselines, two.model.baselines);
    assert_eq!(one.held_out, two.held_out);
    assert_ne!(one.model.networks, other.model.networks);
    assert_ne!(held_out_rows(&table, &one), held_out_rows(&table, &other));
}

/// What a fit is, put together by hand: split, encoders, start and order, each from its own stream of the seed.
fn by_hand(
    table: &Table,
    config: &FitConfig,
    objective: Objective,
) -> (Encoder, TargetEncoder, [Trained<f32>; 2]) {
    let (schema, stream) = (schema(table), |number| Generator::stream(config.seed, number));
    let rows = schema.labelled_rows(table).unwrap();
    let all = TargetEncoder::fit(table, &schema, &rows).unwrap();
    let split = match all.encode::<f32>(table, &rows, &schema.missing).unwrap() {
        glassnet::dataset::Targets::Classes { indices, .. } => {
            Split::of_classes(&indices, 0.2, &mut stream(0))
        }
        glassnet::dataset::Targets::Values(_) => Split::of_rows(rows.len(), 0.2, &mut stream(0)),
    };
    let part = |part: Vec<usize>| part.into_iter().map(|i| rows[i]).collect::<Vec<usize>>();
    let Split { training, validation } = split.unwrap();
    let (training, validation) = (part(training), part(validation));
    let target = TargetEncoder::fit(table, &schema, &training).unwrap();
    let encoder = Encoder::fit(table, &schema, &training).unwrap();
    let dataset = |rows: &[usize]| {
        let x = encoder.encode(table, rows).unwrap().x;
        Dataset::<f32>::new(x, target.encode(table, rows, &schema.missing).unwrap()).unwrap()
    };
    let (mut trained_on, mut held_out) = (dataset(&training), dataset(&validation));
    if config.class_weight == ClassWeight::Balanced {
        let glassnet::dataset::Targets::Classes { indices, n_classes } = &trained_on.targets else {
            panic!()
        };
        let weights = ClassWeights::Given(balanced_class_weights(indices, *n_classes));
        trained_on = trained_on.with_class_weights(&weights).unwrap();
        held_out = held_out.with_class_weights(&weights).unwrap();
    }
    let n_outputs = if objective == Objective::CrossEntropy { target.class_names().len() } else { 1 };
    let train = |config: &FitConfig, start, weights, order| {
        let layers = config.layers(&encoder, n_outputs, 0.0).unwrap();
        let network = Network::initialised(layers, start, &mut stream(weights)).unwrap();
        let config = config.train_config(training.len()).check().unwrap();
        let (rows, held_out) = (trained_on.clone().into(), Some(held_out.clone().into()));
        let mut trainer = Trainer::new(network, objective, config, rows, held_out, stream(order)).unwrap();
        while trainer.epoch().is_some() {}
        trainer.finish()
    };
    let network = train(config, Initialiser::HeNormal, 1, 2);
    let penalised =
        TrainConfig { learning_rate: 0.003, weight_decay: Some(0.0), l2: 1e-4, ..config.train.clone() };
    let linear = FitConfig { hidden_layer_sizes: Vec::new(), train: penalised, ..config.clone() };
    let linear = train(&linear, Initialiser::Zeros, 3, 4);
    (encoder.clone(), target.clone(), [network, linear])
}

#[test]
fn a_fit_is_its_parts_put_together() {
    let numbers = (mixed(70, 0, 6), Objective::SquaredError);
    let two = (mixed(70, 2, 7), Objective::BinaryCrossEntropy);
    let three = (mixed(70, 3, 8), Objective::CrossEntropy);
    for (table, objective) in [numbers, two, three] {
        for class_weight in [ClassWeight::None, ClassWeight::Balanced] {
            if class_weight == ClassWeight::Balanced && objective == Objective::SquaredError {
                continue;
            }
            let config = FitConfig { seed: 9, class_weight: class_weight.clone(), ..short() };
            let (encoder, target, [network, linear]) = by_hand(&table, &config, objective);
            let Model { story, baselines, networks: found, objective: chosen, .. } =
                &fit(&table, config, None).model;
            assert_eq!(*chosen, objective);
            assert_eq!(found, &network.networks, "{}", objective.name());
            assert_eq!(story.history, network.history, "{}", objective.name());
            assert_eq!(baselines.linear, *linear.network(), "{}", objective.name());
            let model = fit(&table, FitConfig { seed: 9, class_weight, ..short() }, None).model;
            assert_eq!((&model.encoder, &model.target), (&encoder, &target));
        }
    }
}

/// Two inputs, and classes whose log-odds are 9·u − 6·v; with the mean log-loss of these probabilities themselves.
fn log_odds(n_rows: usize, seed: u64) -> (Table, f64) {
    let (mut generator, mut loss) = (Generator::new(seed), 0.0);
    let row = |_| {
        let (u, v) = (generator.normal(), generator.normal());
        let p = 1.0 / (1.0 + (6.0 * v - 9.0 * u).exp());
        let is_true = generator.uniform() < p;
        loss -= if is_true { p.ln() } else { (1.0 - p).ln() } / n_rows as f64;
        format!("{u},{v},{is_true}\n")
    };
    let rows: String = (0..n_rows).map(row).collect();
    (table(&format!("u,v,y\n{rows}")), loss)
}

#[test]
fn the_linear_baseline_is_as_good_as_a_linear_model_can_be() {
    let (training, _) = log_odds(500, 1);
    let (fresh, least) = log_odds(4_000, 2);
    for recipe in [Recipe::Strong, Recipe::Plain] {
        let base = FitConfig::new(recipe, Task::Classification);
        let model = fit(&training, FitConfig { hidden_layer_sizes: vec![2], ..base }, None).model;
        let found = value(&model.evaluate(&fresh).unwrap().evaluation.linear, MetricName::LogLoss);
        assert!(found < 1.05 * least, "{recipe:?}: {found} where {least} is possible");
    }
}

#[test]
fn balanced_classes_count_alike() {
    // The input says nothing about the class, so that the best probability is the class's share of the weights.
    let text: String = (0..100)
        .map(|row| format!("{},{}\n", if row % 2 == 0 { -1 } else { 1 }, if row < 90 { "a" } else { "b" }))
        .collect();
    let table = table(&format!("x,y\n{text}"));
    let by_class = ClassWeight::ByClass([("b".to_owned(), 3.0)].into());
    let cases = [(ClassWeight::None, 0.1), (ClassWeight::Balanced, 0.5), (by_class, 0.25)];
    for (class_weight, expected) in cases {
        let train = TrainConfig {
            optimizer: OptimizerConfig::SGD,
            learning_rate: 1.0,
            epochs: 300,
            patience: None,
            ..TrainConfig::default()
        };
        let config = FitConfig {
            hidden_layer_sizes: Vec::new(),
            batch_size: Some(100),
            validation_fraction: 0.0,
            class_weight,
            train,
            ..FitConfig::plain()
        };
        let predicted = fit(&table, config, None).model.predict(&table).unwrap();
        let Prediction::Probabilities(probabilities) = predicted.prediction else { panic!("no classes") };
        for row in 0..100 {
            assert!((probabilities.row(row)[1] - expected).abs() < 1e-4, "{:?}", probabilities.row(row));
        }
    }
}

/// The network's outputs for one row of inputs, by the formula, in `f64`: relu, and nothing at the end.
fn outputs(network: &Network<f32>, x: &[f32]) -> Vec<f64> {
    let mut a: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
    let last = network.layers().len() - 1;
    for (i, layer) in network.layers().iter().enumerate() {
        let Layer::Dense { n_outputs, .. } = *layer else { continue };
        let (weight, bias) = (network.weight(i), network.bias(i));
        let z = |k: usize| {
            let products = a.iter().enumerate().map(|(j, a)| a * f64::from(weight.row(j)[k]));
            products.sum::<f64>() + f64::from(bias[k])
        };
        let z: Vec<f64> = (0..n_outputs).map(z).collect();
        a = z.into_iter().map(|z| if i < last { z.max(0.0) } else { z }).collect();
    }
    a
}

#[test]
fn predictions_are_the_formula_in_the_tables_own_unit() {
    // More rows than go through the network at a time, so that the seam between two blocks is among them.
    let many = 1_100;
    for n_classes in [0, 2, 3] {
        let config = FitConfig { dropout: 0.5, ..short() };
        let model = fit(&mixed(70, n_classes, 10), config, None).model;
        let table = mixed(many, n_classes, 11);
        let rows: Vec<usize> = (0..many).collect();
        let x = model.encoder.encode::<f32>(&table, &rows).unwrap().x;
        let predicted = model.predict(&table).unwrap().prediction;
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for row in rows {
            let z = outputs(model.network(), x.row(row));
            let (found, expected) = match (&predicted, &model.target) {
                (Prediction::Numbers(numbers), TargetEncoder::Numbers(targets)) => {
                    (numbers.row(row).to_vec(), vec![targets[0].standardization.restore(z[0])])
                }
                (Prediction::Probabilities(probabilities), _) => {
                    let z = if n_classes == 2 { vec![0.0, z[0]] } else { z };
                    let sum: f64 = z.iter().map(|z| z.exp()).sum();
                    let found = probabilities.row(row).iter().map(|&p| f64::from(p)).collect();
                    (found, z.iter().map(|z| z.exp() / sum).collect())
                }
                _ => panic!("{predicted:?}"),
            };
            for (&found, &expected) in found.iter().zip(&expected) {
                assert_near(found, expected, 1e-5, &format!("row {row} of {n_classes} classes"));
                (least, most) = (least.min(found), most.max(found));
            }
        }
        assert!(most - least > 0.05, "all predictions are alike: {least} to {most}");
    }
}

#[test]
fn a_line_is_learnt_in_its_own_unit() {
    let text: String =
        (0..80).map(|row| format!("{},{}\n", 20 + row, 1e6 + 500.0 * f64::from(row))).collect();
    let table = table(&format!("x,y\n{text}"));
    let train = TrainConfig { learning_rate: 0.05, epochs: 300, weight_decay: Some(0.0), ..short().train };
    let config = FitConfig { hidden_layer_sizes: Vec::new(), train, ..FitConfig::plain() };
    let evaluation = fit(&table, config, None).model.evaluate(&table).unwrap().evaluation;
    let rmse = value(&evaluation.metrics, MetricName::Rmse);
    // Without the line it is the standard deviation of 0…79 times 500: 11,546.
    assert!(rmse < 50.0, "{rmse}");
    assert!((11_000.0..12_500.0).contains(&value(&evaluation.constant, MetricName::Rmse)));
}

#[test]
fn truth_is_the_tables_own_number() {
    // Not one that was standardised in f32 and restored: that turns 0 into a small number, which ruins the MAPE.
    let text: String = (0..50).map(|row| format!("{row},{}\n", f64::from(row % 5) * 0.7)).collect();
    let table = table(&format!("x,y\n{text}"));
    let fitted = fit(&table, short(), None);
    let evaluated = fitted.model.evaluate(&table).unwrap();
    let held_out = fitted.held_out.unwrap();
    for (truth, evaluation) in
        [(held_out.truth, held_out.evaluation), (evaluated.truth, evaluated.evaluation)]
    {
        let Truth::Numbers(truth) = truth else { panic!("no numbers") };
        let of = [0.0, 0.7, 2.0 * 0.7, 3.0 * 0.7, 4.0 * 0.7];
        let truth = truth.values();
        assert!(truth.contains(&0.0) && truth.iter().all(|y| of.contains(y)), "{truth:?}");
        let mape = |metrics| value(metrics, MetricName::Mape);
        assert!(mape(&evaluation.metrics) < 10.0 && mape(&evaluation.constant) < 10.0, "{evaluation:?}");
    }
}
