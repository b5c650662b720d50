//! Dates and times: from the text of a cell, and to and from days since 1970-01-01.

use serde::{Deserialize, Serialize};

/// In which order a date states its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 2026-11-23.
    YearFirst,
    /// 23.11.2026.
    DayFirst,
    /// 11/23/2026.
    MonthFirst,
    /// No date, only a time: 08:15.
    TimeOnly,
}

impl DateOrder {
    /// An example, for messages.
    pub fn example(self) -> &'static str {
        match self {
            Self::YearFirst => "2026-11-23",
            Self::DayFirst => "23.11.2026",
            Self::MonthFirst => "11/23/2026",
            Self::TimeOnly => "08:15",
        }
    }
}

/// What a cell states.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Days since 1970-01-01; 0 without a date.
    pub day: i64,
    /// Seconds since midnight; 0 without a time.
    pub seconds: f64,
}

/// The moment that the cell states, its date in this order.
///
/// Parts of a date are parted by `-`, `/` or `.`; years of two digits are 1969 to 2068, as in POSIX. A time stands behind a
/// space or a `T`: hours and minutes, perhaps seconds and their fraction. A zone (`Z`, `+01:00`) is skipped: the clock's time
/// counts as written.
pub fn parse_moment(cell: &str, order: DateOrder) -> Option<Moment> {
    let cell = cell.trim();
    if order == DateOrder::TimeOnly {
        return Some(Moment { day: 0, seconds: parse_time(cell)? });
    }
    let (date, time) = match cell.split_once(['T', ' ']) {
        None => (cell, None),
        Some((date, time)) => (date, Some(time.trim_start())),
    };
    let day = parse_day(date, order)?;
    Some(Moment { day, seconds: time.map_or(Some(0.0), parse_time)? })
}

/// The three numbers of a date, and how many digits each has.
pub(crate) fn parts(date: &str) -> Option<[(usize, u32); 3]> {
    let separator = date.chars().find(|character| !character.is_ascii_digit())?;
    if !matches!(separator, '-' | '/' | '.') {
        return None;
    }
    let mut parts = date.split(separator).map(|part| {
        let is_number = (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        Some((part.len(), part.parse().ok().filter(|_| is_number)?))
    });
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

fn parse_day(date: &str, order: DateOrder) -> Option<i64> {
    let [first, second, third] = parts(date)?;
    let (year, month, day) = match order {
        DateOrder::YearFirst => (first, second, third),
        DateOrder::DayFirst => (third, second, first),
        DateOrder::MonthFirst => (third, first, second),
        DateOrder::TimeOnly => return None,
    };
    let year = match year {
        (4, year) => year,
        (2, year) if order != DateOrder::YearFirst => {
            if year < 69 {
                2000 + year
            } else {
                1900 + year
            }
        }
        _ => return None,
    };
    let (month, day) = (month.1, day.1);
    let is_date = (1..=12).contains(&month) && (1..=days_of_month(year, month)).contains(&day);
    is_date.then(|| day_of(i64::from(year), month, day))
}

/// Seconds since midnight of `8:15`, `23:59:30.5`, `08:15:00Z` or `08:15+01:00`.
fn parse_time(time: &str) -> Option<f64> {
    let time = without_zone(time.trim())?;
    let mut parts = time.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next().unwrap_or("00"));
    let number = |text: &str, most_digits: std::ops::RangeInclusive<usize>, end: u32| {
        let is_number = most_digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|&number: &u32| is_number && number < end)
    };
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    if parts.next().is_some() || fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction: f64 = format!("0.{fraction}").parse().ok()?;
    let whole =
        3600 * number(hours, 1..=2, 24)? + 60 * number(minutes, 2..=2, 60)? + number(whole, 2..=2, 60)?;
    Some(f64::from(whole) + fraction)
}

/// The text before a zone; none when what looks like a zone is none.
fn without_zone(time: &str) -> Option<&str> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some(time.trim_end());
    }
    let Some(at) = time.find(['+', '-']) else { return Some(time) };
    let zone = &time[at + 1..];
    let digits = zone.replacen(':', "", 1);
    let is_zone = matches!(digits.len(), 2 | 4) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_zone.then(|| time[..at].trim_end())
}

fn days_of_month(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date of the Gregorian calendar.
///
/// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
pub fn day_of(year: i64, month: u32, day: u32) -> i64 {
    // Years begin in March, so that the leap day is their last.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year =
        (153 * (i64::from(month) + if month > 2 { -3 } else { 9 }) + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of the day that is so many days after 1970-01-01.
///
/// Source: as [`day_of`], `civil_from_days`.
pub fn date_of(day: i64) -> (i64, u32, u32) {
    let shifted = day + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month as u32, day as u32)
}

/// 1 for Monday to 7 for Sunday, as in ISO 8601.
pub fn weekday_of(day: i64) -> u32 {
    // 1970-01-01 was a Thursday.
    (day + 3).rem_euclid(7) as u32 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let known = [
            ((1970, 1, 1), 0, 4),
            ((1969, 12, 31), -1, 3),
            ((2000, 2, 29), 11_016, 2),
            ((2026, 11, 23), 20_780, 1),
            ((1, 1, 1), -719_162, 1),
            ((9999, 12, 31), 2_932_896, 5),
        ];
        for ((year, month, day), days, weekday) in known {
            assert_eq!(day_of(year, month, day), days);
            assert_eq!(weekday_of(days), weekday, "{year}-{month}-{day}");
        }
        for day in (-800_000..800_000).step_by(7) {
            let (year, month, of_month) = date_of(day);
            assert_eq!(day_of(year, month, of_month), day);
        }
    }

    #[test]
    fn moments_are_read_in_their_order() {
        let moment = |cell, order| parse_moment(cell, order).map(|moment| (moment.day, moment.seconds));
        let day = Some((20_780, 0.0));
        assert_eq!(moment("2026-11-23", DateOrder::YearFirst), day);
        assert_eq!(moment(" 23.11.2026 ", DateOrder::DayFirst), day);
        assert_eq!(moment("11/23/26", DateOrder::MonthFirst), day);
        assert_eq!(moment("1/2/70", DateOrder::DayFirst), Some((31, 0.0)));
        let time = Some((20_780, 29_700.5));
        for cell in ["2026-11-23T08:15:00.5", "2026-11-23 8:15:00.500Z", "2026-11-23T08:15:00.5+05:30"] {
            assert_eq!(moment(cell, DateOrder::YearFirst), time, "{cell}");
        }
        assert_eq!(moment("23:59", DateOrder::TimeOnly), Some((0, 86_340.0)));
        let wrong =
            ["2026-02-29", "2026-13-01", "26-01-01", "2026-1", "2026-1-1 25:00", "2026-1-1 nine", "x", ""];
        for cell in wrong {
            assert_eq!(moment(cell, DateOrder::YearFirst), None, "{cell}");
        }
        assert_eq!(moment("11/23/2026", DateOrder::DayFirst), None);
        assert_eq!(moment("08:15:0", DateOrder::TimeOnly), None);
    }
}
