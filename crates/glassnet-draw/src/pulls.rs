//! A tug of war: how hard each row pulls at each weight, to the left or to the right, and what is left over.

use crate::svg::{Anchor, Canvas, Figure, TEXT, WIDTH, fitted, text_width};

/// Pulls of rows at weights.
#[derive(Debug, Clone, Default)]
pub struct Pulls {
    /// What it shows.
    pub title: String,
    /// One name a weight.
    pub weight_names: Vec<String>,
    /// One name a row.
    pub row_names: Vec<String>,
    /// The word for the sum.
    pub sum_name: String,
    /// For each row its pull at each weight.
    pub values: Vec<Vec<f64>>,
}

impl Pulls {
    /// Draws one panel a weight: an arrow for each row that pulls, then the sum.
    pub fn draw(&self) -> Figure {
        let mut canvas = Canvas::default();
        let names = self.row_names.iter().chain([&self.sum_name]);
        let left = (names.map(|name| text_width(name, TEXT)).fold(0.0, f64::max) + 28.0).clamp(60.0, 190.0);
        let right = 104.0;
        let middle = left + (WIDTH - left - right) / 2.0;
        let sum = |weight: usize| self.values.iter().map(|row| row[weight]).sum::<f64>();
        let sums: Vec<f64> = (0..self.weight_names.len()).map(sum).collect();
        let sizes = self.values.iter().flatten().chain(&sums).map(|pull| pull.abs());
        let unit = (middle - left) / sizes.fold(1e-12, f64::max);
        let line_height = TEXT * 1.75;
        let mut y = 8.0;
        for (weight, name) in self.weight_names.iter().enumerate() {
            y += TEXT * 1.4;
            let bold = r#"class="ink" font-weight="600""#;
            canvas.text_with(10.0, y, Anchor::Start, bold, name);
            let top = y + 6.0;
            for (row, values) in self.values.iter().enumerate() {
                y += line_height;
                let name = fitted(&self.row_names[row], left - 20.0, TEXT);
                arrow(&mut canvas, &name, values[weight], (middle, y), unit, 2.4);
            }
            y += line_height;
            arrow(&mut canvas, &self.sum_name, sums[weight], (middle, y), unit, 5.0);
            canvas.line((middle, top), (middle, y + 4.0), r#"class="soft-line" stroke-width="1""#);
            y += TEXT * 0.9;
        }
        canvas.finish(&self.title, y + 8.0)
    }
}

fn arrow(canvas: &mut Canvas, name: &str, pull: f64, (middle, y): (f64, f64), unit: f64, width: f64) {
    let class = if pull < 0.0 { "c1" } else { "c0" };
    canvas.text(10.0, y, Anchor::Start, "soft", name);
    let (level, end) = (y - TEXT * 0.36, middle + pull * unit);
    let is_zero = (pull * unit).abs() < 0.5;
    if is_zero {
        canvas.circle((middle, level), width, r#"class="soft""#, "");
    } else {
        let head = (6.0 + width).min((end - middle).abs());
        let back = end - head * pull.signum();
        let attributes = format!(r#"class="{class}-line" stroke-width="{width}""#);
        canvas.line((middle, level), (back, level), &attributes);
        let half = width * 0.5 + 3.5;
        let tip = vec![(back, level - half), (end, level), (back, level + half)];
        canvas.path(&[tip], &format!(r#"class="{class}""#));
    }
    // Rounding errors of a sum that cancels are not worth their digits.
    let shown = if pull.abs() < 1e-12 { 0.0 } else { pull };
    let value = format!("{shown:+.5}").replace('-', "−");
    let value = if shown == 0.0 { "0".to_owned() } else { value };
    canvas.text(WIDTH - 10.0, y, Anchor::End, if width > 3.0 { "ink" } else { "soft" }, &value);
}
