//! Where classes stand in a plot of predictions, and in which colours.

use glassnet::fit::Fit;
use glassnet::fit_config::FitConfig;
use glassnet::schema::{Schema, SchemaOptions};
use glassnet::table::Table;
use glassnet_draw::{Theme, model_figures};
use std::fmt::Write;

/// The figure of a model of classes that stand in a row, and its points in order: their colour and where they begin.
fn points(classes: &[&str]) -> (String, Vec<(String, f64)>) {
    let mut text = "a,b,c\n".to_owned();
    for i in 0..20 * classes.len() {
        let class = i % classes.len();
        writeln!(text, "{}.{},{},{}", 10 * class, i / classes.len(), i % 7, classes[class]).unwrap();
    }
    let table = Table::read(text.as_bytes(), "t.csv", None).unwrap();
    let options = SchemaOptions { targets: vec!["c".into()], ..SchemaOptions::default() };
    let schema = Schema::infer(&table, &options).unwrap();
    let mut config = FitConfig::plain();
    (config.train.epochs, config.hidden_layer_sizes) = (200, vec![16]);
    let mut fit = Fit::start(&table, schema, config, None).unwrap();
    while fit.epoch().is_some() {}
    let model = fit.finish().unwrap().model;
    let svg = model_figures::boundary(&model, &table, [0, 1], 0).unwrap().svg(Theme::Light);
    let tree = roxmltree::Document::parse(&svg).unwrap();
    let mut points = Vec::new();
    for node in tree.descendants() {
        let class = node.attribute("class").unwrap_or_default();
        let Some(colour) = class.strip_suffix(" edge") else { continue };
        let x = match node.attribute("d") {
            Some(path) => path[1..].split([' ', ',']).next().unwrap().parse().unwrap(),
            None => node.attribute("cx").unwrap().parse().unwrap(),
        };
        points.push((colour.to_owned(), x));
    }
    (svg, points)
}

#[test]
fn of_two_classes_the_positive_one_is_blue() {
    let (svg, points) = points(&["no", "yes"]);
    assert!(svg.find("c=yes").unwrap() < svg.find("c=no").unwrap(), "the legend begins with it");
    // The legend's two marks, then the rows: yes stands on the right.
    let rows = &points[2..];
    assert_eq!(rows.len(), 40);
    let middle = rows.iter().map(|(_, x)| x).sum::<f64>() / 40.0;
    for (colour, x) in rows {
        assert_eq!(colour, if *x > middle { "c0" } else { "c1" }, "at {x}");
    }
    // The cells behind them: from left to right, the first row of the field.
    let cells: Vec<&str> = svg.match_indices("fill-opacity=").map(|(at, _)| &svg[at - 4..at - 2]).collect();
    assert_eq!((cells[0], cells.contains(&"c0")), ("c1", true));
}

#[test]
fn where_colours_come_again_shapes_differ() {
    let (svg, points) = points(&["a", "b", "d", "e", "f", "g", "h"]);
    let of = |series: usize| &points[series].0;
    assert_eq!(of(0), of(6), "the legend's marks");
    assert_eq!(svg.matches("<circle").count(), 21, "circles are those of the first class alone");
}
