//! Seconds of the wall and of the processor.

use std::time::Instant;

/// What some work took, and what it gave.
pub struct Timed {
    pub seconds: f64,
    pub cpu_seconds: f64,
    pub result: f64,
}

/// Times some work once.
pub fn once(work: impl FnOnce() -> f64) -> Timed {
    let (start, cpu_start) = (Instant::now(), cpu_seconds());
    let result = work();
    Timed { seconds: start.elapsed().as_secs_f64(), cpu_seconds: cpu_seconds() - cpu_start, result }
}

/// The median by processor seconds of up to nine repetitions, while they take less than two seconds together.
pub fn median(mut work: impl FnMut() -> f64) -> Timed {
    let mut all: Vec<Timed> = Vec::new();
    while all.is_empty() || (all.len() < 9 && all.iter().map(|timed| timed.seconds).sum::<f64>() < 2.0) {
        all.push(once(&mut work));
    }
    all.sort_by(|a, b| a.cpu_seconds.total_cmp(&b.cpu_seconds));
    all.swap_remove(all.len() / 2)
}

/// Seconds of one of `n` calls; each is given the number of a row, from 0 to 63.
pub fn one_of(n: usize, mut call: impl FnMut(usize) -> f64) -> Timed {
    let timed = median(|| (0..n).map(|i| call(i % 64)).sum::<f64>() / n as f64);
    Timed { seconds: timed.seconds / n as f64, cpu_seconds: timed.cpu_seconds / n as f64, ..timed }
}

fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}
