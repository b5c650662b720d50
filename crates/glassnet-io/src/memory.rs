//! How much memory a training may take, and how it is divided.

use std::fmt;
use std::str::FromStr;

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

/// Units and their bytes, the longer names first.
const UNITS: [(&str, u64); 9] = [
    ("KIB", 1 << 10),
    ("MIB", 1 << 20),
    ("GIB", 1 << 30),
    ("TIB", 1 << 40),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("B", 1),
];

impl FromStr for Bytes {
    type Err = String;

    /// Such as `2GiB`, `500 MB` or `1.5GB`; a number alone counts bytes.
    fn from_str(text: &str) -> Result<Self, String> {
        let trimmed = text.trim().to_ascii_uppercase();
        let unit = UNITS.iter().find_map(|(unit, bytes)| Some((trimmed.strip_suffix(unit)?, *bytes)));
        let (number, unit) = unit.unwrap_or((&trimmed, 1));
        let number: Option<f64> = number.trim().parse().ok();
        match number.map(|number| number * unit as f64) {
            Some(bytes) if (1.0..9e18).contains(&bytes) => Ok(Self(bytes as u64)),
            _ => Err("give a size above 0 such as 2GiB or 500MB".into()),
        }
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0 as f64;
        match self.0 {
            0..1_048_576 => write!(f, "{} B", self.0),
            1_048_576..1_073_741_824 => write!(f, "{:.0} MiB", bytes / 1_048_576.0),
            _ => write!(f, "{:.1} GiB", bytes / 1_073_741_824.0),
        }
    }
}

/// Where the system does not say how much memory is free.
const UNKNOWN: Bytes = Bytes(2 << 30);

impl Bytes {
    /// Half of the memory that is free, as Linux says (`MemAvailable`); 2 GiB where the system does not say.
    pub fn half_of_free_memory() -> Self {
        let said = std::fs::read_to_string("/proc/meminfo").ok();
        said.as_deref().and_then(free_memory).map_or(UNKNOWN, |Self(free)| Self(free / 2))
    }

    /// The largest table, in bytes of cells, that is kept in memory; the other half is for the numbers that they become.
    pub fn of_largest_table(self) -> u64 {
        self.0 / 2
    }

    /// Whether a table of so many bytes of cells and so many rows of inputs trains in memory.
    pub fn hold(self, table_bytes: u64, n_rows: usize, n_inputs: usize) -> bool {
        table_bytes <= self.of_largest_table() && table_bytes + 4 * n_rows as u64 * n_inputs as u64 <= self.0
    }
}

fn free_memory(said: &str) -> Option<Bytes> {
    let line = said.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(Bytes(kib << 10))
}

/// The most rows that validate when a table streams: they stay in memory, and more of them tell nothing new.
const MOST_VALIDATION_ROWS: usize = 1_000_000;

/// Bytes of a block that is large enough: rows of larger blocks are in no better order.
const LARGEST_BLOCK: u64 = 128 << 20;

/// A limit is divided among what a training keeps: a quarter for blocks, an eighth for rows that validate, an eighth for what
/// is on its way to the file; the rest for what does not grow with the rows.
impl Bytes {
    /// The most rows of so many inputs (at least) that are kept to validate on.
    pub fn most_validation_rows(self, n_inputs: usize) -> usize {
        // Beside its inputs, a row has its truth and three predictions.
        let row_bytes = 4 * n_inputs as u64 + 64;
        ((self.0 / 8 / row_bytes) as usize).clamp(1, MOST_VALIDATION_ROWS)
    }

    /// Rows of a block for a training of so many networks: a power of two of batches.
    pub fn rows_per_block(self, n_inputs: usize, batch_size: usize, n_networks: usize) -> usize {
        // Beside its inputs, a row has its target, its weight and its place in the order.
        let row_bytes = 4 * n_inputs as u64 + 16;
        let block_bytes = (self.0 / 4 / n_networks as u64).min(LARGEST_BLOCK);
        let n_batches = (block_bytes / row_bytes / batch_size as u64).max(1);
        batch_size * (1 << n_batches.ilog2())
    }

    /// Bytes that may be on their way to a file.
    pub fn buffer_bytes(self) -> usize {
        (self.0 / 8).min(32 << 20) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_shown() {
        for (text, bytes) in [
            ("2GiB", 2 << 30),
            ("500MB", 500_000_000),
            ("1.5 gb", 1_500_000_000),
            ("64kib", 65_536),
            ("7", 7),
            ("7B", 7),
        ] {
            assert_eq!(text.parse(), Ok(Bytes(bytes)), "{text}");
        }
        for text in ["", "GiB", "-1GB", "0", "1XB", "nan", "inf MB", "1e30GB"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
        let shown = [512, 3 << 20, 5 << 29].map(|bytes| Bytes(bytes).to_string());
        assert_eq!(shown, ["512 B", "3 MiB", "2.5 GiB"]);
    }

    #[test]
    fn free_memory_is_what_linux_says() {
        let said = "MemTotal:       24576000 kB\nMemFree:         1000 kB\nMemAvailable:   23000000 kB\n";
        assert_eq!(free_memory(said), Some(Bytes(23_000_000 << 10)));
        assert_eq!(free_memory("MemTotal: 5 kB\n"), None);
        assert!(Bytes::half_of_free_memory() > Bytes(0));
    }

    #[test]
    fn blocks_are_whole_batches() {
        let limit = Bytes(1 << 30);
        assert_eq!(limit.rows_per_block(30, 256, 2), 256 << 11);
        assert_eq!(limit.rows_per_block(30, 300, 2) % 300, 0);
        assert_eq!(Bytes(1).rows_per_block(30, 256, 2), 256);
    }
}
