//! Progress on standard error: a bar on a terminal, else a plain line every few seconds, also in the middle of a long epoch.

use glassnet::trainer::EpochReport;
use glassnet_draw::digits::thousands;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const SECONDS_BETWEEN_LINES: u64 = 3;
/// Seconds without the end of an epoch after which a line tells how far the one under way is.
const SECONDS_WITHIN_EPOCH: u64 = 10;
/// How often it is looked.
const LOOK: Duration = Duration::from_millis(500);
/// The bar's units of an epoch.
const UNITS: f64 = 1_000.0;

/// Where progress goes, if anywhere.
pub(crate) struct Progress(Option<Arc<Mutex<Shown>>>, Option<Watch>);

struct Shown {
    /// A bar that is drawn over itself; none for a line now and then.
    bar: Option<ProgressBar>,
    unit: &'static str,
    n_epochs: usize,
    /// When it began, and after how many epochs.
    start: (Instant, usize),
    epoch: usize,
    last_line: Option<Instant>,
    /// Rows taken before the epoch under way.
    rows_before: usize,
    /// Rows of the epoch under way.
    n_rows: usize,
}

/// The thread that looks at an epoch under way.
struct Watch {
    rows: Arc<AtomicUsize>,
    /// Ends it when it is dropped.
    end: Sender<()>,
    thread: JoinHandle<()>,
}

impl Progress {
    /// For so many epochs, some of them done before; `unit` is the word for them.
    pub(crate) fn start(quiet: bool, unit: &'static str, n_epochs: usize, n_done: usize) -> Self {
        if quiet {
            return Self(None, None);
        }
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new((n_epochs as f64 * UNITS) as u64);
            let style = ProgressStyle::with_template("{bar:8} {prefix}  {wide_msg} ETA {eta}");
            bar.set_style(style.expect("a valid template"));
            bar
        });
        let start = (Instant::now(), n_done);
        let (epoch, last_line) = (n_done, None);
        let shown = Shown { bar, unit, n_epochs, start, epoch, last_line, rows_before: 0, n_rows: 0 };
        shown.draw(0.0);
        if let Some(bar) = &shown.bar {
            bar.reset_eta(); // what was done before took no time of this run
        }
        Self(Some(Arc::new(Mutex::new(shown))), None)
    }

    /// Shows as well how far an epoch is: `rows` counts what was taken since the start, of `n_rows` an epoch.
    pub(crate) fn watch(&mut self, rows: &Arc<AtomicUsize>, n_rows: usize) {
        self.rows_of_epoch(n_rows);
        let Some(shown) = &self.0 else { return };
        let (shown, counted) = (Arc::clone(shown), Arc::clone(rows));
        let (end, is_ended) = channel();
        let thread = std::thread::spawn(move || {
            while is_ended.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
                let taken = counted.load(Ordering::Relaxed).saturating_sub(shown.rows_before);
                let share = (taken as f64 / shown.n_rows.max(1) as f64).min(1.0);
                shown.within(share);
            }
        });
        self.1 = Some(Watch { rows: Arc::clone(rows), end, thread });
    }

    /// Where the epochs that come have another number of rows.
    pub(crate) fn rows_of_epoch(&self, n_rows: usize) {
        if let Some(shown) = &self.0 {
            shown.lock().unwrap_or_else(PoisonError::into_inner).n_rows = n_rows;
        }
    }

    /// After an epoch. The ETA is that of all epochs; training may stop earlier.
    pub(crate) fn epoch(&mut self, epoch: usize, message: impl FnOnce() -> String) {
        let Some(shown) = &self.0 else { return };
        let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.epoch = epoch;
        if let Some(Watch { rows, .. }) = &self.1 {
            shown.rows_before = rows.load(Ordering::Relaxed);
        }
        if let Some(bar) = &shown.bar {
            bar.set_message(message());
            shown.draw(0.0);
        } else if shown.last_line.is_none() || shown.is_silent_for(SECONDS_BETWEEN_LINES) {
            shown.say(0.0, &message());
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(self) {
        if let Some(Watch { end, thread, .. }) = self.1 {
            drop(end);
            let _ = thread.join();
        }
        if let Some(shown) = self.0
            && let Some(bar) = &shown.lock().unwrap_or_else(PoisonError::into_inner).bar
        {
            bar.finish_and_clear();
        }
    }
}

impl Shown {
    /// In the middle of an epoch, of which this share is done.
    fn within(&mut self, share: f64) {
        if self.bar.is_some() {
            self.draw(share);
        } else if self.is_silent_for(SECONDS_WITHIN_EPOCH) && share > 0.0 {
            self.say(share, &format!("{:.0} % of its rows", (100.0 * share).floor()));
        }
    }

    fn draw(&self, share: f64) {
        if let Some(bar) = &self.bar {
            bar.set_prefix(self.counted(share));
            bar.set_position(((self.epoch as f64 + share) * UNITS) as u64);
        }
    }

    fn is_silent_for(&self, seconds: u64) -> bool {
        let since = self.last_line.unwrap_or(self.start.0);
        since.elapsed() >= Duration::from_secs(seconds)
    }

    fn say(&mut self, share: f64, message: &str) {
        let (start, n_before) = self.start;
        let done = self.epoch as f64 + share;
        let done_here = (done - n_before as f64).max(1e-9);
        let left = start.elapsed().as_secs_f64() / done_here * (self.n_epochs as f64 - done);
        say(&format!("{}  {message}  ETA {left:.0} s", self.counted(share)));
        self.last_line = Some(Instant::now());
    }

    /// The epoch that was last, or the one under way of which this share is done.
    fn counted(&self, share: f64) -> String {
        let epoch = self.epoch + usize::from(share > 0.0);
        format!("{} {epoch}/{}", self.unit, self.n_epochs)
    }
}

/// What training on a table says after an epoch.
pub(crate) struct Losses {
    /// When it began, and after how many epochs.
    start: (Instant, usize),
    n_rows: usize,
    /// The lowest watched loss and its epoch.
    best: Option<(f64, usize)>,
}

impl Losses {
    /// For epochs of so many rows, some of them done before.
    pub(crate) fn start(n_rows: usize, n_done: usize) -> Self {
        Self { start: (Instant::now(), n_done), n_rows, best: None }
    }

    /// Both losses, and rows a second.
    pub(crate) fn message(&mut self, report: &EpochReport) -> String {
        let (start, n_before) = self.start;
        let n_rows = (report.epoch - n_before) * self.n_rows;
        let per_second = n_rows as f64 / start.elapsed().as_secs_f64().max(1e-9);
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
