//! Progress on standard error: a bar on a terminal, else a plain line every few seconds.

use glassnet::trainer::EpochReport;
use glassnet_draw::digits::thousands;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

const SECONDS_BETWEEN_LINES: u64 = 3;

/// Where progress goes.
pub(crate) enum Progress {
    /// Nowhere.
    Quiet,
    /// A bar that is drawn over itself.
    Bar(ProgressBar),
    /// A line now and then.
    Lines { start: Instant, last: Option<Instant>, unit: &'static str, n_epochs: usize },
}

impl Progress {
    /// For so many epochs; `unit` is the word for them.
    pub(crate) fn start(quiet: bool, unit: &'static str, n_epochs: usize) -> Self {
        if quiet {
            return Self::Quiet;
        }
        if !std::io::stderr().is_terminal() {
            return Self::Lines { start: Instant::now(), last: None, unit, n_epochs };
        }
        let bar = ProgressBar::new(n_epochs as u64).with_prefix(unit);
        let template = "{bar:8} {prefix} {pos}/{len}  {wide_msg} ETA {eta}";
        bar.set_style(ProgressStyle::with_template(template).expect("a valid template"));
        Self::Bar(bar)
    }

    /// After an epoch. The ETA is that of all epochs; training may stop earlier.
    pub(crate) fn epoch(&mut self, epoch: usize, message: impl FnOnce() -> String) {
        match self {
            Self::Quiet => {}
            Self::Bar(bar) => {
                bar.set_message(message());
                bar.set_position(epoch as u64);
            }
            Self::Lines { start, last, unit, n_epochs } => {
                if last.is_none_or(|last| last.elapsed() >= Duration::from_secs(SECONDS_BETWEEN_LINES)) {
                    let left =
                        start.elapsed().as_secs_f64() / epoch.max(1) as f64 * (*n_epochs - epoch) as f64;
                    say(&format!("{unit} {epoch}/{n_epochs}  {}  ETA {left:.0} s", message()));
                    *last = Some(Instant::now());
                }
            }
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

/// What training on a table says after an epoch.
pub(crate) struct Losses {
    start: Instant,
    n_rows: usize,
    /// The lowest watched loss and its epoch.
    best: Option<(f64, usize)>,
}

impl Losses {
    /// For epochs of so many rows.
    pub(crate) fn start(n_rows: usize) -> Self {
        Self { start: Instant::now(), n_rows, best: None }
    }

    /// Both losses, and rows a second.
    pub(crate) fn message(&mut self, report: &EpochReport) -> String {
        let per_second = (report.epoch * self.n_rows) as f64 / self.start.elapsed().as_secs_f64().max(1e-9);
        let mut message = format!("loss {:.4}", report.training_loss);
        if let Some(loss) = report.validation_loss {
            message += &format!(", validation {loss:.4}");
            let watched = report.watched_loss();
            let (_, best) = *self.best.insert(match self.best {
                Some(best) if best.0 < watched => best,
                _ => (watched, report.epoch),
            });
            // On a terminal everything stands in one line, even of 80 columns.
            if !std::io::stderr().is_terminal() || textwrap::termwidth() >= 100 {
                message += &format!(", best in epoch {best}");
            }
        }
        message += &format!("  {} rows/s", thousands(per_second as u64));
        message
    }
}

/// A line on standard error. A reader of it that has gone is no reason to stop.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
