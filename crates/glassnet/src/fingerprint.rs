//! A short name for bytes, to tell whether they are still the same.

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

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "fnv1a64:{:016x}", self.0)
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
