//! Seconds of the wall and of the processor.

use std::time::Instant;

/// What some work took, and what it gave.
pub(crate) struct Timed {
    pub(crate) seconds: f64,
    pub(crate) cpu_seconds: f64,
    pub(crate) result: f64,
}

/// Times some work.
pub(crate) fn timed(work: impl FnOnce() -> f64) -> Timed {
    let (start, cpu_start) = (Instant::now(), cpu_seconds());
    let result = work();
    Timed { seconds: start.elapsed().as_secs_f64(), cpu_seconds: cpu_seconds() - cpu_start, result }
}

/// The repetition with the least processor seconds, of so many.
pub(crate) fn best_of(n: usize, mut work: impl FnMut() -> f64) -> Timed {
    let mut best = timed(&mut work);
    for _ in 1..n {
        let next = timed(&mut work);
        if next.cpu_seconds < best.cpu_seconds {
            best = next;
        }
    }
    best
}

/// Processor seconds of all threads of this process.
fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}
