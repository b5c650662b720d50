//! Whether the network can learn its rows at all: planes, pulls that cancel, one answer for everything.

use crate::batch::slice;
use crate::dataset::Targets;
use crate::error::Result;
use crate::facts::Facts;
use crate::finding::{Code, Finding, Fix, Severity, Sketch};
use crate::matrix::Matrix;
use crate::network::Network;
use crate::separable::{Separation, separate};
use crate::trace::row_gradients;
use crate::watch::wide;

/// Parameters above which the rows' gradients are not looked at one by one, and rows that are.
const MOST_PARAMS: usize = 4_000;
const MOST_ROWS: usize = 512;

/// Length of the sum of the rows' gradients beside the sum of their lengths, below which they cancel.
const CANCELS: f64 = 0.15;

/// Spread of the predictions beside that of the targets, below which they are one answer.
const CONSTANT: f64 = 0.05;

/// Inputs and rows up to which the linear program is tried.
const MOST_INPUTS: usize = 60;

pub(super) fn findings(facts: &Facts<'_>) -> Result<Vec<Finding>> {
    let all = [not_separable(facts), cancelling(facts)?, constant(facts)];
    Ok(all.into_iter().flatten().collect())
}

fn not_separable(facts: &Facts<'_>) -> Option<Finding> {
    let classes = facts.classes()?;
    let right = facts.right()?;
    let x = &facts.training.x;
    if facts.has_hidden() || right == 1.0 || x.n_columns() > MOST_INPUTS {
        return None;
    }
    let n_classes = facts.model.target.class_names().len() as u32;
    let pairs = (0..n_classes).flat_map(|one| (one + 1..n_classes).map(move |other| (one, other)));
    // The first two classes that no plane parts are enough.
    let (one, other, rows, first, second) = pairs.take(20).find_map(|(one, other)| {
        let rows: Vec<usize> =
            (0..classes.len()).filter(|&row| classes[row] == one || classes[row] == other).collect();
        let mut part = Matrix::default();
        part.gather(x.view(), &rows);
        let flags: Vec<bool> = rows.iter().map(|&row| classes[row] == one).collect();
        match separate(part.view(), &flags) {
            Separation::Witness { first, second } => Some((one, other, rows, first, second)),
            _ => None,
        }
    })?;
    let name = |class: u32| facts.model.target.class_names()[class as usize].as_str();
    // On rows that overlap a little, a plane that gets most of them right is a sensible answer.
    let severity = if facts.gain() < 0.3 { Severity::Error } else { Severity::Info };
    let mut finding = Finding::new(
        Code::NotLinearlySeparable,
        severity,
        format!(
            "without a hidden layer the network draws one straight line or plane, and none parts `{}` from `{}`: a mean of rows \
             of one is the same point as a mean of rows of the other",
            name(one),
            name(other)
        ),
        "a hidden layer",
    )
    .with("share of training rows that are right", right)
    .with("rows in both means", first.len() + second.len());
    for (class, rows_of) in [(one, &first), (other, &second)] {
        for &(row, share) in rows_of.iter().take(4) {
            let inputs: Vec<String> =
                x.row(rows[row]).iter().take(6).map(|value| format!("{value:.4}")).collect();
            let label =
                format!("share in the mean of `{}` of the row with inputs {}", name(class), inputs.join(" "));
            finding = finding.with(&label, share);
        }
    }
    // Over the inputs that differ most between rows; the means are one point over any.
    let mut places: Vec<usize> = (0..x.n_columns()).collect();
    let spread = |place: &usize| {
        let values = || rows.iter().map(|&row| x.row(row)[*place]);
        values().fold(f32::NEG_INFINITY, f32::max) - values().fold(f32::INFINITY, f32::min)
    };
    places.sort_by(|i, j| spread(j).total_cmp(&spread(i)));
    let names = facts.model.encoder.input_names();
    let (across, up) = (places[0], *places.get(1).unwrap_or(&places[0]));
    let at = |row: usize| [f64::from(x.row(row)[across]), f64::from(x.row(row)[up])];
    let of_class =
        |class: u32| rows.iter().filter(|&&row| classes[row] == class).map(|&row| at(row)).collect();
    let mean = first.iter().fold([0.0, 0.0], |[u, v], &(row, share)| {
        let [x, y] = at(rows[row]);
        [u + share * x, v + share * y]
    });
    let series = vec![
        (name(one).to_owned(), of_class(one)),
        (name(other).to_owned(), of_class(other)),
        ("both means".to_owned(), vec![mean]),
    ];
    let sketch = Sketch::new(&names[across], &names[up], series);
    Some(finding.shown_by(sketch).fix(Fix::Hidden(vec![8])).fix(Fix::Restarts(20)))
}

fn cancelling(facts: &Facts<'_>) -> Result<Option<Finding>> {
    let network = facts.model.network();
    if !facts.fails() || network.params().len() > MOST_PARAMS {
        return Ok(None);
    }
    let rows: Vec<usize> = (0..facts.training.n_rows().min(MOST_ROWS)).collect();
    let rows = wide(&facts.training.gather(&rows)?);
    let params = network.params().iter().map(|&param| f64::from(param)).collect();
    let network = Network::from_params(network.layers().to_vec(), params)?;
    let all = slice(&rows, 0, rows.n_rows());
    let mut gradients = row_gradients(&network, facts.model.objective, all.x, all.targets);
    for (row, &weight) in all.weights.into_iter().flatten().enumerate() {
        gradients.row_mut(row).iter_mut().for_each(|gradient| *gradient *= weight);
    }
    let mut sum = vec![0.0; network.params().len()];
    for row in 0..gradients.n_rows() {
        for (sum, gradient) in sum.iter_mut().zip(gradients.row(row)) {
            *sum += gradient;
        }
    }
    let lengths: Vec<f64> = (0..gradients.n_rows())
        .map(|row| gradients.row(row).iter().map(|g| g * g).sum::<f64>().sqrt())
        .collect();
    let n = lengths.len() as f64;
    let all: f64 = lengths.iter().sum();
    let length = sum.iter().map(|g| g * g).sum::<f64>().sqrt();
    let is_pulling = all / n > 1e-3;
    Ok((is_pulling && length < CANCELS * all).then(|| {
        // Behind a hidden layer that says how it failed rather than why.
        let severity = if facts.has_hidden() { Severity::Info } else { Severity::Error };
        Finding::new(
            Code::CancellingGradients,
            severity,
            "every row pulls the weights, and the pulls of all rows together cancel: training stands still although the answers \
             are wrong",
            "a hidden layer where there is none, else other starts and more units",
        )
        .with("rows", lengths.len())
        .with("mean length of a row's gradient", all / n)
        .with("length of their mean", length / n)
        .with("what is left of the pulls, as a share", length / all)
        .with("training loss", facts.loss)
        .with("constant prediction's loss", facts.constant_loss)
        .fix(Fix::Hidden(vec![8]))
        .fix(Fix::Restarts(20))
    }))
}

fn constant(facts: &Facts<'_>) -> Option<Finding> {
    let mut predictions = facts.outputs.clone();
    facts.model.objective.predict(&mut predictions);
    let spread = |of: &dyn Fn(usize) -> Vec<f64>| {
        let rows: Vec<Vec<f64>> = (0..facts.training.n_rows()).map(of).collect();
        let n = rows.len() as f64;
        let columns = rows[0].len();
        let one = |column: usize| {
            let mean = rows.iter().map(|row| row[column]).sum::<f64>() / n;
            (rows.iter().map(|row| (row[column] - mean).powi(2)).sum::<f64>() / n).sqrt()
        };
        (0..columns).map(one).fold(0.0, f64::max)
    };
    let of_targets = match &facts.training.targets {
        Targets::Classes { indices, n_classes } => spread(&|row: usize| {
            (0..*n_classes).map(|class| f64::from(u8::from(indices[row] as usize == class))).collect()
        }),
        Targets::Values(values) => {
            spread(&|row: usize| values.row(row).iter().map(|&value| f64::from(value)).collect())
        }
    };
    let of_predictions =
        spread(&|row: usize| predictions.row(row).iter().map(|&value| f64::from(value)).collect());
    (of_targets > 0.0 && of_predictions < CONSTANT * of_targets && facts.fails()).then(|| {
        Finding::new(
            Code::ConstantPrediction,
            Severity::Error,
            "every row gets nearly the same prediction: the model says what is best without looking at the inputs",
            "less weight decay, l1, l2 and dropout; then a larger learning rate or other starts",
        )
        .with("standard deviation of the predictions", of_predictions)
        .with("standard deviation of the targets", of_targets)
        .with("training loss", facts.loss)
        .with("constant prediction's loss", facts.constant_loss)
        .fix(Fix::Unrestrained)
        .fix(Fix::Restarts(8))
    })
}
