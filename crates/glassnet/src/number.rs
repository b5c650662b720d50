//! The number that a text states: in digits, or as people write amounts, with a unit and with commas between thousands.

/// Every whole number of so many digits is an `f64`.
const MOST_DIGITS: usize = 15;
const POWERS_OF_TEN: [f64; MOST_DIGITS + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// The unit of hundredths.
const PER_CENT: &str = "%";
/// Signs before or behind an amount. Before `$` may stand whose it is: `NT$`.
const CURRENCIES: &[char] =
    &['$', '€', '£', '¥', '₹', '₩', '₽', '₺', '₫', '₪', '₴', '฿', '₱', '₦', '¢', '￥', '＄'];

/// Without white space around it, which most cells do not have.
pub(crate) fn trimmed(cell: &str) -> &str {
    match cell.as_bytes() {
        [first, .., last] | [first @ last] if first.is_ascii_graphic() && last.is_ascii_graphic() => cell,
        _ => cell.trim(),
    }
}

/// The finite number that the cell states, its unit left out: `$1,234.50` is 1234.5, `12.5 %` is 12.5. The words `inf`, `infinity`
/// and `nan` are no numbers.
pub fn parse_number(cell: &str) -> Option<f64> {
    let cell = trimmed(cell);
    parse_plain(cell).or_else(|| Amount::of(cell)?.number())
}

/// The unit of a number that the cell states: a sign of per cent or of a currency.
pub(crate) fn unit(cell: &str) -> Option<&str> {
    match cell.as_bytes() {
        // Most cells have none.
        [b'0'..=b'9', .., b'0'..=b'9'] | [b'-', b'0'..=b'9', .., b'0'..=b'9'] | [_] => None,
        _ => Amount::of(cell.trim())?.unit,
    }
}

/// Whether numbers of these units may stand in one column. An amount of money may lack its sign; 5 is not 5 %.
pub(crate) fn agree(unit: Option<&str>, other: Option<&str>) -> bool {
    match (unit, other) {
        (Some(unit), Some(other)) => unit == other,
        (None, Some(only)) | (Some(only), None) => only != PER_CENT,
        (None, None) => true,
    }
}

/// Whether the cell states an infinite number, in words (`inf`, `-Infinity`) or by a number that is too large (`1e999`).
pub(crate) fn is_infinite(cell: &str) -> bool {
    cell.trim().parse().is_ok_and(f64::is_infinite)
}

fn parse_plain(cell: &str) -> Option<f64> {
    parse_short(cell.as_bytes()).or_else(|| parse_any(cell))
}

/// The number of at most 15 digits, perhaps with a sign and a point: a whole number over a power of ten, neither of which has
/// to be rounded, so that their quotient is the nearest `f64` to what the cell states.
///
/// Source: W. Clinger, How to read floating point numbers accurately, PLDI 1990.
fn parse_short(cell: &[u8]) -> Option<f64> {
    let (is_negative, digits) = match cell {
        [sign @ (b'+' | b'-'), digits @ ..] => (*sign == b'-', digits),
        digits => (false, digits),
    };
    let (mut number, mut n_digits, mut point) = (0_u64, 0, None);
    for (i, &byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' if n_digits < MOST_DIGITS => {
                number = 10 * number + u64::from(byte - b'0');
                n_digits += 1;
            }
            b'.' if point.is_none() => point = Some(i),
            _ => return None,
        }
    }
    if n_digits == 0 {
        return None;
    }
    let n_decimals = point.map_or(0, |point| digits.len() - 1 - point);
    let size = number as f64 / POWERS_OF_TEN[n_decimals];
    Some(if is_negative { -size } else { size })
}

fn parse_any(cell: &str) -> Option<f64> {
    let unsigned = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    if !unsigned.starts_with(|first: char| first == '.' || first.is_ascii_digit()) {
        return None;
    }
    cell.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A text that may be an amount, taken apart: `-NT$1,234.50`, `€ 5`, `5 €`, `12.5%`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Amount<'a> {
    is_negative: bool,
    unit: Option<&'a str>,
    /// The rest: digits, perhaps with a point, with commas, with an exponent.
    pub(crate) digits: &'a str,
}

impl<'a> Amount<'a> {
    /// Of a text without white space around it; none where there is no digit, or more than one unit.
    pub(crate) fn of(cell: &'a str) -> Option<Self> {
        let (sign, rest) = signed(cell);
        let (before, rest) = currency_before(rest);
        let (sign, rest) = if sign.is_none() && before.is_some() { signed(rest) } else { (sign, rest) };
        let last = rest.chars().next_back()?;
        let is_unit = last == '%' || CURRENCIES.contains(&last);
        let (digits, behind) = rest.split_at(rest.len() - if is_unit { last.len_utf8() } else { 0 });
        let behind = Some(behind).filter(|behind| !behind.is_empty());
        let digits = if behind.is_some() { digits.trim_end() } else { digits };
        let has_digits = digits.starts_with(|first: char| matches!(first, '0'..='9' | '.' | ','));
        if !has_digits || before.is_some() && behind.is_some() {
            return None;
        }
        Some(Self { is_negative: sign == Some('-'), unit: before.or(behind), digits })
    }

    /// The number; none where its commas may stand before decimals: `1,234` without a sign of a currency.
    fn number(self) -> Option<f64> {
        let Self { is_negative, unit, digits } = self;
        let size = if digits.contains(',') {
            let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
            let n_commas = whole.matches(',').count();
            let is_clear = n_commas > 1 || digits.contains('.') || unit.is_some_and(|unit| unit != PER_CENT);
            let is_sound = are_thousands(whole, ',') && decimals.bytes().all(|byte| byte.is_ascii_digit());
            if !is_clear || !is_sound {
                return None;
            }
            parse_plain(&digits.replace(',', ""))?
        } else {
            parse_plain(digits)?
        };
        Some(if is_negative { -size } else { size })
    }
}

/// Whether these are groups of three digits, of which the first may have fewer.
pub(crate) fn are_thousands(whole: &str, separator: char) -> bool {
    let mut groups = whole.split(separator);
    let are_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && are_digits(first))
        && groups.all(|group| group.len() == 3 && are_digits(group))
}

/// The sign, if there is one, and what stands behind it.
fn signed(cell: &str) -> (Option<char>, &str) {
    let sign = cell.chars().next().filter(|first| matches!(first, '+' | '-'));
    (sign, &cell[sign.map_or(0, char::len_utf8)..])
}

/// The sign of a currency, and what stands behind it.
fn currency_before(cell: &str) -> (Option<&str>, &str) {
    let letters = cell.bytes().take(3).take_while(u8::is_ascii_uppercase).count();
    let of_dollar = cell[letters..].starts_with('$').then_some(letters + 1);
    let of_sign = || cell.chars().next().filter(|first| CURRENCIES.contains(first)).map(char::len_utf8);
    match of_dollar.or_else(of_sign) {
        Some(end) => (Some(&cell[..end]), cell[end..].trim_start()),
        None => (None, cell),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_finite_and_spelt_in_digits() {
        for (cell, number) in
            [("1", 1.0), (" -2.5e3\t", -2500.0), ("+.5", 0.5), ("5.", 5.0), ("-0", 0.0), ("007", 7.0)]
        {
            assert_eq!(parse_number(cell), Some(number), "{cell}");
        }
        let words = ["inf", "-inf", "Infinity", "+infinity", "nan", "NaN", "-nan"];
        for cell in
            words.into_iter().chain(["1e999", "", "-", ".", "e5", "1_000", "1,000", "0x10", "1 2", "1f", "١"])
        {
            assert_eq!(parse_number(cell), None, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn short_numbers_have_the_bits_of_long_ones(cell in r"[+-]?[0-9]{0,12}[.]?[0-9]{0,12}") {
            let bits = |number: Option<f64>| number.map(f64::to_bits);
            let expected = cell.parse().ok().filter(|_| cell.bytes().any(|byte| byte.is_ascii_digit()));
            prop_assert_eq!(bits(parse_number(&cell)), bits(expected), "{}", cell);
            prop_assert!(parse_short(cell.as_bytes()).is_none() || bits(expected).is_some());
        }

        #[test]
        fn white_space_is_trimmed_as_everywhere(cell in r"[ \t\u{a0}\u{85}\u{3000}\x1c]{0,2}[a1\u{e9}]{0,3}[ \n\u{2003}]{0,2}") {
            prop_assert_eq!(trimmed(&cell), cell.trim());
        }
    }

    #[test]
    fn infinite_numbers_are_told_from_names() {
        assert!(["inf", " -Infinity ", "+INF", "1e999", "-9e400"].into_iter().all(is_infinite));
        assert!(!["nan", "1e99", "info", "∞", ""].into_iter().any(is_infinite));
    }

    #[test]
    fn amounts_are_numbers_in_a_unit() {
        for (cell, number, of) in [
            ("$5", 5.0, Some("$")),
            ("$3,456.50", 3456.5, Some("$")),
            ("-NT$1,234", -1234.0, Some("NT$")),
            ("€ -0.5", -0.5, Some("€")),
            ("1,234.5 €", 1234.5, Some("€")),
            ("12.5%", 12.5, Some("%")),
            (" +7 % ", 7.0, Some("%")),
            ("1,234,567", 1_234_567.0, None),
            ("-1,234.5", -1234.5, None),
            ("$1e3", 1000.0, Some("$")),
        ] {
            assert_eq!((parse_number(cell), unit(cell)), (Some(number), of), "{cell}");
        }
        let no_numbers = [
            "$",
            "%",
            "$%",
            "$5%",
            "$5€",
            "--5",
            "-$-5",
            "5 kg",
            "1,23.5",
            "1234,567.5",
            "12,345%",
            "1,234",
            "$1,23",
            "1,234.5,6",
            ",5$",
            "1,234.5e3",
            "US5",
            "USDX$5",
            "$inf",
            "$ ",
            "1,234,56",
            "5%%",
            "$.",
            "$5 5",
            "é",
            "€é",
        ];
        for cell in no_numbers {
            assert_eq!(parse_number(cell), None, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn whatever_stands_there_nothing_panics(cell in r"[-+$€%,.0-9eNT \u{a0}é]{0,9}") {
            let is_plain = parse_plain(cell.trim()).is_some();
            prop_assert!(parse_number(&cell).is_none_or(f64::is_finite));
            prop_assert!(!is_plain || unit(&cell).is_none());
        }
    }
}
