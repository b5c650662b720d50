//! A row as it comes, to the inputs of the network.

use super::source::{array, commented, double, identifier, quoted};
use super::{Header, Needed};
use crate::export::{Taken, Told, is_number, missing_numbers, missing_texts, told, truths};
use glassnet::encoder::{Encoder, Encoding};
use glassnet::levels::Levels;
use glassnet::robust::RobustScale;
use std::collections::HashSet;

/// What each column is called in the row.
pub(super) fn fields(encoder: &Encoder) -> Vec<Taken> {
    let mut taken = HashSet::new();
    let field = |column: &glassnet::encoder::EncodedColumn| Taken {
        column: column.name.clone(),
        name: identifier(&column.name, &mut taken),
        is_number: is_number(column),
    };
    encoder.columns().iter().map(field).collect()
}

/// The type of a row.
pub(super) fn row(header: &mut Header, fields: &[Taken]) {
    header.text += "/* A row of the table. A number that is missing is NAN, a text that is missing \"\" or NULL. */\ntypedef struct {\n";
    for Taken { column, name, is_number } in fields {
        let kind = if *is_number { "double " } else { "const char *" };
        header.text += &format!("    {kind}{name}; /* {} */\n", commented(column));
    }
    header.text += &format!("}} {}_row;\n\n", header.prefix);
}

/// The function that encodes a row, with its constants before it.
pub(super) fn encode(header: &mut Header, encoder: &Encoder, fields: &[Taken]) {
    let mut body = String::new();
    for ((column, field), places) in encoder.columns().iter().zip(fields).zip(encoder.places()) {
        let value = cell(header, encoder, field);
        let x = |input: usize| format!("x[{}]", places[input]);
        match &column.encoding {
            Encoding::Number(standardization) => {
                let (mean, deviation) =
                    (double(standardization.mean), double(standardization.standard_deviation));
                let z = format!("({value} - {mean}) / {deviation}");
                body += &format!("    {} = isnan({value}) ? 0.0f : (float)({z});\n", x(0));
            }
            Encoding::RobustNumber { scale, mean, missing } => {
                let of_mean = double(scale.encode(*mean));
                let encoded = robust(header, &value, *scale);
                body += &format!("    {} = (float)(isnan({value}) ? {of_mean} : {encoded});\n", x(0));
                if let Some(missing) = missing {
                    let [present, absent] = [1.0, -1.0].map(|sign| double(missing.encode(sign)));
                    body += &format!("    {} = (float)(isnan({value}) ? {absent} : {present});\n", x(1));
                }
            }
            Encoding::Boolean => {
                let truth = found(header, &value, &Told::Texts(truths()));
                body += &format!(
                    "    level = {truth};\n    {} = level < 0 ? 0.0f : 2.0f * (float)level - 1.0f;\n",
                    x(0)
                );
            }
            Encoding::Category { levels, rare } => {
                body += &level(header, &value, levels);
                for input in 0..levels.len() {
                    body += &format!("    {} = level == {input} ? 1.0f : 0.0f;\n", x(input));
                }
                if !rare.is_empty() {
                    let is_missing = is_missing(header, encoder, field);
                    body += &format!("    {} = level < 0 && !{is_missing} ? 1.0f : 0.0f;\n", x(levels.len()));
                }
            }
            Encoding::TwoLevels { levels, scale } => {
                let [one, none, other] = [1.0, 0.0, -1.0].map(|sign| double(scale.encode(sign)));
                body += &level(header, &value, levels);
                body +=
                    &format!("    {} = (float)(level < 0 ? {none} : level == 0 ? {one} : {other});\n", x(0));
            }
            Encoding::OneHot { levels, scales } => {
                body += &level(header, &value, levels);
                for (input, scale) in scales.iter().enumerate() {
                    let [is, is_not] = [1.0, 0.0].map(|hot| double(scale.encode(hot)));
                    body += &format!("    {} = (float)(level == {input} ? {is} : {is_not});\n", x(input));
                }
            }
            Encoding::Code { levels } => {
                body += &level(header, &value, levels);
                body += &format!("    {} = (float)(level + 1);\n", x(0));
            }
        }
        let has_own =
            matches!(column.encoding, Encoding::Number(_) | Encoding::Boolean | Encoding::Category { .. });
        if has_own && column.has_missing {
            let is_missing = is_missing(header, encoder, field);
            body += &format!("    {} = {is_missing} ? 1.0f : 0.0f;\n", x(places.len() - 1));
        }
    }
    let declared = if body.contains("level = ") { "    int level;\n" } else { "" };
    let (prefix, n_inputs) = (&header.prefix, encoder.n_inputs());
    header.functions += &format!(
        "/* The row as the network takes it. */\nstatic void {prefix}_encode(const {prefix}_row *row, float x[{n_inputs}])\n{{\n\
         {declared}{body}}}\n\n"
    );
}

fn robust(header: &mut Header, value: &str, RobustScale { median, scale }: RobustScale) -> String {
    header.needs.insert(Needed::Robust);
    format!("{}_robust({value}, {}, {})", header.prefix, double(median), double(scale))
}

/// The statement that finds the level of the cell, −1 for none.
fn level(header: &mut Header, value: &str, levels: &Levels) -> String {
    format!("    level = {};\n", found(header, value, &told(levels)))
}

/// An expression for the cell; a number that stands for a missing one is NAN.
fn cell(header: &mut Header, encoder: &Encoder, field: &Taken) -> String {
    let value = format!("row->{}", field.name);
    let marks = missing_numbers(encoder.missing());
    if marks.is_empty() || !field.is_number {
        return value;
    }
    if header.needs.insert(Needed::Present) {
        let name = format!("{}_missing", header.prefix);
        header.text += "/* Numbers that stand for a missing one. */\n";
        array(&mut header.text, "double ", name, &marks, |&mark| double(mark));
    }
    format!("{0}_present({value}, {0}_missing, {1})", header.prefix, marks.len())
}

/// An expression for the level.
fn found(header: &mut Header, value: &str, told: &Told) -> String {
    let prefix = header.prefix.clone();
    let number = header.n_tables;
    header.n_tables += 1;
    match told {
        Told::Numbers(numbers) => {
            header.needs.insert(Needed::FindNumber);
            let name = format!("{prefix}_numbers_{number}");
            let name = array(&mut header.text, "double ", name, numbers, |&number| double(number));
            format!("{prefix}_find_number({value}, {name}, {})", numbers.len())
        }
        Told::Texts(texts) => {
            header.needs.insert(Needed::FindText);
            let name = format!("{prefix}_texts_{number}");
            let name = array(&mut header.text, "char *const ", name, texts, |(text, _)| quoted(text));
            let is_in_order = texts.iter().enumerate().all(|(i, (_, level))| i == *level);
            let place = format!("{prefix}_find_text({value}, {name}, {})", texts.len());
            if is_in_order {
                return place;
            }
            header.needs.insert(Needed::LevelOf);
            let name = format!("{prefix}_levels_{number}");
            let name = array(&mut header.text, "int ", name, texts, |(_, level)| level.to_string());
            format!("{prefix}_level_of({place}, {name})")
        }
    }
}

/// An expression for whether the cell is missing.
fn is_missing(header: &mut Header, encoder: &Encoder, field: &Taken) -> String {
    let value = cell(header, encoder, field);
    if field.is_number {
        return format!("isnan({value})");
    }
    let texts = missing_texts(encoder.missing()).into_iter().enumerate().map(|(i, text)| (text, i));
    let place = found(header, &value, &Told::Texts(texts.collect()));
    format!("({value} == NULL || {place} >= 0)")
}
