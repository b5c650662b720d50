//! A plane as coloured cells.

use crate::svg::{Canvas, N_COLOURS};

/// Cells from `left` to `right` and from `bottom` up, row after row: for each its colour and its strength from 0 to 1.
/// Neighbours in a row that look alike are one rectangle.
pub(crate) fn field(
    canvas: &mut Canvas,
    (left, right): (f64, f64),
    (bottom, upper): (f64, f64),
    n_columns: usize,
    cells: &[(usize, f64)],
) {
    let rows = cells.chunks(n_columns.max(1));
    let n_rows = rows.len();
    // Whole units, so that neighbours share an edge and leave neither a gap nor a seam.
    let edge = |from: f64, to: f64, i: usize, n: usize| (from + (to - from) * i as f64 / n as f64).round();
    for (row, cells) in rows.enumerate() {
        let [y1, y0] = [row, row + 1].map(|row| edge(bottom, upper, row, n_rows));
        let looks = cells.iter().map(|&(colour, strength)| (colour % N_COLOURS, (strength * 60.0).round()));
        let looks: Vec<(usize, f64)> = looks.collect();
        let mut column = 0;
        for alike in looks.chunk_by(|a, b| a == b) {
            let [x0, x1] = [column, column + alike.len()].map(|column| edge(left, right, column, n_columns));
            let (colour, percent) = alike[0];
            let opacity = percent / 100.0;
            let attributes =
                format!(r#"class="c{colour}" fill-opacity="{opacity:.2}" shape-rendering="crispEdges""#);
            canvas.rectangle((x0, y0), (x1 - x0, y1 - y0), &attributes, "");
            column += alike.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_look_alike_are_one() {
        let mut canvas = Canvas::default();
        let cells = [(0, 1.0), (0, 1.0), (1, 1.0), (0, 0.5), (0, 0.501), (0, 0.6)];
        field(&mut canvas, (10.0, 40.0), (20.0, 0.0), 3, &cells);
        let svg = canvas.finish("field", 30.0).svg(crate::svg::Theme::Light);
        assert_eq!(svg.matches("crispEdges").count(), 4);
        assert!(svg.contains(r#"<rect x="10" y="10" width="20" height="10" class="c0" fill-opacity="0.60""#));
        assert!(svg.contains(r#"<rect x="30" y="0" width="10" height="10" class="c0" fill-opacity="0.36""#));
    }
}
