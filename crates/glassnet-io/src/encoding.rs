//! Text in other encodings than UTF-8, decoded while it is read.

use encoding_rs::{DecoderResult, UTF_8};
use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

/// What bytes stand for which characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

/// Names that Windows and Python give to encodings, and the standard's own.
const ALIASES: [(&str, &str); 4] =
    [("cp932", "shift_jis"), ("cp936", "gbk"), ("cp949", "euc-kr"), ("cp950", "big5")];

impl FromStr for Encoding {
    type Err = String;

    /// By a label of the [Encoding Standard](https://encoding.spec.whatwg.org/#names-and-labels), or cp932, cp936, cp949, cp950.
    fn from_str(name: &str) -> Result<Self, String> {
        let name = name.trim().to_ascii_lowercase();
        let label = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(&*name, |(_, label)| label);
        encoding_rs::Encoding::for_label_no_replacement(label.as_bytes()).map(Self).ok_or_else(|| {
            "no such encoding: there are utf-8, windows-1252 (also called latin1), big5, gbk, gb18030, shift_jis, euc-kr \
             and the others of the Encoding Standard"
                .into()
        })
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl fmt::Debug for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Encoding {
    /// UTF-8 or UTF-16, where text begins with a byte-order mark.
    pub(crate) fn by_mark(start: &[u8]) -> Option<Self> {
        encoding_rs::Encoding::for_bom(start).map(|(encoding, _)| Self(encoding))
    }

    pub(crate) fn is_utf8(self) -> bool {
        self.0 == UTF_8
    }

    /// The same text in UTF-8, of which a byte-order mark may have said what it is in. The mark stays.
    pub(crate) fn decoded<Input: Read>(self, input: Input, is_marked: bool) -> Decoded<Input> {
        Decoded {
            encoding: self,
            is_marked,
            decoder: self.0.new_decoder_without_bom_handling(),
            input,
            block: vec![0; 8_192],
            block_given: 0..0,
            is_at_end: false,
            text: vec![0; 32_768],
            text_given: 0..0,
            n_lines: 0,
        }
    }
}

/// Text on its way to UTF-8.
pub(crate) struct Decoded<Input> {
    encoding: Encoding,
    is_marked: bool,
    decoder: encoding_rs::Decoder,
    input: Input,
    /// Bytes as they were read, and which of them are still to be decoded.
    block: Vec<u8>,
    block_given: std::ops::Range<usize>,
    is_at_end: bool,
    /// What is decoded, and which of it is still to be given away.
    text: Vec<u8>,
    text_given: std::ops::Range<usize>,
    /// Ends of lines so far, for messages.
    n_lines: usize,
}

impl<Input: Read> Decoded<Input> {
    /// Decodes some more; false at the end.
    fn decode(&mut self) -> io::Result<bool> {
        if self.block_given.is_empty() && !self.is_at_end {
            let n_bytes = self.input.read(&mut self.block)?;
            (self.block_given, self.is_at_end) = (0..n_bytes, n_bytes == 0);
        } else if self.is_at_end {
            return Ok(false);
        }
        let bytes = &self.block[self.block_given.clone()];
        let (result, n_read, n_written) =
            self.decoder.decode_to_utf8_without_replacement(bytes, &mut self.text, self.is_at_end);
        self.block_given.start += n_read;
        self.text_given = 0..n_written;
        self.n_lines += self.text[..n_written].split(|&byte| byte == b'\n').count() - 1;
        match result {
            DecoderResult::Malformed(..) => Err(self.malformed()),
            DecoderResult::InputEmpty | DecoderResult::OutputFull => Ok(true),
        }
    }

    fn malformed(&self) -> io::Error {
        let (line, encoding) = (self.n_lines + 1, self.encoding);
        let remedy = if self.is_marked {
            ", which the mark at its beginning says it is. Save the file as UTF-8"
        } else {
            ". Save the file as UTF-8, or say what it is in, such as --encoding windows-1252 or big5"
        };
        let message = format!("line {line}: not text in {encoding}{remedy}");
        io::Error::new(io::ErrorKind::InvalidData, message)
    }
}

impl<Input: Read> Read for Decoded<Input> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.text_given.is_empty() && self.decode()? {}
        let n_bytes = (&self.text[self.text_given.clone()]).read(buffer)?;
        self.text_given.start += n_bytes;
        Ok(n_bytes)
    }
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

    fn read(encoding: Encoding, bytes: &[u8], n_at_once: usize) -> io::Result<String> {
        let mut text = String::new();
        encoding.decoded(Slow(bytes, n_at_once), true).read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn utf_16_of_both_orders_at_any_pace() {
        let text = format!("\u{feff}{}", "größe\t種類\r\n1,5\t🐧\n".repeat(900));
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [little, big] {
            let encoding = Encoding::by_mark(&bytes).unwrap();
            for n_at_once in [1, 3, 1_000, 1 << 20] {
                assert!(read(encoding, &bytes, n_at_once).unwrap() == text, "{encoding} {n_at_once}");
            }
            assert_eq!(read(encoding, &bytes[..2], 1).unwrap(), "\u{feff}");
        }
        assert_eq!(Encoding::by_mark(b"a,b"), None);
    }

    #[test]
    fn what_is_none_is_refused_with_its_line() {
        let lines = b"\xff\xfea\0\n\0\n\0\0\xd8";
        for (bytes, line) in
            [(&b"\xff\xfea\0b"[..], 1), (lines, 3), (b"\xff\xfe\x00\xdca\0", 1), (b"\xff\xfe\x00\xd8a\0", 1)]
        {
            for n_at_once in [1, 1_000] {
                let error =
                    read(Encoding::by_mark(bytes).unwrap(), bytes, n_at_once).unwrap_err().to_string();
                assert!(
                    error.starts_with(&format!("line {line}: not text in UTF-16LE")),
                    "{bytes:?}: {error}"
                );
            }
        }
    }

    #[test]
    fn names_are_those_of_the_standard_and_of_windows() {
        for (name, expected) in [
            ("latin1", "windows-1252"),
            (" CP1252", "windows-1252"),
            ("cp950", "Big5"),
            ("cp936", "GBK"),
            ("utf8", "UTF-8"),
        ] {
            assert_eq!(name.parse::<Encoding>().unwrap().to_string(), expected);
        }
        for name in ["", "utf8mb4", "iso-2022-kr"] {
            assert!(name.parse::<Encoding>().unwrap_err().contains("big5"), "{name}");
        }
    }
}
