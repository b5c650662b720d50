//! Every kind of figure, and a page of them, in a folder: `cargo run -p glassnet-draw --example gallery -- FOLDER`.

use glassnet_draw::bars::{Bar, bars};
use glassnet_draw::heatmap::{Heatmap, confusion_matrix};
use glassnet_draw::network::{LayerDrawing, NetworkDrawing};
use glassnet_draw::page::{Block, Page};
use glassnet_draw::plot::{Mark, Plot, Stroke};
use glassnet_draw::png::png;
use glassnet_draw::pulls::Pulls;
use glassnet_draw::scale::Scale;
use glassnet_draw::{Figure, Theme};
use std::path::PathBuf;

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

#[expect(clippy::too_many_lines, reason = "one sample after the other")]
fn figures() -> Vec<(&'static str, Figure)> {
    let text = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let curve: Vec<(f64, f64)> = (-60..=60).map(|i| f64::from(i) / 10.0).map(|z| (z, sigmoid(z))).collect();
    let tangent = |at: f64| {
        let (a, slope) = (sigmoid(at), sigmoid(at) * (1.0 - sigmoid(at)));
        let points = [-1.0, 1.0].map(|dx| (at + dx, a + slope * dx)).to_vec();
        Mark::Line { name: format!("slope {slope:.4} at {at}"), points, stroke: Stroke::Broad }
    };
    let line = Mark::Line { name: "sigmoid".into(), points: curve, stroke: Stroke::Solid };
    let slope = Plot {
        title: "The sigmoid and its slope".into(),
        x_label: "z".into(),
        y_label: "a = sigmoid(z)".into(),
        marks: vec![line, tangent(2.0), tangent(0.0), tangent(-4.0)],
        ..Plot::default()
    };
    let loss =
        |rate: f64, floor: f64| (1..300).map(f64::from).map(|e| (e, floor + (-e * rate).exp())).collect();
    let losses = Plot {
        title: "Losses".into(),
        x_label: "epoch".into(),
        y_label: "loss (log scale)".into(),
        y_scale: Scale::Log,
        marks: vec![
            Mark::Line { name: "training".into(), points: loss(0.03, 0.002), stroke: Stroke::Solid },
            Mark::Line { name: "validation".into(), points: loss(0.02, 0.05), stroke: Stroke::Dashed },
            Mark::Rule { x: 180.0, label: "best epoch 180".into() },
        ],
        ..Plot::default()
    };
    let cells = (0..40 * 40).map(|i| {
        let (x, y) = (f64::from(i % 40) / 20.0 - 1.0, f64::from(i / 40) / 20.0 - 1.0);
        (usize::from(x * y > 0.0), (x * y).abs().min(1.0))
    });
    let boundary = Plot {
        title: "Boundary".into(),
        x_label: "bill_length_mm".into(),
        y_label: "bill_depth_mm".into(),
        marks: vec![
            Mark::Field { x: (-1.0, 1.0), y: (-1.0, 1.0), n_columns: 40, cells: cells.collect() },
            Mark::Points { name: "Adelie".into(), points: vec![(0.5, -0.5), (-0.4, 0.3)] },
            Mark::Points { name: "Gentoo".into(), points: vec![(0.5, 0.5), (-0.6, -0.3)] },
        ],
        ..Plot::default()
    };
    let xor = NetworkDrawing {
        title: "XOR".into(),
        input_names: text(&["input 1", "input 2", "input 3"]),
        output_names: text(&["output"]),
        layers: vec![
            LayerDrawing {
                name: "sigmoid".into(),
                weights: vec![
                    vec![4.44, -3.88, 1.74, -5.13],
                    vec![4.43, -3.88, 1.72, -5.11],
                    vec![-6.81, 0.77, 1.90, 1.61],
                ],
                biases: vec![],
            },
            LayerDrawing {
                name: "sigmoid".into(),
                weights: vec![vec![-9.22], vec![-3.85], vec![4.75], vec![-6.37]],
                biases: vec![],
            },
        ],
        sign_names: vec![],
        values: vec![vec![0.0, 1.0, 1.0], vec![0.02, 0.99, 0.86, 0.93], vec![0.97]],
    };
    let wide = |n_inputs: u32, n_outputs: u32| {
        let weight = |i: u32, j: u32| f64::from((i * 7919 + j * 104_729) % 1009) / 504.5 - 1.0;
        (0..n_inputs).map(|i| (0..n_outputs).map(|j| weight(i, j)).collect()).collect::<Vec<Vec<f64>>>()
    };
    let large = NetworkDrawing {
        title: "penguins".into(),
        input_names: (0..14).map(|i| format!("a_column_with_a_long_name_{i}")).collect(),
        output_names: text(&["Adelie", "Chinstrap", "Gentoo"]),
        layers: vec![
            LayerDrawing { name: "relu".into(), weights: wide(14, 64), biases: vec![0.1; 64] },
            LayerDrawing { name: "relu".into(), weights: wide(64, 64), biases: vec![0.1; 64] },
            LayerDrawing { name: "softmax".into(), weights: wide(64, 3), biases: vec![0.1, -0.2, 0.3] },
        ],
        sign_names: text(&["positive", "negative"]),
        values: vec![],
    };
    let pulls = Pulls {
        title: "A tug of war".into(),
        weight_names: text(&["weight 1", "weight 2", "weight 3"]),
        row_names: text(&["0 0 1 → 0", "0 1 1 → 1", "1 0 1 → 1", "1 1 1 → 0"]),
        sum_name: "sum".into(),
        values: vec![
            vec![0.0, 0.0, -0.125],
            vec![0.0, 0.125, 0.125],
            vec![0.125, 0.0, 0.125],
            vec![-0.125, -0.125, -0.125],
        ],
    };
    let hidden = Heatmap {
        title: "Hidden units".into(),
        column_label: "hidden unit".into(),
        row_label: "row".into(),
        row_names: text(&["0 0 1", "0 1 1", "1 0 1", "1 1 1"]),
        column_names: text(&["1", "2", "3", "4"]),
        values: wide(4, 4),
        labels: wide(4, 4).iter().map(|row| row.iter().map(|v| format!("{v:.2}")).collect()).collect(),
    };
    let share = |name: &str, value: f64, interval| Bar {
        name: name.into(),
        value,
        label: format!("{:.1} %", value * 100.0),
        interval: Some(interval),
    };
    let shares =
        [share("2 hidden neurons", 0.125, (0.086, 0.178)), share("8 hidden neurons", 1.0, (0.981, 1.0))];
    let digits: Vec<String> = (0..10).map(|digit| digit.to_string()).collect();
    let counts: Vec<Vec<usize>> =
        (0..10).map(|i| (0..10).map(|j| if i == j { 27 } else { (i * j) % 3 }).collect()).collect();
    vec![
        ("slope", slope.draw()),
        ("loss", losses.draw()),
        ("boundary", boundary.draw()),
        ("xor", xor.draw()),
        ("network", large.draw()),
        ("pulls", pulls.draw()),
        ("hidden", hidden.draw()),
        ("bars", bars("Share solved", &shares, 1.0)),
        ("confusion", confusion_matrix("Confusion", "digit", &digits, &counts)),
        (
            "confusion-small",
            confusion_matrix(
                "Confusion",
                "species",
                &text(&["Adelie", "Chinstrap"]),
                &[vec![30, 1], vec![2, 14]],
            ),
        ),
    ]
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("which folder?")?);
    std::fs::create_dir_all(&folder)?;
    let mut blocks = vec![
        Block::Facts(vec![("accuracy".into(), "0.986".into()), ("best epoch".into(), "37 of 67".into())]),
        Block::Note("A sentence that should not be missed.".into()),
        Block::Goal { is_met: true, text: "The loss is below 0.001".into() },
        Block::Goal { is_met: false, text: "Every output is on its side".into() },
    ];
    for (name, figure) in figures() {
        std::fs::write(folder.join(format!("{name}.svg")), figure.svg(Theme::Reader))?;
        for (theme, suffix) in [(Theme::Light, ""), (Theme::Dark, "-dark")] {
            std::fs::write(folder.join(format!("{name}{suffix}.png")), png(&figure, 1440, theme)?.bytes)?;
        }
        blocks.push(Block::Heading(name.into()));
        blocks.push(Block::Figure { figure, caption: format!("What {name} shows.") });
    }
    let (title, subtitle) = ("Gallery".into(), "every kind of figure".into());
    let page = Page { title, subtitle, language: "en".into(), blocks };
    std::fs::write(folder.join("gallery.html"), page.html())?;
    Ok(())
}
