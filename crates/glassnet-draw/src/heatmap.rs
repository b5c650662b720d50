//! A table of numbers as coloured cells: weights, activations, confusion matrices.

use crate::svg::{Anchor, Canvas, Figure, TEXT, WIDTH, fitted, text_width};

/// Numbers in rows and columns.
#[derive(Debug, Clone, Default)]
pub struct Heatmap {
    /// What it shows.
    pub title: String,
    /// Above the columns.
    pub column_label: String,
    /// Above the rows' names.
    pub row_label: String,
    /// One name a row.
    pub row_names: Vec<String>,
    /// One name a column.
    pub column_names: Vec<String>,
    /// Row after row. Blue is positive, vermilion negative; the strongest colour belongs to the largest size.
    pub values: Vec<Vec<f64>>,
    /// What stands in each cell; empty for nothing.
    pub labels: Vec<Vec<String>>,
}

const MOST_ROWS: usize = 60;
const MOST_COLUMNS: usize = 64;

impl Heatmap {
    /// Draws it; of more than 60 rows or 64 columns the first ones.
    pub fn draw(&self) -> Figure {
        let mut canvas = Canvas::default();
        let n_rows = self.values.len().min(MOST_ROWS);
        let n_columns = self.column_names.len().min(MOST_COLUMNS);
        let longest =
            self.row_names.iter().take(n_rows).map(|name| text_width(name, TEXT)).fold(0.0, f64::max);
        let left = (longest + 18.0).max(text_width(&self.row_label, TEXT) + 18.0).clamp(40.0, 230.0);
        let cell = ((WIDTH - left - 10.0) / n_columns.max(1) as f64).min(120.0);
        let height = (cell * 0.62).clamp(16.0, 46.0);
        let names_fit = self.column_names.iter().take(n_columns).all(|n| text_width(n, TEXT) <= cell - 4.0);
        let names_height = if names_fit { TEXT * 1.6 } else { 96.0 };
        let top = 12.0 + TEXT * 1.4 + names_height;
        canvas.text(left, 12.0 + TEXT, Anchor::Start, "soft", &self.column_label);
        let row_label = fitted(&self.row_label, left - 12.0, TEXT);
        canvas.text(left - 10.0, top - 6.0, Anchor::End, "soft", &row_label);
        for (column, name) in self.column_names.iter().take(n_columns).enumerate() {
            let x = left + (column as f64 + 0.5) * cell;
            if names_fit {
                canvas.text(x, top - 7.0, Anchor::Middle, "ink", name);
            } else if cell >= TEXT * 0.8 || column % 4 == 0 {
                let turn = format!(r#"class="ink" transform="rotate(-60 {x:.1} {:.1})""#, top - 6.0);
                canvas.text_with(x, top - 6.0, Anchor::Start, &turn, &fitted(name, 96.0, TEXT));
            }
        }
        let sizes = self.values.iter().flatten().map(|value| value.abs()).filter(|size| size.is_finite());
        let largest = sizes.fold(0.0, f64::max).max(f64::MIN_POSITIVE);
        for row in 0..n_rows {
            let y = top + row as f64 * height;
            let name = self.row_names.get(row).map_or("", String::as_str);
            let name = fitted(name, left - 14.0, TEXT);
            canvas.text(left - 10.0, y + height / 2.0 + TEXT * 0.36, Anchor::End, "ink", &name);
            for column in 0..n_columns.min(self.values[row].len()) {
                let value = self.values[row][column];
                let strength = if value.is_finite() { value.abs() / largest } else { 0.0 };
                let class = if value < 0.0 { "c1" } else { "c0" };
                let label =
                    self.labels.get(row).and_then(|labels| labels.get(column)).map_or("", String::as_str);
                let corner = (left + column as f64 * cell, y);
                let attributes = format!(r#"class="{class}" fill-opacity="{:.3}""#, 0.04 + 0.92 * strength);
                let tip = if label.is_empty() { value.to_string() } else { label.to_owned() };
                canvas.rectangle(corner, (cell - 2.0, height - 2.0), &attributes, &tip);
                if !label.is_empty() && text_width(label, TEXT) <= cell - 4.0 {
                    let class = if strength > 0.55 { "on" } else { "ink" };
                    let middle = (corner.0 + cell / 2.0 - 1.0, y + height / 2.0 + TEXT * 0.36 - 1.0);
                    canvas.text(middle.0, middle.1, Anchor::Middle, class, label);
                }
            }
        }
        let mut bottom = top + n_rows as f64 * height + 8.0;
        if n_rows < self.values.len() || n_columns < self.column_names.len() {
            let all = (self.values.len(), self.column_names.len());
            bottom += TEXT * 1.4;
            let note = format!("{n_rows} of {} rows, {n_columns} of {} columns", all.0, all.1);
            canvas.text(left, bottom - 4.0, Anchor::Start, "soft", &note);
        }
        canvas.finish(&self.title, bottom)
    }
}

/// True classes in rows, predicted ones in columns; colours are shares of the row, so that rare classes show as well.
pub fn confusion_matrix(title: &str, classes: &[String], counts: &[Vec<usize>]) -> Figure {
    let share = |row: &Vec<usize>| {
        let n = row.iter().sum::<usize>().max(1) as f64;
        row.iter().map(|&count| count as f64 / n).collect::<Vec<_>>()
    };
    let values: Vec<Vec<f64>> = counts
        .iter()
        .enumerate()
        // Wrong cells in the other colour: the second cue is the diagonal.
        .map(|(i, row)| {
            share(row).into_iter().enumerate().map(|(j, s)| if i == j { s } else { -s }).collect()
        })
        .collect();
    Heatmap {
        title: title.into(),
        column_label: "predicted".into(),
        row_label: "true".into(),
        row_names: classes.to_vec(),
        column_names: classes.to_vec(),
        values,
        labels: counts.iter().map(|row| row.iter().map(usize::to_string).collect()).collect(),
    }
    .draw()
}
