//! `glassnet lesson`: a lesson, run live.

use crate::args::LessonArgs;
use crate::failure::{Failure, Result};
use crate::output;
use crate::progress::say;
use glassnet_lessons::lesson::{Lesson, all, named};
use glassnet_lessons::run::Run;
use std::fmt::Write;
use std::io::IsTerminal;

/// Epochs between two looks at the progress.
const EPOCHS: usize = 500;

pub(crate) fn run(args: &LessonArgs) -> Result<()> {
    let names: Vec<&str> = all().iter().map(|lesson| lesson.name).collect();
    let Some(name) = &args.name else {
        return output::text(&format!("{}\n", names.join("\n")));
    };
    let Some(lesson) = named(name) else {
        return Err(Failure::Call(format!("no lesson `{name}`; there are {}", names.join(", "))));
    };
    let outcome = advance(lesson);
    if args.json {
        return output::json(&outcome.numbers);
    }
    let mut text = format!("{:#}\n\n", outcome.numbers);
    for goal in &outcome.goals {
        let mark = if goal.is_met { "✓" } else { "✗" };
        let _ = writeln!(text, "{mark} {}", goal.name.replace('_', " "));
    }
    output::text(&text)
}

fn advance(lesson: &Lesson) -> glassnet_lessons::run::Outcome {
    let mut run = Run::start(lesson);
    let is_live = std::io::stderr().is_terminal();
    while let Some(progress) = run.advance(EPOCHS) {
        if is_live && progress.epoch % 20_000 == 0 {
            say(&format!("epoch {} of {}, loss {:.5}", progress.epoch, progress.n_epochs, progress.loss));
        }
    }
    run.finish()
}
