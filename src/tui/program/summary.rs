//! Summary of a run, printed after the screen has closed.

use crate::{
    format::sanitized,
    locale::in_ascii,
    train::State,
    tui::{
        format,
        session::{Session, attachment::attach_command, live::Live},
    },
};

/// Returns the run's summary for stdout: settings, result, checkpoint, and how to continue.
pub fn summary(session: &Session) -> String {
    text(session, &lines(session))
}

/// Returns the summary of a background run that continues: how to attach to it.
pub(super) fn farewell(session: &Session) -> String {
    let mut lines = earlier(session);
    let (name, command) = (session.live.run_name(), session.attach_command());
    lines.push(format!("{name} continues in the background; attach with: {command}"));
    text(session, &lines)
}

/// Returns the summary of a background sweep that continues; empty if there is none.
pub(super) fn sweep_farewell(session: &Session) -> String {
    let name = session.sweep.name().filter(|_| session.sweep.is_attached());
    let line = name.map(|name| {
        let command = attach_command(&name);
        format!("the sweep into {name} continues in the background; attach with: {command}")
    });
    text(session, line.as_slice())
}

fn text(session: &Session, lines: &[String]) -> String {
    let text: String = lines.iter().map(|line| sanitized(line) + "\n").collect();
    if session.theme.ascii { in_ascii(&text) } else { text }
}

fn earlier(session: &Session) -> Vec<String> {
    session.runs_before.iter().map(|line| format!("earlier: {line}")).collect()
}

fn lines(session: &Session) -> Vec<String> {
    let live = &session.live;
    let mut lines = earlier(session);
    let Some(started) = &live.started else {
        lines.push("no run was started".into());
        return lines;
    };
    let hyper = &started.spec.hyper;
    lines.push(format!("{}   {}", session.dataset.id.name, format::hyperparameters(hyper, live.learning_rate)));
    lines.push(result(live, hyper.epochs));
    if let Some(reason) = live.outcome.as_ref().and_then(|outcome| outcome.reason.as_ref()) {
        lines.push(reason.clone());
    }
    lines.extend(live.stall().map(|stall| format!("the run learns nothing: {stall}")));
    if let Some(best) = live.best() {
        let (of, accuracy) = match best.validation {
            Some((_, accuracy)) => ("validation", accuracy),
            None => ("test", best.test_accuracy),
        };
        lines.push(format!("best: epoch {}, {of} accuracy {}", best.epoch, format::share(accuracy).trim()));
    }
    let outcome = live.outcome.as_ref();
    lines.extend(outcome.and_then(|outcome| outcome.unsaved_warning(true)));
    let path = match outcome {
        Some(outcome) => outcome.checkpoint(),
        None => live.saved.as_deref(),
    };
    if let Some(path) = path {
        lines.push(format!("checkpoint: {}", path.display()));
        if live.epochs_done() < hyper.epochs && live.state != Some(State::Diverged) {
            lines.push(format!("continue with: {}", session.resume_command(path)));
        }
    }
    lines
}

fn result(live: &Live, epochs: u32) -> String {
    let state = match live.state {
        None | Some(State::Training | State::Evaluating | State::Paused) => "quit",
        Some(state) => state.name(),
    };
    let (epoch, step, steps) = live.place();
    let done = live.epochs_done();
    let within = if epoch > done && step > 0 {
        format!(" and {} of {} steps", format::grouped(step), format::grouped(steps))
    } else {
        String::new()
    };
    let numbers = live.last_epoch().map_or_else(String::new, |last| {
        let (loss, accuracy) = (format::loss(last.test_loss), format::share(last.test_accuracy));
        format!("   test loss {}   test accuracy {}", loss.trim(), accuracy.trim())
    });
    format!("{state} after {done} of {epochs} epochs{within} in {}{numbers}", format::clock(live.elapsed()))
}
