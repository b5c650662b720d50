//! The words after `bench quality`.

use std::path::PathBuf;

/// What is measured, and how often.
#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    /// The folder of tables, their splits and `baselines.csv`.
    pub(crate) data: PathBuf,
    /// Names of tables; none for every table that the folder has.
    pub(crate) tables: Vec<String>,
    pub(crate) mode: Mode,
    /// Trainings of each table on split 0, of seeds 0, 1, …; each other split has one, of seed 0.
    pub(crate) n_seeds: usize,
    pub(crate) n_splits: usize,
    /// Networks of an ensemble, for `glassnet train --ensemble`.
    pub(crate) ensemble: Option<usize>,
    /// Threads of a training; one where it is not said, and of timings one and then two.
    pub(crate) n_threads: Option<usize>,
    /// Timings of each program.
    pub(crate) n_rounds: usize,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mode {
    /// Errors on the test rows of every split.
    Errors,
    /// Fit seconds beside pytabkit's.
    Time,
    /// Errors on MNIST's own 10,000 test rows after training on all others.
    Mnist,
}

impl Options {
    /// None where the words are not such a command.
    pub(crate) fn parse(words: &[&str]) -> Option<Self> {
        let mut options = Self {
            data: PathBuf::new(),
            tables: Vec::new(),
            mode: Mode::Errors,
            n_seeds: 3,
            n_splits: 3,
            ensemble: None,
            n_threads: None,
            n_rounds: 1,
        };
        let mut names = Vec::new();
        let mut words = words.iter().copied();
        while let Some(word) = words.next() {
            let mut count = || words.next()?.parse::<usize>().ok().filter(|&n| n > 0);
            match word {
                "--time" => options.mode = Mode::Time,
                "--mnist" => options.mode = Mode::Mnist,
                "--seeds" => options.n_seeds = count()?,
                "--splits" => options.n_splits = count()?,
                "--ensemble" => options.ensemble = Some(count()?),
                "--threads" => options.n_threads = Some(count()?),
                "--rounds" => options.n_rounds = count()?,
                _ if word.starts_with('-') => return None,
                _ => names.push(word),
            }
        }
        let (data, tables) = names.split_first()?;
        options.data = PathBuf::from(data);
        options.tables = tables.iter().map(|&name| name.to_owned()).collect();
        Some(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_options() {
        let options = Options::parse(&["data", "--seeds", "2", "iris", "--ensemble", "8", "wine"]).unwrap();
        assert_eq!(options.data, PathBuf::from("data"));
        assert_eq!(options.tables, ["iris", "wine"]);
        assert_eq!(
            (options.mode, options.n_seeds, options.n_splits, options.ensemble),
            (Mode::Errors, 2, 3, Some(8))
        );
        assert_eq!(Options::parse(&["data", "--time"]).unwrap().mode, Mode::Time);
    }

    #[test]
    fn other_words_are_refused() {
        let wrong: [&[&str]; 4] = [&[], &["--time"], &["data", "--seeds", "0"], &["data", "--fast"]];
        assert!(wrong.iter().all(|words| Options::parse(words).is_none()));
    }
}
