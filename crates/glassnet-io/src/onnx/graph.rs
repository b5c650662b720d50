//! A graph that grows node by node.

use super::messages::{
    AttributeProto, FLOAT, GraphProto, INT64, NodeProto, STRING, TensorProto, ValueInfoProto,
};
use std::collections::HashSet;

/// Nodes, and the constants that they read. Every value has a name of its own; all are matrices of `f32` with a row for each
/// row of the table, where nothing else is said.
#[derive(Default)]
pub(super) struct Graph {
    parts: GraphProto,
    taken: HashSet<String>,
}

impl Graph {
    /// A matrix of one column that the caller gives.
    pub(super) fn input(&mut self, name: &str, elem_type: i32, doc: String) {
        self.taken.insert(name.to_owned());
        self.parts.input.push(ValueInfoProto::of_rows(name, elem_type, Some(1), doc));
    }

    /// The name itself, or with underscores behind it where it is taken.
    fn free(&mut self, name: &str) -> String {
        let mut name = name.to_owned();
        while !self.taken.insert(name.clone()) {
            name.push('_');
        }
        name
    }

    fn constant(&mut self, data_type: i32, dims: &[usize], raw_data: Option<Vec<u8>>) -> &mut TensorProto {
        let name = self.free(&format!("constant_{}", self.parts.initializer.len()));
        let dims = dims.iter().map(|&size| size as i64).collect();
        self.parts.initializer.push(TensorProto { dims, data_type, name, raw_data, string_data: Vec::new() });
        self.parts.initializer.last_mut().expect("just pushed")
    }

    /// A constant of this shape.
    pub(super) fn floats(&mut self, dims: &[usize], values: impl IntoIterator<Item = f32>) -> String {
        let bytes = values.into_iter().flat_map(f32::to_le_bytes).collect();
        self.constant(FLOAT, dims, Some(bytes)).name.clone()
    }

    /// A constant row, of which all rows are.
    pub(super) fn row(&mut self, values: &[f64]) -> String {
        self.floats(&[1, values.len()], values.iter().map(|&value| finite(value)))
    }

    /// A constant that is the same everywhere.
    pub(super) fn number(&mut self, value: f64) -> String {
        self.floats(&[], [finite(value)])
    }

    /// Whole numbers, one behind the other.
    pub(super) fn longs(&mut self, values: &[i64]) -> String {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(INT64, &[values.len()], Some(bytes)).name.clone()
    }

    /// Texts, one behind the other.
    pub(super) fn texts(&mut self, texts: &[String]) -> String {
        let tensor = self.constant(STRING, &[texts.len()], None);
        tensor.string_data = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
        tensor.name.clone()
    }

    /// What the operator makes of these values.
    pub(super) fn node(&mut self, operator: &str, inputs: &[&str], attributes: &[AttributeProto]) -> String {
        let output = self.free(&format!("{operator}_{}", self.parts.node.len()));
        self.push(operator, inputs, vec![output.clone()], attributes);
        output
    }

    fn push(&mut self, operator: &str, inputs: &[&str], output: Vec<String>, attributes: &[AttributeProto]) {
        self.parts.node.push(NodeProto {
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            name: output[0].clone(),
            output,
            op_type: operator.to_owned(),
            attribute: attributes.to_vec(),
        });
    }

    /// Each row's numbers, the smallest first.
    pub(super) fn sorted(&mut self, value: &str, n_columns: usize) -> String {
        let all = self.longs(&[n_columns as i64]);
        let outputs = ["sorted", "order"].map(|name| self.free(&format!("{name}_{}", self.parts.node.len())));
        let rising = [AttributeProto::int("axis", 1), AttributeProto::int("largest", 0)];
        self.push("TopK", &[value, &all], outputs.to_vec(), &rising);
        let [sorted, _] = outputs;
        sorted
    }

    /// As [`Graph::node`], of one or two values and without attributes.
    pub(super) fn of(&mut self, operator: &str, inputs: &[&str]) -> String {
        self.node(operator, inputs, &[])
    }

    /// The operator on a value and a number.
    pub(super) fn with(&mut self, operator: &str, value: &str, number: f64) -> String {
        let number = self.number(number);
        self.of(operator, &[value, &number])
    }

    /// The columns of all, side by side.
    pub(super) fn beside(&mut self, values: &[String]) -> String {
        if let [one] = values {
            return one.clone();
        }
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        self.node("Concat", &values, &[AttributeProto::int("axis", 1)])
    }

    /// Some of the columns.
    pub(super) fn columns(&mut self, value: &str, start: usize, end: usize) -> String {
        let [start, end, axis] = [start, end, 1].map(|number| self.longs(&[number as i64]));
        self.of("Slice", &[value, &start, &end, &axis])
    }

    /// Has the graph give this value, under that name where it is not taken; the name.
    pub(super) fn output(
        &mut self,
        name: &str,
        value: &str,
        (elem_type, n_columns): (i32, Option<usize>),
        doc: String,
    ) -> String {
        let name = self.free(name);
        self.push("Identity", &[value], vec![name.clone()], &[]);
        self.parts.output.push(ValueInfoProto::of_rows(&name, elem_type, n_columns, doc));
        name
    }

    /// The whole.
    pub(super) fn finish(self, name: &str) -> GraphProto {
        GraphProto { name: name.into(), ..self.parts }
    }
}

/// The nearest finite `f32`.
pub(super) fn finite(value: f64) -> f32 {
    (value as f32).clamp(f32::MIN, f32::MAX)
}
