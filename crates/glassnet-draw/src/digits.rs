//! Numbers as people read them.

/// About four significant digits.
pub fn short(number: f64) -> String {
    match number.abs() {
        0.0 => "0".into(),
        size if !(1e-4..1e15).contains(&size) => format!("{number:.3e}"),
        size if size >= 1000.0 => format!("{number:.0}"),
        size => format!("{number:.*}", (3 - size.log10().floor() as i32).clamp(0, 7) as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_digits() {
        assert_eq!(short(0.012_345), "0.01234");
        assert_eq!(short(-3.0), "-3.000");
        assert_eq!(short(123_456.7), "123457");
        assert_eq!(short(1e-9), "1.000e-9");
    }
}
