//! A split of a table as three files: rows to train on, to stop by, and to be measured on.

use super::tables::{Format, Table};
use flate2::read::GzDecoder;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

const NAMES: [&str; 3] = ["train", "val", "test"];

/// The files of the parts.
pub(crate) struct Parts {
    pub(crate) train: PathBuf,
    pub(crate) val: PathBuf,
    pub(crate) test: PathBuf,
    pub(crate) n_train: usize,
    pub(crate) n_val: usize,
    pub(crate) n_test: usize,
}

/// Writes the parts of a table's split into a folder.
///
/// # Errors
/// When a file of the table or of the split cannot be read, or a part not be written.
pub(crate) fn written(data: &Path, table: &Table, split: usize, folder: &Path) -> Result<Parts, String> {
    let path = data.join(format!("splits/{}_s{split}.csv.gz", table.name));
    let rows = rows_of_parts(GzDecoder::new(open(&path)?)).map_err(|error| named(&path, &error))?;
    let source = data.join(table.name);
    let [train, val, test] = match table.format {
        Format::Csv => csv_parts(&source.join(format!("{}.csv", table.name)), &rows, folder)?,
        Format::Idx => idx_parts(&source, &rows, folder)?,
    };
    let [n_train, n_val, n_test] = rows.each_ref().map(Vec::len);
    Ok(Parts { train, val, test, n_train, n_val, n_test })
}

/// The rows of `train`, `val` and `test`, each in rising order, of a table with the columns `row` and `part`.
fn rows_of_parts(reader: impl Read) -> Result<[Vec<usize>; 3], String> {
    let mut rows: [Vec<usize>; 3] = Default::default();
    for record in csv::Reader::from_reader(reader).records() {
        let record = record.map_err(|error| error.to_string())?;
        let part = record.get(1).and_then(|name| NAMES.iter().position(|&part| part == name));
        let row = record.get(0).and_then(|row| row.parse().ok());
        let (Some(part), Some(row)) = (part, row) else {
            return Err(format!("{record:?} is not a row and train, val or test"));
        };
        rows[part].push(row);
    }
    for rows in &mut rows {
        rows.sort_unstable();
    }
    Ok(rows)
}

fn csv_parts(source: &Path, rows: &[Vec<usize>; 3], folder: &Path) -> Result<[PathBuf; 3], String> {
    let mut reader = csv::Reader::from_path(source).map_err(|error| named(source, &error))?;
    let header = reader.byte_headers().map_err(|error| named(source, &error))?.clone();
    let records = reader.byte_records().collect::<Result<Vec<_>, _>>().map_err(|e| named(source, &e))?;
    let paths = NAMES.map(|name| folder.join(name).with_extension("csv"));
    for (path, rows) in paths.iter().zip(rows) {
        let mut writer = csv::Writer::from_path(path).map_err(|error| named(path, &error))?;
        writer.write_byte_record(&header).map_err(|error| named(path, &error))?;
        for &row in rows {
            let record = records.get(row).ok_or_else(|| named(source, &format!("no row {row}")))?;
            writer.write_byte_record(record).map_err(|error| named(path, &error))?;
        }
        writer.flush().map_err(|error| named(path, &error))?;
    }
    Ok(paths)
}

fn idx_parts(source: &Path, rows: &[Vec<usize>; 3], folder: &Path) -> Result<[PathBuf; 3], String> {
    for kind in ["images-idx3-ubyte", "labels-idx1-ubyte"] {
        let both = ["train", "t10k"].map(|name| source.join(format!("{name}-{kind}.gz")));
        let files = both.iter().map(|path| gunzipped(path)).collect::<Result<Vec<_>, _>>()?;
        for (name, rows) in NAMES.iter().zip(rows) {
            let path = folder.join(format!("{name}-{kind}"));
            let bytes =
                idx_rows(&files, rows).ok_or_else(|| named(source, &format!("{kind}: no such rows")))?;
            std::fs::write(&path, bytes).map_err(|error| named(&path, &error))?;
        }
    }
    Ok(NAMES.map(|name| folder.join(format!("{name}-images-idx3-ubyte"))))
}

/// An IDX file of some rows of others of the same shape, which follow each other.
fn idx_rows(files: &[Vec<u8>], rows: &[usize]) -> Option<Vec<u8>> {
    let header = 4 + 4 * usize::from(*files.first()?.get(3)?);
    let length = files[0].get(8..header)?.chunks_exact(4).map(number).product::<usize>();
    let mut bytes = files[0].get(..header)?.to_vec();
    bytes[4..8].copy_from_slice(&u32::try_from(rows.len()).ok()?.to_be_bytes());
    for &row in rows {
        let mut row = row;
        let mut files = files.iter();
        let file = loop {
            let file = files.next()?;
            match number(file.get(4..8)?) {
                n_rows if row < n_rows => break file,
                n_rows => row -= n_rows,
            }
        };
        bytes.extend(file.get(header + row * length..header + (row + 1) * length)?);
    }
    Some(bytes)
}

/// Four bytes, the highest first.
fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte))
}

fn gunzipped(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    GzDecoder::new(open(path)?).read_to_end(&mut bytes).map_err(|error| named(path, &error))?;
    Ok(bytes)
}

fn open(path: &Path) -> Result<BufReader<File>, String> {
    File::open(path).map(BufReader::new).map_err(|error| named(path, &error))
}

fn named(path: &Path, error: &impl ToString) -> String {
    format!("{}: {}", path.display(), error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_name_the_part_of_each_row() {
        let rows = rows_of_parts("row,part\n2,test\n1,val\n3,train\n0,train\n".as_bytes()).unwrap();
        assert_eq!(rows, [vec![0, 3], vec![1], vec![2]]);
        assert!(rows_of_parts("row,part\n2,rest\n".as_bytes()).unwrap_err().contains("rest"));
    }

    #[test]
    fn cells_are_kept_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("source.csv");
        std::fs::write(&source, "a,b\n1, \n\"2,5\",x\n03,\n").unwrap();
        let paths = csv_parts(&source, &[vec![1, 2], vec![0], vec![]], folder.path()).unwrap();
        let texts = paths.map(|path| std::fs::read_to_string(path).unwrap());
        assert_eq!(texts, ["a,b\n\"2,5\",x\n03,\n", "a,b\n1, \n", "a,b\n"]);
        assert!(
            csv_parts(&source, &[vec![3], vec![], vec![]], folder.path()).unwrap_err().ends_with("no row 3")
        );
    }

    #[test]
    fn rows_of_idx_files_follow_each_other() {
        let file = |values: &[u8]| {
            let n_rows = values.len() as u8 / 2;
            [&[0, 0, 8, 3, 0, 0, 0, n_rows, 0, 0, 0, 2, 0, 0, 0, 1], values].concat()
        };
        let files = [file(&[1, 2, 3, 4]), file(&[5, 6])];
        assert_eq!(idx_rows(&files, &[0, 2]).unwrap(), file(&[1, 2, 5, 6]));
        assert!(idx_rows(&files, &[3]).is_none());
    }
}
