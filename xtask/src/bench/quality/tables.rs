//! The tables that are known: what is learnt from each, and what a reader would tell any program about it.

use std::path::Path;

/// A table.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) target: &'static str,
    /// Columns that are left out: copies of the target, of other columns, and identifiers.
    pub(crate) drop: &'static str,
    /// Columns of numbers that are categories.
    pub(crate) category: &'static str,
    pub(crate) format: Format,
}

/// How the rows are stored.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Format {
    /// `NAME/NAME.csv`.
    Csv,
    /// MNIST's four files; the rows of `t10k` follow those of `train`.
    Idx,
}

const fn plain(name: &'static str, target: &'static str) -> Table {
    Table { name, target, drop: "", category: "", format: Format::Csv }
}

const TABLES: [Table; 12] = [
    plain("iris", "species"),
    plain("penguins", "species"),
    plain("wine", "cultivar"),
    plain("breast_cancer", "diagnosis"),
    Table {
        drop: "alive,class,who,adult_male,embark_town,alone",
        category: "pclass",
        ..plain("titanic", "survived")
    },
    plain("digits", "digit"),
    plain("concrete", "strength"),
    plain("wine_quality", "quality"),
    Table { drop: "customerID", ..plain("telco_churn", "Churn") },
    plain("california_housing", "median_house_value"),
    plain("adult", "income"),
    Table { format: Format::Idx, ..plain("mnist", "label") },
];

impl Table {
    /// What `glassnet train` is told.
    pub(crate) fn flags(&self) -> Vec<&'static str> {
        let mut flags = vec!["--target", self.target];
        for (flag, columns) in [("--drop", self.drop), ("--category", self.category)] {
            if !columns.is_empty() {
                flags.extend([flag, columns]);
            }
        }
        flags
    }
}

/// The tables of these names, or without names those that the folder has a first split of.
///
/// # Errors
/// When a name is unknown, or the folder has no table.
pub(crate) fn chosen(data: &Path, names: &[String]) -> Result<Vec<&'static Table>, String> {
    if let Some(unknown) = names.iter().find(|&name| TABLES.iter().all(|table| table.name != name)) {
        let known: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
        return Err(format!("{unknown} is none of the tables {}", known.join(", ")));
    }
    let is_chosen = |table: &&Table| {
        names.iter().any(|name| name == table.name)
            || names.is_empty() && data.join(format!("splits/{}_s0.csv.gz", table.name)).is_file()
    };
    let tables: Vec<&Table> = TABLES.iter().filter(is_chosen).collect();
    if tables.is_empty() {
        return Err(format!("{} has no splits/NAME_s0.csv.gz of a table that is known", data.display()));
    }
    Ok(tables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_chosen_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let names = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            chosen(folder.path(), &names).map(|tables| tables.iter().map(|t| t.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&["wine", "iris"]).unwrap(), ["iris", "wine"]);
        assert!(names(&["roses"]).unwrap_err().starts_with("roses is none of"));
        assert!(names(&[]).is_err());
        std::fs::create_dir(folder.path().join("splits")).unwrap();
        std::fs::write(folder.path().join("splits/adult_s0.csv.gz"), "").unwrap();
        assert_eq!(names(&[]).unwrap(), ["adult"]);
    }
}
