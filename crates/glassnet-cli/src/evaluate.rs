//! `glassnet evaluate`: metrics with intervals, beside the baselines.

use crate::args::EvaluateArgs;
use crate::failure::Result;
use crate::output::{self, Shown};
use crate::progress::say;
use glassnet::answers;
use glassnet::encoder::EncodeNote;
use glassnet::error::counted;
use glassnet_io::{model_file, source};
use serde_json::json;

pub(crate) fn run(args: &EvaluateArgs) -> Result<()> {
    let model = model_file::read(&args.model)?;
    let table = source::read_table(&args.text.of(&args.tables))?;
    let evaluated = model.evaluate(&table)?;
    for note in EncodeNote::told(&evaluated.notes) {
        say(&note);
    }
    let evaluation = &evaluated.evaluation;
    let n_left_out = table.n_rows() - evaluation.n_rows;
    if n_left_out > 0 {
        say(&format!(
            "left out: {} without a value of `{}`",
            counted(n_left_out, "row"),
            model.target.columns().join("` or `")
        ));
    }
    if args.json {
        let mut json = answers::evaluation(&model, evaluation);
        json["task"] = json!(model.target.task());
        output::json(&json)
    } else {
        let metrics = output::metrics_text(&model, evaluation, Shown::All);
        output::text(&format!(
            "on {}, with 95 % intervals:\n{metrics}",
            output::measured_rows(evaluation, "row")
        ))
    }
}
