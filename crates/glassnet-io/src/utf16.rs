//! Text in UTF-16, as Excel's "Unicode text" and the `>` of Windows PowerShell write it, to UTF-8.

use std::io::{self, Read};

/// Whether text that begins so is in UTF-16 of which the larger half comes first; none for other text.
pub(crate) fn is_big_endian(start: &[u8]) -> Option<bool> {
    match start {
        [0xfe, 0xff, ..] => Some(true),
        [0xff, 0xfe, ..] => Some(false),
        _ => None,
    }
}

/// Reads UTF-16 as UTF-8.
pub(crate) struct Utf16<Input> {
    input: Input,
    is_big_endian: bool,
    /// Bytes that wait for those behind them: half a unit, or half a character.
    rest: Vec<u8>,
    /// What is decoded.
    text: String,
    /// How many bytes of it are given away.
    n_given: usize,
}

impl<Input: Read> Utf16<Input> {
    /// From its beginning, the byte-order mark, which stays.
    pub(crate) fn new(input: Input, is_big_endian: bool) -> Self {
        Self { input, is_big_endian, rest: Vec::new(), text: String::new(), n_given: 0 }
    }

    /// Decodes some more; false at the end.
    fn decode(&mut self) -> io::Result<bool> {
        let mut block = [0; 8192];
        let n_bytes = self.input.read(&mut block)?;
        if n_bytes == 0 {
            return if self.rest.is_empty() { Ok(false) } else { Err(broken()) };
        }
        self.rest.extend_from_slice(&block[..n_bytes]);
        let unit = |pair: &[u8; 2]| {
            if self.is_big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) }
        };
        let mut units: Vec<u16> = self.rest.as_chunks().0.iter().map(unit).collect();
        // The first half of a pair waits for the second one.
        units.pop_if(|last| (0xd800..0xdc00).contains(last));
        self.text =
            char::decode_utf16(units.iter().copied()).collect::<Result<_, _>>().map_err(|_| broken())?;
        self.n_given = 0;
        self.rest.drain(..2 * units.len());
        Ok(true)
    }
}

impl<Input: Read> Read for Utf16<Input> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.n_given == self.text.len() && self.decode()? {}
        let mut left = &self.text.as_bytes()[self.n_given..];
        let n_bytes = left.read(buffer)?;
        self.n_given += n_bytes;
        Ok(n_bytes)
    }
}

fn broken() -> io::Error {
    let message = "its first two bytes say that it is text in UTF-16, and it is not. Save the file as UTF-8";
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A few bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let n = self.1.min(buffer.len());
            self.0.read(&mut buffer[..n])
        }
    }

    fn read(bytes: &[u8], n_at_once: usize) -> io::Result<String> {
        let mut text = String::new();
        Utf16::new(Slow(bytes, n_at_once), is_big_endian(bytes).unwrap()).read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn both_orders_at_any_pace() {
        let text = format!("\u{feff}{}", "größe\t種類\r\n1,5\t🐧\n".repeat(900));
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for n_at_once in [1, 3, 1000, 1 << 20] {
            assert!(read(&little, n_at_once).unwrap() == text, "{n_at_once}");
            assert!(read(&big, n_at_once).unwrap() == text, "{n_at_once}");
        }
        assert_eq!(read(&little[..2], 1).unwrap(), "\u{feff}");
    }

    #[test]
    fn what_is_none_is_refused() {
        for bytes in
            [&b"\xff\xfea\0b"[..], b"\xff\xfe\x00\xd8", b"\xff\xfe\x00\xdca\0", b"\xff\xfe\x00\xd8a\0"]
        {
            let error = read(bytes, 1).unwrap_err().to_string();
            assert!(error.contains("Save the file as UTF-8"), "{bytes:?}: {error}");
        }
        assert_eq!(is_big_endian(b"a,b"), None);
    }
}
