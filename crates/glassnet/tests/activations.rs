//! Values and slopes of all activations against mpmath, at their limits, and slopes against central differences.

use glassnet::activation::Activation;
use glassnet_kernels::Real;
use serde_json::Value;

fn fixture() -> Vec<Value> {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../../../fixtures/activations.json")).unwrap();
    assert!(rows.len() > 80);
    rows
}

/// The number, and its value and slope by mpmath.
fn points(activation: Activation) -> Vec<(f64, f64, f64)> {
    let number = |value: &Value| value.as_f64().unwrap();
    let figure = |row: &Value, i: usize| number(&row[activation.name()][i]);
    fixture().iter().map(|row| (number(&row["z"]), figure(row, 0), figure(row, 1))).collect()
}

/// How far a value may be off: a few units in the last place, relative. The error function of GELU turns the rounding of
/// its argument z/√2 into z² as much.
fn value_tolerance(activation: Activation, z: f64, value: f64, unit: f64) -> f64 {
    let condition = if activation == Activation::Gelu { 1.0 + z * z } else { 1.0 };
    2.0 * unit * condition * value.abs()
}

/// How far a slope may be off: relative, and a few units of 1, because a·(1 − a) and 1 − a² lose the digits of a saturated
/// output by design, and because GELU and Mish turn round near −0.75 and −1.19.
fn slope_tolerance(activation: Activation, z: f64, slope: f64, unit: f64) -> f64 {
    value_tolerance(activation, z, slope, unit) + 2.0 * unit
}

/// `unit` is the distance from 1 to the next number, `smallest` the smallest normal number.
fn check_against_mpmath<R: Real>(unit: f64, smallest: f64) {
    for activation in Activation::ALL {
        let mut n_checked = 0;
        for (z, value, slope) in points(activation) {
            let input = R::from_f64(z);
            // What only f64 can hold is not this type's business.
            if input.to_f64() != z || value.abs() < smallest {
                continue;
            }
            let a = activation.value(input);
            let off = (a.to_f64() - value).abs();
            let tolerance = value_tolerance(activation, z, value, unit);
            assert!(off <= tolerance, "{activation}({z}) = {a:?} instead of {value:e}");
            let found = activation.slope(input, a);
            let off = (found.to_f64() - slope).abs();
            let tolerance = slope_tolerance(activation, z, slope, unit);
            assert!(off <= tolerance, "slope of {activation} at {z}: {found:?} instead of {slope:e}");
            n_checked += 1;
        }
        assert!(n_checked > 25, "{activation}: only {n_checked} points");
    }
}

#[test]
fn values_and_slopes_as_mpmath() {
    check_against_mpmath::<f64>(f64::EPSILON, f64::MIN_POSITIVE);
    check_against_mpmath::<f32>(f32::EPSILON.into(), f32::MIN_POSITIVE.into());
}

#[test]
fn small_slopes_keep_their_digits() {
    // Away from the roots of GELU's and Mish's slope nothing cancels: no absolute share in the tolerance.
    for activation in Activation::ALL {
        let is_from_output = matches!(activation, Activation::Sigmoid | Activation::Tanh);
        for (z, _, slope) in points(activation) {
            if is_from_output || (-2.0..-0.5).contains(&z) || slope < f64::MIN_POSITIVE {
                continue;
            }
            let found = activation.slope(z, activation.value(z));
            let tolerance = value_tolerance(activation, z, slope, f64::EPSILON);
            assert!((found - slope).abs() <= tolerance, "slope of {activation} at {z}: {found:e}, {slope:e}");
        }
    }
}

#[test]
fn limits() {
    const INFINITY: f64 = f64::INFINITY;
    const SELU: (f64, f64) = (1.050_700_987_355_480_5, -1.758_099_340_847_376_8);
    let limits = [
        (Activation::Identity, [-INFINITY, INFINITY], [1.0, 1.0]),
        (Activation::Sigmoid, [0.0, 1.0], [0.0, 0.0]),
        (Activation::Tanh, [-1.0, 1.0], [0.0, 0.0]),
        (Activation::Relu, [0.0, INFINITY], [0.0, 1.0]),
        (Activation::LeakyRelu, [-INFINITY, INFINITY], [0.01, 1.0]),
        (Activation::Elu, [-1.0, INFINITY], [0.0, 1.0]),
        (Activation::Selu, [SELU.1, INFINITY], [0.0, SELU.0]),
        (Activation::Gelu, [0.0, INFINITY], [0.0, 1.0]),
        (Activation::Mish, [0.0, INFINITY], [0.0, 1.0]),
        (Activation::Softplus, [0.0, INFINITY], [0.0, 1.0]),
    ];
    assert_eq!(limits.map(|(activation, ..)| activation), Activation::ALL);
    for (activation, values, slopes) in limits {
        for (z, (value, slope)) in [-INFINITY, INFINITY].into_iter().zip(values.into_iter().zip(slopes)) {
            let a = activation.value(z);
            assert!(a == value || (a - value).abs() < 1e-15, "{activation}({z}) = {a}");
            assert_eq!(activation.slope(z, a), slope, "slope of {activation} at {z}");
            let a = activation.value(z as f32);
            assert!(a == value as f32 && !activation.slope(z as f32, a).is_nan(), "{activation}({z}) in f32");
        }
        assert_eq!(activation.value(-0.0), activation.value(0.0), "{activation} at -0");
        assert!(activation.value(f64::NAN).is_nan(), "{activation} of NaN");
    }
}

#[test]
fn never_falls_but_for_one_dip() {
    for activation in Activation::ALL {
        let values: Vec<f64> =
            (-8_000..=8_000).map(|step| activation.value(f64::from(step) * 0.01)).collect();
        let falls = values.windows(2).filter(|pair| pair[1] < pair[0]).count();
        let has_dip = matches!(activation, Activation::Gelu | Activation::Mish);
        assert_eq!(falls > 0, has_dip, "{activation} falls {falls} times");
    }
}

#[test]
fn slopes_are_central_differences() {
    const STEP: f64 = 1e-5;
    for activation in Activation::ALL {
        for z in (-40..40).map(|step| 0.25 * f64::from(step) + 0.1) {
            let difference = (activation.value(z + STEP) - activation.value(z - STEP)) / (2.0 * STEP);
            let slope = activation.slope(z, activation.value(z));
            assert!((slope - difference).abs() < 2e-10, "{activation} at {z}: {slope}, {difference}");
        }
    }
}
