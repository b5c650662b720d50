//! `glassnet plot`: one figure, as SVG or PNG.

use crate::args::{Plot, PlotArgs, TextArgs};
use crate::failure::{Failure, Result, work};
use crate::progress::say;
use glassnet::model::Model;
use glassnet::table::Table;
use glassnet_draw::png::png;
use glassnet_draw::{Figure, Theme, functions, model_figures};
use glassnet_io::{atomic, model_file, source};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &PlotArgs) -> Result<()> {
    let (name, figure) = figure(&args.what)?;
    let path = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.svg")));
    let without_glyph = write(&path, &figure, args.width)?;
    warn_without_glyph(&without_glyph, &path);
    crate::output::text(&format!("{}\n", path.display()))
}

/// Writes a figure as its file's ending asks; gives the characters that a PNG lacks.
pub(crate) fn write(path: &Path, figure: &Figure, width: u32) -> Result<BTreeSet<char>> {
    match path.extension().and_then(|extension| extension.to_str()).map(str::to_lowercase).as_deref() {
        Some("svg") => {
            atomic::write(path, figure.svg(Theme::Reader).as_bytes())?;
            Ok(BTreeSet::new())
        }
        Some("png") => {
            let png = png(figure, width, Theme::Light).map_err(|error| Failure::Call(error.to_string()))?;
            atomic::write(path, &png.bytes)?;
            Ok(png.without_glyph)
        }
        _ => Err(Failure::Call(format!("--out {}: the file must end in .svg or .png", path.display()))),
    }
}

/// Says what PNGs lack, if they do.
pub(crate) fn warn_without_glyph(characters: &BTreeSet<char>, path: &Path) {
    if !characters.is_empty() {
        say(&format!(
            "warning: no font here has {}, so PNG pictures in {} lack them; SVG and HTML do not",
            characters.iter().collect::<String>(),
            path.display()
        ));
    }
}

fn figure(what: &Plot) -> Result<(&'static str, Figure)> {
    Ok(match what {
        Plot::Loss { model } => ("loss", model_figures::loss(&model_file::read(model)?.story)),
        Plot::Network { model } => ("network", model_figures::network(&model_file::read(model)?)),
        Plot::Activations { model: Some(model), table: Some(table), text } => {
            let (model, table) = model_and_table(model, table, text)?;
            if model.story.config.hidden_layer_sizes.is_empty() {
                return work("this model has no hidden layer, so there are no activations to draw");
            }
            ("activations", model_figures::activations(&model, &table)?)
        }
        Plot::Activations { .. } => ("activations", functions::activations_figure()),
        Plot::Confusion { model, table, text, target } => {
            let (model, table) = model_and_table(model, table, text)?;
            let target = target_position(&model, target.as_deref())?;
            ("confusion", model_figures::errors(&model, &model.evaluate(&table)?, target))
        }
        Plot::Boundary { model, table, text, columns, target } => {
            let (model, table) = model_and_table(model, table, text)?;
            let columns = two_columns(&model, &table, columns)?;
            let target = target_position(&model, target.as_deref())?;
            ("boundary", model_figures::boundary(&model, &table, columns, target)?)
        }
        Plot::Sigmoid => ("sigmoid", functions::sigmoid_figure()),
        Plot::Slope { at } => {
            if let Some(z) = at.iter().find(|z| !z.is_finite() || z.abs() > 50.0) {
                return Err(Failure::Call(format!("--at {z}: give numbers from -50 to 50")));
            }
            ("slope", functions::slope_figure(at))
        }
    })
}

/// A model and a table with the columns that it reads.
fn model_and_table(model: &Path, table: &PathBuf, text: &TextArgs) -> Result<(Model, Table)> {
    let model = model_file::read(model)?;
    let table = source::read_table(&text.of(std::slice::from_ref(table)))?;
    let table = model.schema.with_numbers(&table)?.into_owned();
    Ok((model, table))
}

/// Which of the model's targets, the first where none is named.
fn target_position(model: &Model, name: Option<&str>) -> Result<usize> {
    let Some(name) = name else { return Ok(0) };
    model.target_position(name).or_else(|unknown| {
        let known = unknown.known.join("`, `");
        work(format!("`{name}` is not what the model predicts; that is `{known}`"))
    })
}

/// The positions of two columns of numbers that the model reads.
fn two_columns(model: &Model, table: &Table, names: &[String]) -> Result<[usize; 2]> {
    let [x, y] = names else {
        return Err(Failure::Call(format!("--columns: give two columns, not {}", names.len())));
    };
    let position = |name: &String| {
        model.number_position(table, name).or_else(|unknown| {
            let known = unknown.known.join(", ");
            work(format!("`{name}` is not a column of numbers that the model reads; there are {known}"))
        })
    };
    Ok([position(x)?, position(y)?])
}
