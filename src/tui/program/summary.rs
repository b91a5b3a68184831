//! What is left on the terminal when the screen is gone.

use std::path::Path;

use crate::{
    format::{sanitized, shell_quoted_path},
    locale::in_ascii,
    train::State,
    tui::{app::App, format, session::live::Live},
};

/// A line for a run, if it trained at all.
pub(crate) fn run_line(live: &Live) -> Option<String> {
    let started = live.started.as_ref()?;
    let last = live.last_epoch()?;
    Some(format!(
        "{}  {} of {} epochs  test loss {}  test accuracy {}",
        live.run_name(),
        last.epoch,
        started.spec.hyper.epochs,
        format::loss(last.test_loss).trim(),
        format::share(last.test_accuracy).trim(),
    ))
}

/// Returns the command that resumes the run of this checkpoint, ready to be pasted where this program was started.
pub(crate) fn resume_command(app: &App, checkpoint: &Path) -> String {
    format!("lenet-monitor train --resume {}{}", shell_quoted_path(checkpoint), app.resume_flags)
}

/// Returns the run's summary for stdout: what ran, what came out, where it lies, how to continue.
pub fn summary(app: &App) -> String {
    let text: String = lines(app).iter().map(|line| sanitized(line) + "\n").collect();
    if app.theme.ascii { in_ascii(&text) } else { text }
}

fn lines(app: &App) -> Vec<String> {
    let live = &app.live;
    let mut lines: Vec<String> = app.runs_before.iter().map(|line| format!("before: {line}")).collect();
    let Some(started) = &live.started else {
        lines.push("no run was started".into());
        return lines;
    };
    let hyper = &started.spec.hyper;
    lines.push(format!("{}   {}", app.dataset.id.name, format::hyperparameters(hyper, live.learning_rate)));
    lines.push(result(live, hyper.epochs));
    if let Some(reason) = live.outcome.as_ref().and_then(|outcome| outcome.reason.as_ref()) {
        lines.push(reason.clone());
    }
    if let Some(best) = live.best() {
        let (of, accuracy) = match best.validation {
            Some((_, accuracy)) => ("validation", accuracy),
            None => ("test", best.test_accuracy),
        };
        lines.push(format!("best: epoch {}, {of} accuracy {}", best.epoch, format::share(accuracy).trim()));
    }
    let outcome = live.outcome.as_ref();
    lines.extend(outcome.and_then(|outcome| outcome.loss(true)));
    let path = match outcome {
        Some(outcome) => outcome.checkpoint(),
        None => live.saved.as_deref(),
    };
    if let Some(path) = path {
        lines.push(format!("checkpoint: {}", path.display()));
        if live.epochs_done() < hyper.epochs && live.state != Some(State::Diverged) {
            lines.push(format!("go on with: {}", resume_command(app, path)));
        }
    }
    lines
}

fn result(live: &Live, epochs: u32) -> String {
    let state = match live.state {
        None | Some(State::Training | State::Evaluating | State::Paused) => "left",
        Some(state) => state.name(),
    };
    let (epoch, step, steps) = live.place();
    let done = live.epochs_done();
    let within = if epoch > done && step > 0 {
        format!(", and {} of {} steps", format::grouped(step), format::grouped(steps))
    } else {
        String::new()
    };
    let numbers = live.last_epoch().map_or_else(String::new, |last| {
        let (loss, accuracy) = (format::loss(last.test_loss), format::share(last.test_accuracy));
        format!("   test loss {}   test accuracy {}", loss.trim(), accuracy.trim())
    });
    format!("{state} after {done} of {epochs} epochs{within} in {}{numbers}", format::clock(live.elapsed()))
}
