//! Tables of ratios. Every round runs each workload by each program once, so that a machine whose speed drifts slows all alike; what
//! counts is the ratio of medians.

use super::floor::{Floor, Machine};
use super::peers;
use super::program::{Program, Threads};
use super::{build, median, readable};

const WORKLOADS: [&str; 11] = ["W1", "W2", "W2x1000", "W3", "W3a", "W4", "W5", "W6a", "W6b", "W6c", WHOLE];
/// From the start of a process to its exit; short, so that it is run more often.
const WHOLE: &str = "W7";
const WHOLE_RUNS: usize = 3;

/// A workload's medians, program by program.
struct Row {
    workload: &'static str,
    seconds: Vec<Option<f64>>,
    floor: Option<Floor>,
}

/// Runs every workload so many times with each program that is there, and prints two tables.
///
/// # Errors
/// When our own programs cannot be built or run.
pub(crate) fn run(n_rounds: usize, n_threads: usize) -> Result<(), String> {
    build()?;
    let programs = peers::all();
    let threads = Threads::new(n_threads);
    let mut machine = Machine::measured()?;
    let mut seconds = vec![vec![Vec::new(); programs.len()]; WORKLOADS.len()];
    for round in 0..n_rounds {
        for (place, workload) in WORKLOADS.into_iter().enumerate() {
            eprintln!("round {}: {workload} …", round + 1);
            for (program, seconds) in programs.iter().zip(&mut seconds[place]) {
                seconds.extend(measure(program, workload, &threads));
            }
            if place % n_rounds == round {
                machine = machine.or(&Machine::measured()?);
            }
        }
    }
    let row = |(workload, seconds): (_, Vec<_>)| Row {
        workload,
        seconds: seconds.into_iter().map(median).collect(),
        floor: None,
    };
    let mut rows: Vec<Row> = WORKLOADS.into_iter().zip(seconds).map(row).collect();
    let chain = programs.iter().position(|program| program.name == "C loop");
    for row in &mut rows {
        row.floor = machine.floor(row.workload, n_threads, chain.and_then(|place| row.seconds[place]));
    }
    let clock = if n_threads == 1 {
        "processor seconds on one thread".to_owned()
    } else {
        format!("seconds of the wall on {n_threads} threads")
    };
    println!("{clock}, of {WHOLE} seconds of the wall from start to exit; medians of {n_rounds} rounds\n");
    println!("{}", machine.line());
    if let Some(crossings) = machine.crossings().filter(|_| n_threads > 1) {
        println!("{crossings}");
    }
    print_floors(&rows);
    print_peers(&rows, &programs);
    Ok(())
}

/// One thread is held by its processor seconds, which a busy machine disturbs least; more by seconds of the wall.
fn measure(program: &Program, workload: &str, threads: &Threads) -> Vec<f64> {
    if workload == WHOLE {
        return (0..WHOLE_RUNS).filter_map(|_| program.whole(threads)).collect();
    }
    let times = program.times(workload, threads);
    times.map(|times| if threads.n == 1 { times.processor } else { times.wall }).into_iter().collect()
}

fn print_floors(rows: &[Row]) {
    println!("\n| workload | glassnet | floor | floor ÷ glassnet | what rules the floor |");
    println!("|---|---|---|---|---|");
    for Row { workload, seconds, floor } in rows {
        let ours = seconds[0].map_or("–".into(), readable);
        let (least, share, ruler) = match floor {
            Some(floor) => {
                let share = seconds[0].map_or("–".into(), |ours| format!("{:.2}", floor.seconds / ours));
                (readable(floor.seconds), share, floor.ruler.clone())
            }
            None => ("–".into(), "–".into(), "–".into()),
        };
        println!("| {workload} | {ours} | {least} | {share} | {ruler} |");
    }
}

fn print_peers(rows: &[Row], programs: &[Program]) {
    let names: Vec<&str> = programs.iter().map(|program| program.name).collect();
    println!("\nin brackets how many times as long as glassnet\n");
    println!("| workload | {} |", names.join(" | "));
    println!("|---|{}", "---|".repeat(programs.len()));
    for Row { workload, seconds, .. } in rows {
        let cell = |time: &Option<f64>| match (*time, seconds[0]) {
            (Some(time), Some(ours)) => format!("{} ({:.2})", readable(time), time / ours),
            (Some(time), None) => readable(time),
            (None, _) => "–".into(),
        };
        println!("| {workload} | {} |", seconds.iter().map(cell).collect::<Vec<_>>().join(" | "));
    }
}
