//! A table of numbers as coloured cells: weights, activations, confusion matrices.

use crate::svg::{Anchor, Canvas, Figure, MOST_WIDTH, TEXT, WIDTH, fitted, text_width};

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
        let widest = |texts: &mut dyn Iterator<Item = &String>| {
            texts.map(|text| text_width(text, TEXT)).fold(0.0, f64::max)
        };
        let longest = widest(&mut self.row_names.iter().take(n_rows)).max(text_width(&self.row_label, TEXT));
        let left = (longest + 18.0).clamp(40.0, 190.0);
        let names = || self.column_names.iter().take(n_columns);
        let labels = self.labels.iter().take(n_rows).flat_map(|labels| labels.iter().take(n_columns));
        // As wide as it must be for what stands in the cells, up to a limit.
        let needed = widest(&mut labels.into_iter()) + 8.0;
        let width = (left + 10.0 + needed * n_columns as f64).clamp(WIDTH, MOST_WIDTH);
        let widest_name = widest(&mut names());
        // Numbers of columns may skip some; names must all be there, turned where they are too long.
        let are_numbers = names().all(|name| name.parse::<u32>().is_ok());
        let cell = |beside: f64| ((width - left - beside) / n_columns.max(1) as f64).min(110.0);
        let is_turned = !are_numbers && widest_name > cell(10.0) - 4.0;
        let cell = cell(if is_turned { 10.0 + widest_name.min(110.0) / 2.0 } else { 10.0 });
        let height = (cell * 0.62).clamp(20.0, 46.0);
        let every = ((widest_name + 6.0) / cell).ceil().max(1.0) as usize;
        let every = if every == 1 || !are_numbers { 1 } else { every.next_multiple_of(5) };
        let names_height = if is_turned { (widest_name * 0.87).min(100.0) + TEXT } else { TEXT * 1.6 };
        let top = 12.0 + TEXT * 1.4 + names_height;
        canvas.text(left, 12.0 + TEXT, Anchor::Start, "soft", &self.column_label);
        let row_label = fitted(&self.row_label, left - 12.0, TEXT);
        canvas.text(left - 10.0, top - 6.0, Anchor::End, "soft", &row_label);
        for (column, name) in names().enumerate() {
            let x = left + (column as f64 + 0.5) * cell - 1.0;
            if is_turned && (cell >= TEXT * 1.1 || column % 4 == 0) {
                let x = x + TEXT * 0.3;
                let turn = format!(r#"class="ink" transform="rotate(-60 {x:.1} {:.1})""#, top - 6.0);
                canvas.text_with(x, top - 6.0, Anchor::Start, &turn, &fitted(name, 110.0, TEXT));
            } else if !is_turned && (every == 1 || (column + 1).is_multiple_of(every) || column == 0) {
                canvas.text(x, top - 7.0, Anchor::Middle, "ink", name);
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
                let class = if value < 0.0 { "h1" } else { "h0" };
                let label =
                    self.labels.get(row).and_then(|labels| labels.get(column)).map_or("", String::as_str);
                let corner = (left + column as f64 * cell, y);
                let attributes = format!(r#"class="{class}" fill-opacity="{:.3}""#, 0.04 + 0.92 * strength);
                let name = |names: &[String], i: usize| names.get(i).cloned().unwrap_or_default();
                let (down, across) = (name(&self.row_names, row), name(&self.column_names, column));
                let tip = if label.is_empty() { value.to_string() } else { label.to_owned() };
                let tip = format!("{} {down}, {} {across}: {tip}", self.row_label, self.column_label);
                canvas.rectangle(corner, (cell - 2.0, height - 2.0), &attributes, &tip);
                if !label.is_empty() && text_width(label, TEXT) <= cell - 4.0 {
                    let middle = (corner.0 + cell / 2.0 - 1.0, y + height / 2.0 + TEXT * 0.36 - 1.0);
                    canvas.text(middle.0, middle.1, Anchor::Middle, "ink", label);
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
        canvas.finish_at(&self.title, width, bottom)
    }
}

/// True classes in rows, predicted ones in columns; colours are shares of the row, so that rare classes show as well.
pub fn confusion_matrix(title: &str, target: &str, classes: &[String], counts: &[Vec<usize>]) -> Figure {
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
        column_label: format!("predicted {target}"),
        row_label: "true".into(),
        row_names: classes.to_vec(),
        column_names: classes.to_vec(),
        values,
        labels: counts.iter().map(|row| row.iter().map(usize::to_string).collect()).collect(),
    }
    .draw()
}
