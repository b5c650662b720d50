//! Numbers as people read them.

/// Four significant digits, and no fewer than all before the point.
pub fn short(number: f64) -> String {
    significant(number, 4)
}

/// So many significant digits, and no fewer than all before the point.
pub fn significant(number: f64, n_digits: usize) -> String {
    match number.abs() {
        0.0 => "0".into(),
        size if !(1e-4..1e15).contains(&size) => format!("{number:.*e}", n_digits - 1),
        size => {
            let decimals = n_digits as i32 - 1 - size.log10().floor() as i32;
            format!("{number:.*}", decimals.max(0) as usize)
        }
    }
}

/// Four significant digits, without zeros at the end.
pub fn brief(number: f64) -> String {
    let text = short(number);
    let (digits, exponent) = text.split_once('e').map_or((text.as_str(), None), |(d, e)| (d, Some(e)));
    let digits =
        if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    exponent.map_or(digits.to_owned(), |exponent| format!("{digits}e{exponent}"))
}

/// 1234567 as 1,234,567.
pub fn thousands(number: u64) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_digits() {
        assert_eq!(short(0.012_346), "0.01235");
        assert_eq!(short(-3.0), "-3.000");
        assert_eq!(short(123_456.7), "123457");
        assert_eq!(short(1e-9), "1.000e-9");
        assert_eq!(significant(0.986_4, 3), "0.986");
        assert_eq!(
            [8.0, 0.42, 80.0, 1200.0, 512.33, 0.0].map(brief),
            ["8", "0.42", "80", "1200", "512.3", "0"]
        );
        assert_eq!(brief(-1.5e-9), "-1.5e-9");
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(123_456), "123,456");
    }
}
