//! How time and memory grow with rows, width, depth and epochs: three decades of each, the others held.

use super::program::outcome;
use super::{build, median, readable};
use crate::tree;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

const FIGURE: &str = "docs/growth.svg";
/// Processes of each point; the figure has their medians.
const N_RUNS: usize = 3;

/// What grows: its name, its place among `glassnet-bench growth`'s four numbers, where it begins, and the others.
const SERIES: [(&str, usize, f64, [usize; 4]); 4] = [
    ("rows", 0, 300.0, [0, 32, 2, 1]),
    ("width", 1, 4.0, [1_024, 0, 2, 1]),
    ("depth", 2, 1.0, [1_024, 32, 0, 1]),
    ("epochs", 3, 1.0, [1_024, 32, 2, 0]),
];
/// Points of three decades, two a decade.
const N_POINTS: i32 = 7;

/// One training.
struct Point {
    size: f64,
    seconds: f64,
    peak_bytes: f64,
    n_parameters: f64,
}

/// Measures, prints the exponents and writes the figure.
///
/// # Errors
/// When our own program cannot be built or run, or the figure not be written.
pub(crate) fn run() -> Result<(), String> {
    build()?;
    println!("| what grows | from | to | time | exponent of the upper two decades | peak memory |");
    println!("|---|---|---|---|---|---|");
    let mut figure = Vec::new();
    for (name, place, first, others) in SERIES {
        eprintln!("{name} …");
        let sizes = (0..N_POINTS).map(|i| (first * 10_f64.powf(f64::from(i) / 2.0)).round() as usize);
        let points = sizes.map(|size| point(place, size, others)).collect::<Result<Vec<_>, _>>()?;
        let upper = &points[2..];
        let exponent = slope(upper.iter().map(|point| (point.size.ln(), point.seconds.ln())));
        let [least, most] = [&points[0], &points[points.len() - 1]];
        let of = |x: fn(&Point) -> f64| slope(upper.iter().map(|point| (x(point), point.peak_bytes)));
        let each = match name {
            "rows" => format!(", {:.0} bytes a row", of(|point| point.size)),
            "width" | "depth" => format!(", {:.1} bytes a parameter", of(|point| point.n_parameters)),
            _ => String::new(),
        };
        println!(
            "| {name} | {} | {} | {} to {} | {exponent:.2} | {:.1} to {:.1} MB{each} |",
            least.size,
            most.size,
            readable(least.seconds),
            readable(most.seconds),
            least.peak_bytes / 1e6,
            most.peak_bytes / 1e6
        );
        let points: Vec<[f64; 2]> = points.iter().map(|point| [point.size / first, point.seconds]).collect();
        figure.push(json!({"name": format!("{name}, exponent {exponent:.2}"), "points": points}));
    }
    draw(&Value::from(figure))
}

/// The medians of a few processes.
fn point(place: usize, size: usize, mut sizes: [usize; 4]) -> Result<Point, String> {
    sizes[place] = size;
    let program = tree::root().join("target/release/glassnet-bench");
    let run = |_| {
        let words = sizes.map(|size| size.to_string());
        let output = outcome(Command::new(&program).arg("growth").args(words))?;
        serde_json::from_slice::<Value>(&output.stdout).map_err(|error| format!("growth: {error}"))
    };
    let lines = (0..N_RUNS).map(run).collect::<Result<Vec<_>, _>>()?;
    let number = |name: &str| {
        let numbers = lines.iter().filter_map(|line| line[name].as_f64()).collect();
        median(numbers).ok_or_else(|| format!("growth: no {name}"))
    };
    Ok(Point {
        size: size as f64,
        seconds: number("cpu_seconds")?,
        peak_bytes: number("peak_bytes")?,
        n_parameters: number("n_parameters")?,
    })
}

/// Σ(x − x̄)(y − ȳ) / Σ(x − x̄)².
fn slope(points: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let n = points.clone().count() as f64;
    let (x, y) = points.clone().fold((0.0, 0.0), |(x, y), point| (x + point.0 / n, y + point.1 / n));
    let (above, below) = points.fold((0.0, 0.0), |(above, below), (px, py)| {
        (above + (px - x) * (py - y), below + (px - x) * (px - x))
    });
    above / below
}

fn draw(series: &Value) -> Result<(), String> {
    let root = tree::root();
    let mut child = Command::new(root.join("target/release/glassnet-bench"))
        .arg("growth-figure")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("growth-figure: {error}"))?;
    let mut input = child.stdin.take().ok_or("growth-figure takes no input")?;
    input.write_all(series.to_string().as_bytes()).map_err(|error| format!("growth-figure: {error}"))?;
    drop(input);
    let output = child.wait_with_output().map_err(|error| format!("growth-figure: {error}"))?;
    if !output.status.success() {
        return Err(format!("growth-figure: {}", output.status));
    }
    std::fs::write(root.join(FIGURE), output.stdout).map_err(|error| format!("{FIGURE}: {error}"))?;
    println!("\n{FIGURE} is written");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::slope;

    #[test]
    fn a_line_has_its_slope() {
        assert!((slope([(1.0, 3.0), (2.0, 1.0), (4.0, -3.0)].into_iter()) + 2.0).abs() < 1e-12);
    }
}
