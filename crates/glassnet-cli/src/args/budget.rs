//! How long a search may take.

use std::str::FromStr;
use std::time::Duration;

/// Time for a search.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget(pub(crate) Duration);

impl FromStr for Budget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let units = [("s", 1.0), ("m", 60.0), ("h", 3_600.0)];
        let unit = units.iter().find_map(|(unit, seconds)| Some((text.trim().strip_suffix(unit)?, seconds)));
        let seconds = unit.and_then(|(number, seconds)| Some(number.trim().parse::<f64>().ok()? * seconds));
        match seconds {
            Some(seconds) if seconds > 0.0 && seconds <= 3e7 => Ok(Self(Duration::from_secs_f64(seconds))),
            _ => Err("give a time above 0 such as 90s, 10m or 2h".into()),
        }
    }
}
