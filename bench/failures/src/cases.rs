//! The planted failures: for each code at least ten trainings of several tables, sizes, activations and seeds.

use crate::tables::{self, Made};
use glassnet::activation::Activation;
use glassnet::finding::Code;
use glassnet::fit_config::FitConfig;
use glassnet::generator::Generator;
use glassnet::initialiser::Initialiser;
use glassnet::optimizer::OptimizerConfig;
use glassnet::table::Table;

/// Trainings of each code, and the first of those that were first run when every rule and threshold stood.
const N: u64 = 120;
const FIRST_NEW: u64 = 80;

/// A training that fails for a reason.
pub(crate) struct Case {
    pub(crate) code: Code,
    pub(crate) number: u64,
    /// Whether it was first run when every threshold was set.
    pub(crate) is_test: bool,
    pub(crate) table: Table,
    pub(crate) config: FitConfig,
    /// Rows that the model then meets, where the failure is in them.
    pub(crate) new_rows: Option<Table>,
    /// Whether chance is the reason, and its seed is searched.
    pub(crate) is_searched: bool,
}

/// All of them.
pub(crate) fn all() -> Vec<Case> {
    Code::ALL.into_iter().flat_map(|code| (0..N).map(move |k| case(code, k))).collect()
}

const CURVES: [Activation; 3] = [Activation::Tanh, Activation::Sigmoid, Activation::Relu];
const SGD: OptimizerConfig = OptimizerConfig::Sgd { momentum: 0.0, nesterov: false };

/// The plain recipe, once from its start, for so many epochs without early stopping.
fn plain(hidden: &[usize], epochs: usize, seed: u64) -> FitConfig {
    let mut config =
        FitConfig { hidden_layer_sizes: hidden.to_vec(), dropout: 0.0, seed, ..FitConfig::plain() };
    config.restarts = Some(1);
    config.train.epochs = epochs;
    config.train.patience = None;
    config
}

fn with_sgd(mut config: FitConfig, rate: f64) -> FitConfig {
    config.train.optimizer = SGD;
    config.learning_rate = Some(rate);
    config
}

/// Tables that a small network learns well.
fn learnable(k: u64) -> Made {
    match k % 4 {
        0 => tables::moons(200, 0.1, k),
        1 => tables::clouds(180, 4, 3, 5.0, k),
        2 => tables::rings(240, k),
        _ => tables::xor(200, k),
    }
}

/// The same with a target of numbers.
fn learnable_numbers(k: u64) -> Made {
    match k % 3 {
        0 => tables::numbers(200, 3, 0.05, k, tables::weighted),
        1 => tables::numbers(300, 2, 0.05, k, |x| (3.0 * x[0]).sin() + x[1]),
        _ => tables::numbers(240, 4, 0.05, k, |x| x[0] * x[1] + x[2]),
    }
}

fn either(k: u64) -> Made {
    if k.is_multiple_of(2) { learnable(k / 2) } else { learnable_numbers(k / 2) }
}

#[expect(clippy::too_many_lines, reason = "a list with an entry for each code")]
fn case(code: Code, k: u64) -> Case {
    let curve = CURVES[(k % 3) as usize];
    let width = [8, 16, 32][(k / 3 % 3) as usize];
    let mut new_rows = None;
    let (made, config) = match code {
        Code::NotLinearlySeparable => {
            let made = match k % 4 {
                0 => tables::xor4(),
                1 => tables::xor(80 + 20 * k as usize, k),
                2 => tables::rings(150, k),
                _ => tables::stripes(160, 3, k),
            };
            let mut config = plain(&[], 300, k);
            if k.is_multiple_of(4) {
                config.validation_fraction = 0.0;
            }
            (made, config)
        }
        Code::CancellingGradients => {
            let made = tables::numbers(150 + 20 * k as usize, 2, 0.02, k, move |x| match k % 3 {
                0 => x[0] * x[1],
                1 => x[0] * x[0],
                _ => (x[0].abs() - 0.5) + (x[1].abs() - 0.5),
            });
            (made, plain(&[], 200, k))
        }
        Code::ConstantPrediction => {
            let mut config = FitConfig { activation: curve, ..plain(&[width, width], 100, k) };
            if k.is_multiple_of(2) {
                config.train.weight_decay = Some(180.0);
                (either(k), FitConfig { learning_rate: Some(0.005), ..config })
            } else {
                config.train.l2 = 10.0;
                (either(k), with_sgd(config, 0.02))
            }
        }
        Code::UnluckyStart => {
            let (made, units) = match k % 3 {
                0 => (tables::xor4(), 2),
                1 => (tables::xor(100, k), 2),
                _ => (tables::xor(60, k), 2),
            };
            let curve = CURVES[(k / 3 % 2) as usize];
            let mut config =
                FitConfig { activation: curve, learning_rate: Some(0.02), ..plain(&[units], 800, k) };
            config.train.weight_decay = Some(0.0);
            if k.is_multiple_of(3) {
                config.validation_fraction = 0.0;
            }
            (made, config)
        }
        Code::TooFewHiddenUnits => {
            let (made, units) = match k % 4 {
                0 => (tables::xor(160, k), 1),
                1 => (tables::rings(200, k), 1),
                2 => (tables::stripes(240, 7, k), 2),
                _ => (tables::numbers(250, 1, 0.03, k, |x| (9.0 * x[0]).sin()), 2),
            };
            let curve = CURVES[(k / 4 % 2) as usize];
            let mut config =
                FitConfig { activation: curve, learning_rate: Some(0.02), ..plain(&[units], 1000, k) };
            config.train.weight_decay = Some(0.0);
            (made, config)
        }
        Code::DeadRelu => {
            // Inputs from 0 to 1 as they are, and weights that are all negative.
            let made = either(k).map(|_, row| tables::shift_up(row));
            let start = Initialiser::Uniform { low: -1.0, high: -0.1 };
            let config = FitConfig {
                activation: Activation::Relu,
                initialiser: Some(start),
                scaling: false,
                ..plain(&[width, width], 100, k)
            };
            (made, if k % 4 < 2 { config } else { with_sgd(config, 0.05) })
        }
        Code::SaturatedActivation => {
            let start = Initialiser::Normal { standard_deviation: 30.0 * (1 + k % 3) as f64 };
            let config = FitConfig {
                activation: CURVES[(k % 2) as usize],
                initialiser: Some(start),
                ..plain(&[width, width], 60, k)
            };
            (either(k / 2), with_sgd(config, 0.01))
        }
        Code::VanishingGradient => {
            let depth = 6 + (k % 4) as usize;
            let config = FitConfig { activation: Activation::Sigmoid, ..plain(&vec![width; depth], 80, k) };
            (either(k), with_sgd(config, 0.1))
        }
        Code::ExplodingGradient => {
            let depth = 6 + (k % 3) as usize;
            let start = Initialiser::Normal { standard_deviation: 2.0 + (k % 2) as f64 };
            let config = FitConfig {
                activation: [Activation::Relu, Activation::LeakyRelu][(k % 2) as usize],
                initialiser: Some(start),
                ..plain(&vec![32; depth], 60, k)
            };
            let rate = if k % 4 < 2 { 1e-3 } else { 1e-5 };
            (either(k), with_sgd(config, rate))
        }
        Code::Diverged => {
            let hidden: &[usize] = if k.is_multiple_of(2) { &[] } else { &[16] };
            let config = FitConfig { activation: Activation::Relu, ..plain(hidden, 100, k) };
            (learnable_numbers(k), with_sgd(config, [3.0, 10.0, 100.0][(k % 3) as usize]))
        }
        Code::OscillatingLoss => {
            // Classes that overlap, so that no step is right for all rows.
            let n_classes = 2 + (k % 2) as usize;
            let made = tables::clouds(150 + 10 * k as usize, 3, n_classes, 2.0, k);
            let config = FitConfig {
                activation: CURVES[(k % 2) as usize],
                batch_size: Some(256),
                ..plain(&[width], 100, k)
            };
            (made, with_sgd(config, [40.0, 80.0, 160.0][(k / 2 % 3) as usize]))
        }
        Code::LearningRateTooLow => {
            let config = FitConfig { activation: curve, ..plain(&[width, width], 60, k) };
            let config = if k.is_multiple_of(2) {
                with_sgd(config, [1e-5, 1e-4][(k / 2 % 2) as usize])
            } else {
                FitConfig { learning_rate: Some([1e-6, 3e-6][(k / 2 % 2) as usize]), ..config }
            };
            (either(k), config)
        }
        Code::StoppedTooEarly => {
            let mut config = FitConfig {
                activation: CURVES[(2 * (k % 2)) as usize],
                dropout: 0.3,
                ..plain(&[width], 200, k)
            };
            config.train.patience = Some(1);
            config.learning_rate = Some(0.003);
            (learnable(1 + k % 3).map(|i, row| tables::flip(row, i, 8)), config)
        }
        Code::StillImproving => {
            let config = FitConfig {
                activation: CURVES[(2 * (k % 2)) as usize],
                learning_rate: Some(0.002),
                ..plain(&[width, 16], 6 + (k % 5) as usize, k)
            };
            let is_even = k.is_multiple_of(2);
            (if is_even { tables::clouds(180, 4, 3, 5.0, k) } else { learnable_numbers(k / 2) }, config)
        }
        Code::Overfit => {
            let made = if k.is_multiple_of(2) {
                tables::clouds(240, 6, 2, 1.0, k)
            } else {
                tables::numbers(240, 6, 1.0, k, |x| x[0] - x[1])
            };
            let mut config =
                FitConfig { activation: CURVES[(2 * (k % 2)) as usize], ..plain(&[128, 128], 400, k) };
            config.train.weight_decay = Some(0.0);
            (made, config)
        }
        Code::Underfit => match k % 3 {
            0 => {
                let mut config = FitConfig { activation: curve, ..plain(&[32], 600, k) };
                config.train.l2 = 0.03;
                (tables::numbers(300, 2, 0.05, k, |x| (4.0 * x[0]).sin() + x[1]), config)
            }
            1 => {
                let config = FitConfig { dropout: 0.9, ..plain(&[16], 400, k) };
                (tables::numbers(300, 2, 0.05, k, |x| x[0] * x[1] + 0.3 * x[0]), config)
            }
            _ => (tables::numbers(300, 1, 0.05, k, |x| x[0] + (5.0 * x[0]).sin()), plain(&[], 200, k)),
        },
        Code::ClassImbalance => {
            let made = tables::clouds(400 + 100 * (k % 3) as usize, 3, 2, 0.7, k);
            // One row of twenty of the second class stays.
            let rows = made.rows.iter().enumerate();
            let rows = rows.filter(|(i, row)| row.last().is_some_and(|y| y == "k0") || i % 32 == 1);
            let rows = rows.map(|(_, row)| row.clone()).collect();
            let mut config = FitConfig { activation: curve, ..plain(&[width], 200, k) };
            config.train.patience = Some(30);
            (Made { rows, ..made }, config)
        }
        Code::ContradictoryRows => {
            // Few different inputs, and a target that they decide in part.
            let mut draw = Generator::new(k);
            let made = tables::clouds(300, 2, 2, 1.0, k).map(|_, row| {
                let n = row.len() - 1;
                let level = draw.up_to(2 + k % 3);
                row[0] = level.to_string();
                row[1] = draw.up_to(2).to_string();
                let is_first = draw.uniform() < if level.is_multiple_of(2) { 0.7 } else { 0.35 };
                row[n] = if is_first { "k0" } else { "k1" }.into();
            });
            let mut config = FitConfig { activation: curve, ..plain(&[width], 80, k) };
            config.train.patience = Some(30);
            (made, config)
        }
        Code::UnscaledInput => {
            let n_inputs = 3;
            let made = tables::numbers(200, n_inputs, 0.0, k, tables::weighted);
            let made = made.map(|_, row| {
                for cell in &mut row[..n_inputs] {
                    *cell = (17_500.0 + 2_500.0 * cell.parse::<f64>().unwrap_or(0.0)).to_string();
                }
            });
            let config = FitConfig { activation: curve, scaling: false, ..plain(&[width, width], 100, k) };
            (made, if k % 4 < 2 { config } else { with_sgd(config, 0.01) })
        }
        Code::ConstantColumn => {
            let made =
                either(k).with("site", |_, _| if k.is_multiple_of(2) { "A".into() } else { "7".into() });
            (made, healthy(k))
        }
        Code::DuplicateColumn => {
            let made = either(k).with("copy", |_, row| match k % 3 {
                0 => row[0].clone(),
                1 => (1.8 * row[0].parse::<f64>().unwrap_or(0.0) + 32.0).to_string(),
                _ => (-row[0].parse::<f64>().unwrap_or(0.0)).to_string(),
            });
            (made, healthy(k))
        }
        Code::IdentifierColumn => {
            let made = either(k).with("id", |i, _| match k % 3 {
                0 => (i + 1).to_string(),
                1 => (1000 + i).to_string(),
                _ => format!("row-{i}"),
            });
            (made, healthy(k))
        }
        Code::LeakingColumn => {
            let mut draw = Generator::new(k);
            let made = either(k).with("after", |_, row| {
                let target = &row[row.len() - 1];
                match target.parse::<f64>() {
                    Ok(number) => (3.0 * number + 1e-4 * draw.normal()).to_string(),
                    Err(_) if k % 4 < 2 => format!("code {target}"),
                    Err(_) => {
                        let first = if target == "in" || target == "k0" {
                            0.0
                        } else if target == "k2" {
                            2.0
                        } else {
                            1.0
                        };
                        (first + 0.2 * draw.uniform()).to_string()
                    }
                }
            });
            (made, healthy(k))
        }
        Code::TooFewRows => {
            let n = 20 + 2 * (k % 20) as usize;
            let made = if k.is_multiple_of(2) {
                tables::clouds(n, 15, 2, 0.5, k)
            } else {
                tables::numbers(n, 15, 3.0, k, |x| x[0])
            };
            let mut config =
                FitConfig { validation_fraction: 0.4, activation: curve, ..plain(&[64], 150, k) };
            config.train.patience = Some(30);
            (made, config)
        }
        Code::TwinUnits => {
            let start = match k % 3 {
                0 => Initialiser::Zeros,
                1 => Initialiser::Uniform { low: 0.3, high: 0.3 },
                _ => Initialiser::Uniform { low: -0.5, high: -0.5 },
            };
            let config = FitConfig {
                activation: CURVES[(k % 2) as usize],
                initialiser: Some(start),
                ..plain(&[width], 150, k)
            };
            (tables::xor(160, k), config)
        }
        Code::OutOfRangeInput => {
            let made = either(k);
            let far = made.clone().map(|i, row| {
                if i % 5 == 0 {
                    row[0] = (50.0 * if k.is_multiple_of(2) { 1.0 } else { -1.0 }).to_string();
                }
            });
            new_rows = Some(far.table());
            (made, healthy(k))
        }
        Code::WorseThanBaseline => {
            // A sum of a few of many columns, and a network that is free to learn its few rows by heart.
            let made = tables::numbers(180, 40, 0.3, k, |x| x[0] + 2.0 * x[1] - x[2] + x[3]);
            let mut config = FitConfig {
                activation: Activation::LeakyRelu,
                learning_rate: Some(0.01),
                validation_fraction: 0.5,
                ..plain(&vec![128; 2 + (k % 2) as usize], 150, k)
            };
            config.train.weight_decay = Some(0.0);
            (made, config)
        }
    };
    Case {
        code,
        number: k,
        is_test: k >= FIRST_NEW,
        table: made.table(),
        config,
        new_rows,
        is_searched: matches!(code, Code::UnluckyStart | Code::StoppedTooEarly | Code::WorseThanBaseline),
    }
}

/// A training that goes well.
fn healthy(k: u64) -> FitConfig {
    let mut config = plain(&[32], 1_000, k);
    config.train.patience = Some(40);
    config
}
