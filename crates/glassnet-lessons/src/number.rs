//! Numbers as the lessons write them; a number and its unit stay on one line (U+00A0).

/// At most so many decimals, as `NumPy` prints them: zeros at the end are dropped. 0.5 with 8 decimals is `0.5`.
pub fn decimals(value: f64, n_decimals: usize) -> String {
    let text = format!("{value:.n_decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".into() } else { text.into() }
}

/// With exactly so many decimals, so that columns of numbers align. Rounding errors below 10⁻¹² are 0.
pub fn fixed(value: f64, n_decimals: usize) -> String {
    let value = if value.abs() < 1e-12 { 0.0 } else { value };
    let text = format!("{value:.n_decimals$}");
    if text.bytes().all(|byte| b"-0.".contains(&byte)) { text.trim_start_matches('-').into() } else { text }
}

/// 2.2 × 10⁻¹⁶; 10⁻¹² without the 1; 0 and what is not finite as it is.
pub fn power_of_ten(value: f64) -> String {
    const SUPERSCRIPTS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let text = format!("{value:.1e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let raised = |digit: char| digit.to_digit(10).map_or('⁻', |digit| SUPERSCRIPTS[digit as usize]);
    let power = format!("10{}", exponent.chars().map(raised).collect::<String>());
    match mantissa {
        "1.0" => power,
        "-1.0" => format!("-{power}"),
        _ => format!("{mantissa}\u{a0}×\u{a0}{power}"),
    }
}

/// 0.125 as `12.5 %`.
pub fn percent(share: f64) -> String {
    format!("{}\u{a0}%", decimals(100.0 * share, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_lessons_write_them() {
        assert_eq!(decimals(-0.207_843_499, 8), "-0.2078435");
        assert_eq!(decimals(9.672_993_027, 8), "9.67299303");
        assert_eq!(decimals(-1e-9, 4), "0");
        assert_eq!(decimals(20.0, 0), "20");
        assert_eq!(fixed(-1e-13, 5), "0.00000");
        assert_eq!(fixed(-0.125, 5), "-0.12500");
        assert_eq!(power_of_ten(3.191_891e-16), "3.2\u{a0}×\u{a0}10⁻¹⁶");
        assert_eq!(power_of_ten(1e-12), "10⁻¹²");
        assert_eq!(power_of_ten(0.0), "0");
        assert_eq!(percent(0.125), "12.5\u{a0}%");
        assert_eq!(percent(1.0), "100\u{a0}%");
    }
}
