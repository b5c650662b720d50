//! `glassnet export`: a model for programs that know nothing of glassnet.

use crate::args::{ExportArgs, Format};
use crate::failure::Result;
use crate::output;
use crate::progress::say;
use glassnet::error::counted;
use glassnet_io::export::{Exported, Taken};
use glassnet_io::{atomic, c_header, model_file, onnx};
use serde_json::json;

/// Columns that people are shown.
const MOST_SHOWN: usize = 40;

pub(crate) fn run(args: &ExportArgs) -> Result<()> {
    let model = model_file::read(&args.model)?;
    let ending = match args.to {
        Format::Onnx => "onnx",
        Format::C => "h",
    };
    let path = args.out.clone().unwrap_or_else(|| model_file::path_of(&args.model).with_extension(ending));
    let Exported { bytes, takes, gives } = match args.to {
        Format::Onnx => onnx::export(&model)?,
        Format::C => c_header::export(&model, &path.file_stem().unwrap_or_default().to_string_lossy()),
    };
    atomic::write(&path, &bytes)?;
    if !model.schema.dates.is_empty() {
        say("dates are taken as the numbers that training made of them, as `glassnet inspect` shows");
    }
    let kind = |taken: &Taken| if taken.is_number { "number" } else { "text" };
    if args.json {
        let taken =
            |taken: &Taken| json!({ "column": taken.column, "name": taken.name, "type": kind(taken) });
        return output::json(&json!({
            "file": path.display().to_string(),
            "bytes": bytes.len(),
            "takes": takes.iter().map(taken).collect::<Vec<_>>(),
            "gives": gives,
        }));
    }
    let mut text = format!("file   {}\n", path.display());
    let mut heading = "takes";
    for taken in takes.iter().take(MOST_SHOWN) {
        text += &format!("{heading:6} {} ({})\n", taken.name, kind(taken));
        heading = "";
    }
    if takes.len() > MOST_SHOWN {
        text +=
            &format!("       and {} more, which --json lists\n", counted(takes.len() - MOST_SHOWN, "column"));
    }
    output::text(&format!("{text}gives  {}\n", gives.join(", ")))
}
