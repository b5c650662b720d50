//! The least time that a workload can take on this machine, from what one core does at most.
//!
//! A step's matrix products run at the best rate of a large product; then its optimizer moves parameters, gradients and
//! its own state at the rate of the first store that holds them all. Neither hides behind the other here. Reading the
//! rows, activations and the loss count as nothing.

use super::median;
use super::program::outcome;
use crate::tree;
use std::process::Command;

/// Rates of one core: operations a nanosecond and bytes a nanosecond; and the bytes that caches hold.
pub(crate) struct Machine {
    product: f64,
    fused: f64,
    memory: f64,
    third: f64,
    second: f64,
    third_bytes: f64,
    second_bytes: f64,
    /// Nanoseconds in which a line of the cache goes to another core and back, each time that they were measured.
    crossings: Vec<f64>,
}

/// A least time.
pub(crate) struct Floor {
    pub(crate) seconds: f64,
    /// What takes most of it.
    pub(crate) ruler: String,
}

/// What a workload has to do.
enum Work {
    /// One chain of operations that wait for each other: no faster than the C loop.
    Chain,
    /// Weights are read once.
    Weights(f64),
    /// Products alone.
    Products(f64),
    /// Products, and steps of an optimizer.
    Training { operations: f64, n_steps: f64, n_parameters: f64, optimizer: Optimizer },
}

/// Plain gradient descent writes the parameters and reads them and the gradient; Adam reads and writes two states too.
#[derive(Clone, Copy, PartialEq)]
enum Optimizer {
    Sgd,
    Adam,
}

const BYTES: f64 = 4.0;

impl Machine {
    /// Measures by `glassnet-bench machine`.
    ///
    /// # Errors
    /// When that does not run.
    pub(crate) fn measured() -> Result<Self, String> {
        let program = tree::root().join("target/release/glassnet-bench");
        let output = outcome(Command::new(program).arg("machine"))?;
        let line: serde_json::Value =
            serde_json::from_slice(&output.stdout).map_err(|error| format!("machine: {error}"))?;
        let rate = |name: &str| line[name].as_f64().ok_or_else(|| format!("machine: no {name}"));
        Ok(Self {
            product: rate("product_gflops")?,
            fused: rate("fma_gflops")?,
            memory: rate("memory_gbytes")?,
            third: rate("third_gbytes")?,
            second: rate("cache_gbytes")?,
            third_bytes: cache_bytes(3).unwrap_or(8e6),
            second_bytes: cache_bytes(2).unwrap_or(5e5),
            crossings: line["crossing_nanoseconds"].as_f64().into_iter().collect(),
        })
    }

    /// The better of both, number by number: what disturbs a measurement only makes a machine look slower. The distance between
    /// cores is no such number: it changes with what the cores are.
    pub(crate) fn or(self, other: &Self) -> Self {
        Self {
            crossings: [&self.crossings[..], &other.crossings].concat(),
            product: self.product.max(other.product),
            fused: self.fused.max(other.fused),
            memory: self.memory.max(other.memory),
            third: self.third.max(other.third),
            second: self.second.max(other.second),
            ..self
        }
    }

    /// How far two cores were from each other, in one line; none where there is one core.
    pub(crate) fn crossings(&self) -> Option<String> {
        let least = self.crossings.iter().copied().reduce(f64::min)?;
        let most = self.crossings.iter().copied().reduce(f64::max)?;
        let middle = median(self.crossings.clone())?;
        Some(format!(
            "a line of the cache goes to the other core and back in {least:.0} to {most:.0} ns, median {middle:.0}"
        ))
    }

    /// What one core does, in one line.
    pub(crate) fn line(&self) -> String {
        format!(
            "one core: large products {:.0} GFLOP/s, fused operations in registers {:.0} GFLOP/s (both f32); second-level \
             cache of {:.1} MB {:.0} GB/s, third-level of {:.0} MB {:.0} GB/s, memory {:.0} GB/s",
            self.product,
            self.fused,
            self.second_bytes / 1e6,
            self.second,
            self.third_bytes / 1e6,
            self.third,
            self.memory
        )
    }

    /// The rate and the name of the first store that holds so many bytes.
    fn store(&self, n_bytes: f64) -> (f64, &'static str) {
        match n_bytes {
            n if n <= self.second_bytes => (self.second, "second-level cache"),
            n if n <= self.third_bytes => (self.third, "third-level cache"),
            _ => (self.memory, "memory"),
        }
    }

    /// Seconds of so many operations of large products.
    pub(crate) fn products(&self, operations: f64, n_threads: usize) -> f64 {
        operations / (self.product * n_threads as f64) * 1e-9
    }

    /// The floor of a workload; `chain` is the time of the C loop.
    pub(crate) fn floor(&self, workload: &str, n_threads: usize, chain: Option<f64>) -> Option<Floor> {
        let products = |operations| self.products(operations, n_threads);
        let ruled = |seconds, ruler: &str| Floor { seconds, ruler: ruler.to_owned() };
        Some(match work(workload)? {
            Work::Chain => ruled(chain?, "the C loop"),
            Work::Products(operations) => ruled(products(operations), "products"),
            Work::Weights(n_bytes) => {
                let (rate, store) = self.store(n_bytes);
                ruled(n_bytes / rate * 1e-9, &format!("weights from {store}"))
            }
            Work::Training { operations, n_steps, n_parameters, optimizer } => {
                let (n_arrays, n_moves) = if optimizer == Optimizer::Adam { (4.0, 7.0) } else { (2.0, 3.0) };
                let (rate, store) = self.store(n_arrays * n_parameters * BYTES);
                let products = products(operations);
                let moves = n_steps * n_moves * n_parameters * BYTES / rate * 1e-9;
                let share = 100.0 * products.max(moves) / (products + moves);
                let ruler = if products >= moves { "products" } else { "optimizer" };
                ruled(products + moves, &format!("{ruler} {share:.0} %; state in {store}"))
            }
        })
    }
}

fn work(workload: &str) -> Option<Work> {
    let digits = [784, 128, 10];
    Some(match workload {
        "W1" | "W2" | "W6a" | "W7" => Work::Chain,
        "W3" => training(&digits, 60_000, 64, Optimizer::Sgd),
        "W3a" => training(&digits, 60_000, 64, Optimizer::Adam),
        "W4" => training(&[20, 256, 256, 256, 1], 100_000, 256, Optimizer::Adam),
        "W5" => training(&[1024, 1024, 1024, 10], 8_192, 1_024, Optimizer::Sgd),
        "W6b" => Work::Weights(n_weights(&digits) * BYTES),
        "W6c" => Work::Products(2.0 * 100_000.0 * n_weights(&digits)),
        _ => return None,
    })
}

fn n_weights(sizes: &[usize]) -> f64 {
    sizes.windows(2).map(|pair| pair[0] * pair[1]).sum::<usize>() as f64
}

/// Forward, gradients by weights, and gradients by inputs of all layers but the first.
fn training(sizes: &[usize], n_rows: usize, batch_size: usize, optimizer: Optimizer) -> Work {
    let operations = n_rows as f64 * (6.0 * n_weights(sizes) - 2.0 * n_weights(&sizes[..2]));
    let n_biases = sizes[1..].iter().sum::<usize>() as f64;
    let n_steps = n_rows.div_ceil(batch_size) as f64;
    Work::Training { operations, n_steps, n_parameters: n_weights(sizes) + n_biases, optimizer }
}

/// The size of a cache as Linux tells it.
fn cache_bytes(level: usize) -> Option<f64> {
    let path = format!("/sys/devices/system/cpu/cpu0/cache/index{level}/size");
    let text = std::fs::read_to_string(path).ok()?;
    text.trim().strip_suffix('K')?.parse::<f64>().ok().map(|kilobytes| kilobytes * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MACHINE: Machine = Machine {
        product: 100.0,
        fused: 110.0,
        memory: 10.0,
        third: 50.0,
        second: 100.0,
        third_bytes: 3e7,
        second_bytes: 1e6,
        crossings: Vec::new(),
    };

    #[test]
    fn floors_are_products_and_moves() {
        // 784·128 + 128·10 = 101,632 weights and 138 biases; 60,000·(6·101,632 − 2·100,352) operations; 938 steps.
        let (products, parameters) = (24_545_280_000.0 / 100e9, 101_770.0 * 4.0);
        let sgd = MACHINE.floor("W3", 1, None).unwrap();
        assert!((sgd.seconds - (products + 938.0 * 3.0 * parameters / 100e9)).abs() < 1e-9);
        assert_eq!(sgd.ruler, "products 96 %; state in second-level cache");
        let adam = MACHINE.floor("W3a", 2, None).unwrap();
        assert!((adam.seconds - (products / 2.0 + 938.0 * 7.0 * parameters / 50e9)).abs() < 1e-9);
        assert_eq!(adam.ruler, "products 70 %; state in third-level cache");
    }

    #[test]
    fn chains_need_the_c_loop() {
        assert!(MACHINE.floor("W1", 1, None).is_none());
        assert_eq!(MACHINE.floor("W6a", 2, Some(3e-8)).unwrap().seconds, 3e-8);
        assert!(MACHINE.floor("W2x1000", 1, Some(1.0)).is_none());
    }
}
