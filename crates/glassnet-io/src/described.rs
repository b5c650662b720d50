//! Safetensors files with a description: JSON under one metadata key, with its format, and a checksum over its text and the
//! tensors' bytes in the order in which they were written.

use glassnet::fingerprint::Fingerprint;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, Value, to_raw_value};
use std::collections::{BTreeMap, HashMap};

/// What is wrong with a file, as the end of a sentence about it.
pub(crate) type Result<T> = std::result::Result<T, String>;

/// A sort of file.
pub(crate) struct Sort {
    /// The metadata key.
    pub(crate) key: &'static str,
    /// What the description is called under it, beside `format` and `checksum`.
    pub(crate) name: &'static str,
    /// The format that this version writes. Every earlier one can be read.
    pub(crate) format: u32,
}

/// A tensor to write.
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) dtype: Dtype,
    /// Little-endian.
    pub(crate) bytes: Vec<u8>,
}

/// A file that has been read, and which of its tensors have been taken.
pub(crate) struct Described<'a> {
    file: SafeTensors<'a>,
    description: Box<RawValue>,
    checksum: String,
    taken: Vec<String>,
}

type Header = BTreeMap<String, Box<RawValue>>;

/// The length of a header of less than 4 GiB in eight bytes, and its brace.
pub(crate) fn begins_like_safetensors(start: &[u8]) -> bool {
    start.get(8) == Some(&b'{') && start[4..8] == [0; 4]
}

/// The bytes of a file.
///
/// # Panics
/// When a tensor's bytes are not as many as its shape says, or a description is no plain data.
pub(crate) fn to_bytes(sort: &Sort, description: &impl Serialize, tensors: &[Tensor]) -> Vec<u8> {
    // By way of a value, as when it is read: so the types are compiled for one serializer, which the page's size depends on.
    let description =
        serde_json::to_value(description).and_then(|value| to_raw_value(&value)).expect("plain data");
    let checksum = checksum(description.get(), tensors.iter().map(|tensor| tensor.bytes.as_slice()));
    let header = Header::from([
        ("format".to_owned(), to_raw_value(&sort.format).expect("a number")),
        ("checksum".to_owned(), to_raw_value(&checksum).expect("a text")),
        (sort.name.to_owned(), description),
    ]);
    let header = serde_json::to_string(&header).expect("plain data");
    let views = tensors.iter().map(|Tensor { name, shape, dtype, bytes }| {
        (name.as_str(), TensorView::new(*dtype, shape.clone(), bytes).expect("bytes of this shape"))
    });
    serialize(views, Some(HashMap::from([(sort.key.to_owned(), header)]))).expect("names and sizes are small")
}

impl<'a> Described<'a> {
    /// A file that begins like one of safetensors.
    pub(crate) fn open(sort: &Sort, bytes: &'a [u8]) -> Result<Self> {
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| {
            format!("not a whole safetensors file ({error}); was it cut short or changed?")
        })?;
        let header = metadata.metadata().as_ref().and_then(|map| map.get(sort.key)).ok_or_else(|| {
            format!(
                "a safetensors file, but not written by glassnet (it has no metadata key \"{}\")",
                sort.key
            )
        })?;
        let mut header: Header = serde_json::from_str(header).map_err(|error| damaged(&error))?;
        let mut field =
            |name: &str| header.remove(name).ok_or_else(|| damaged(&format!("no field `{name}`")));
        let format: u32 = read(&field("format")?)?;
        if format == 0 {
            return Err(damaged(&"its format is 0"));
        }
        if format > sort.format {
            return Err(format!(
                "its format is {format}, this glassnet {} reads up to {}: use a newer glassnet",
                env!("CARGO_PKG_VERSION"),
                sort.format
            ));
        }
        let checksum = read(&field("checksum")?)?;
        let description = field(sort.name)?;
        let file = SafeTensors::deserialize(bytes).map_err(|error| damaged(&error))?;
        Ok(Self { file, description, checksum, taken: Vec::new() })
    }

    /// The description.
    pub(crate) fn description<D: DeserializeOwned>(&self) -> Result<D> {
        read(&self.description)
    }

    /// Of all tensors, so that sizes can be held against them before anything is allocated.
    pub(crate) fn n_bytes(&self) -> usize {
        self.file.iter().map(|(_, tensor)| tensor.data().len()).sum()
    }

    /// The bytes of a tensor of this type and shape.
    pub(crate) fn take(&mut self, name: String, dtype: Dtype, shape: &[usize]) -> Result<&[u8]> {
        let tensor = self.file.tensor(&name).map_err(|_| format!("its tensor {name} is missing"))?;
        if tensor.dtype() != dtype || tensor.shape() != shape {
            let (found, found_shape) = (tensor.dtype(), tensor.shape());
            return Err(format!("its tensor {name} is {found:?} {found_shape:?}, not {dtype:?} {shape:?}"));
        }
        self.taken.push(name);
        Ok(tensor.data())
    }

    /// A tensor of finite numbers, into this slice.
    pub(crate) fn numbers(&mut self, name: &str, shape: &[usize], numbers: &mut [f32]) -> Result<()> {
        let bytes = self.take(name.to_owned(), Dtype::F32, shape)?;
        for (number, bytes) in numbers.iter_mut().zip(bytes.as_chunks().0) {
            *number = f32::from_le_bytes(*bytes);
            if !number.is_finite() {
                return Err(format!("its tensor {name} holds {number}"));
            }
        }
        Ok(())
    }

    /// Proves that every tensor was taken, and the checksum.
    pub(crate) fn finish(&self) -> Result<()> {
        if let Some(name) = self.file.names().iter().find(|name| !self.taken.contains(&name.to_string())) {
            return Err(format!("it has a tensor {name} that its description does not"));
        }
        let data = |name: &String| self.file.tensor(name).map_or(&[][..], |tensor| tensor.data());
        if checksum(self.description.get(), self.taken.iter().map(data)) != self.checksum {
            return Err("its checksum does not fit its contents: the file was changed or damaged".into());
        }
        Ok(())
    }
}

fn read<D: DeserializeOwned>(text: &RawValue) -> Result<D> {
    let value: Value = serde_json::from_str(text.get()).map_err(|error| damaged(&error))?;
    serde_json::from_value(value).map_err(|error| damaged(&error))
}

fn damaged(error: &dyn std::fmt::Display) -> String {
    format!("its description cannot be understood ({error}); was it changed?")
}

fn checksum<'a>(description: &str, tensors: impl Iterator<Item = &'a [u8]>) -> String {
    tensors.fold(Fingerprint::EMPTY.with(description.as_bytes()), Fingerprint::with).to_string()
}
