//! Trainings of real tables that go well: both recipes, several seeds.

use glassnet::fit_config::FitConfig;
use glassnet::recipe::Recipe;
use glassnet::schema::{SchemaOptions, Task};
use glassnet::table::Table;
use glassnet_io::source;
use std::path::Path;

/// One training.
pub(crate) struct Real {
    pub(crate) name: String,
    pub(crate) is_test: bool,
    pub(crate) table: Table,
    pub(crate) options: SchemaOptions,
    pub(crate) config: FitConfig,
}

/// Table, target, columns to leave out, columns that are categories, seeds of the strong recipe and of the plain one.
type Row = (&'static str, &'static str, &'static [&'static str], &'static [&'static str], Task, [u64; 2]);

const TABLES: [Row; 9] = [
    ("iris", "species", &[], &[], Task::Classification, [8, 12]),
    ("penguins", "species", &[], &[], Task::Classification, [8, 12]),
    ("wine", "cultivar", &[], &[], Task::Classification, [8, 12]),
    ("breast_cancer", "diagnosis", &[], &[], Task::Classification, [4, 8]),
    (
        "titanic",
        "survived",
        &["alive", "class", "who", "adult_male", "embark_town", "alone"],
        &["pclass"],
        Task::Classification,
        [4, 8],
    ),
    ("digits", "digit", &[], &[], Task::Classification, [2, 6]),
    ("concrete", "strength", &[], &[], Task::Regression, [4, 8]),
    ("wine_quality", "quality", &[], &[], Task::Regression, [2, 4]),
    ("telco_churn", "Churn", &["customerID"], &[], Task::Classification, [2, 4]),
];

/// All of them, from a folder with a folder for each table.
pub(crate) fn all(folder: &Path) -> Vec<Real> {
    let mut all = Vec::new();
    for (name, target, drop, category, task, seeds) in TABLES {
        let of = |extension: &str| folder.join(name).join(format!("{name}.{extension}"));
        let path = [of("csv"), of("csv.gz")].into_iter().find(|path| path.is_file());
        let path = path.unwrap_or_else(|| panic!("{}: no {name}.csv", folder.join(name).display()));
        let table = source::read_table(&vec![path].into()).unwrap_or_else(|error| panic!("{error}"));
        let texts = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let options = SchemaOptions {
            targets: vec![target.into()],
            task: Some(task),
            drop: texts(drop),
            category: texts(category),
            ..SchemaOptions::default()
        };
        for (recipe, n) in [(Recipe::Strong, seeds[0]), (Recipe::Plain, seeds[1])] {
            for seed in 0..n {
                all.push(Real {
                    name: format!(
                        "{name} {} {seed}",
                        if recipe == Recipe::Strong { "strong" } else { "plain" }
                    ),
                    is_test: seed % 2 == 1,
                    table: table.clone(),
                    options: options.clone(),
                    config: FitConfig { seed, ..FitConfig::new(recipe, task) },
                });
            }
        }
    }
    all
}
