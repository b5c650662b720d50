//! A network as a program that needs nothing else: Rust, Python with `NumPy`, or C. It takes the encoded inputs and gives what the
//! objective makes of the outputs, in `f64`.

use glassnet::activation::Activation;
use glassnet::layer::Layer;
use glassnet::network::Network;
use glassnet::objective::Objective;
use std::fmt::Write;

/// What a program is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tongue {
    Rust,
    NumPy,
    C,
}

impl Tongue {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "rust" => Some(Self::Rust),
            "numpy" => Some(Self::NumPy),
            "c" => Some(Self::C),
            _ => None,
        }
    }
}

/// The program; `None` of layers other than dense ones and those that do nothing after training.
pub(crate) fn program(
    tongue: Tongue,
    network: &Network<f64>,
    objective: Objective,
    inputs: &[String],
) -> Option<String> {
    let mut dense = Vec::new();
    for (i, layer) in network.layers().iter().enumerate() {
        match *layer {
            Layer::Dense { activation, .. } => dense.push((i, activation)),
            Layer::Dropout { .. } | Layer::Noise { .. } => {}
            _ => return None,
        }
    }
    let comment = if tongue == Tongue::NumPy { "#" } else { "//" };
    let mut text = format!("{comment} A network trained by glassnet. What goes in, in this order:\n");
    for (i, name) in inputs.iter().enumerate() {
        let name: String =
            name.chars().filter(|character| !character.is_control() && *character != '\\').collect();
        let _ = writeln!(text, "{comment}   x[{i}]: {name}");
    }
    let _ = writeln!(text, "{comment} What comes out: {}.\n", outcome(objective));
    text += match tongue {
        Tongue::Rust => "",
        Tongue::NumPy => "import math\nimport numpy as np\n\n",
        Tongue::C => "#include <math.h>\n#include <string.h>\n\n",
    };
    for &(i, _) in &dense {
        let weight = network.weight(i);
        let (n, m) = (weight.n_rows(), weight.n_columns());
        array(tongue, &format!("W{i}"), Some([n, m]), weight.values(), &mut text);
        if !network.bias(i).is_empty() {
            array(tongue, &format!("B{i}"), None, network.bias(i), &mut text);
        }
    }
    functions(tongue, &dense, objective, &mut text);
    body(tongue, network, &dense, objective, &mut text);
    Some(text)
}

fn outcome(objective: Objective) -> &'static str {
    match objective {
        Objective::SquaredError => "the output",
        Objective::BinaryCrossEntropy => "the probability of the second class",
        Objective::CrossEntropy => "the probability of each class",
        Objective::Quantile(_) => "the quantiles, rising",
        Objective::Poisson => "the expected count",
    }
}

/// A constant of one or two dimensions.
fn array(tongue: Tongue, name: &str, shape: Option<[usize; 2]>, values: &[f64], text: &mut String) {
    let (open, close) = if tongue == Tongue::C { ("{", "}") } else { ("[", "]") };
    let list = |values: &[f64]| {
        let values: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
        format!("{open}{}{close}", values.join(", "))
    };
    let all = match shape {
        None => list(values),
        Some([_, m]) => {
            let rows: Vec<String> = values.chunks(m).map(|row| format!("    {}", list(row))).collect();
            format!("{open}\n{},\n{close}", rows.join(",\n"))
        }
    };
    let [n, m] = shape.unwrap_or([values.len(), 0]);
    let _ = match (tongue, shape) {
        (Tongue::Rust, None) => writeln!(text, "const {name}: [f64; {n}] = {all};"),
        (Tongue::Rust, Some(_)) => writeln!(text, "const {name}: [[f64; {m}]; {n}] = {all};"),
        (Tongue::NumPy, _) => writeln!(text, "{name} = np.array({all})"),
        (Tongue::C, None) => writeln!(text, "static const double {name}[{n}] = {all};"),
        (Tongue::C, Some(_)) => writeln!(text, "static const double {name}[{n}][{m}] = {all};"),
    };
}

/// The activations that occur.
fn functions(tongue: Tongue, dense: &[(usize, Activation)], objective: Objective, text: &mut String) {
    let mut needed: Vec<Activation> = dense.iter().map(|(_, activation)| *activation).collect();
    if objective == Objective::BinaryCrossEntropy {
        needed.push(Activation::Sigmoid);
    }
    for activation in Activation::ALL {
        // C has a tanh of its own.
        let is_there = activation == Activation::Tanh && tongue == Tongue::C;
        if activation == Activation::Identity || is_there || !needed.contains(&activation) {
            continue;
        }
        let name = activation.name();
        let formula = formula(tongue, activation);
        if activation == Activation::Gelu && tongue == Tongue::Rust {
            *text += ERF_IN_RUST;
        }
        let _ = match tongue {
            Tongue::Rust => writeln!(text, "\nfn {name}(z: f64) -> f64 {{\n    {formula}\n}}"),
            Tongue::NumPy => writeln!(text, "\n\n@np.vectorize\ndef {name}(z):\n    return {formula}"),
            Tongue::C => writeln!(text, "\nstatic double {name}(double z) {{\n    return {formula};\n}}"),
        };
    }
}

/// Σ of positive terms, so that nothing cancels.
const ERF_IN_RUST: &str = "
fn erf(x: f64) -> f64 {
    if x.abs() > 6.0 {
        return x.signum();
    }
    let (mut term, mut sum, mut n) = (x, x, 1.0);
    while term.abs() > 1e-17 * sum.abs() {
        term *= 2.0 * x * x / (2.0 * n + 1.0);
        sum += term;
        n += 1.0;
    }
    std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() * sum
}
";

fn formula(tongue: Tongue, activation: Activation) -> String {
    let call = |function: &str, argument: &str| match tongue {
        Tongue::Rust if function == "erf" => format!("erf({argument})"),
        Tongue::Rust => {
            format!("({argument}).{}()", if function == "log1p" { "ln_1p" } else { rust(function) })
        }
        Tongue::NumPy => format!("math.{function}({argument})"),
        Tongue::C => format!("{function}({argument})"),
    };
    let when = |yes: &str, no: &str| match tongue {
        Tongue::Rust => format!("if z > 0.0 {{ {yes} }} else {{ {no} }}"),
        Tongue::NumPy => format!("{yes} if z > 0.0 else {no}"),
        Tongue::C => format!("z > 0.0 ? {yes} : {no}"),
    };
    let softplus = match tongue {
        Tongue::Rust => "z.max(0.0) + (-z.abs()).exp().ln_1p()".to_owned(),
        Tongue::NumPy => "max(z, 0.0) + math.log1p(math.exp(-abs(z)))".to_owned(),
        Tongue::C => "fmax(z, 0.0) + log1p(exp(-fabs(z)))".to_owned(),
    };
    match activation {
        Activation::Identity => "z".into(),
        // The exponent is never above 0, so that nothing overflows.
        Activation::Sigmoid => {
            let small = call("exp", "z");
            when(&format!("1.0 / (1.0 + {})", call("exp", "-z")), &format!("{small} / (1.0 + {small})"))
        }
        Activation::Tanh => call("tanh", "z"),
        Activation::Relu => when("z", "0.0"),
        Activation::LeakyRelu => when("z", "0.01 * z"),
        Activation::Elu => when("z", &call("expm1", "z")),
        Activation::Selu => {
            let below = format!("1.0507009873554805 * 1.6732632423543772 * {}", call("expm1", "z"));
            when("1.0507009873554805 * z", &below)
        }
        Activation::Gelu => format!("z * 0.5 * (1.0 + {})", call("erf", "z / 1.4142135623730951")),
        Activation::Mish => format!("z * {}", call("tanh", &softplus)),
        Activation::Softplus => softplus,
    }
}

fn rust(function: &str) -> &str {
    if function == "expm1" { "exp_m1" } else { function }
}

/// `predict`.
fn body(
    tongue: Tongue,
    network: &Network<f64>,
    dense: &[(usize, Activation)],
    objective: Objective,
    text: &mut String,
) {
    let (n_in, n_out) = (network.n_inputs(), network.n_outputs());
    let _ = match tongue {
        Tongue::Rust => {
            writeln!(text, "\npub fn predict(x: [f64; {n_in}]) -> [f64; {n_out}] {{\n    let a = x;")
        }
        Tongue::NumPy => writeln!(text, "\n\ndef predict(x):\n    a = np.asarray(x, dtype=float)"),
        Tongue::C => {
            let widest = network.layers().iter().map(|layer| layer.n_outputs().max(layer.n_inputs())).max();
            let widest = widest.unwrap_or(1);
            writeln!(
                text,
                "\nvoid predict(const double x[{n_in}], double y[{n_out}]) {{\n    double a[{widest}], z[{widest}];\n    \
                 memcpy(a, x, sizeof(double) * {n_in});"
            )
        }
    };
    for &(i, activation) in dense {
        let (n, m) = (network.weight(i).n_rows(), network.weight(i).n_columns());
        let has_bias = !network.bias(i).is_empty();
        let name = activation.name();
        let is_identity = activation == Activation::Identity;
        let _ = match tongue {
            Tongue::Rust => {
                let start = if has_bias { format!("B{i}") } else { format!("[0.0; {m}]") };
                let end = if is_identity { "let a = z;".into() } else { format!("let a = z.map({name});") };
                writeln!(
                    text,
                    "    let mut z = {start};\n    for (a, row) in a.iter().zip(W{i}) {{\n        for (z, w) in z.iter_mut().zip(row) \
                     {{\n            *z += a * w;\n        }}\n    }}\n    {end}"
                )
            }
            Tongue::NumPy => {
                let bias = if has_bias { format!(" + B{i}") } else { String::new() };
                let end = if is_identity { "z".into() } else { format!("{name}(z)") };
                writeln!(text, "    z = a @ W{i}{bias}\n    a = {end}")
            }
            Tongue::C => {
                let start = if has_bias { format!("B{i}[j]") } else { "0.0".into() };
                let end = if is_identity { "z[j]".into() } else { format!("{name}(z[j])") };
                writeln!(
                    text,
                    "    for (int j = 0; j < {m}; j++) {{\n        z[j] = {start};\n        for (int i = 0; i < {n}; i++) z[j] += a[i] * \
                     W{i}[i][j];\n    }}\n    for (int j = 0; j < {m}; j++) a[j] = {end};"
                )
            }
        };
    }
    *text += &ending(tongue, objective, n_out);
    if tongue == Tongue::C {
        let _ = writeln!(text, "    memcpy(y, a, sizeof(double) * {n_out});");
    }
    *text += match tongue {
        Tongue::Rust => "    a\n}\n",
        Tongue::NumPy => "    return a\n",
        Tongue::C => "}\n",
    };
}

/// The objective's map.
fn ending(tongue: Tongue, objective: Objective, n: usize) -> String {
    let text = match (objective, tongue) {
        (Objective::SquaredError, _) => "",
        (Objective::BinaryCrossEntropy, Tongue::Rust) => "    let a = a.map(sigmoid);\n",
        (Objective::BinaryCrossEntropy, Tongue::NumPy) => "    a = sigmoid(a)\n",
        (Objective::BinaryCrossEntropy, Tongue::C) => "    a[0] = sigmoid(a[0]);\n",
        (Objective::CrossEntropy, Tongue::Rust) => {
            "    let most = a.iter().copied().fold(a[0], f64::max);\n    let a = a.map(|z| (z - most).exp());\n    \
             let sum: f64 = a.iter().sum();\n    let a = a.map(|e| e / sum);\n"
        }
        (Objective::CrossEntropy, Tongue::NumPy) => {
            "    a = np.exp(a - a.max(axis=-1, keepdims=True))\n    a = a / a.sum(axis=-1, keepdims=True)\n"
        }
        (Objective::CrossEntropy, Tongue::C) => {
            "    double most = a[0], sum = 0.0;\n    for (int j = 1; j < @; j++) most = fmax(most, a[j]);\n    \
             for (int j = 0; j < @; j++) sum += a[j] = exp(a[j] - most);\n    for (int j = 0; j < @; j++) a[j] /= sum;\n"
        }
        (Objective::Poisson, Tongue::Rust) => "    let a = a.map(f64::exp);\n",
        (Objective::Poisson, Tongue::NumPy) => "    a = np.exp(a)\n",
        (Objective::Poisson, Tongue::C) => "    a[0] = exp(a[0]);\n",
        (Objective::Quantile(_), Tongue::Rust) => "    let mut a = a;\n    a.sort_by(f64::total_cmp);\n",
        (Objective::Quantile(_), Tongue::NumPy) => "    a = np.sort(a, axis=-1)\n",
        (Objective::Quantile(_), Tongue::C) => {
            "    for (int i = 1; i < @; i++)\n        for (int j = i; j > 0 && a[j - 1] > a[j]; j--) {\n            \
             double t = a[j]; a[j] = a[j - 1]; a[j - 1] = t;\n        }\n"
        }
    };
    text.replace('@', &n.to_string())
}
