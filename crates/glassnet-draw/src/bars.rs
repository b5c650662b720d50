//! Bars with names and values, and with intervals where there are any.

use crate::svg::{Anchor, Canvas, Figure, TEXT, WIDTH, fitted, text_width};

/// One bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// To its left.
    pub name: String,
    /// Its length, 0 or above.
    pub value: f64,
    /// At its end.
    pub label: String,
    /// Lowest and highest value that it might have.
    pub interval: Option<(f64, f64)>,
}

/// Horizontal bars from 0 to `largest`.
pub fn bars(title: &str, bars: &[Bar], largest: f64) -> Figure {
    let mut canvas = Canvas::default();
    let width =
        |text: fn(&Bar) -> &String| bars.iter().map(|bar| text_width(text(bar), TEXT)).fold(0.0, f64::max);
    let left = (width(|bar| &bar.name) + 24.0).clamp(60.0, 210.0);
    let room = WIDTH - left - (width(|bar| &bar.label) + 24.0).clamp(40.0, 170.0);
    let place = |value: f64| left + room * (value / largest).clamp(0.0, 1.0);
    let (height, gap) = (26.0, 14.0);
    for (i, bar) in bars.iter().enumerate() {
        let y = 14.0 + i as f64 * (height + gap);
        let middle = y + height / 2.0;
        let name = fitted(&bar.name, left - 20.0, TEXT);
        canvas.text(left - 12.0, middle + TEXT * 0.36, Anchor::End, "ink", &name);
        canvas.rectangle((left, y), (place(bar.value) - left, height), r#"class="c0" rx="2""#, &bar.label);
        let mut end = place(bar.value);
        if let Some((low, high)) = bar.interval {
            let attributes = r#"class="ink-line" stroke-width="1.6""#;
            canvas.line((place(low), middle), (place(high), middle), attributes);
            for at in [place(low), place(high)] {
                canvas.line((at, middle - 5.0), (at, middle + 5.0), attributes);
            }
            end = end.max(place(high));
        }
        canvas.text(end + 10.0, middle + TEXT * 0.36, Anchor::Start, "ink", &bar.label);
    }
    let bottom = 14.0 + bars.len() as f64 * (height + gap);
    canvas.line((left, 6.0), (left, bottom - 4.0), r#"class="soft-line" stroke-width="1""#);
    canvas.finish(title, bottom)
}
