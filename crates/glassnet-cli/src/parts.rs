//! What is explained, in parts that become text or a page, and what is shown of much.

/// A part of what is told.
pub(crate) enum Part {
    /// What comes next, and a sentence about it.
    Heading(String, String),
    /// A line.
    Line(String),
    /// Rows of cells, the first of them heads.
    Table(Vec<Vec<String>>),
}

/// The places of the largest by size, in their own order, and how many were left out.
pub(crate) fn largest(values: &[f64], most: usize) -> (Vec<usize>, usize) {
    let mut places: Vec<usize> = (0..values.len()).collect();
    places.sort_by(|&i, &k| values[k].abs().total_cmp(&values[i].abs()));
    places.truncate(most);
    places.sort_unstable();
    let n_left = values.len() - places.len();
    (places, n_left)
}

pub(crate) fn left_out(n: usize, what: &str, parts: &mut Vec<Part>) {
    if n > 0 {
        parts.push(Part::Line(format!("… and {n} more {what}; --all shows them")));
    }
}
