//! Seconds of the wall and of the processor.

use std::time::Instant;

/// What some work took, and what it gave.
pub(crate) struct Timed {
    pub(crate) seconds: f64,
    pub(crate) cpu_seconds: f64,
    pub(crate) result: f64,
}

/// Times some work.
fn timed(work: impl FnOnce() -> f64) -> Timed {
    let (start, cpu_start) = (Instant::now(), cpu_seconds());
    let result = work();
    Timed { seconds: start.elapsed().as_secs_f64(), cpu_seconds: cpu_seconds() - cpu_start, result }
}

/// The median by processor seconds of so many repetitions, at least one.
pub(crate) fn median_of(n: usize, mut work: impl FnMut() -> f64) -> Timed {
    let mut all: Vec<Timed> = (0..n).map(|_| timed(&mut work)).collect();
    all.sort_by(|a, b| a.cpu_seconds.total_cmp(&b.cpu_seconds));
    all.swap_remove(n / 2)
}

/// Processor seconds of all threads of this process.
fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}
