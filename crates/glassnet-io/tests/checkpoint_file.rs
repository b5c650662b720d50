//! Checkpoints: what is written is read, and nothing else is.

use glassnet::fit::Fit;
use glassnet::fit_config::FitConfig;
use glassnet::generator::Generator;
use glassnet::resume::FitCheckpoint;
use glassnet::schema::{Schema, SchemaOptions, Task};
use glassnet::table::Table;
use glassnet_io::checkpoint_file::{from_bytes, read, to_bytes, write};
use glassnet_io::error::Error;

fn checkpoint(n_epochs: usize, ensemble: usize) -> FitCheckpoint {
    let mut table = Table::new("t.csv", ["x", "y"]).unwrap();
    let mut generator = Generator::new(3);
    for _ in 0..40 {
        table.push_row([generator.normal().to_string().as_str(), &generator.normal().to_string()]);
    }
    let options = SchemaOptions { targets: vec!["y".into()], ..SchemaOptions::default() };
    let config =
        FitConfig { hidden_layer_sizes: vec![6, 5], ensemble, ..FitConfig::strong(Task::Regression) };
    let mut fit = Fit::start(&table, Schema::infer(&table, &options).unwrap(), config, None).unwrap();
    for _ in 0..n_epochs {
        fit.epoch();
    }
    fit.checkpoint().unwrap()
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    for (n_epochs, ensemble) in [(0, 1), (3, 1), (2, 3)] {
        let checkpoint = checkpoint(n_epochs, ensemble);
        write(&path, &checkpoint).unwrap();
        assert_eq!(read(&path).unwrap(), checkpoint);
    }
    let missing = read(&folder.path().join("none")).unwrap_err();
    assert!(matches!(missing, Error::Read { .. }), "{missing}");
}

#[test]
fn damage_is_refused() {
    let bytes = to_bytes(&checkpoint(2, 2));
    for length in [0, 7, 8, 100, bytes.len() / 2, bytes.len() - 1] {
        assert!(from_bytes(&bytes[..length]).is_err(), "cut to {length} bytes");
    }
    for place in (0..bytes.len()).step_by(41) {
        for bit in [1, 0x80] {
            let mut changed = bytes.clone();
            changed[place] ^= bit;
            assert!(from_bytes(&changed).is_err(), "byte {place}");
        }
    }
}
