//! Where text stands in figures: inside, and apart from other text. Measured by the renderer with our own font.

use glassnet::activation::Activation;
use glassnet_draw::bars::{Bar, bars};
use glassnet_draw::heatmap::{Heatmap, confusion_matrix};
use glassnet_draw::network::{LayerDrawing, NetworkDrawing};
use glassnet_draw::plot::{Mark, Plot, Stroke};
use glassnet_draw::pulls::Pulls;
use glassnet_draw::scale::Scale;
use glassnet_draw::{Figure, Theme, functions};
use resvg::usvg::{self, fontdb};
use std::sync::Arc;

/// A text; its left, top, right and bottom; whether it is turned.
type Place = (String, [f32; 4], bool);

fn places(figure: &Figure) -> Vec<Place> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(include_bytes!("../fonts/DejaVuSans-subset.ttf").to_vec());
    fonts.set_sans_serif_family("DejaVu Sans");
    let options = usvg::Options { fontdb: Arc::new(fonts), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(&figure.svg(Theme::Light), &options).unwrap();
    let mut places = Vec::new();
    collect(tree.root(), &mut places);
    places
}

fn collect(group: &usvg::Group, places: &mut Vec<Place>) {
    for node in group.children() {
        match node {
            usvg::Node::Group(group) => collect(group, places),
            usvg::Node::Text(text) => {
                let shape = text.flattened().abs_bounding_box();
                let words = text.chunks().iter().map(usvg::TextChunk::text).collect();
                let corners = [shape.left(), shape.top(), shape.right(), shape.bottom()];
                places.push((words, corners, text.abs_transform().has_skew()));
            }
            usvg::Node::Path(_) | usvg::Node::Image(_) => {}
        }
    }
}

#[track_caller]
fn check(figure: &Figure) {
    let places = places(figure);
    let (width, height) = figure.size();
    let title = figure.title();
    assert!(!places.is_empty(), "{title}: no text");
    for (text, [left, top, right, bottom], _) in &places {
        let is_inside = *left >= 0.0 && *top >= 0.0 && *right <= width as f32 && *bottom <= height as f32;
        assert!(is_inside, "{title}: `{text}` at {left} {top} {right} {bottom} of {width} {height}");
    }
    let level: Vec<&Place> = places.iter().filter(|place| !place.2).collect();
    for (i, (a, [left_a, top_a, right_a, bottom_a], _)) in level.iter().enumerate() {
        for (b, [left_b, top_b, right_b, bottom_b], _) in &level[..i] {
            let is_apart = right_a <= left_b || right_b <= left_a || bottom_a <= top_b || bottom_b <= top_a;
            assert!(is_apart, "{title}: `{a}` and `{b}` overlap");
        }
    }
}

fn words(n: u32, text: &str) -> Vec<String> {
    (0..n).map(|i| format!("{text}{i}")).collect()
}

fn weights(n_inputs: u32, n_outputs: u32) -> Vec<Vec<f64>> {
    let weight = |i: u32, j: u32| f64::from((i * 7919 + j * 104_729) % 1009) / 50.4 - 10.0;
    (0..n_inputs).map(|i| (0..n_outputs).map(|j| weight(i, j)).collect()).collect()
}

#[test]
fn axes_of_every_size() {
    for (low, high) in [
        (0.0, 1.0),
        (-1.0, 0.0),
        (0.0, 100_000.0),
        (-999_999.0, 999_999.0),
        (1e-7, 3e-7),
        (123_456.0, 123_457.0),
        (0.0, 44.0),
        (-1e9, 1e12),
        (5.0, 5.0),
        (0.000_17, 0.55),
    ] {
        for y_scale in [Scale::Linear, Scale::Log] {
            for is_square in [false, true] {
                let points = vec![(low, low), (high, high)];
                let mark = Mark::Line { name: "training".into(), points, stroke: Stroke::Solid };
                let [x_label, y_label] = ["epoch", "loss (logarithmic)"].map(str::to_owned);
                let title = format!("{low} to {high}");
                check(&Plot { title, x_label, y_label, y_scale, is_square, marks: vec![mark] }.draw());
            }
        }
    }
}

#[test]
fn rules_at_both_ends_and_long_names() {
    for x in [1.0, 50.0, 100.0] {
        let line = |name: &str| {
            let points = vec![(1.0, 0.7), (100.0, 0.3)];
            Mark::Line { name: name.into(), points, stroke: Stroke::Dashed }
        };
        let mut marks = vec![line("a name"), line(&"very long ".repeat(12)), line("another")];
        marks.push(Mark::Rule { x, label: format!("best epoch {x}") });
        let long = "a_long_name_of_a_column_".repeat(5);
        let title = "rules".into();
        check(&Plot { title, x_label: long.clone(), y_label: long, marks, ..Plot::default() }.draw());
    }
}

#[test]
fn functions_of_the_program() {
    check(&functions::sigmoid_figure());
    check(&functions::slope_figure(&[2.0, 0.0, -4.0]));
    check(&functions::slope_figure(&[-50.0, 0.123_456, 3.0]));
    let figure = functions::activations_figure();
    check(&figure);
    for activation in Activation::ALL {
        assert!(places(&figure).iter().any(|place| place.0 == activation.name()), "{activation}");
    }
}

#[test]
fn networks_small_and_large() {
    let layer = |n_inputs: u32, n_outputs: u32, has_biases: bool| LayerDrawing {
        name: "leaky_relu".into(),
        weights: weights(n_inputs, n_outputs),
        biases: if has_biases { vec![-10.25; n_outputs as usize] } else { vec![] },
    };
    let sizes: [&[u32]; 7] =
        [&[3, 1], &[3, 4, 1], &[4, 4, 4], &[14, 64, 64, 3], &[108, 64, 64, 1], &[61, 64, 64, 10], &[2, 1]];
    for sizes in sizes {
        for has_biases in [false, true] {
            let drawing = NetworkDrawing {
                title: format!("{sizes:?}"),
                input_names: words(sizes[0], "flipper_length_mm is missing "),
                output_names: words(sizes[sizes.len() - 1], "Chinstrap"),
                layers: sizes.windows(2).map(|n| layer(n[0], n[1], has_biases)).collect(),
                sign_names: vec!["positive weight".into(), "negative".into()],
                values: Vec::new(),
            };
            check(&drawing.draw());
        }
    }
    let values = vec![vec![0.0, 1.0, 1.0], vec![0.02, 0.99, 0.86, 0.93], vec![0.97]];
    let layers = vec![layer(3, 4, false), layer(4, 1, false)];
    let (input_names, output_names) = (words(3, "input "), words(1, "output"));
    let title = "values".into();
    let drawing =
        NetworkDrawing { title, input_names, output_names, layers, values, ..NetworkDrawing::default() };
    check(&drawing.draw());
}

#[test]
fn tables_bars_and_pulls() {
    for (n, name) in [(2, "a"), (3, "Chinstrap"), (10, ""), (12, "a_class_with_a_long_name_")] {
        let count = |i: u32, j: u32| if i == j { 1_234 } else { 9 };
        let counts: Vec<Vec<usize>> = (0..n).map(|i| (0..n).map(|j| count(i, j)).collect()).collect();
        let title = format!("confusion {n} {name}");
        check(&confusion_matrix(&title, "species", &words(n, name), &counts));
    }
    let units = Heatmap {
        title: "units".into(),
        column_label: "unit".into(),
        row_label: "row".into(),
        row_names: (1..=40).map(|i| i.to_string()).collect(),
        column_names: (1..=64).map(|i| i.to_string()).collect(),
        values: weights(40, 64),
        labels: Vec::new(),
    };
    check(&units.draw());
    let bar = |name: &str, value: f64| Bar {
        name: name.into(),
        value,
        label: format!("{:.1} %", value * 100.0),
        interval: Some((value - 0.05, value + 0.05)),
    };
    check(&bars("bars", &[bar("2 hidden neurons", 0.1), bar(&"long ".repeat(20), 1.0)], 1.0));
    let pulls = Pulls {
        title: "pulls".into(),
        weight_names: words(3, "weight "),
        row_names: words(4, "0 0 1 → "),
        sum_name: "sum".into(),
        values: weights(4, 3),
    };
    check(&pulls.draw());
}
