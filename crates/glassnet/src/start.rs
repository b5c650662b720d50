//! The trainings of a configuration at their start: layers, first parameters and streams of random numbers.

use crate::data_start::start_by_rows;
use crate::dataset::Dataset;
use crate::error::{Error, Result, counted};
use crate::fit_config::FitConfig;
use crate::generator::Generator;
use crate::initialiser::Initialiser;
use crate::layer::Layer;
use crate::matrix::Matrix;
use crate::model::n_outputs;
use crate::network::Network;
use crate::prepared::{Prepared, Stream};
use crate::recipe::Recipe;
use crate::trainer::Trainer;
use crate::training_rows::TrainingRows;
use glassnet_kernels::Real;
use std::sync::Arc;

/// From the streams of one network of an ensemble to those of the next.
const STREAMS_OF_A_MEMBER: u64 = 8;

/// Rows that a start looks at.
const MOST_START_ROWS: usize = 4_096;

/// Rows to train on and rows to validate on.
pub(crate) type Rows<'a, R> = (&'a TrainingRows<R>, Option<&'a Arc<Dataset<R>>>);

/// Where a network starts.
#[derive(Clone, Copy)]
enum Start<'a> {
    /// Where others ended.
    Trained(&'a [Network<f32>]),
    /// By the training rows.
    ByRows,
    /// Drawn, whatever they are.
    Drawn(Initialiser),
}

/// Start `number` of a configuration, from 0.
pub(crate) fn trainer<R: Real>(
    prepared: &Prepared,
    rows: Rows<'_, R>,
    config: &FitConfig,
    number: usize,
) -> Result<Trainer<R>> {
    let start = match (&prepared.origin, config.recipe, config.initialiser) {
        (Some(origin), ..) => Start::Trained(&origin.networks),
        (None, Recipe::Strong, None) => Start::ByRows,
        _ => Start::Drawn(config.initialiser()),
    };
    from(prepared, rows, config, start, [Stream::Weights, Stream::Training], number)
}

/// The linear baseline beside it.
pub(crate) fn linear<R: Real>(
    prepared: &Prepared,
    rows: Rows<'_, R>,
    config: &FitConfig,
) -> Result<Trainer<R>> {
    let zeros = Start::Drawn(Initialiser::Zeros);
    from(prepared, rows, &config.linear(), zeros, [Stream::LinearWeights, Stream::LinearTraining], 0)
}

/// A trained network in layers that may drop out and add noise otherwise.
///
/// # Errors
/// [`Error::Checkpoint`] where the layers are others.
fn gone_on<R: Real>(trained: &Network<f32>, layers: Vec<Layer>) -> Result<Network<R>> {
    let lasting = |layers: &[Layer]| -> Vec<Layer> {
        let passes = |layer: &&Layer| !matches!(layer, Layer::Noise { .. } | Layer::Dropout { .. });
        layers.iter().filter(passes).copied().collect()
    };
    let (own, wanted) = (lasting(trained.layers()), lasting(&layers));
    if own != wanted {
        let sizes = |layers: &[Layer]| {
            let dense = layers.iter().filter(|layer| matches!(layer, Layer::Dense { .. }));
            dense.map(|layer| layer.n_outputs().to_string()).collect::<Vec<_>>().join("-")
        };
        let reason = format!(
            "the model's layers ({}) are not those that these settings make ({}): leave out those of the network itself",
            sizes(&own),
            sizes(&wanted)
        );
        return Err(Error::Checkpoint { reason });
    }
    let params = trained.params().iter().map(|&param| R::from_f64(f64::from(param))).collect();
    Network::from_params(layers, params)
}

fn from<R: Real>(
    prepared: &Prepared,
    (training, validation): Rows<'_, R>,
    config: &FitConfig,
    start: Start<'_>,
    [weights, order]: [Stream; 2],
    number: usize,
) -> Result<Trainer<R>> {
    let Prepared { encoder, target, objective, .. } = prepared;
    let noise = config.noise(target.task(), training.n_rows());
    let layers = config.layers(encoder, n_outputs(*objective, target), noise)?;
    if let Start::Trained(networks) = start
        && networks.len() != config.ensemble
    {
        let (found, wanted) = (counted(networks.len(), "network"), config.ensemble);
        let reason = format!("the model has {found}, and ensemble is {wanted}");
        return Err(Error::Checkpoint { reason });
    }
    let member = |k: usize| {
        // The tutorial's start, and for further networks those of the next seeds.
        let stream = |purpose: Stream| match (config.recipe, purpose) {
            (Recipe::Seed, Stream::Weights) => Generator::numpy_legacy((config.seed + k as u64) as u32),
            _ => Generator::stream(config.seed, purpose as u64 + k as u64 * STREAMS_OF_A_MEMBER),
        };
        let mut generator = stream(weights);
        let network = match start {
            Start::ByRows => {
                let block = training.first_block()?;
                let mut rows = generator.permutation(block.n_rows());
                rows.truncate(MOST_START_ROWS);
                let mut x = Matrix::default();
                x.gather(block.x.view(), &rows);
                start_by_rows(layers.clone(), x.view(), &mut generator)?
            }
            Start::Trained(networks) => gone_on(&networks[k], layers.clone())?,
            Start::Drawn(start) => Network::initialised(layers.clone(), start, &mut generator)?,
        };
        Ok((network, stream(order)))
    };
    let members = (number..number + config.ensemble).map(member).collect::<Result<Vec<_>>>()?;
    let train = config.train_config(training.n_rows()).check()?;
    Trainer::ensemble(members, *objective, train, training.clone(), validation.cloned())
}
