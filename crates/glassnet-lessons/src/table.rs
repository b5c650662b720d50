//! Facts as tables.

use crate::experiment::Rows;
use crate::facts::Facts;
use crate::number::{decimals, fixed, percent};
use crate::words::Language;
use serde_json::Value;

/// A table of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// One a column.
    pub headers: Vec<String>,
    /// Row after row.
    pub rows: Vec<Vec<String>>,
}

/// Decimals of weights and outputs: as many as `NumPy` prints.
const FULL: usize = 8;
/// Decimals that hold every digit of the numbers that the tutorial printed.
const ALL: usize = 12;
/// Decimals of pulls and slopes.
const SOME: usize = 5;

/// The table of a name that `lesson.json` may list.
///
/// # Panics
/// When there is no such table, or the facts for it are missing: a bug of the lesson.
pub fn table(name: &str, facts: &Facts, language: Language) -> Table {
    let build = Build { facts, language };
    match name {
        "data" => build.data(),
        "in_between" => build.in_between(),
        "weights" => build.weights(),
        "weights_0_1" => build.matrix("weights_0_1", "input", "hidden"),
        "weights_1_2" => build.matrix("weights_1_2", "hidden", "output"),
        "hidden" => build.hidden("hidden", FULL),
        "outputs" => build.outputs(),
        "printed" => build.printed(),
        "slopes" => build.slopes(),
        "pulls" => build.pulls("pulls", "pull_sums"),
        "pulls_at_start" => build.pulls("pulls_at_start", "pull_sums_at_start"),
        "directions" => build.directions(),
        "curve" => build.curve(),
        "tangents" => build.tangents(),
        "confidence" => build.confidence(),
        "solved" => build.solved(),
        "asked" => build.asked(),
        "seeds" => build.seeds(),
        _ => panic!("no table `{name}`"),
    }
}

struct Build<'a> {
    facts: &'a Facts,
    language: Language,
}

impl Build<'_> {
    fn word(&self, key: &str) -> String {
        self.language.word(key).to_owned()
    }

    /// `input 1`, `input 2`, …
    fn numbered(&self, key: &str, count: usize) -> Vec<String> {
        (1..=count).map(|i| self.language.word_with(&format!("{key}_n"), &[&i.to_string()])).collect()
    }

    fn rows(&self, path: &str) -> Rows {
        self.facts.read(path)
    }

    fn list(&self, path: &str) -> Vec<f64> {
        self.facts.read(path)
    }

    /// One number out of each object of a list.
    fn column(&self, path: &str, key: &str) -> Vec<f64> {
        let objects: Vec<Value> = self.facts.read(path);
        objects.iter().map(|object| object[key].as_f64().unwrap_or(f64::NAN)).collect()
    }

    /// The row's number and its inputs.
    fn inputs(&self) -> (Vec<String>, Rows) {
        let inputs = self.rows("inputs");
        let mut headers = vec![self.word("row")];
        headers.extend(self.numbered("input", inputs[0].len()));
        (headers, inputs)
    }

    /// The rows with further columns of text.
    fn beside_inputs(&self, further: Vec<(String, Vec<String>)>) -> Table {
        let (mut headers, inputs) = self.inputs();
        let start = |(i, row): (usize, &Vec<f64>)| {
            let mut cells = vec![(i + 1).to_string()];
            cells.extend(row.iter().map(f64::to_string));
            cells
        };
        let mut rows: Vec<Vec<String>> = inputs.iter().enumerate().map(start).collect();
        for (header, cells) in further {
            headers.push(header);
            for (row, cell) in rows.iter_mut().zip(cells) {
                row.push(cell);
            }
        }
        Table { headers, rows }
    }

    fn targets(&self) -> (String, Vec<String>) {
        (self.word("target"), self.rows("targets").iter().map(|row| row[0].to_string()).collect())
    }

    fn data(&self) -> Table {
        self.beside_inputs(vec![self.targets()])
    }

    fn in_between(&self) -> Table {
        let columns = ["at_least_one", "both", "always"].map(|key| self.word(key));
        let in_between = self.rows("in_between");
        let column = |(i, name): (usize, String)| {
            (name, in_between.iter().map(|row| fixed(row[i], SOME)).collect::<Vec<_>>())
        };
        let further = columns.into_iter().enumerate().map(column);
        self.beside_inputs(further.chain([self.targets()]).collect())
    }

    fn weights(&self) -> Table {
        let (start, end) = (self.rows("initial_weights"), self.rows("weights"));
        let headers = ["weight", "at_start", "at_end"].map(|key| self.word(key)).to_vec();
        let names = self.numbered("weight", start.len());
        let row = |((name, start), end): ((String, &Vec<f64>), &Vec<f64>)| {
            vec![name, decimals(start[0], FULL), decimals(end[0], FULL)]
        };
        Table { headers, rows: names.into_iter().zip(&start).zip(&end).map(row).collect() }
    }

    fn matrix(&self, path: &str, from: &str, to: &str) -> Table {
        let rows = self.rows(path);
        let mut headers = vec![String::new()];
        headers.extend(match to {
            "output" => vec![self.word("output")],
            _ => self.numbered(to, rows[0].len()),
        });
        let names = self.numbered(from, rows.len());
        let row = |(name, row): (String, &Vec<f64>)| {
            let mut cells = vec![name];
            cells.extend(row.iter().map(|&weight| decimals(weight, FULL)));
            cells
        };
        Table { headers, rows: names.into_iter().zip(&rows).map(row).collect() }
    }

    fn hidden(&self, path: &str, n_decimals: usize) -> Table {
        let rows = self.rows(path);
        let names = self.numbered("hidden", rows[0].len());
        let mut headers = vec![self.word("row")];
        headers.extend(names);
        let row = |(i, row): (usize, &Vec<f64>)| {
            let mut cells = vec![(i + 1).to_string()];
            cells.extend(row.iter().map(|&value| decimals(value, n_decimals)));
            cells
        };
        Table { headers, rows: rows.iter().enumerate().map(row).collect() }
    }

    fn outputs(&self) -> Table {
        let outputs = self.rows("outputs").iter().map(|row| decimals(row[0], FULL)).collect();
        self.beside_inputs(vec![self.targets(), (self.word("output"), outputs)])
    }

    fn printed(&self) -> Table {
        let mut table = self.hidden("printed.hidden", ALL);
        table.headers.push(self.word("output"));
        for (row, output) in table.rows.iter_mut().zip(self.rows("printed.outputs")) {
            row.push(decimals(output[0], FULL));
        }
        table
    }

    fn slopes(&self) -> Table {
        let outputs: Vec<f64> = self.rows("outputs").concat();
        let targets: Vec<f64> = self.rows("targets").concat();
        let text = |values: Vec<f64>| values.into_iter().map(|value| fixed(value, SOME)).collect();
        let errors = targets.iter().zip(&outputs).map(|(target, output)| target - output).collect();
        self.beside_inputs(vec![
            self.targets(),
            (self.word("output"), text(outputs)),
            (self.word("error"), text(errors)),
            (self.word("slope"), text(self.list("slopes"))),
        ])
    }

    /// Rows, and what each pulls; the sums below.
    fn pulls(&self, pulls: &str, sums: &str) -> Table {
        let (pulls, sums) = (self.rows(pulls), self.list(sums));
        let mut headers = vec![self.word("row")];
        headers.extend(self.numbered("weight", sums.len()));
        let cells = |name: String, values: &[f64]| {
            let mut cells = vec![name];
            cells.extend(values.iter().map(|&value| fixed(value, SOME)));
            cells
        };
        let rows = pulls.iter().enumerate().map(|(i, row)| cells((i + 1).to_string(), row));
        let rows = rows.chain([cells(self.word("sum"), &sums)]).collect();
        Table { headers, rows }
    }

    fn directions(&self) -> Table {
        let headers = ["weight", "first_step", "at_start", "highest", "after_epoch", "at_end"];
        let (first, peaks) = (self.list("pull_sums_at_start"), self.column("peaks", "weight"));
        let epochs = self.column("peaks", "epoch");
        let (start, end) = (self.rows("initial_weights"), self.rows("weights"));
        let names = self.numbered("weight", first.len());
        let row = |(i, name): (usize, String)| {
            vec![
                name,
                format!("{:+.4}", first[i]),
                fixed(start[i][0], 4),
                fixed(peaks[i], 4),
                epochs[i].to_string(),
                fixed(end[i][0], 4),
            ]
        };
        Table {
            headers: headers.map(|key| self.word(key)).to_vec(),
            rows: names.into_iter().enumerate().map(row).collect(),
        }
    }

    /// Every tenth point, and the last.
    fn curve(&self) -> Table {
        let (x, y) = (self.list("x"), self.list("y"));
        let row = |i: usize| vec![decimals(x[i], 1), decimals(y[i], FULL)];
        let rows = (0..x.len()).step_by(10).chain(x.len().checked_sub(1)).map(row).collect();
        Table { headers: vec!["z".into(), "σ(z)".into()], rows }
    }

    fn tangents(&self) -> Table {
        let columns = ["at", "output", "slope", "measured_slope"].map(|key| self.column("tangents", key));
        let headers =
            vec!["z".into(), "a = σ(z)".into(), self.word("slope_formula"), self.word("measured_slope")];
        let row = |i: usize| {
            let [at, others @ ..] = &columns;
            let mut cells = vec![at[i].to_string()];
            cells.extend(others.iter().map(|column| decimals(column[i], FULL)));
            cells
        };
        Table { headers, rows: (0..columns[0].len()).map(row).collect() }
    }

    fn confidence(&self) -> Table {
        let keys = ["at", "output", "error", "squared_error_pull", "cross_entropy_pull"];
        let columns = keys.map(|key| self.column("confidence", key));
        let headers = ["output", "error", "squared_error_pull", "cross_entropy_pull"];
        let headers = [String::from("z")].into_iter().chain(headers.map(|key| self.word(key))).collect();
        let row = |i: usize| {
            let [at, others @ ..] = &columns;
            let mut cells = vec![at[i].to_string()];
            cells.extend(others.iter().map(|column| fixed(column[i], SOME)));
            cells
        };
        Table { headers, rows: (0..columns[0].len()).map(row).collect() }
    }

    fn solved(&self) -> Table {
        let headers =
            ["hidden_neurons", "solved_starts", "share", "interval"].map(|key| self.word(key)).to_vec();
        let sizes: Vec<usize> = self.facts.read("hidden_neurons");
        let n_starts: usize = self.facts.read("n_starts");
        let row = |size: &usize| {
            let count: usize = self.facts.read(&format!("solved_starts.{size}"));
            let [low, high]: [f64; 2] = self.facts.read(&format!("intervals.{size}"));
            let share = self.facts.number(&format!("solved.{size}")).unwrap_or(f64::NAN);
            let interval = format!("{} – {}", percent(low), percent(high));
            vec![size.to_string(), format!("{count} / {n_starts}"), percent(share), interval]
        };
        Table { headers, rows: sizes.iter().map(row).collect() }
    }

    fn asked(&self) -> Table {
        let asked = self.rows("ask");
        let mut headers = self.numbered("input", asked[0].len());
        headers.push(self.word("output"));
        let row = |(inputs, output): (&Vec<f64>, f64)| {
            let mut cells: Vec<String> = inputs.iter().map(f64::to_string).collect();
            cells.push(decimals(output, FULL));
            cells
        };
        Table { headers, rows: asked.iter().zip(self.list("predictions")).map(row).collect() }
    }

    fn seeds(&self) -> Table {
        let headers =
            vec![self.word("seed"), self.word("loss"), self.language.word_with("answer_to", &["1 0 0"])];
        let [seeds, losses, answers] =
            ["seed", "loss", "prediction"].map(|key| self.list(&format!("seeds.{key}")));
        let row = |i: usize| vec![seeds[i].to_string(), fixed(losses[i], 6), fixed(answers[i], 6)];
        Table { headers, rows: (0..seeds.len()).map(row).collect() }
    }
}
