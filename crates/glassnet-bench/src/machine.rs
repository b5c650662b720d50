//! What one core of this machine can do at most: floors of workloads are made of these numbers.

use glassnet::kernels::peak;
use glassnet::kernels::product::{self, Compute, Into, Precision, Shape};
use glassnet::kernels::team::Team;
use std::hint::{black_box, spin_loop};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

/// Rates of one core: operations a nanosecond (multiplications and additions, `f32`) and bytes a nanosecond; and how far two
/// cores are from each other.
pub(crate) struct Machine {
    /// Of large matrix products.
    pub(crate) product_gflops: f64,
    /// Of fused multiplications and additions in registers.
    pub(crate) fma_gflops: f64,
    /// From memory: read and write, each counted.
    pub(crate) memory_gbytes: f64,
    /// Read from the caches of the third and the second level.
    pub(crate) third_gbytes: f64,
    pub(crate) cache_gbytes: f64,
    /// A line of the cache that one core writes, then the other, then the first again; none where there is one core.
    pub(crate) crossing_nanoseconds: Option<f64>,
}

impl Machine {
    /// Measures; takes about two seconds.
    pub(crate) fn here() -> Self {
        Self {
            product_gflops: [512, 1_024].into_iter().map(product_rate).fold(0.0, f64::max),
            fma_gflops: fused_rate(),
            memory_gbytes: copy_rate(64 << 20),
            third_gbytes: read_rate(6 << 20),
            cache_gbytes: read_rate(512 << 10),
            crossing_nanoseconds: crossing(),
        }
    }
}

/// Work a nanosecond, the best of several runs: what disturbs a run can only make it slower.
fn best(work: f64, n_runs: usize, mut run: impl FnMut()) -> f64 {
    let rate = |_| {
        let start = Instant::now();
        run();
        work / start.elapsed().as_secs_f64() * 1e-9
    };
    (0..n_runs).map(rate).fold(0.0, f64::max)
}

fn product_rate(n: usize) -> f64 {
    let shape = Shape { n_rows: n, n_inner: n, n_columns: n };
    let numbers = |salt: usize| (0..n * n).map(|i| ((i * salt) % 1_009) as f32 / 1_009.0).collect();
    let (a, b): (Vec<f32>, Vec<f32>) = (numbers(7_919), numbers(104_729));
    let mut result = vec![0.0_f32; n * n];
    let team = Team::default();
    let compute = Compute { team: &team, precision: Precision::Full };
    best(2.0 * (n * n * n) as f64, 24, || {
        product::multiply(compute, shape, black_box(&a), &b, Into::Overwrite, &mut result);
    })
}

fn fused_rate() -> f64 {
    const N_PASSES: usize = 100_000;
    best((N_PASSES * peak::OPERATIONS_A_PASS) as f64, 50, || {
        black_box(peak::fused_passes(black_box(N_PASSES), black_box(0.5), black_box(0.5)));
    })
}

/// So many bytes read, and as many written.
fn copy_rate(n_bytes: usize) -> f64 {
    let from = vec![1.0_f32; n_bytes / 4];
    let mut to = vec![0.0_f32; n_bytes / 4];
    best(2.0 * n_bytes as f64, 9, || black_box(&mut to).copy_from_slice(black_box(&from)))
}

/// So many bytes read again and again.
fn read_rate(n_bytes: usize) -> f64 {
    let n_passes = (64 << 20) / n_bytes;
    let values = vec![1.0_f32; n_bytes / 4];
    best((n_bytes * n_passes) as f64, 24, || {
        for _ in 0..n_passes {
            black_box(peak::read(black_box(&values)));
        }
    })
}

fn crossing() -> Option<f64> {
    std::thread::available_parallelism().ok().filter(|n| n.get() > 1)?;
    let (calls, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let start = Instant::now();
    // One core makes the number odd, the other even again.
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(SeqCst) {
                let call = calls.load(SeqCst);
                if call % 2 == 1 {
                    calls.store(call + 1, SeqCst);
                }
                spin_loop();
            }
        });
        while start.elapsed() < Duration::from_millis(50) {
            for _ in 0..100 {
                let call = calls.load(SeqCst);
                calls.store(call + 1, SeqCst);
                while calls.load(SeqCst) == call + 1 {
                    spin_loop();
                }
            }
        }
        is_over.store(true, SeqCst);
    });
    Some(start.elapsed().as_secs_f64() * 1e9 / (calls.into_inner() / 2) as f64)
}
