//! Fit seconds beside pytabkit's RealMLP-TD on the same rows and the same machine, in turn, and beside the floor: the
//! operations of the matrix products at the best rate of a large product.

use super::super::floor::Machine;
use super::super::program::{Threads, outcome};
use super::super::{median, peers};
use super::options::Options;
use super::ours::{self, json};
use super::parts::{self, Parts};
use super::summary::{Figure, print_figures, significant};
use super::tables::{self, Table};
use serde_json::Value;
use std::path::Path;

/// Where no table is named.
const TABLES: [&str; 4] = ["concrete", "titanic", "wine_quality", "california_housing"];
const N_THREADS: [usize; 2] = [1, 2];
/// How many times as long pytabkit is asked to take.
const TIMES: f64 = 4.0;

/// A table on so many threads: medians.
struct Row {
    table: &'static str,
    n_threads: usize,
    ours: f64,
    theirs: f64,
    floor: f64,
    /// On the test rows, of the last round.
    errors: [f64; 2],
}

/// Times the tables on one thread and on two.
///
/// # Errors
/// When a program cannot be had or fails.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let interpreter = peers::pytabkit()?;
    let names =
        if options.tables.is_empty() { TABLES.map(str::to_owned).to_vec() } else { options.tables.clone() };
    let mut machine = Machine::measured()?;
    let mut rows = Vec::new();
    for table in tables::chosen(&options.data, &names)? {
        let folder = tempfile::tempdir().map_err(|error| format!("temporary folder: {error}"))?;
        let parts = parts::written(&options.data, table, 0, folder.path())?;
        for n_threads in options.n_threads.map_or(N_THREADS.to_vec(), |n| vec![n]) {
            let row = timed(table, &parts, folder.path(), n_threads, &interpreter, options.n_rounds)?;
            rows.push(row);
            machine = machine.or(&Machine::measured()?);
        }
    }
    println!("{}\nmedians of {} round(s), seconds of the wall\n", machine.line(), options.n_rounds);
    println!(
        "| table | threads | glassnet | pytabkit | ratio | floor | floor ÷ glassnet | test log-loss or RMSE |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for row in &rows {
        let floor = machine.products(row.floor, row.n_threads);
        println!(
            "| {} | {} | {:.2} s | {:.2} s | {:.2} | {floor:.2} s | {:.2} | {} ({}) |",
            row.table,
            row.n_threads,
            row.ours,
            row.theirs,
            row.theirs / row.ours,
            floor / row.ours,
            significant(row.errors[0]),
            significant(row.errors[1])
        );
    }
    let verdicts = rows.iter().map(|row| Figure {
        name: format!("{}, {} thread(s): times faster than pytabkit", row.table, row.n_threads),
        measured: format!("{:.2}", row.theirs / row.ours),
        asked: format!("≥ {TIMES}"),
        is_met: row.theirs / row.ours >= TIMES,
    });
    print_figures(&verdicts.collect::<Vec<_>>());
    Ok(())
}

fn timed(
    table: &'static Table,
    parts: &Parts,
    folder: &Path,
    n_threads: usize,
    interpreter: &str,
    n_rounds: usize,
) -> Result<Row, String> {
    let threads = Threads::new(n_threads);
    let model = folder.join("model.safetensors");
    let text = |path: &Path| path.display().to_string();
    let mut ours = vec![text(&ours::program()), "train".into()];
    ours.extend(ours::words(table, &parts.train, Some(&parts.val), &model));
    ours.extend(["--threads".into(), n_threads.to_string()]);
    let mut theirs = [interpreter, "-W", "ignore", "bench/peers/realmlp.py"].map(str::to_owned).to_vec();
    theirs.extend([&parts.train, &parts.val, &parts.test].map(|path| text(path)));
    theirs.extend(table.flags().into_iter().map(str::to_owned));
    theirs.extend(["--threads".into(), n_threads.to_string()]);
    let measure = |words: &[String]| json(&outcome(&mut threads.command(words))?.stdout);
    let number = |value: &Value, name: &str| value[name].as_f64().ok_or(format!("{}: no {name}", table.name));
    let mut seconds = [Vec::new(), Vec::new()];
    let mut last = [Value::Null, Value::Null];
    for _ in 0..n_rounds {
        for ((words, seconds), last) in [&ours, &theirs].into_iter().zip(&mut seconds).zip(&mut last) {
            *last = measure(words)?;
            seconds.push(number(last, "seconds")?);
        }
        eprintln!("{} on {n_threads}: {seconds:.2?}", table.name);
    }
    let program = text(&ours::program());
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let tested = measure(&words(&[&program, "evaluate", &text(&model), &text(&parts.test), "--json"]))?;
    let metrics = &tested["metrics"];
    let error = metrics["rmse"]["value"].as_f64().or(metrics["log_loss"]["value"].as_f64());
    let error = error.or(metrics["log_loss"].as_f64()).ok_or("glassnet evaluate tells no error")?;
    let story = measure(&words(&[&program, "inspect", &text(&model), "--json"]))?;
    let n_epochs = number(&last[0], "epochs")?;
    let [ours, theirs_seconds] = seconds.map(|seconds| median(seconds).unwrap_or(f64::NAN));
    Ok(Row {
        table: table.name,
        n_threads,
        ours,
        theirs: theirs_seconds,
        floor: operations(&story["layers"], parts.n_train, parts.n_val, n_epochs),
        errors: [error, number(&last[1], "error")?],
    })
}

/// Additions and multiplications of all products: each step forward, for the gradients by weights and for those by
/// inputs, which the layers before the first product need too; and forward over the rows that are held out, each epoch.
/// Rows that do not fill a batch are left out, as the recipe does.
fn operations(layers: &Value, n_train: usize, n_val: usize, n_epochs: f64) -> f64 {
    const BATCH_SIZE: usize = 256;
    let n_rows = if n_train < BATCH_SIZE { n_train } else { n_train - n_train % BATCH_SIZE };
    let weights = layers.as_array().into_iter().flatten().map(|layer| {
        let size = |kind: &str, name: &str| layer[kind][name].as_f64().unwrap_or(0.0);
        let periodic =
            size("periodic", "n_numbers") * size("periodic", "n_frequencies") * size("periodic", "n_outputs");
        size("dense", "n_inputs") * size("dense", "n_outputs") + periodic
    });
    weights.sum::<f64>() * n_epochs * (6.0 * n_rows as f64 + 2.0 * n_val as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn operations_are_those_of_products() {
        let layers = json!([
            {"periodic": {"n_inputs": 3, "n_numbers": 2, "n_frequencies": 16, "n_outputs": 3}},
            {"scale": {"n_units": 9}},
            {"dense": {"n_inputs": 9, "n_outputs": 4, "bias": true}},
        ]);
        // 2·16·3 + 9·4 = 132 weights; 512 of 600 rows.
        assert_eq!(operations(&layers, 600, 10, 2.0), 132.0 * 2.0 * (6.0 * 512.0 + 20.0));
        assert_eq!(operations(&layers, 100, 0, 1.0), 132.0 * 600.0);
    }
}
