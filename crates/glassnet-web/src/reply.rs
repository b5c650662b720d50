//! Questions and answers as bytes: JSON, beside it numbers to the bit, and bytes of files.
//!
//! A question is the length of its JSON (4 bytes, little-endian), the JSON, and bytes. An answer is the length of its JSON and the
//! count of its numbers (4 bytes each), the numbers (8 bytes each), the JSON, and bytes. In its JSON, `{"$": [start, count]}` stands for
//! some of the numbers.

use serde_json::{Value, json};

/// An answer in the making.
#[derive(Debug, Default)]
pub struct Reply {
    numbers: Vec<f64>,
    /// A file, where the answer is one.
    pub bytes: Vec<u8>,
}

impl Reply {
    /// Some numbers, to be put into the JSON.
    pub fn numbers<'a>(&mut self, numbers: impl IntoIterator<Item = &'a f64>) -> Value {
        let start = self.numbers.len();
        self.numbers.extend(numbers);
        json!({ "$": [start, self.numbers.len() - start] })
    }

    /// The bytes of the answer.
    pub fn finish(self, json: &Value) -> Vec<u8> {
        let json = json.to_string();
        let mut bytes = Vec::with_capacity(8 + 8 * self.numbers.len() + json.len() + self.bytes.len());
        bytes.extend((json.len() as u32).to_le_bytes());
        bytes.extend((self.numbers.len() as u32).to_le_bytes());
        for number in &self.numbers {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(json.as_bytes());
        bytes.extend_from_slice(&self.bytes);
        bytes
    }
}

/// The JSON of a question and the bytes behind it; `None` where they are none.
pub fn question(bytes: &[u8]) -> Option<(Value, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (json, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((serde_json::from_slice(json).ok()?, rest))
}

/// A question as bytes, for those who ask from Rust.
pub fn ask(json: &Value, bytes: &[u8]) -> Vec<u8> {
    let json = json.to_string();
    [&(json.len() as u32).to_le_bytes(), json.as_bytes(), bytes].concat()
}

/// An answer's JSON with its numbers in place, and its bytes, for those who ask from Rust; `None` where it is none.
pub fn read(answer: &[u8]) -> Option<(Value, Vec<u8>)> {
    let (json_length, rest) = answer.split_first_chunk()?;
    let (n_numbers, rest) = rest.split_first_chunk()?;
    let (numbers, rest) = rest.split_at_checked(8 * u32::from_le_bytes(*n_numbers) as usize)?;
    let (json, bytes) = rest.split_at_checked(u32::from_le_bytes(*json_length) as usize)?;
    let numbers: Vec<f64> = numbers.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
    let mut json = serde_json::from_slice(json).ok()?;
    place(&mut json, &numbers);
    Some((json, bytes.to_vec()))
}

fn place(value: &mut Value, numbers: &[f64]) {
    match value {
        Value::Object(map) => {
            let range: Option<[usize; 2]> =
                map.get("$").and_then(|range| serde_json::from_value(range.clone()).ok());
            if let Some([start, count]) = range {
                *value = json!(numbers[start..start + count]);
            } else {
                map.values_mut().for_each(|value| place(value, numbers));
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| place(value, numbers)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_bits() {
        let mut reply = Reply { bytes: vec![7], ..Reply::default() };
        let first = reply.numbers(&[0.1, -0.0]);
        let second = reply.numbers(&[f64::MIN_POSITIVE]);
        let json = json!({ "a": [first], "b": second });
        let (json, bytes) = read(&reply.finish(&json)).unwrap();
        assert_eq!((json["a"][0][0].as_f64(), json["b"][0].as_f64()), (Some(0.1), Some(f64::MIN_POSITIVE)));
        assert!(json["a"][0][1].as_f64().unwrap().is_sign_negative());
        assert_eq!(bytes, [7]);
    }

    #[test]
    fn what_is_cut_short_is_no_question() {
        let whole = ask(&json!({ "do": "x" }), b"yz");
        assert_eq!(question(&whole), Some((json!({ "do": "x" }), &b"yz"[..])));
        for end in 0..whole.len() - 2 {
            assert_eq!(question(&whole[..end]), None);
        }
    }
}
