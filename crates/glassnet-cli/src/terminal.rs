//! Text for people: aligned tables, numbers and small curves.

/// 1234567 as 1,234,567.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A table with its columns aligned: the first to the left, the others to the right.
pub(crate) fn aligned(rows: &[Vec<String>]) -> String {
    let n_columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |text: &str| text.chars().count();
    let widths: Vec<usize> = (0..n_columns)
        .map(|column| {
            rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let padding = " ".repeat(widths[column] - width(cell));
            line += &if column == 0 { format!("  {cell}{padding}") } else { format!("   {padding}{cell}") };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// The course of a loss in one line of text, on a logarithmic scale when all values are above 0.
pub(crate) fn curve(values: &[f64], (low, high): (f64, f64), width: usize) -> String {
    const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let scale = |value: f64| if low > 0.0 { value.ln() } else { value };
    let (bottom, range) = (scale(low), scale(high) - scale(low));
    let width = width.min(values.len());
    let level = |i: usize| {
        let share =
            if range > 0.0 { (scale(values[i * values.len() / width]) - bottom) / range } else { 0.0 };
        LEVELS[((share * 8.0) as usize).min(7)]
    };
    (0..width).map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(123_456), "123,456");
    }

    #[test]
    fn a_curve_that_falls() {
        assert_eq!(curve(&[8.0, 4.0, 2.0, 1.0], (1.0, 8.0), 60), "█▆▃▁");
        assert_eq!(curve(&[1.0, 1.0], (1.0, 1.0), 60), "▁▁");
    }
}
