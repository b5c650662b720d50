//! IDX files to tables: MNIST's images with the labels beside them.
//!
//! The format: two zero bytes, the type of the values, the number of dimensions, each dimension as four bytes, then the
//! values, all big-endian. Source: Y. LeCun, C. Cortes and C. Burges, "The MNIST database of handwritten digits".

use crate::error::{Error, Result};
use crate::input::Input;
use glassnet::table::{Table, TextColumn};
use std::fmt::{Display, Write};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// More values a row than any images have that a network for tables reads.
const MOST_VALUES: u64 = 100_000;

/// An opened file whose dimensions are read.
struct Array {
    input: Input,
    kind: u8,
    n_rows: u64,
    n_values: usize,
}

/// Reads images, as columns `pixel_0` …, and the labels that stand beside the file, as column `label`.
pub(crate) fn read(input: Input, path: &Path) -> Result<Table> {
    let images = Array::open(input)?;
    if images.n_values == 1 {
        return images.input.wrong(
            "it is an IDX file of labels. Give the file of images, whose name has `images` for `labels`; the labels \
            are found beside it",
        );
    }
    let n_rows = images.n_rows;
    let name = images.input.name.clone();
    let mut columns: Vec<TextColumn> =
        (0..images.n_values).map(|position| TextColumn::new(&format!("pixel_{position}"))).collect();
    images.read_into(&mut columns)?;
    let Some(labels) = labels_beside(path) else { return Ok(Table::from_columns(&name, columns)?) };
    let labels = Array::open(Input::open(&labels, None)?)?;
    if labels.n_values != 1 || labels.n_rows != n_rows {
        return labels.input.wrong(format!(
            "it has {} rows of {} values, and {name} has {n_rows} rows, each of which needs one label",
            labels.n_rows, labels.n_values
        ));
    }
    let mut label = [TextColumn::new("label")];
    labels.read_into(&mut label)?;
    columns.extend(label);
    Ok(Table::from_columns(&name, columns)?)
}

/// The file of labels beside a file of images: `labels` for `images`, one dimension, compressed or not.
fn labels_beside(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    if !name.contains("images") {
        return None;
    }
    let mut name = name.replace("images", "labels");
    for dimensions in ["idx2", "idx3", "idx4"] {
        name = name.replace(dimensions, "idx1");
    }
    let plain = name.strip_suffix(".gz").or(name.strip_suffix(".zst")).unwrap_or(&name);
    let names = [name.clone(), plain.to_owned(), format!("{plain}.gz"), format!("{plain}.zst")];
    names.iter().map(|name| path.with_file_name(name)).find(|path| path.is_file())
}

impl Array {
    fn open(mut input: Input) -> Result<Self> {
        let mut magic = [0; 4];
        read_exact(&mut input, &mut magic)?;
        if magic[..2] != [0, 0] {
            return input.wrong("it is not an IDX file, which begins with two zero bytes");
        }
        let mut dimensions = Vec::new();
        for _ in 0..magic[3] {
            let mut dimension = [0; 4];
            read_exact(&mut input, &mut dimension)?;
            dimensions.push(u64::from(u32::from_be_bytes(dimension)));
        }
        let Some((&n_rows, of_row)) = dimensions.split_first() else {
            return input.wrong("it is an IDX file without dimensions");
        };
        let n_values = of_row.iter().try_fold(1, |product: u64, &size| product.checked_mul(size));
        match n_values.filter(|n_values| (1..=MOST_VALUES).contains(n_values)) {
            Some(n_values) => Ok(Self { input, kind: magic[2], n_rows, n_values: n_values as usize }),
            None => {
                input.wrong(format!("its rows are of {of_row:?} values; there may be 1 to {MOST_VALUES}"))
            }
        }
    }

    fn read_into(self, columns: &mut [TextColumn]) -> Result<()> {
        let Self { mut input, kind, n_rows, .. } = self;
        match kind {
            0x08 => cells_of_bytes(&mut input, n_rows, columns, u8::from_be_bytes)?,
            0x09 => cells_of_bytes(&mut input, n_rows, columns, i8::from_be_bytes)?,
            0x0b => cells(&mut input, n_rows, columns, i16::from_be_bytes)?,
            0x0c => cells(&mut input, n_rows, columns, i32::from_be_bytes)?,
            0x0d => cells(&mut input, n_rows, columns, f32::from_be_bytes)?,
            0x0e => cells(&mut input, n_rows, columns, f64::from_be_bytes)?,
            _ => return input.wrong(format!("there is no IDX type {kind:#04x}")),
        }
        let mut more = [0];
        match input.bytes.read(&mut more) {
            Ok(0) if n_rows > 0 => Ok(()),
            Ok(0) => input.wrong("it has no rows"),
            Ok(_) => input.wrong("more bytes follow than its dimensions say. Get or make the file again"),
            Err(source) => Err(Error::Read { path: input.name.into(), source }),
        }
    }
}

/// Puts each value's text behind the cells of its column.
fn cells<const SIZE: usize, Number: Display>(
    input: &mut Input,
    n_rows: u64,
    columns: &mut [TextColumn],
    number: impl Fn([u8; SIZE]) -> Number,
) -> Result<()> {
    rows(input, n_rows, columns, |value, text| {
        write!(text, "{}", number(value)).expect("a String takes everything");
    })
}

/// As [`cells`], for values of one byte: each text is written once.
fn cells_of_bytes<Number: Display>(
    input: &mut Input,
    n_rows: u64,
    columns: &mut [TextColumn],
    number: impl Fn([u8; 1]) -> Number,
) -> Result<()> {
    let texts: Vec<String> = (0..=u8::MAX).map(|byte| number([byte]).to_string()).collect();
    rows(input, n_rows, columns, |[byte], text| text.push_str(&texts[usize::from(byte)]))
}

fn rows<const SIZE: usize>(
    input: &mut Input,
    n_rows: u64,
    columns: &mut [TextColumn],
    write: impl Fn([u8; SIZE], &mut String),
) -> Result<()> {
    let mut row = vec![0; columns.len() * SIZE];
    for _ in 0..n_rows {
        read_exact(input, &mut row)?;
        for (column, &value) in columns.iter_mut().zip(row.as_chunks::<SIZE>().0) {
            column.push_written(|text| write(value, text));
        }
    }
    Ok(())
}

fn read_exact(input: &mut Input, bytes: &mut [u8]) -> Result<()> {
    input.bytes.read_exact(bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::Table {
            table: input.name.clone(),
            reason: "it ends before all the values that its dimensions say. Get or make the file again"
                .into(),
        },
        _ => Error::Read { path: input.name.clone().into(), source: error },
    })
}
