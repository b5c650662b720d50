//! What the networks' outputs say, in the target's own classes and units.

use super::Header;
use super::source::{array, commented, double, quoted};
use glassnet::model::Model;
use glassnet::objective::Objective;

/// The function that predicts; the names of what it gives.
pub(super) fn outcome(header: &mut Header, model: &Model) -> Vec<String> {
    match model.objective {
        Objective::BinaryCrossEntropy | Objective::CrossEntropy => classes(header, model),
        Objective::SquaredError | Objective::Poisson | Objective::Quantile(_) => numbers(header, model),
    }
}

/// Statements that add each network's share to `sums`, after `told` has made of its outputs what is averaged.
fn averaged(header: &Header, model: &Model, sums: (&str, usize), told: &str) -> String {
    let (prefix, n_networks) = (&header.prefix, model.networks.len());
    let (sums, n) = sums;
    let mut text = format!("    for (i = 0; i < {n}; i++) {sums}[i] = 0.0;\n");
    for number in 0..n_networks {
        text += &format!(
            "    {prefix}_network_{number}(x, outputs);\n{told}    for (i = 0; i < {n}; i++) {sums}[i] += p[i] / {n_networks}.0;\n"
        );
    }
    text
}

/// Statements that make probabilities p of logits z, both arrays of n, most and sum being numbers.
fn softmax(n: usize) -> String {
    format!(
        "    for (most = z[0], i = 1; i < {n}; i++) most = z[i] > most ? z[i] : most;\n    \
         for (sum = 0.0, i = 0; i < {n}; i++) sum += p[i] = exp(z[i] - most);\n    \
         for (i = 0; i < {n}; i++) p[i] /= sum;\n"
    )
}

fn classes(header: &mut Header, model: &Model) -> Vec<String> {
    let prefix = header.prefix.clone();
    let names = model.target.class_names();
    let (n, n_outputs) = (names.len(), model.networks[0].n_outputs());
    header.text += "/* The classes, in the order of their probabilities. */\n";
    let classes = format!("{prefix}_classes");
    array(&mut header.text, "char *const ", classes.clone(), names, |name| quoted(name));
    let (is_one, is_tempered) = (model.networks.len() == 1, model.temperature != 1.0);
    let temperature = double(model.temperature);
    let divided = if is_one && is_tempered { format!(" / {temperature}") } else { String::new() };
    let mut told = if n_outputs == 1 {
        format!("    z[0] = 0.0;\n    z[1] = outputs[0]{divided};\n")
    } else {
        format!("    for (i = 0; i < {n}; i++) z[i] = outputs[i]{divided};\n")
    };
    told += &softmax(n);
    let mut body = averaged(header, model, ("probabilities", n), &told);
    if !is_one && is_tempered {
        body += &format!("    for (i = 0; i < {n}; i++) z[i] = log(probabilities[i]) / {temperature};\n");
        body += &softmax(n);
        body += &format!("    for (i = 0; i < {n}; i++) probabilities[i] = p[i];\n");
    }
    let (target, n_inputs) = (commented(&model.target.name()), model.encoder.n_inputs());
    header.functions += &format!(
        "/* Writes the probability of each class of {target}; the place of the most probable one in {classes}. */\n\
         static int {prefix}_predict(const {prefix}_row *row, double probabilities[{n}])\n{{\n    \
         float x[{n_inputs}], outputs[{n_outputs}];\n    double z[{n}], p[{n}], most, sum;\n    int i, best = 0;\n    \
         {prefix}_encode(row, x);\n{body}    \
         for (i = 1; i < {n}; i++) best = probabilities[i] > probabilities[best] ? i : best;\n    return best;\n}}\n\n"
    );
    vec![format!("{prefix}_predict"), classes]
}

fn numbers(header: &mut Header, model: &Model) -> Vec<String> {
    let prefix = header.prefix.clone();
    let n = model.networks[0].n_outputs();
    let what = if model.objective == Objective::Poisson { "exp(outputs[i])" } else { "outputs[i]" };
    let told = format!("    for (i = 0; i < {n}; i++) p[i] = {what};\n");
    let mut body = averaged(header, model, ("predictions", n), &told);
    let mut columns = model.target.name();
    let mut declared = "";
    if let Some(levels) = model.quantile_levels() {
        columns = format!("{}, {columns}", levels.names().join(", "));
        declared = ", j";
        // Quantiles that cross are put in order.
        body += &format!(
            "    for (i = 1; i < {n}; i++) {{\n        for (j = i; j > 0 && predictions[j - 1] > predictions[j]; j--) {{\n            \
             p[0] = predictions[j], predictions[j] = predictions[j - 1], predictions[j - 1] = p[0];\n        }}\n    }}\n"
        );
    }
    for (output, target) in (0..n).filter_map(|output| Some((output, model.target.number(output)?))) {
        let here = format!("predictions[{output}]");
        let how = target.standardization;
        body +=
            &format!("    {here} = {} + {} * {here};\n", double(how.mean), double(how.standard_deviation));
        if let Some([low, high]) = target.range.map(|ends| ends.map(double)) {
            body += &format!("    {here} = {here} < {low} ? {low} : {here} > {high} ? {high} : {here};\n");
        }
    }
    let (columns, n_inputs) = (commented(&columns), model.encoder.n_inputs());
    header.functions += &format!(
        "/* Writes, in this order: {columns}. */\n\
         static void {prefix}_predict(const {prefix}_row *row, double predictions[{n}])\n{{\n    \
         float x[{n_inputs}], outputs[{n}];\n    double p[{n}];\n    int i{declared};\n    {prefix}_encode(row, x);\n{body}}}\n\n"
    );
    vec![format!("{prefix}_predict")]
}
