//! Tables that the page comes with, as the text of a table: they go the way of any other.

use glassnet::generator::Generator;
use std::f64::consts::PI;

/// Tables of the tutorial and of logic, as they are.
const TABLES: [(&str, &str); 5] = [
    ("copy", "a,b,c,target\n0,0,1,0\n1,1,1,1\n1,0,1,1\n0,1,1,0\n"),
    ("xor", "a,b,c,target\n0,0,1,0\n0,1,1,1\n1,0,1,1\n1,1,1,0\n"),
    ("and", "a,b,c,target\n0,0,1,0\n0,1,1,0\n1,0,1,0\n1,1,1,1\n"),
    ("or", "a,b,c,target\n0,0,1,0\n0,1,1,1\n1,0,1,1\n1,1,1,1\n"),
    ("blank", "x1,x2,target\n-4,-4,0\n4,4,1\n"),
];

/// Clouds of points over two inputs: classes, and numbers.
pub const CLOUDS: [&str; 7] = ["circle", "xor_cloud", "gauss", "spiral", "moons", "plane", "hills"];

/// What may be made of x₁ and x₂ as further columns.
pub const FEATURES: [&str; 5] = ["x1_squared", "x2_squared", "x1_x2", "sin_x1", "sin_x2"];

/// What a cloud is drawn from.
#[derive(Debug, Clone)]
pub struct Cloud {
    /// Rows, from 1 to 5,000.
    pub n_rows: usize,
    /// From 0 to 1: how far points stray.
    pub noise: f64,
    /// Of the random numbers.
    pub seed: u64,
    /// Columns, in this order: `x1`, `x2` and any of [`FEATURES`].
    pub columns: Vec<String>,
}

/// The text of a table; `None` where there is none of that name.
pub fn table(name: &str, cloud: &Cloud) -> Option<String> {
    if let Some((_, text)) = TABLES.iter().find(|(table, _)| *table == name) {
        return Some((*text).to_owned());
    }
    let mut text = cloud.columns.join(",") + ",target\n";
    let mut draw = Generator::new(cloud.seed);
    for row in 0..cloud.n_rows {
        let (x, target) = point(name, row, cloud, &mut draw)?;
        for column in &cloud.columns {
            text += &format!("{:.4},", feature(column, x)?);
        }
        // Classes are whole numbers.
        text += &format!("{}\n", (target * 1e4).round() / 1e4);
    }
    Some(text)
}

/// A column's value at x.
fn feature(name: &str, [x, y]: [f64; 2]) -> Option<f64> {
    Some(match name {
        "x1" => x,
        "x2" => y,
        "x1_squared" => x * x,
        "x2_squared" => y * y,
        "x1_x2" => x * y,
        "sin_x1" => libm::sin(x),
        "sin_x2" => libm::sin(y),
        _ => return None,
    })
}

fn between(draw: &mut Generator, low: f64, high: f64) -> f64 {
    low + (high - low) * draw.uniform()
}

/// Row `row` of a cloud: x within −6 … 6, and its target.
fn point(name: &str, row: usize, cloud: &Cloud, draw: &mut Generator) -> Option<([f64; 2], f64)> {
    let (half, noise) = (row % 2, cloud.noise);
    let side = if half == 0 { 1.0 } else { -1.0 };
    let along = (row / 2) as f64 / (cloud.n_rows / 2).max(1) as f64;
    let polar = |radius: f64, angle: f64| [radius * libm::sin(angle), radius * libm::cos(angle)];
    let mut stray = |by: f64| [between(draw, -by, by), between(draw, -by, by)];
    Some(match name {
        "circle" => {
            let by = stray(5.0 * noise);
            let radius = if half == 0 { between(draw, 0.0, 2.5) } else { between(draw, 3.5, 5.0) };
            let x = polar(radius, between(draw, 0.0, 2.0 * PI));
            // Who strays over the line has the class of the other side.
            let seen = libm::sqrt((x[0] + by[0]).powi(2) + (x[1] + by[1]).powi(2));
            (x, f64::from(u8::from(seen < 2.5)))
        }
        "xor_cloud" => {
            let by = stray(5.0 * noise);
            let mut away = || {
                let x = between(draw, -5.0, 5.0);
                x + if x > 0.0 { 0.3 } else { -0.3 }
            };
            let x = [away(), away()];
            (x, f64::from(u8::from((x[0] + by[0]) * (x[1] + by[1]) >= 0.0)))
        }
        "gauss" => {
            let spread = 1.0 + 3.0 * noise;
            let x = [2.0 * side + spread * draw.normal(), 2.0 * side + spread * draw.normal()];
            (x.map(|x| x.clamp(-6.0, 6.0)), f64::from(u8::from(half == 0)))
        }
        "spiral" => {
            let by = stray(noise);
            let x = polar(along * 5.0, 1.75 * along * 2.0 * PI + if half == 0 { 0.0 } else { PI });
            ([x[0] + by[0], x[1] + by[1]], f64::from(u8::from(half == 0)))
        }
        "moons" => {
            let by = stray(3.0 * noise);
            let arc = polar(3.0, PI * (along - 0.5));
            let x = if half == 0 { [arc[0] - 1.5, arc[1] - 0.5] } else { [arc[0] + 1.5, 0.5 - arc[1]] };
            ([x[0] + by[0], x[1] + by[1]], f64::from(u8::from(half == 0)))
        }
        "plane" => {
            let by = stray(6.0 * noise);
            let x = [between(draw, -6.0, 6.0), between(draw, -6.0, 6.0)];
            (x, (x[0] + by[0] + x[1] + by[1]) / 10.0)
        }
        "hills" => {
            let by = stray(6.0 * noise);
            let x = [between(draw, -6.0, 6.0), between(draw, -6.0, 6.0)];
            (x, hills([x[0] + by[0], x[1] + by[1]]))
        }
        _ => return None,
    })
}

/// Six hills, up and down, each a cone of radius 2: the one that stands out the most.
fn hills(x: [f64; 2]) -> f64 {
    const TOPS: [([f64; 2], f64); 6] = [
        ([-4.0, 2.5], 1.0),
        ([0.0, 2.5], -1.0),
        ([4.0, 2.5], 1.0),
        ([-4.0, -2.5], -1.0),
        ([0.0, -2.5], 1.0),
        ([4.0, -2.5], -1.0),
    ];
    let heights = TOPS.map(|([a, b], sign)| {
        let distance = libm::sqrt((x[0] - a).powi(2) + (x[1] - b).powi(2));
        sign * (1.0 - distance / 2.0).max(0.0)
    });
    heights.into_iter().fold(0.0, |most: f64, height| if height.abs() > most.abs() { height } else { most })
}

#[cfg(test)]
mod tests {
    use super::*;
    use glassnet::table::Table;

    #[test]
    fn every_table_can_be_read() {
        let columns = ["x1", "x2"].iter().chain(&FEATURES).map(|&name| name.to_owned()).collect();
        let cloud = Cloud { n_rows: 200, noise: 0.1, seed: 1, columns };
        for name in CLOUDS.iter().copied().chain(TABLES.map(|(name, _)| name)) {
            let text = table(name, &cloud).unwrap();
            let read = Table::read(text.as_bytes(), name, None).unwrap();
            if CLOUDS.contains(&name) {
                assert_eq!((read.n_rows(), read.columns().len()), (200, 8));
                for column in &read.columns()[..2] {
                    assert!(column.cells().all(|cell| cell.parse::<f64>().unwrap().abs() < 6.7), "{name}");
                }
            }
        }
        assert_eq!(table("no such", &cloud), None);
    }

    #[test]
    fn classes_are_even() {
        for name in &CLOUDS[..5] {
            let cloud = Cloud { n_rows: 400, noise: 0.0, seed: 3, columns: vec!["x1".into(), "x2".into()] };
            let text = table(name, &cloud).unwrap();
            let n_ones = text.lines().filter(|line| line.ends_with(",1")).count();
            assert!((150..250).contains(&n_ones), "{name}: {n_ones}");
        }
    }
}
