//! The sigmoid and its tangents as facts.

use crate::experiment::{Curve, Tangents};
use crate::facts::Facts;
use glassnet::activation::{sigmoid, sigmoid_slope, sigmoid_slope_from_output};
use serde_json::json;

/// The sigmoid over a range.
pub(crate) fn curve_facts(curve: Curve, facts: &mut Facts) {
    let x = curve.places();
    let y: Vec<f64> = x.iter().map(|&z| sigmoid(z)).collect();
    let asymmetry = x.iter().map(|&z| (sigmoid(z) + sigmoid(-z) - 1.0).abs()).fold(0.0, f64::max);
    facts.set("n_points", x.len());
    facts.set("at_zero", sigmoid(0.0));
    facts.set("lowest", y.iter().copied().fold(f64::INFINITY, f64::min));
    facts.set("highest", y.iter().copied().fold(f64::NEG_INFINITY, f64::max));
    facts.set("largest_asymmetry", asymmetry);
    facts.set("x", x);
    facts.set("y", y);
}

/// Tangents of the sigmoid, and what its slope does to learning when the target is 1.
pub(crate) fn tangent_facts(tangents: &Tangents, facts: &mut Facts) {
    let distances = Curve { from: tangents.from, to: tangents.to, step: tangents.step }.places();
    let tangent = |&at: &f64| {
        let (output, slope) = (sigmoid(at), sigmoid_slope(at));
        json!({
            "at": at,
            "output": output,
            "slope": slope,
            "slope_of_wrong_input": sigmoid_slope_from_output(at),
            "measured_slope": measured_slope(at),
            "x": distances.iter().map(|distance| at + distance).collect::<Vec<_>>(),
            "y": distances.iter().map(|distance| slope * distance + output).collect::<Vec<_>>(),
        })
    };
    let confidence = |&at: &f64| {
        let output = sigmoid(at);
        let (error, slope) = (1.0 - output, sigmoid_slope_from_output(output));
        json!({
            "at": at,
            "output": output,
            "error": error,
            "squared_error_pull": error * slope,
            "cross_entropy_pull": error,
        })
    };
    let difference = |&at: &f64| (sigmoid_slope_from_output(sigmoid(at)) - measured_slope(at)).abs();
    facts.set("tangents", tangents.at.iter().map(tangent).collect::<Vec<_>>());
    facts.set("confidence", tangents.at.iter().map(confidence).collect::<Vec<_>>());
    facts.set("largest_difference", tangents.at.iter().map(difference).fold(0.0, f64::max));
}

/// Rise over run across 0.002.
fn measured_slope(at: f64) -> f64 {
    (sigmoid(at + 0.001) - sigmoid(at - 0.001)) / 0.002
}
