//! A program that runs a workload and prints its seconds.

use crate::tree;
use std::io::{Read, Seek};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A program.
pub(crate) struct Program {
    /// In the table.
    pub(crate) name: &'static str,
    /// What to call, the workload's name to follow; the first that knows the workload is taken.
    pub(crate) commands: Vec<Vec<String>>,
    /// What to call for W7, which is timed from start to exit.
    pub(crate) whole: Option<Vec<String>>,
    /// Whether the number of threads is a flag; for others it is in the environment.
    pub(crate) has_threads_flag: bool,
}

/// Seconds of a workload.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) wall: f64,
    pub(crate) processor: f64,
}

impl Program {
    /// Runs a workload once; none where the program does not have it.
    pub(crate) fn times(&self, workload: &str, threads: &Threads) -> Option<Times> {
        self.commands.iter().find_map(|words| {
            let mut command = threads.command(words);
            command.arg(workload);
            if self.has_threads_flag {
                command.args(["--threads", &threads.n.to_string()]);
            }
            refresh_memory();
            let output = command.output().ok().filter(|output| output.status.success())?;
            let line: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
            Some(Times { wall: line["seconds"].as_f64()?, processor: line["cpu_seconds"].as_f64()? })
        })
    }

    /// Seconds of the wall from the start of a process to its exit.
    pub(crate) fn whole(&self, threads: &Threads) -> Option<f64> {
        let mut command = threads.command(self.whole.as_ref()?);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        refresh_memory();
        let start = Instant::now();
        let status = command.status().ok()?;
        status.success().then(|| start.elapsed().as_secs_f64())
    }
}

/// How many threads a program may use.
pub(crate) struct Threads {
    pub(crate) n: usize,
    /// Whether to hold one thread on one core, so that no library can take more.
    is_pinned: bool,
}

impl Threads {
    pub(crate) fn new(n: usize) -> Self {
        Self { n, is_pinned: n == 1 && outcome(Command::new("taskset").args(["-c", "0", "true"])).is_ok() }
    }

    /// A command in the repository's root, told the number of threads in every way that a library listens to.
    pub(crate) fn command(&self, words: &[String]) -> Command {
        let pin: &[&str] = if self.is_pinned { &["taskset", "-c", "0"] } else { &[] };
        let words: Vec<&str> = pin.iter().copied().chain(words.iter().map(String::as_str)).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).current_dir(tree::root());
        for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"] {
            command.env(name, self.n.to_string());
        }
        // The first word begins with two dashes, or XLA takes the whole for the name of a file.
        let flags =
            format!("--xla_cpu_multi_thread_eigen={} intra_op_parallelism_threads={}", self.n > 1, self.n);
        command.env("XLA_FLAGS", flags);
        // What a machine says of its processor to one library would slow that one alone.
        command.env_remove("OPENBLAS_CORETYPE").env_remove("OPENBLAS_L2_SIZE");
        command
    }
}

/// Free memory that the system has at hand. A virtual machine gives what is free back to its host, and a program that then takes it waits
/// for the host, 2 ms a MB: some programs once their clock runs, others before, and some rounds more than others.
fn refresh_memory() {
    // Where it fails, programs wait, as they do without it.
    let _ = Command::new(tree::root().join("target/release/glassnet-bench")).arg("memory").output();
}

/// Runs a command to its end and keeps its output.
///
/// # Errors
/// When it does not run or fails, with the first line that it printed as an error, or else the last line.
pub(crate) fn outcome(command: &mut Command) -> Result<Output, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    successful(&name, output)
}

/// As [`outcome`], with the most memory that the process held, in bytes, where the system tells it.
///
/// # Errors
/// As [`outcome`].
pub(crate) fn outcome_and_peak(command: &mut Command) -> Result<(Output, Option<f64>), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let failed = |error: std::io::Error| format!("{name}: {error}");
    // Files, since a pipe that nobody reads would hold the process.
    let mut files = [tempfile::tempfile().map_err(failed)?, tempfile::tempfile().map_err(failed)?];
    let copy = |file: &std::fs::File| file.try_clone().map(Stdio::from).map_err(failed);
    command.stdout(copy(&files[0])?).stderr(copy(&files[1])?);
    let mut child = command.spawn().map_err(failed)?;
    let mut peak = None;
    let status = loop {
        peak = peak_bytes(child.id()).or(peak);
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let [stdout, stderr] = files.each_mut().map(|file| {
        let mut bytes = Vec::new();
        file.rewind().and_then(|()| file.read_to_end(&mut bytes)).map(|_| bytes)
    });
    let output = Output { status, stdout: stdout.map_err(failed)?, stderr: stderr.map_err(failed)? };
    successful(&name, output).map(|output| (output, peak))
}

/// Linux calls it `VmHWM`; it only grows, so that the last look before the end tells it.
fn peak_bytes(process: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok().map(|kilobytes| kilobytes * 1024.0)
}

fn successful(name: &str, output: Output) -> Result<Output, String> {
    if output.status.success() {
        return Ok(output);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let is_error = |line: &&str| line.to_lowercase().starts_with("error");
    let last = || errors.lines().rfind(|line| !line.trim().is_empty());
    let reason = errors.lines().find(is_error).or_else(last).unwrap_or_default().trim();
    Err(if reason.is_empty() { format!("{name}: {}", output.status) } else { reason.to_owned() })
}
