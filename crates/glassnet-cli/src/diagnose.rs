//! `glassnet diagnose`: why a training failed or could be better, and whether a remedy helps.

use crate::args::DiagnoseArgs;
use crate::failure::{Result, work};
use crate::progress::say;
use crate::terminal::aligned;
use crate::{findings, output};
use glassnet::answers;
use glassnet::diagnose::on_table;
use glassnet::error::counted;
use glassnet::fit::Fit;
use glassnet::metrics::MetricName;
use glassnet::model::Model;
use glassnet::table::Table;
use glassnet_draw::digits::short;
use glassnet_draw::findings::page;
use glassnet_io::{atomic, model_file, source};
use serde_json::json;

pub(crate) fn run(args: &DiagnoseArgs) -> Result<()> {
    let model = model_file::read(&args.model)?;
    let table =
        if args.tables.is_empty() { None } else { Some(source::read_table(&args.text.of(&args.tables))?) };
    let found = match &table {
        Some(table) => on_table(&model, table)?,
        None => model.story.findings.clone(),
    };
    if let Some(path) = &args.html {
        atomic::write(path, page(&model, &found).as_bytes())?;
        say(&format!("page  {}", path.display()));
    }
    let fixed = match (&table, args.try_fix) {
        (Some(table), true) => Some(try_fix(args, &model, table)?),
        _ => None,
    };
    if args.json {
        let mut result = json!({ "findings": answers::findings(&found) });
        if let Some(fixed) = &fixed {
            result["fix"] = fixed.json(&model);
        }
        return output::json(&result);
    }
    let fixed = fixed.map(|fixed| fixed.text(&model)).unwrap_or_default();
    output::text(&(findings::text(&found) + &fixed))
}

/// The model after a remedy.
struct Fixed {
    code: &'static str,
    flags: Vec<String>,
    model: Model,
}

/// Trains again with the first remedy that settings can make.
fn try_fix(args: &DiagnoseArgs, model: &Model, table: &Table) -> Result<Fixed> {
    let Some((finding, mut fit)) = Fit::with_remedy(model, table)? else {
        return work("no finding has a remedy that settings can make, so there is nothing to try");
    };
    let flags: Vec<String> = finding.remedy.fixes.iter().map(ToString::to_string).collect();
    say(&format!("{}: training again with {}", finding.code.name(), flags.join(" ")));
    while fit.epoch().is_some() {}
    let fitted = fit.finish()?;
    if let Some(path) = &args.out {
        atomic::write_together(&[(path.as_path(), &model_file::to_bytes(&fitted.model)[..])])?;
    }
    Ok(Fixed { code: finding.code.name(), flags, model: fitted.model })
}

/// The losses of the epoch that was kept.
fn losses(model: &Model) -> (Option<f64>, Option<f64>) {
    let best = model.story.best();
    (best.map(|report| report.training_loss), best.and_then(|report| report.validation_loss))
}

fn metric(model: &Model, name: MetricName) -> Option<f64> {
    model.story.evaluation.as_ref()?.metrics.get(name)?.value
}

impl Fixed {
    fn json(&self, before: &Model) -> serde_json::Value {
        let of = |model: &Model| {
            let (training_loss, validation_loss) = losses(model);
            json!({
                "training_loss": training_loss,
                "validation_loss": validation_loss,
                "metrics": model.story.evaluation.as_ref().map(|evaluation| &evaluation.metrics),
                "findings": answers::findings(&model.story.findings),
            })
        };
        json!({ "code": self.code, "flags": self.flags, "before": of(before), "after": of(&self.model) })
    }

    fn text(&self, before: &Model) -> String {
        let models = [before, &self.model];
        let mut rows = vec![["", "before", "after"].map(str::to_owned).to_vec()];
        let mut row = |name: &str, values: [Option<f64>; 2]| {
            if values.iter().any(Option::is_some) {
                let cells = values.map(|value| value.map_or("none".into(), short));
                rows.push([name.to_owned()].into_iter().chain(cells).collect());
            }
        };
        // Where classes count otherwise than before, the losses are not of one kind.
        let [weights_before, weights_after] = models.map(|model| &model.story.config.class_weight);
        if weights_before == weights_after {
            row("training loss", models.map(|model| losses(model).0));
            row("validation loss", models.map(|model| losses(model).1));
        }
        for name in MetricName::ALL.into_iter().filter(|name| name.is_essential()) {
            row(name.name(), models.map(|model| metric(model, name)));
        }
        let n_findings = counted(self.model.story.findings.len(), "finding");
        let flags = self.flags.join(" ");
        let rows = aligned(&rows);
        format!("\nthe remedy of {}, tried: {flags}\n\n{rows}\nafter it, {n_findings}\n", self.code)
    }
}
