//! Trainings to look into: what they are after a change by hand, and after going back.

use glassnet::fit_config::FitConfig;
use glassnet::history::StopReason;
use glassnet::schedule::Schedule;
use glassnet::schema::{Schema, SchemaOptions};
use glassnet::table::Table;
use glassnet::train_config::RowOrder;
use glassnet::workbench::Workbench;

/// A network of one hidden layer on the irises, trained on their rows in order.
fn bench(schedule: Schedule, epochs: usize) -> Workbench {
    let iris = Table::read(&include_bytes!("../../../examples/iris.csv")[..], "iris.csv", None).unwrap();
    let options = SchemaOptions { targets: vec!["species".into()], ..SchemaOptions::default() };
    let schema = Schema::infer(&iris, &options).unwrap();
    let mut config = FitConfig::plain();
    (config.hidden_layer_sizes, config.dropout) = (vec![3], 0.0);
    config.train.optimizer = glassnet::optimizer::OptimizerConfig::SGD;
    config.train.row_order = RowOrder::AsGiven;
    (config.train.schedule, config.train.epochs, config.train.patience) = (schedule, epochs, None);
    Workbench::start(&iris, schema, config).unwrap()
}

fn trained(bench: &mut Workbench, epochs: usize) -> Vec<f64> {
    (0..epochs).for_each(|_| assert!(bench.epoch().is_some()));
    bench.network().params().to_vec()
}

/// Gradient descent keeps nothing but the parameters, so that a training with a pause is the same training.
#[test]
fn a_schedule_goes_on_after_a_change_by_hand_and_after_going_back() {
    for name in Schedule::NAMES.into_iter().filter(|&name| name != "reduce-on-plateau") {
        let schedule = Schedule::from_name(name).unwrap();
        let mut whole = bench(schedule, 40);
        let expected = trained(&mut whole, 40);
        let mut with_pause = bench(schedule, 40);
        let middle = trained(&mut with_pause, 13);
        with_pause.set_params(middle).unwrap();
        let rate = with_pause.learning_rate();
        assert_eq!(trained(&mut with_pause, 27), expected, "{name}");
        assert_eq!(with_pause.epoch(), None, "{name} has an end");
        assert_eq!(with_pause.stop_reason(), Some(StopReason::Epochs));
        let reports: Vec<_> = with_pause.history_from(0).collect();
        assert_eq!(reports, whole.history_from(0).collect::<Vec<_>>(), "{name}");
        with_pause.back_to(13).unwrap();
        assert_eq!((with_pause.n_epochs(), with_pause.learning_rate()), (13, rate), "{name}");
        assert_eq!(trained(&mut with_pause, 27), expected, "{name}, gone back");
        // At its end it stays there whatever is changed.
        with_pause.set_params(expected).unwrap();
        assert_eq!(with_pause.epoch(), None, "{name}");
    }
}

/// What a step by hand is told to do is what it does, at the rate that the schedule has come to.
#[test]
fn a_step_has_the_rate_of_the_schedule() {
    let mut constant = bench(Schedule::Constant, 40);
    let mut cosine = bench(Schedule::Cosine { last: 0.0 }, 40);
    trained(&mut cosine, 20);
    let base = constant.learning_rate();
    assert!((cosine.learning_rate() / base - 0.5).abs() < 1e-12);
    let params = cosine.network().params().to_vec();
    constant.set_params(params.clone()).unwrap();
    constant.step(7).unwrap();
    cosine.step(7).unwrap();
    for ((start, full), half) in params.iter().zip(constant.network().params()).zip(cosine.network().params())
    {
        assert!(((full - start) - 2.0 * (half - start)).abs() < 1e-12, "{start} {full} {half}");
    }
}

/// A model of half a run says how long the run was where its schedule depends on it.
#[test]
fn a_model_tells_the_length_that_its_schedule_depends_on() {
    for (name, expected) in [("constant", 13), ("step", 13), ("cosine", 40)] {
        let mut bench = bench(Schedule::from_name(name).unwrap(), 40);
        trained(&mut bench, 13);
        let model = bench.model().unwrap();
        assert_eq!(model.story.config.train.epochs, expected, "{name}");
        assert_eq!(model.story.history.len(), 13);
    }
}
