//! The columns as they come, to the inputs of the network.

use super::graph::{Graph, finite};
use super::messages::{AttributeProto, FLOAT, INT64, STRING};
use crate::export::{Told, is_number, missing_numbers, missing_texts, told, truths};
use glassnet::cell::MissingMarks;
use glassnet::encoder::{EncodedColumn, Encoder, Encoding};
use glassnet::levels::Levels;
use glassnet::robust::RobustScale;
use glassnet::standard::Standardization;

/// Beyond so many units an encoded number is ±3, and its square is still finite.
const FAR: f64 = 1e18;
/// Where encoded numbers end.
const LIMIT: f64 = 3.0;

/// The encoded inputs of all columns, side by side as the network takes them: numbers of the robust style first, numbers of levels
/// last.
///
/// # Errors
/// When two levels are the same number in 32 bits.
pub(super) fn inputs(graph: &mut Graph, encoder: &Encoder) -> Result<String, String> {
    for column in encoder.columns() {
        let (elem_type, kind) = if is_number(column) {
            (FLOAT, "a number, NaN where it is missing")
        } else {
            (STRING, "a text, empty where it is missing")
        };
        graph.input(&column.name, elem_type, kind.into());
    }
    let values: Vec<String> =
        encoder.columns().iter().map(|column| present(graph, column, encoder.missing())).collect();
    let mut numbers = Vec::new();
    let mut pieces = Vec::new();
    let mut codes = Vec::new();
    let mut alike: Vec<(&str, Standardization)> = Vec::new();
    for (column, value) in encoder.columns().iter().zip(&values) {
        let name = &column.name;
        if let Encoding::Number(standardization) = column.encoding {
            alike.push((value, standardization));
            if !column.has_missing {
                continue;
            }
        }
        pieces.extend(standardized(graph, &std::mem::take(&mut alike)));
        match &column.encoding {
            Encoding::Number(_) => {}
            Encoding::RobustNumber { scale, mean, missing } => {
                numbers.push((value.as_str(), *scale, *mean));
                if let Some(scale) = missing {
                    let [present, absent] = [1.0, -1.0].map(|sign| graph.number(scale.encode(sign)));
                    let is_missing = graph.of("IsNaN", &[value]);
                    pieces.push(graph.of("Where", &[&is_missing, &absent, &present]));
                }
            }
            Encoding::Boolean => {
                let hot = one_hot_of_texts(graph, name, truths());
                pieces.push(weighted(graph, &hot, [-1.0, 1.0]));
            }
            Encoding::Category { levels, rare } => {
                let hot = one_hot(graph, name, levels)?;
                pieces.push(hot.clone());
                if !rare.is_empty() {
                    let axis = graph.longs(&[1]);
                    let found = graph.of("ReduceSum", &[&hot, &axis]);
                    let missing = missing(graph, (column, value), encoder.missing());
                    let known = graph.of("Add", &[&found, &missing]);
                    let one = graph.number(1.0);
                    pieces.push(graph.of("Sub", &[&one, &known]));
                }
            }
            Encoding::TwoLevels { levels, scale } => {
                let hot = one_hot(graph, name, levels)?;
                let sign = weighted(graph, &hot, [1.0, -1.0]);
                pieces.push(robust(graph, &sign, &[*scale]));
            }
            Encoding::OneHot { levels, scales } => {
                let hot = one_hot(graph, name, levels)?;
                pieces.push(robust(graph, &hot, scales));
            }
            Encoding::Code { levels } => {
                let hot = one_hot(graph, name, levels)?;
                codes.push(weighted(graph, &hot, (1..=levels.len()).map(|code| code as f32)));
            }
        }
        let has_own =
            matches!(column.encoding, Encoding::Number(_) | Encoding::Boolean | Encoding::Category { .. });
        if has_own && column.has_missing {
            pieces.push(missing(graph, (column, value), encoder.missing()));
        }
    }
    pieces.extend(standardized(graph, &alike));
    let mut all = Vec::from_iter(robust_numbers(graph, &numbers));
    all.append(&mut pieces);
    all.append(&mut codes);
    Ok(graph.beside(&all))
}

/// The column as it comes; of numbers, those that stand for a missing one as NaN.
fn present(graph: &mut Graph, column: &EncodedColumn, marks: &MissingMarks) -> String {
    let mut value = column.name.clone();
    for mark in missing_numbers(marks).into_iter().filter(|_| is_number(column)) {
        let none = graph.floats(&[], [f32::NAN]);
        let mark = graph.number(mark);
        let is_mark = graph.of("Equal", &[&value, &mark]);
        value = graph.of("Where", &[&is_mark, &none, &value]);
    }
    value
}

/// (v − mean)/standard deviation of neighbouring columns, 0 where v is missing.
fn standardized(graph: &mut Graph, columns: &[(&str, Standardization)]) -> Option<String> {
    if columns.is_empty() {
        return None;
    }
    let names: Vec<String> = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
    let raw = graph.beside(&names);
    let constants =
        |of: fn(&Standardization) -> f64| columns.iter().map(|(_, how)| of(how)).collect::<Vec<_>>();
    let means = graph.row(&constants(|how| how.mean));
    let deviations = graph.row(&constants(|how| how.standard_deviation));
    let difference = graph.of("Sub", &[&raw, &means]);
    let z = graph.of("Div", &[&difference, &deviations]);
    let zero = graph.number(0.0);
    let is_missing = graph.of("IsNaN", &[&raw]);
    Some(graph.of("Where", &[&is_missing, &zero, &z]))
}

/// Numbers of the robust style; what the mean becomes where one is missing.
fn robust_numbers(graph: &mut Graph, columns: &[(&str, RobustScale, f64)]) -> Option<String> {
    if columns.is_empty() {
        return None;
    }
    let names: Vec<String> = columns.iter().map(|(name, ..)| (*name).to_owned()).collect();
    let raw = graph.beside(&names);
    let scales: Vec<RobustScale> = columns.iter().map(|&(_, scale, _)| scale).collect();
    let x = robust(graph, &raw, &scales);
    let means: Vec<f64> = columns.iter().map(|&(_, scale, mean)| scale.encode(mean)).collect();
    let means = graph.row(&means);
    let is_missing = graph.of("IsNaN", &[&raw]);
    Some(graph.of("Where", &[&is_missing, &means, &x]))
}

/// x of [`RobustScale`], each column by its own.
fn robust(graph: &mut Graph, values: &str, scales: &[RobustScale]) -> String {
    let medians = graph.row(&scales.iter().map(|scale| scale.median).collect::<Vec<_>>());
    let factors = graph.row(&scales.iter().map(|scale| scale.scale).collect::<Vec<_>>());
    let difference = graph.of("Sub", &[values, &medians]);
    let product = graph.of("Mul", &[&difference, &factors]);
    let [least, most] = [-FAR, FAR].map(|end| graph.number(end));
    let z = graph.of("Clip", &[&product, &least, &most]);
    let share = graph.with("Div", &z, LIMIT);
    let square = graph.of("Mul", &[&share, &share]);
    let sum = graph.with("Add", &square, 1.0);
    let root = graph.of("Sqrt", &[&sum]);
    graph.of("Div", &[&z, &root])
}

/// 1 in the column of the level that the cell is, else 0.
fn one_hot(graph: &mut Graph, name: &str, levels: &Levels) -> Result<String, String> {
    let numbers = match told(levels) {
        Told::Texts(texts) => return Ok(one_hot_of_texts(graph, name, texts)),
        Told::Numbers(numbers) => numbers,
    };
    if let Some(i) = (1..numbers.len()).find(|&i| finite(numbers[i - 1]) == finite(numbers[i])) {
        let [one, other] = [&levels.names()[i - 1], &levels.names()[i]];
        return Err(format!(
            "column `{name}`: its levels {one} and {other} are the same number in 32 bits, in which ONNX models take \
             numbers. Train with other values of this column"
        ));
    }
    let numbers = graph.row(&numbers);
    let is_level = graph.of("Equal", &[name, &numbers]);
    Ok(graph.node("Cast", &[&is_level], &[AttributeProto::int("to", i64::from(FLOAT))]))
}

/// 1 in the column that belongs to the text, else 0. That is what the operator for counts of words makes of a single one.
fn one_hot_of_texts(
    graph: &mut Graph,
    name: &str,
    columns: impl IntoIterator<Item = (String, usize)>,
) -> String {
    let (texts, columns): (Vec<String>, Vec<usize>) = columns.into_iter().unzip();
    let attributes = [
        AttributeProto::string("mode", "TF"),
        AttributeProto::int("min_gram_length", 1),
        AttributeProto::int("max_gram_length", 1),
        AttributeProto::int("max_skip_count", 0),
        AttributeProto::ints("ngram_counts", [0]),
        AttributeProto::ints("ngram_indexes", columns.into_iter().map(|column| column as i64)),
        AttributeProto::strings("pool_strings", texts.iter().map(String::as_str)),
    ];
    graph.node("TfIdfVectorizer", &[name], &attributes)
}

/// Σ of the columns times their weights.
fn weighted(graph: &mut Graph, values: &str, weights: impl IntoIterator<Item = f32>) -> String {
    let weights: Vec<f32> = weights.into_iter().collect();
    let weights = graph.floats(&[weights.len(), 1], weights.iter().copied());
    graph.of("MatMul", &[values, &weights])
}

/// 1 where the cell is missing, else 0.
fn missing(graph: &mut Graph, (column, value): (&EncodedColumn, &str), marks: &MissingMarks) -> String {
    if is_number(column) {
        let is_missing = graph.of("IsNaN", &[value]);
        return graph.node("Cast", &[&is_missing], &[AttributeProto::int("to", i64::from(FLOAT))]);
    }
    one_hot_of_texts(graph, value, missing_texts(marks).into_iter().map(|text| (text, 0)))
}

/// Whole numbers of a column that holds them as `f32`.
pub(super) fn whole(graph: &mut Graph, value: &str) -> String {
    graph.node("Cast", &[value], &[AttributeProto::int("to", i64::from(INT64))])
}
