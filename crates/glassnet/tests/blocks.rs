//! Training by blocks of rows: one block has the bits of the rows in memory, and of several every row is used.

use glassnet::activation::Activation;
use glassnet::batch::mean_loss;
use glassnet::dataset::{Dataset, Targets};
use glassnet::error::{Error, Result};
use glassnet::fit::{Fit, Fitted};
use glassnet::fit_config::{ClassWeight, FitConfig};
use glassnet::generator::Generator;
use glassnet::initialiser::Initialiser;
use glassnet::kernels::team::Team;
use glassnet::layer::Layer;
use glassnet::matrix::Matrix;
use glassnet::network::Network;
use glassnet::objective::Objective;
use glassnet::optimizer::OptimizerConfig;
use glassnet::schema::{Schema, SchemaOptions};
use glassnet::streaming::{Constants, HeldBack};
use glassnet::table::Table;
use glassnet::train_config::{BatchSize, LastBatch, TrainConfig, TrainingLoss};
use glassnet::trainer::{StopReason, Trained, Trainer};
use glassnet::training_rows::{Blocks, TrainingRows};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Rows in memory, given by blocks.
#[derive(Debug)]
struct InMemory {
    rows: Dataset<f32>,
    rows_per_block: usize,
    n_reads: AtomicUsize,
    /// How many reads succeed.
    n_good: usize,
    /// Asked for after so many reads.
    stop: Arc<AtomicBool>,
    stops_after: usize,
}

impl Blocks<f32> for InMemory {
    fn n_rows(&self) -> usize {
        self.rows.n_rows()
    }

    fn rows_per_block(&self) -> usize {
        self.rows_per_block
    }

    fn read(&self, block: usize, into: &mut Dataset<f32>) -> Result<()> {
        let n_reads = self.n_reads.fetch_add(1, Ordering::Relaxed);
        if n_reads + 1 == self.stops_after {
            self.stop.store(true, Ordering::Relaxed);
        }
        if n_reads >= self.n_good {
            return Err(Error::Blocks { reason: "the file is gone".into() });
        }
        let start = block * self.rows_per_block;
        let rows: Vec<usize> = (start..self.n_rows().min(start + self.rows_per_block)).collect();
        into.x.gather(self.rows.x.view(), &rows);
        into.targets = self.rows.targets.gather(&rows);
        let weights = self.rows.weights.as_ref();
        into.weights = weights.map(|weights| rows.iter().map(|&row| weights[row]).collect());
        Ok(())
    }
}

fn by_blocks(rows: Dataset<f32>, rows_per_block: usize, n_good: usize) -> TrainingRows<f32> {
    stopping(rows, rows_per_block, n_good, 0).0
}

/// With the flag that asks for a stop after so many reads.
fn stopping(
    rows: Dataset<f32>,
    rows_per_block: usize,
    n_good: usize,
    stops_after: usize,
) -> (TrainingRows<f32>, Arc<AtomicBool>) {
    let (n_reads, stop) = (AtomicUsize::new(0), Arc::default());
    let blocks = InMemory { rows, rows_per_block, n_reads, n_good, stop: Arc::clone(&stop), stops_after };
    (TrainingRows::Blocks(Arc::new(blocks)), stop)
}

fn rows(n_rows: usize) -> Dataset<f32> {
    let mut generator = Generator::new(3);
    let x = Matrix::from_values(n_rows, 3, (0..n_rows * 3).map(|_| generator.normal() as f32).collect());
    let y = (0..n_rows).map(|row| x.row(row)[0] - 0.5 * x.row(row)[2]).collect();
    Dataset { x, targets: Targets::Values(Matrix::from_values(n_rows, 1, y)), weights: None }
}

fn networks(n: u64) -> Vec<(Network<f32>, Generator)> {
    let dense =
        |n_inputs, n_outputs, activation| Layer::Dense { n_inputs, n_outputs, bias: true, activation };
    let layers = vec![dense(3, 9, Activation::Tanh), dense(9, 1, Activation::Identity)];
    let network = |seed| {
        let start = Initialiser::GlorotUniform;
        let network = Network::initialised(layers.clone(), start, &mut Generator::new(seed)).unwrap();
        (network, Generator::new(100 + seed))
    };
    (0..n).map(network).collect()
}

fn config() -> TrainConfig {
    TrainConfig { batch_size: BatchSize::Rows(8), epochs: 4, patience: None, ..TrainConfig::default() }
}

fn trainer(config: TrainConfig, training: TrainingRows<f32>, n_networks: u64) -> Trainer<f32> {
    let (objective, config) = (Objective::SquaredError, config.check().unwrap());
    Trainer::ensemble(networks(n_networks), objective, config, training, Some(rows(40).into())).unwrap()
}

fn train(config: TrainConfig, training: TrainingRows<f32>) -> Trained<f32> {
    let mut trainer = trainer(config, training, 2);
    while trainer.epoch().is_some() {}
    assert_eq!(trainer.failure(), None);
    trainer.finish()
}

#[test]
fn one_block_is_the_rows_in_memory() {
    let (n_rows, all) = (101, usize::MAX);
    for last_batch in [LastBatch::Keep, LastBatch::Drop] {
        for training_loss in [TrainingLoss::Running, TrainingLoss::Evaluated] {
            let config = TrainConfig { last_batch, training_loss, ..config() };
            let in_memory = train(config.clone(), Arc::new(rows(n_rows)).into());
            assert_eq!(train(config, by_blocks(rows(n_rows), 104, all)), in_memory);
        }
    }
}

#[test]
fn every_row_of_every_block_takes_part() {
    // At a rate of zero, the loss of an epoch is that of its rows whatever their order: all of them, each once.
    for rows_per_block in [8, 24, 64, 96] {
        let still = TrainConfig { learning_rate: 1e-30, ..config() };
        let expected = train(still.clone(), Arc::new(rows(101)).into()).history;
        let evaluated = TrainConfig { training_loss: TrainingLoss::Evaluated, ..still.clone() };
        for config in [still, evaluated] {
            let found = train(config, by_blocks(rows(101), rows_per_block, usize::MAX)).history;
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found.training_loss / expected.training_loss - 1.0).abs() < 1e-6, "{found:?}");
            }
        }
    }
    let learnt = train(TrainConfig { epochs: 60, ..config() }, by_blocks(rows(101), 32, usize::MAX));
    assert!(mean_loss(learnt.network(), Objective::SquaredError, &rows(101)) < 0.05);
}

#[test]
fn threads_change_nothing() {
    let train = |n_threads| {
        let rows = by_blocks(rows(101), 32, usize::MAX);
        let mut trainer = trainer(config(), rows, 3).with_team(Arc::new(Team::new(n_threads)));
        while trainer.epoch().is_some() {}
        trainer.finish()
    };
    assert_eq!(train(1), train(3));
}

#[test]
fn a_block_that_cannot_be_read_ends_the_training() {
    // One read looks at the rows, four are an epoch's.
    let mut trainer = trainer(config(), by_blocks(rows(101), 32, 7), 1);
    assert!(trainer.epoch().is_some());
    assert_eq!(trainer.epoch(), None);
    assert_eq!(trainer.epoch(), None);
    assert!(trainer.failure().unwrap().to_string().contains("the file is gone"));
}

#[test]
fn an_epoch_left_in_the_middle_never_began() {
    let all = usize::MAX;
    for training_loss in [TrainingLoss::Running, TrainingLoss::Evaluated] {
        for n_threads in [1, 2] {
            let config = TrainConfig { training_loss, optimizer: OptimizerConfig::ADAM, ..config() };
            let whole = train(config.clone(), by_blocks(rows(101), 32, all));
            let n_reads = if training_loss == TrainingLoss::Running { 4 } else { 8 };
            // Of two networks, which are read in turn; in the middle of the third epoch, of its steps or of its loss.
            let (training, stop) = stopping(rows(101), 32, all, 1 + 2 * (2 * n_reads) + n_reads);
            let mut left = trainer(config.clone(), training, 2).with_team(Arc::new(Team::new(n_threads)));
            left.stop_by(Arc::clone(&stop));
            while left.epoch().is_some() {}
            assert!(stop.load(Ordering::Relaxed) && left.stop_reason().is_none());
            assert_eq!(left.history(), &whole.history[..2]);
            let checkpoint = left.checkpoint().unwrap();
            assert_eq!(left.finish().stop_reason, StopReason::Interrupted);
            let mut rest = trainer(config, by_blocks(rows(101), 32, all), 2);
            rest.resume(checkpoint).unwrap();
            while rest.epoch().is_some() {}
            assert_eq!(rest.finish(), whole);
        }
    }
}

/// A table with numbers, names, gaps and a target of classes, or of numbers.
fn table(n_rows: usize) -> Table {
    let mut table = Table::new("t", ["a", "b", "class", "number", "count"]).unwrap();
    let mut generator = Generator::new(9);
    for row in 0..n_rows {
        let a = generator.normal();
        let name = ["red", "green", "blue"][generator.up_to(2) as usize];
        let class = if a > 0.4 { "yes" } else { "no" };
        let a_text = if row % 13 == 5 { String::new() } else { a.to_string() };
        let number = if row % 17 == 6 { String::new() } else { (3.0 * a + 7.0).to_string() };
        let count = (row * row % 11).to_string();
        table.push_row([a_text.as_str(), name, class, number.as_str(), count.as_str()]);
    }
    table
}

fn fit(mut fit: Fit) -> Result<Fitted> {
    while fit.epoch().is_some() {}
    fit.finish()
}

fn streamed(
    schema: &Schema,
    config: &FitConfig,
    validation: &Table,
    rows_per_block: usize,
    n_good: usize,
) -> Fit {
    let table = table(300);
    let chunks = || (0..300).step_by(70).map(|start| table.rows(start..300.min(start + 70)));
    let n_labelled = schema.labelled_rows(&table).unwrap().len();
    let mut constants = Constants::new(schema.clone(), config, n_labelled, HeldBack::Nothing).unwrap();
    loop {
        chunks().for_each(|chunk| constants.see(&chunk).unwrap());
        if !constants.turn() {
            break;
        }
    }
    let mut rows = constants.finish().unwrap();
    let mut all: Option<Dataset<f32>> = None;
    for chunk in chunks() {
        let more = rows.encode(&chunk).unwrap();
        all = Some(match all {
            None => more,
            Some(all) => {
                let x = [all.x.to_rows(), more.x.to_rows()].concat();
                let x: Vec<Vec<f32>> = x.iter().map(|row| row.iter().map(|&x| x as f32).collect()).collect();
                let targets = match (all.targets, more.targets) {
                    (Targets::Classes { indices, n_classes }, Targets::Classes { indices: more, .. }) => {
                        Targets::Classes { indices: [indices, more].concat(), n_classes }
                    }
                    (Targets::Values(values), Targets::Values(more)) => {
                        let values = [values.values(), more.values()].concat();
                        Targets::Values(Matrix::from_values(values.len(), 1, values))
                    }
                    _ => panic!("two kinds of targets"),
                };
                let weights = all.weights.zip(more.weights).map(|(weights, more)| [weights, more].concat());
                Dataset { x: Matrix::from_rows(&x), targets, weights }
            }
        });
    }
    let mut all = all.unwrap();
    if let (Some(weights), Targets::Classes { indices, .. }) = (rows.class_weights().unwrap(), &all.targets) {
        let own = all.weights.take().unwrap_or_else(|| vec![1.0; indices.len()]);
        let of_row = |(&class, own): (&u32, &f32)| own * weights[class as usize];
        all.weights = Some(indices.iter().zip(&own).map(of_row).collect());
    }
    assert_eq!(all.n_rows(), rows.n_training_rows());
    let TrainingRows::Blocks(blocks) = by_blocks(all, rows_per_block, n_good) else { unreachable!() };
    Fit::begin(rows.finish(blocks, Some(validation)).unwrap(), config.clone()).unwrap()
}

#[test]
fn a_table_that_streams_into_one_block_gives_the_model_of_the_table_in_memory() {
    for (target, other) in [("class", "number"), ("number", "class")] {
        let options = SchemaOptions {
            targets: vec![target.into()],
            drop: vec![other.into()],
            ..SchemaOptions::default()
        };
        let (table, validation) = (table(300), table(90));
        let schema = Schema::infer(&table, &options).unwrap();
        let strong = FitConfig::for_schema(&schema);
        for config in [FitConfig::plain(), strong] {
            let train = TrainConfig { epochs: 3, ..config.train.clone() };
            let config = FitConfig { train, hidden_layer_sizes: vec![8, 8], ..config };
            let in_memory =
                fit(Fit::start(&table, schema.clone(), config.clone(), Some(&validation)).unwrap())
                    .unwrap()
                    .model;
            let mut model = fit(streamed(&schema, &config, &validation, 512, usize::MAX)).unwrap().model;
            assert_eq!(model.story.shuffled(), "by blocks of 512 rows");
            model.story.rows_per_block = None;
            assert_eq!(model, in_memory, "{} {target}", config.recipe);

            // By several blocks the encoding is the same, the order of rows is not.
            for config in [config.clone(), FitConfig { threads: 2, ensemble: 2, ..config.clone() }] {
                let by_blocks = fit(streamed(&schema, &config, &validation, 64, usize::MAX)).unwrap().model;
                assert_eq!((&by_blocks.encoder, &by_blocks.target), (&in_memory.encoder, &in_memory.target));
                assert_eq!(by_blocks.baselines.constant, in_memory.baselines.constant);
                assert!(by_blocks.networks[0] != in_memory.networks[0]);
            }
            let error = fit(streamed(&schema, &config, &validation, 64, 9)).unwrap_err().to_string();
            assert!(error.contains("the file is gone"), "{error}");
        }
    }
}

#[test]
fn classes_are_balanced_by_blocks() {
    let options = SchemaOptions {
        targets: vec!["class".into()],
        drop: vec!["number".into()],
        ..SchemaOptions::default()
    };
    let (table, validation) = (table(300), table(90));
    let schema = Schema::infer(&table, &options).unwrap();
    let train = TrainConfig { epochs: 2, ..FitConfig::plain().train };
    let config = FitConfig { class_weight: ClassWeight::Balanced, train, ..FitConfig::plain() };
    let in_memory =
        fit(Fit::start(&table, schema.clone(), config.clone(), Some(&validation)).unwrap()).unwrap();
    let streamed = fit(streamed(&schema, &config, &validation, 512, usize::MAX)).unwrap();
    let losses = [in_memory, streamed].map(|fitted| fitted.model.story.history[1].training_loss);
    assert!((losses[0] / losses[1] - 1.0).abs() < 1e-5, "{losses:?}");
}

/// By a column of weights, and by the classes' as well.
#[test]
fn rows_are_weighted_by_blocks() {
    let options = SchemaOptions {
        targets: vec!["class".into()],
        row_weight: Some("count".into()),
        drop: vec!["number".into()],
        ..SchemaOptions::default()
    };
    let (table, validation) = (table(300), table(90));
    let schema = Schema::infer(&table, &options).unwrap();
    let train = TrainConfig { epochs: 2, ..FitConfig::plain().train };
    let plain = FitConfig { train, ..FitConfig::plain() };
    for class_weight in [ClassWeight::None, ClassWeight::Balanced] {
        let config = FitConfig { class_weight, ..plain.clone() };
        let in_memory =
            fit(Fit::start(&table, schema.clone(), config.clone(), Some(&validation)).unwrap()).unwrap();
        let streamed = fit(streamed(&schema, &config, &validation, 512, usize::MAX)).unwrap();
        let of = |fitted: &Fitted| {
            let last = &fitted.model.story.history[1];
            (last.training_loss, last.validation_loss.unwrap())
        };
        let (found, expected) = (of(&streamed), of(&in_memory));
        assert!((found.0 / expected.0 - 1.0).abs() < 1e-5, "{found:?} {expected:?}");
        assert!((found.1 / expected.1 - 1.0).abs() < 1e-5, "{found:?} {expected:?}");
    }
}

#[test]
fn rows_are_held_back_by_lot() {
    let options = SchemaOptions {
        targets: vec!["class".into()],
        drop: vec!["number".into()],
        ..SchemaOptions::default()
    };
    let table = table(4_000);
    let schema = Schema::infer(&table, &options).unwrap();
    for (most, expected) in [(usize::MAX, 800.0), (200, 200.0)] {
        let config = FitConfig::plain();
        let mut constants = Constants::new(schema.clone(), &config, 4_000, HeldBack::AtMost(most)).unwrap();
        loop {
            constants.see(&table).unwrap();
            if !constants.turn() {
                break;
            }
        }
        let mut rows = constants.finish().unwrap();
        let training = rows.encode(&table).unwrap();
        assert_eq!(training.n_rows(), rows.n_training_rows());
        let n_held_back = (4_000 - training.n_rows()) as f64;
        // Binomial: five standard deviations.
        assert!((n_held_back - expected).abs() < 5.0 * f64::sqrt(expected), "{n_held_back}");
        let TrainingRows::Blocks(blocks) = by_blocks(training, 512, usize::MAX) else { unreachable!() };
        let prepared = rows.finish(blocks, None).unwrap();
        assert_eq!(prepared.n_validation_rows() as f64, n_held_back);
    }
}
