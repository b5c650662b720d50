//! The messages of an Arrow stream, each held against its own bytes before anyone makes room for what it announces.

use arrow_ipc::{Buffer, FieldNode, MessageHeader, RecordBatch, root_as_message};
use std::io::{self, Cursor, Read};

/// What closes a stream; each message begins with the first half of it.
const END_OF_STREAM: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
/// zstd packs at most 128 KiB into four bytes; LZ4 packs less.
const MOST_PACKED: u64 = 40_000;
/// Longer buffers are refused: 2 GiB, beyond which Arrow's usual offsets cannot point.
const LONGEST: u64 = 1 << 31;

/// Where a stream of messages stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// By itself.
    Stream,
    /// In a file, with a footer behind it.
    File,
}

/// A stream's bytes, which come out message by message and only when they make sense.
pub(crate) struct Messages<Bytes> {
    bytes: Bytes,
    framing: Framing,
    message: Cursor<Vec<u8>>,
    is_over: bool,
}

impl<Bytes: Read> Messages<Bytes> {
    /// The messages of a stream.
    pub(crate) fn new(bytes: Bytes, framing: Framing) -> Self {
        Self { bytes, framing, message: Cursor::default(), is_over: false }
    }

    /// Puts the next message into `message`.
    fn next(&mut self) -> io::Result<()> {
        let mut whole = self.exactly(4)?;
        if whole == END_OF_STREAM[..4] {
            whole.extend(self.exactly(4)?);
        }
        let length = i32::from_le_bytes(*whole.last_chunk().expect("four bytes at least"));
        if length == 0 {
            if self.framing == Framing::File {
                let mut footer = Vec::new();
                self.bytes.read_to_end(&mut footer)?;
                if !footer.ends_with(b"ARROW1") {
                    return Err(wrong("its footer is cut short"));
                }
            }
            self.is_over = true;
            self.message = Cursor::new(whole);
            return Ok(());
        }
        let length = u64::try_from(length).map_err(|_| wrong("a message has a negative length"))?;
        let description = self.exactly(length)?;
        let message =
            root_as_message(&description).map_err(|_| wrong("the description of a message is damaged"))?;
        let n_bytes =
            u64::try_from(message.bodyLength()).map_err(|_| wrong("a message has a negative length"))?;
        let body = self.exactly(n_bytes)?;
        let batch = match message.header_type() {
            MessageHeader::RecordBatch => message.header_as_record_batch(),
            MessageHeader::DictionaryBatch => message.header_as_dictionary_batch().and_then(|d| d.data()),
            _ => None,
        };
        if let Some(batch) = batch {
            check(&batch, &body)?;
        }
        whole.extend(description);
        whole.extend(body);
        self.message = Cursor::new(whole);
        Ok(())
    }

    /// So many bytes, with room for no more than there are.
    fn exactly(&mut self, n_bytes: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.bytes.by_ref().take(n_bytes).read_to_end(&mut bytes)?;
        if bytes.len() as u64 == n_bytes {
            Ok(bytes)
        } else {
            Err(wrong("it ends without the mark of its end"))
        }
    }
}

impl<Bytes: Read> Read for Messages<Bytes> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.message.read(buffer)?;
        if n_bytes > 0 || buffer.is_empty() || self.is_over {
            return Ok(n_bytes);
        }
        self.next()?;
        self.message.read(buffer)
    }
}

/// Refuses rows that no column has room for, and buffers outside the body or longer than compression allows.
fn check(batch: &RecordBatch<'_>, body: &[u8]) -> io::Result<()> {
    let is_compressed = batch.compression().is_some();
    let nodes = batch.nodes().into_iter().flatten().map(FieldNode::length);
    if nodes.chain([batch.length()]).any(|n_rows| !(0..1 << 31).contains(&n_rows)) {
        return Err(wrong("a part has an impossible number of rows"));
    }
    for buffer in batch.buffers().into_iter().flatten() {
        let Some(bytes) = bytes_of(buffer, body) else {
            return Err(wrong("a buffer lies outside its message"));
        };
        if is_compressed && !bytes.is_empty() {
            let length = bytes.first_chunk().map(|bytes| i64::from_le_bytes(*bytes));
            // −1 marks a buffer that is not compressed after all.
            let longest = (bytes.len() as u64).saturating_mul(MOST_PACKED).min(LONGEST);
            let is_possible = |length: i64| length == -1 || u64::try_from(length).is_ok_and(|n| n <= longest);
            if !length.is_some_and(is_possible) {
                return Err(wrong("a compressed buffer has an impossible length"));
            }
        }
    }
    Ok(())
}

fn bytes_of<'a>(buffer: &Buffer, body: &'a [u8]) -> Option<&'a [u8]> {
    let start = usize::try_from(buffer.offset()).ok()?;
    let end = start.checked_add(usize::try_from(buffer.length()).ok()?)?;
    body.get(start..end)
}

fn wrong(reason: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}
