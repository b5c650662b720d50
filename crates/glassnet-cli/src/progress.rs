//! Progress on standard error: a bar on a terminal, else a plain line every few seconds.

use glassnet::trainer::EpochReport;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

const SECONDS_BETWEEN_LINES: u64 = 3;

/// Where progress goes.
pub(crate) enum Progress {
    /// Nowhere.
    Quiet,
    /// A bar that is drawn over itself.
    Bar(ProgressBar, Rows),
    /// A line now and then.
    Lines { last: Option<Instant>, n_epochs: usize, rows: Rows },
}

/// Rows done since the start.
pub(crate) struct Rows {
    start: Instant,
    per_epoch: usize,
    best: Option<f64>,
}

impl Progress {
    /// For so many epochs of so many rows.
    pub(crate) fn start(quiet: bool, n_epochs: usize, n_rows: usize) -> Self {
        let rows = Rows { start: Instant::now(), per_epoch: n_rows, best: None };
        if quiet {
            return Self::Quiet;
        }
        if !std::io::stderr().is_terminal() {
            return Self::Lines { last: None, n_epochs, rows };
        }
        let bar = ProgressBar::new(n_epochs as u64);
        let template = "{bar:24} epoch {pos}/{len}  {msg}  {elapsed}, at most {eta} more";
        bar.set_style(ProgressStyle::with_template(template).expect("a valid template"));
        Self::Bar(bar, rows)
    }

    /// After an epoch.
    pub(crate) fn epoch(&mut self, report: &EpochReport) {
        match self {
            Self::Quiet => {}
            Self::Bar(bar, rows) => {
                bar.set_message(rows.message(report));
                bar.set_position(report.epoch as u64);
            }
            Self::Lines { last, n_epochs, rows } => {
                let message = rows.message(report);
                if last.is_none_or(|last| last.elapsed() >= Duration::from_secs(SECONDS_BETWEEN_LINES)) {
                    let left = rows.start.elapsed().as_secs_f64() / report.epoch as f64
                        * (*n_epochs - report.epoch) as f64;
                    say(&format!("epoch {}/{n_epochs}  {message}  at most {left:.0} s more", report.epoch));
                    *last = Some(Instant::now());
                }
            }
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(self) {
        if let Self::Bar(bar, _) = self {
            bar.finish_and_clear();
        }
    }
}

impl Rows {
    fn message(&mut self, report: &EpochReport) -> String {
        let per_second =
            (report.epoch * self.per_epoch) as f64 / self.start.elapsed().as_secs_f64().max(1e-9);
        let mut message = format!("loss: training {:.4}", report.training_loss);
        if let Some(loss) = report.validation_loss {
            let best = self.best.map_or(loss, |best| best.min(loss));
            self.best = Some(best);
            message += &format!(", validation {loss:.4} (best {best:.4})");
        }
        message + &format!("  {} rows/s", crate::terminal::thousands(per_second as u64))
    }
}

/// A line on standard error. A reader of it that has gone is no reason to stop.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
