//! A short name for bytes, to tell whether they are still the same.

use crate::table::Table;
use std::fmt;

/// FNV-1a with 64 bits (Fowler, Noll and Vo; RFC 9923). Finds accidents (any change within eight bytes changes the
/// fingerprint), not forgery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// Of no bytes.
    pub const EMPTY: Self = Self(0xcbf2_9ce4_8422_2325);

    /// With these bytes behind those before.
    pub fn with(self, bytes: &[u8]) -> Self {
        Self(
            bytes
                .iter()
                .fold(self.0, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)),
        )
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fnv1a64:{:016x}", self.0)
    }
}

/// Of a table's names and cells, which come a chunk of rows at a time: the fingerprint of its columns' fingerprints.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableFingerprint(Vec<Fingerprint>);

impl TableFingerprint {
    /// Of no rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next rows.
    pub fn see(&mut self, table: &Table) {
        if self.0.is_empty() {
            let name = |name: &str| Fingerprint::EMPTY.with(name.as_bytes()).with(&[0]);
            self.0 = table.column_names().map(name).collect();
        }
        for (fingerprint, column) in self.0.iter_mut().zip(table.columns()) {
            for cell in column.cells() {
                *fingerprint = fingerprint.with(cell.as_bytes()).with(&[0]);
            }
        }
    }
}

impl fmt::Display for TableFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with = |all: Fingerprint, column: &Fingerprint| all.with(&column.0.to_le_bytes());
        self.0.iter().fold(Fingerprint::EMPTY, with).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_values() {
        assert_eq!(Fingerprint::EMPTY.with(b"a").to_string(), "fnv1a64:af63dc4c8601ec8c");
        assert_eq!(Fingerprint::EMPTY.with(b"foo").with(b"bar").to_string(), "fnv1a64:85944171f73967e8");
    }
}
