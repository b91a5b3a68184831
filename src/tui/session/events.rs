//! What the worker's events change.

use std::path::Path;

use crate::{
    train::{Command, Event, Kept, Outcome, SaveKind, Started, State},
    tui::{
        app::App,
        format,
        keys::Action,
        message::Effect,
        question::Prompt,
        screen::Screen,
        screens::{draw as pad, layers},
        session::{log::Level, tried::Tried},
        update::leave_after_run,
    },
};

const SECONDS_BETWEEN_READINGS: u64 = 10;

pub(crate) fn take(app: &mut App, event: Event) -> Vec<Effect> {
    layers::heed(app, &event);
    pad::heed(app, &event);
    match event {
        Event::Started(started) => return start(app, *started),
        Event::State(state) => app.live.set_state(state),
        Event::Progress(progress) => app.live.progress(progress),
        Event::EpochEnded(record) => {
            app.log.epoch(app.seconds_open(), &record);
            app.live.epoch_ended(*record);
        }
        Event::Evaluated { epoch, evaluation } => {
            app.live.evaluated(epoch, evaluation);
            app.browser.list(app.live.evaluation.as_deref());
        }
        Event::LearningRateChanged(rate) => {
            app.live.learning_rate = rate;
            app.editor.rate_changed(rate);
            app.announce(Level::Good, format!("learning rate {} from the next step on", format::rate(rate)));
        }
        Event::EpochsChanged(epochs) => {
            if let Some(started) = &mut app.live.started {
                started.spec.hyper.epochs = epochs;
            }
        }
        Event::Saved { kind, path } => return saved(app, kind, path),
        Event::SaveFailed { path, reason, kept } => return save_failed(app, &path, reason, kept),
        Event::FolderChanged(folder) => app.live.move_to(folder),
        Event::Refused { reason } => {
            app.expecting_start = false;
            app.going_on = false;
            app.live.pausing = None;
            match app.next.take() {
                // It proved impossible to save only now.
                Some(next) if app.live.unsaved.is_some() && app.prompt.is_none() && !app.leaving => {
                    app.notice = None;
                    app.prompt = Some(Prompt::Lose(next));
                }
                _ => app.announce(Level::Bad, reason),
            }
        }
        Event::Inspected { id, activations } => layers::inspected(app, id, activations),
        Event::Predicted { id, probabilities } => pad::predicted(app, id, probabilities),
        Event::Ended(outcome) => return ended(app, *outcome),
        Event::Note(text) => app.say(Level::Plain, text),
    }
    Vec::new()
}

fn start(app: &mut App, started: Started) -> Vec<Effect> {
    if let Some(line) = crate::tui::program::summary::run_line(&app.live) {
        app.runs_before.push(line);
    }
    app.tried.extend(Tried::of(&app.live));
    app.recalled = None;
    app.next = None;
    let mut spec = started.spec.clone();
    spec.hyper.learning_rate = started.learning_rate;
    app.editor.run_started(spec);
    let done = started.history.last().map_or(0, |record| record.epoch);
    let verb = if done > 0 || started.step > 0 { "goes on" } else { "begins" };
    let what = format::hyperparameters(&started.spec.hyper, started.learning_rate);
    let name = crate::format::file_name(&started.run_dir);
    let on = started.spec.dataset.name.clone();
    app.live.start(started);
    app.browser.list(None);
    app.plot.begin();
    app.log.say_short(app.seconds_open(), format!("run {name} {verb} on {on}: {what}"), format!("run {verb} on {on}"));
    if std::mem::take(&mut app.expecting_start) {
        app.screen = Screen::Train;
        app.help = None;
    }
    if std::mem::take(&mut app.going_on) { vec![Effect::Send(Command::Resume)] } else { Vec::new() }
}

/// A save that fails when the user quits leaves them a choice, unless they made it already.
fn save_failed(app: &mut App, path: &Path, reason: String, kept: Option<Kept>) -> Vec<Effect> {
    let path = crate::format::path_tail(&path.display().to_string());
    app.announce(Level::Bad, format!("not saved: {reason} ({path})"));
    let is_news = app.live.unsaved.replace(reason).is_none();
    app.live.kept = kept;
    if app.leaving && is_news {
        app.leaving = false;
        app.notice = None;
        app.prompt = Some(Prompt::Quit);
    }
    Vec::new()
}

fn saved(app: &mut App, kind: SaveKind, path: std::path::PathBuf) -> Vec<Effect> {
    let text = path.display().to_string();
    if !matches!(kind, SaveKind::Best(_)) {
        app.live.unsaved = None;
    }
    match kind {
        SaveKind::Last => app.log.saved(app.seconds_open(), "last", &text),
        SaveKind::Best(_) => app.log.saved(app.seconds_open(), "best", &text),
        SaveKind::ByHand => app.announce(Level::Good, format!("saved {}", crate::format::path_tail(&text))),
    }
    // What goes on exactly is the last state, not the best.
    if app.live.saved.is_none() || !matches!(kind, SaveKind::Best(_)) {
        app.live.saved = Some(path);
    }
    // A folder may hold hundreds of megabytes: it is not read again for each epoch of a second.
    let long_ago = app.now.saturating_sub(app.shelf.asked_at) >= SECONDS_BETWEEN_READINGS;
    if app.screen == Screen::Runs && (kind == SaveKind::ByHand || long_ago) {
        app.list_checkpoints()
    } else {
        Vec::new()
    }
}

fn ended(app: &mut App, outcome: Outcome) -> Vec<Effect> {
    let (state, reason) = (outcome.state, outcome.reason.clone());
    match &mut app.live.outcome {
        Some(known) if state == State::Stopped => known.keep(outcome),
        known => {
            *known = Some(outcome);
            app.live.state = Some(state);
            app.live.pausing = None;
            let reason = reason.unwrap_or_default();
            match state {
                State::Diverged | State::Failed => app.say(Level::Bad, format!("{}: {reason}", state.name())),
                State::Stopped if app.live.unsaved.is_some() => app.say(Level::Bad, "stopped; the run is not saved"),
                State::Stopped => app.say(Level::Plain, "stopped; the run is saved"),
                _ => app.say(Level::Good, "finished"),
            }
        }
    }
    if app.sweep.is_paused() && !app.leaving {
        app.announce(
            Level::Warn,
            format!(
                "the run is over and the sweep still paused: {} on its screen goes on with it",
                app.key(Action::PauseOrResume)
            ),
        );
    }
    if app.leaving && matches!(state, State::Stopped | State::Failed) {
        return leave_after_run(app);
    }
    Vec::new()
}
