//! Training rows in a temporary file: all of them come back, damage is found, nothing stays behind.

use glassnet::dataset::{Dataset, Targets};
use glassnet::generator::Generator;
use glassnet::matrix::Matrix;
use glassnet::training_rows::{Blocks, no_rows};
use glassnet_io::spool::{Layout, Spool, SpoolWriter};
use std::path::Path;

/// Rows whose first input is their number.
fn rows(start: usize, end: usize, n_classes: usize) -> Dataset<f32> {
    let n_rows = end - start;
    let x = (start..end).flat_map(|row| [row as f32, -1.5, row as f32 / 7.0]).collect();
    let targets = match n_classes {
        0 => {
            let values = (start..end).flat_map(|row| [row as f32 * 0.25, -(row as f32)]).collect();
            Targets::Values(Matrix::from_values(n_rows, 2, values))
        }
        _ => Targets::Classes {
            indices: (start..end).map(|row| (row % n_classes) as u32).collect(),
            n_classes,
        },
    };
    Dataset::new(Matrix::from_values(n_rows, 3, x), targets).unwrap()
}

fn spool(
    folder: &Path,
    n_rows: usize,
    rows_per_block: usize,
    n_classes: usize,
    buffer_bytes: usize,
) -> Spool {
    let layout = Layout {
        n_rows,
        rows_per_block,
        n_inputs: 3,
        n_classes,
        n_targets: if n_classes == 0 { 2 } else { 1 },
        has_weights: false,
    };
    let mut writer = SpoolWriter::create(folder, layout, Generator::new(5), buffer_bytes).unwrap();
    for start in (0..n_rows).step_by(37) {
        writer.push(&rows(start, n_rows.min(start + 37), n_classes)).unwrap();
    }
    let weights = (n_classes > 0).then(|| (0..n_classes).map(|class| class as f32 + 0.5).collect());
    writer.finish(weights).unwrap()
}

#[test]
fn every_row_comes_back_once() {
    let folder = tempfile::tempdir().unwrap();
    for (n_rows, rows_per_block, n_classes) in
        [(1, 8, 0), (200, 64, 3), (200, 64, 0), (128, 64, 2), (200, 512, 2)]
    {
        for buffer_bytes in [1, 400, 1 << 20] {
            let spool = spool(folder.path(), n_rows, rows_per_block, n_classes, buffer_bytes);
            let mut numbers = Vec::new();
            let mut block = no_rows();
            for i in 0..n_rows.div_ceil(rows_per_block) {
                spool.read(i, &mut block).unwrap();
                let size = rows_per_block.min(n_rows - i * rows_per_block);
                assert_eq!((block.n_rows(), block.targets.n_rows()), (size, size));
                for row in 0..size {
                    let number = block.x.row(row)[0] as usize;
                    let expected = rows(number, number + 1, n_classes);
                    assert_eq!(block.x.row(row), expected.x.row(0));
                    assert_eq!(block.targets.gather(&[row]), expected.targets);
                    let weight = block.weights.as_ref().map(|weights| weights[row]);
                    assert_eq!(weight, (n_classes > 0).then(|| (number % n_classes) as f32 + 0.5));
                    numbers.push(number);
                }
                // One block keeps the rows' order.
                assert!(rows_per_block < n_rows || numbers.is_sorted());
            }
            assert!(n_rows <= rows_per_block || !numbers.is_sorted());
            numbers.sort_unstable();
            assert!(numbers.into_iter().eq(0..n_rows));
        }
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// A table that is sorted by class must not come into blocks of one class.
#[test]
fn every_block_is_a_fair_sample() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(folder.path(), 4_000, 1_000, 0, 1 << 16);
    let mut block = no_rows();
    for i in 0..4 {
        spool.read(i, &mut block).unwrap();
        let n_first_half = (0..1_000).filter(|&row| block.x.row(row)[0] < 2_000.0).count() as f64;
        // Hypergeometric, standard deviation 13.7.
        assert!((n_first_half - 500.0).abs() < 5.0 * 13.7, "{n_first_half}");
    }
}

#[test]
fn weights_come_back_with_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    for n_classes in [0, 3] {
        let n_targets = if n_classes == 0 { 2 } else { 1 };
        let layout =
            Layout { n_rows: 200, rows_per_block: 64, n_inputs: 3, n_classes, n_targets, has_weights: true };
        let mut writer = SpoolWriter::create(folder.path(), layout, Generator::new(5), 400).unwrap();
        let mut all = rows(0, 200, n_classes);
        all.weights = Some((0..200).map(|row| row as f32 / 8.0).collect());
        writer.push(&all).unwrap();
        let of_class = (n_classes > 0).then(|| vec![1.0, 2.0, 0.5]);
        let spool = writer.finish(of_class.clone()).unwrap();
        let mut block = no_rows();
        for i in 0..4 {
            spool.read(i, &mut block).unwrap();
            for (row, &weight) in block.weights.as_ref().unwrap().iter().enumerate() {
                let number = block.x.row(row)[0] as usize;
                let of_class = of_class.as_ref().map_or(1.0, |weights| weights[number % n_classes]);
                assert_eq!(weight, number as f32 / 8.0 * of_class);
                assert_eq!(block.targets.gather(&[row]), rows(number, number + 1, n_classes).targets);
            }
        }
    }
}

#[test]
fn a_table_that_grows_or_shrinks_meanwhile_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let layout =
        Layout { n_rows: 10, rows_per_block: 4, n_inputs: 3, n_classes: 0, n_targets: 2, has_weights: false };
    let writer = || SpoolWriter::create(folder.path(), layout, Generator::new(5), 100).unwrap();
    let mut few = writer();
    few.push(&rows(0, 9, 0)).unwrap();
    assert!(few.finish(None).unwrap_err().to_string().contains("changed while it was read"));
    let error = writer().push(&rows(0, 11, 0)).unwrap_err().to_string();
    assert!(error.contains("changed while it was read"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
