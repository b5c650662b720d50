//! `baselines.csv`: what other programs reach on the same splits.

use super::score::{Metric, Score};
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

/// Scores by table, split and program.
pub(crate) struct Baselines {
    scores: HashMap<(String, usize, String), Score>,
}

/// The programs: as the file has them, and for a reader.
pub(crate) const PROGRAMS: [(&str, &str); 8] = [
    (REALMLP, "RealMLP-TD"),
    (REALMLP_UNSMOOTHED, "RealMLP-TD, no label smoothing"),
    ("realmlp_td_s", "RealMLP-TD-S"),
    ("tabm_d", "TabM"),
    (BOOSTING, "gradient boosting"),
    (MLP, "MLP"),
    (MLP_STANDARDIZED, "MLP, target standardized"),
    ("logreg_ridge", "linear model"),
];
pub(crate) const REALMLP: &str = "realmlp_td";
pub(crate) const REALMLP_UNSMOOTHED: &str = "realmlp_td_noLS";
pub(crate) const BOOSTING: &str = "sk_hgb";
pub(crate) const MLP: &str = "sk_mlp";
pub(crate) const MLP_STANDARDIZED: &str = "sk_mlp_ystd";

impl Baselines {
    /// Reads the file of a data folder.
    ///
    /// # Errors
    /// When it is not there, or a column or a number is missing.
    pub(crate) fn of(data: &Path) -> Result<Self, String> {
        let path = data.join("baselines.csv");
        let file = std::fs::File::open(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::read(file).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Reads the text of such a file.
    ///
    /// # Errors
    /// When a column or a number is missing.
    pub(crate) fn read(reader: impl Read) -> Result<Self, String> {
        let mut reader = csv::Reader::from_reader(reader);
        let header = reader.headers().map_err(|error| error.to_string())?.clone();
        let place = |name| header.iter().position(|h| h == name).ok_or(format!("no column {name}"));
        let [table, split, model] = [place("dataset")?, place("seed")?, place("model")?];
        let numbers = ["accuracy", "logloss", "rmse", "fit_s"];
        let places = numbers.iter().map(|name| place(name)).collect::<Result<Vec<_>, _>>()?;
        let mut baselines = Self { scores: HashMap::new() };
        for record in reader.records() {
            let record = record.map_err(|error| error.to_string())?;
            let text = |place: usize| record.get(place).unwrap_or_default();
            let number = |i: usize| match text(places[i]) {
                "" => Ok(None),
                text => text.parse::<f64>().map(Some).map_err(|_| format!("{text} is no {}", numbers[i])),
            };
            let score = Score {
                log_loss: number(1)?,
                misclassified: number(0)?.map(|accuracy| 1.0 - accuracy),
                rmse: number(2)?,
                seconds: number(3)?.unwrap_or(f64::NAN),
            };
            let split = text(split).parse().map_err(|_| format!("{} is no seed", text(split)))?;
            baselines.scores.insert((text(table).to_owned(), split, text(model).to_owned()), score);
        }
        Ok(baselines)
    }

    pub(crate) fn get(&self, table: &str, split: usize, program: &str) -> Option<&Score> {
        self.scores.get(&(table.to_owned(), split, program.to_owned()))
    }

    /// The least that any of the programs reaches.
    pub(crate) fn best(&self, table: &str, split: usize, programs: &[&str], metric: Metric) -> Option<f64> {
        let scores = programs.iter().filter_map(|program| self.get(table, split, program)?.get(metric));
        scores.min_by(f64::total_cmp)
    }

    /// What RealMLP-TD reaches: the log-loss of the run without label smoothing, and else the better of both runs.
    pub(crate) fn realmlp(&self, table: &str, split: usize, metric: Metric) -> Option<f64> {
        let both: &[&str] = match metric {
            Metric::LogLoss => &[REALMLP_UNSMOOTHED],
            Metric::Misclassified | Metric::Rmse => &[REALMLP, REALMLP_UNSMOOTHED],
        };
        self.best(table, split, both, metric)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "dataset,seed,model,n_classes,accuracy,logloss,rmse,fit_s,note\n\
        roses,0,realmlp_td,3,0.75,0.5,,2.5,\n\
        roses,0,realmlp_td_noLS,3,0.5,0.25,,3,\n\
        hills,0,realmlp_td,0,,,7,1,\n";

    #[test]
    fn references_are_by_metric() {
        let baselines = Baselines::read(TEXT.as_bytes()).unwrap();
        assert_eq!(baselines.realmlp("roses", 0, Metric::LogLoss), Some(0.25));
        assert_eq!(baselines.realmlp("roses", 0, Metric::Misclassified), Some(0.25));
        assert_eq!(baselines.realmlp("hills", 0, Metric::Rmse), Some(7.0));
        assert_eq!(baselines.realmlp("hills", 1, Metric::Rmse), None);
        assert_eq!(baselines.get("roses", 0, "realmlp_td").unwrap().seconds, 2.5);
    }

    #[test]
    fn errors_name_what_is_wrong() {
        let error = |text: &str| Baselines::read(text.as_bytes()).err().unwrap();
        assert_eq!(error("dataset,seed\n"), "no column model");
        assert_eq!(error(&TEXT.replace("0.75", "high")), "high is no accuracy");
    }
}
