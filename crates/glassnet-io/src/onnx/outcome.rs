//! What the networks' outputs say, in the target's own classes and units.

use super::graph::Graph;
use super::messages::{AttributeProto, FLOAT, INT64, STRING};
use glassnet::model::Model;
use glassnet::objective::Objective;

/// Adds the graph's outputs; their names.
pub(super) fn outcome(graph: &mut Graph, model: &Model, outputs: &[String]) -> Vec<String> {
    match model.objective {
        Objective::BinaryCrossEntropy | Objective::CrossEntropy => classes(graph, model, outputs),
        Objective::SquaredError | Objective::Poisson | Objective::Quantile(_) => {
            numbers(graph, model, outputs)
        }
    }
}

/// `label`, and `probabilities` with a column for each class.
fn classes(graph: &mut Graph, model: &Model, outputs: &[String]) -> Vec<String> {
    let names = model.target.class_names();
    let probabilities = if let [one] = outputs {
        let logits = tempered(graph, one.clone(), model.temperature);
        probabilities(graph, model.objective, &logits)
    } else {
        let each: Vec<String> =
            outputs.iter().map(|logits| probabilities(graph, model.objective, logits)).collect();
        let mean = mean(graph, &each);
        if model.temperature == 1.0 {
            mean
        } else {
            let logarithms = graph.of("Log", &[&mean]);
            let logits = tempered(graph, logarithms, model.temperature);
            graph.node("Softmax", &[&logits], &[AttributeProto::int("axis", 1)])
        }
    };
    let largest = [AttributeProto::int("axis", 1), AttributeProto::int("keepdims", 0)];
    let largest = graph.node("ArgMax", &[&probabilities], &largest);
    let is_canonical = |name: &String| name.parse::<i64>().ok().filter(|number| number.to_string() == *name);
    let numbers: Option<Vec<i64>> = names.iter().map(is_canonical).collect();
    let (elem_type, all) = match numbers {
        Some(numbers) => (INT64, graph.longs(&numbers)),
        None => (STRING, graph.texts(names)),
    };
    let label = graph.node("Gather", &[&all, &largest], &[AttributeProto::int("axis", 0)]);
    let target = model.target.name();
    let docs = [
        format!("the class of `{target}` that is most probable"),
        format!("of each class of `{target}`, in this order: {}", names.join(", ")),
    ];
    let [of_label, of_probabilities] = docs;
    vec![
        graph.output("label", &label, (elem_type, None), of_label),
        graph.output("probabilities", &probabilities, (FLOAT, Some(names.len())), of_probabilities),
    ]
}

fn tempered(graph: &mut Graph, logits: String, temperature: f64) -> String {
    if temperature == 1.0 { logits } else { graph.with("Div", &logits, temperature) }
}

/// Of each class. Of two both from the logit, so that neither loses digits near 1.
fn probabilities(graph: &mut Graph, objective: Objective, logits: &str) -> String {
    if objective == Objective::CrossEntropy {
        return graph.node("Softmax", &[logits], &[AttributeProto::int("axis", 1)]);
    }
    let against = graph.of("Neg", &[logits]);
    let both = graph.beside(&[against, logits.to_owned()]);
    graph.of("Sigmoid", &[&both])
}

/// `prediction` with a column for each target, or `quantiles`.
fn numbers(graph: &mut Graph, model: &Model, outputs: &[String]) -> Vec<String> {
    let each: Vec<String> = match model.objective {
        Objective::Poisson => outputs.iter().map(|outputs| graph.of("Exp", &[outputs])).collect(),
        _ => outputs.to_vec(),
    };
    let mean = mean(graph, &each);
    let (name, z, n_columns) = match model.quantile_levels() {
        None => ("prediction", mean, model.target.numbers().len()),
        Some(levels) => {
            let n_levels = levels.as_slice().len();
            ("quantiles", graph.sorted(&mean, n_levels), n_levels)
        }
    };
    let targets: Vec<_> = (0..n_columns).filter_map(|output| model.target.number(output)).collect();
    let constants = |of: &dyn Fn(usize) -> f64| (0..targets.len()).map(of).collect::<Vec<_>>();
    let deviations = graph.row(&constants(&|i| targets[i].standardization.standard_deviation));
    let means = graph.row(&constants(&|i| targets[i].standardization.mean));
    let scaled = graph.of("Mul", &[&z, &deviations]);
    let mut number = graph.of("Add", &[&scaled, &means]);
    if targets.iter().any(|target| target.range.is_some()) {
        let end =
            |i: usize, end: usize| targets[i].range.map_or([f64::MIN, f64::MAX][end], |range| range[end]);
        let [least, most] = [0, 1].map(|which| graph.row(&constants(&|i| end(i, which))));
        number = graph.of("Max", &[&number, &least]);
        number = graph.of("Min", &[&number, &most]);
    }
    let columns = match model.quantile_levels() {
        Some(levels) => levels.names().join(", "),
        None => model.target.name(),
    };
    let doc = format!("`{}`, in these columns: {columns}", model.target.name());
    vec![graph.output(name, &number, (FLOAT, Some(n_columns)), doc)]
}

fn mean(graph: &mut Graph, all: &[String]) -> String {
    if let [one] = all {
        return one.clone();
    }
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    graph.of("Mean", &all)
}
