//! The first line of separated text: what parts its cells, and whether they name the columns.

use crate::cell::MissingMarks;
use csv::ByteRecord;

/// The candidates, the likelier first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How often each candidate stands outside quotes before the header ends.
#[derive(Default)]
pub(crate) struct HeaderScan {
    counts: [usize; SEPARATORS.len()],
    is_quoted: bool,
    has_text: bool,
    pub(crate) is_complete: bool,
}

impl HeaderScan {
    pub(crate) fn scan(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            match byte {
                b'"' => self.is_quoted = !self.is_quoted,
                b'\r' | b'\n' if !self.is_quoted && self.has_text => {
                    self.is_complete = true;
                    return;
                }
                _ => {}
            }
            self.has_text |= !matches!(byte, b'\r' | b'\n');
            if !self.is_quoted
                && let Some(candidate) = SEPARATORS.iter().position(|&separator| separator == byte)
            {
                self.counts[candidate] += 1;
            }
        }
    }
}

/// What parts the cells of the first line that is not blank.
pub(crate) fn guess_separator(start: &[u8]) -> u8 {
    let mut header = HeaderScan::default();
    header.scan(start);
    // The last of equals wins `max_by_key`, hence from the back.
    let (separator, _) =
        SEPARATORS.into_iter().zip(header.counts).rev().max_by_key(|&(_, count)| count).unwrap_or((b',', 0));
    separator
}

/// Whether the first record is a row rather than names: cell by cell it is a number where the second one is, unless one of
/// them is missing, and its numbers are not such as count columns or years, whole and each above the one before. Without a number nothing tells.
pub(crate) fn looks_like_data(first: &ByteRecord, second: Option<&ByteRecord>) -> bool {
    let numbers: Vec<f64> = first.iter().filter_map(number).collect();
    let count = |numbers: &[f64]| {
        let are_whole = numbers.iter().all(|number| *number >= 0.0 && number.fract() == 0.0);
        are_whole && numbers.windows(2).all(|pair| pair[0] < pair[1])
    };
    let missing = MissingMarks::default();
    let is_missing = |cell: &[u8]| std::str::from_utf8(cell).is_ok_and(|cell| missing.contains(cell));
    let is_like = |second: &ByteRecord| {
        let agree = |(first, second): (&[u8], &[u8])| {
            is_missing(first) || is_missing(second) || number(first).is_some() == number(second).is_some()
        };
        first.len() == second.len() && first.iter().zip(second).all(agree)
    };
    !numbers.is_empty() && !count(&numbers) && second.is_none_or(is_like)
}

/// The number that stands there as numbers are written in most files.
fn number(cell: &[u8]) -> Option<f64> {
    let number: f64 = std::str::from_utf8(cell).ok()?.trim().parse().ok()?;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_data(first: &str, second: &str) -> bool {
        let record = |line: &str| line.split(',').collect::<Vec<_>>().into();
        looks_like_data(&record(first), (!second.is_empty()).then(|| record(second)).as_ref())
    }

    #[test]
    fn names_are_told_from_data() {
        for (first, second) in [
            ("5.1,3.5,1.4,0.2,Iris-setosa", "4.9,3.0,1.4,0.2,Iris-setosa"),
            ("39, State-gov, 77516, 13", "50, Self-emp, 83311, 13"),
            ("0,0,0", "0,1,1"),
            ("-1,2", "3,4"),
            ("1.5,,a", ",2.5,b"),
            ("63.0,1.0,145.0,6.0", "67.0,?,160.0,NA"),
            ("2.5,1.5", ""),
        ] {
            assert!(is_data(first, second), "{first}");
        }
        for (first, second) in [
            ("a,b,y", "1,2,x"),
            ("a,b", "c,d"),
            ("0,1,2,3", "0.5,0.1,0.2,0.9"),
            ("country,2019,2020", "Chad,1.5,2.5"),
            ("id,2020.1,2020.0", "7,1.5,2.5"),
            ("1.5,b", "1.5,2"),
            ("1.5,2.5", "1.5,2.5,3.5"),
            ("nan,inf", "1,2"),
            ("a,b", ""),
        ] {
            assert!(!is_data(first, second), "{first}");
        }
    }
}
