//! Every optimizer against `PyTorch`: 25 steps each, given the same gradients, with a learning rate that falls.

use glassnet::optimizer::{Group, Optimizer, OptimizerConfig};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Fixture {
    start: Vec<f64>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    settings: Value,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    rate: f64,
    d_params: Vec<f64>,
    params: Vec<f64>,
}

impl Case {
    fn setting(&self, name: &str) -> f64 {
        self.settings[name].as_f64().unwrap_or(0.0)
    }

    fn config(&self) -> OptimizerConfig {
        let (momentum, epsilon) = (self.setting("momentum"), self.setting("eps"));
        let beta = |i: usize| self.settings["betas"][i].as_f64().unwrap();
        match self.name.as_str() {
            "sgd" | "momentum" => OptimizerConfig::Sgd { momentum, nesterov: false },
            "nesterov" => OptimizerConfig::Sgd { momentum, nesterov: true },
            "adam" => OptimizerConfig::Adam { beta1: beta(0), beta2: beta(1), epsilon },
            "adamw" => OptimizerConfig::AdamW { beta1: beta(0), beta2: beta(1), epsilon },
            "rms_prop" => OptimizerConfig::RmsProp { alpha: self.setting("alpha"), epsilon, momentum },
            other => panic!("{other}"),
        }
    }
}

#[test]
fn trajectories_as_pytorch() {
    let fixture: Fixture = serde_json::from_str(include_str!("../../../fixtures/optimizers.json")).unwrap();
    assert_eq!(fixture.cases.len(), 14);
    for case in fixture.cases {
        let mut params = fixture.start.clone();
        let mut optimizer = Optimizer::new(case.config(), &params);
        for (number, step) in case.steps.iter().enumerate() {
            let all = Group::weights(0..params.len(), case.setting("weight_decay"));
            optimizer.step(&mut params, &step.d_params, &[all], step.rate);
            for (param, expected) in params.iter().zip(&step.params) {
                let difference = (param - expected).abs();
                assert!(
                    difference <= 1e-14,
                    "{} {}, step {}: {param} instead of {expected}, {difference:e}",
                    case.name,
                    case.settings,
                    number + 1
                );
            }
        }
        let moved: f64 = params.iter().zip(&fixture.start).map(|(a, b)| (a - b).abs()).sum();
        assert!(moved > 0.1, "{}: {params:?}", case.name);
    }
}
