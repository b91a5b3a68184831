//! Processing the events of the worker and the sweep.

use std::path::Path;

use crate::{
    format::{file_name, path_tail, sanitized, shell_quoted_path},
    sweep::Snapshot,
    train::{Command, Event, Health, Outcome, SaveKind, SavedCheckpoint, Started, State},
    tui::{
        format,
        keys::Action,
        message::{Effect, Intent, Leave, Response},
        screen::Screen,
        session::{Session, live::Live, log::Level, tried::Trial},
    },
};

impl Session {
    pub(crate) fn take_event(&mut self, event: &Event) -> Response {
        match event {
            Event::Started(started) => return self.start(started),
            Event::State(state) => self.live.set_state(*state),
            Event::Progress(progress) => self.live.progress(progress.clone()),
            Event::Recalled(batches) => self.live.recall((**batches).clone()),
            Event::EpochEnded(record) => {
                self.live.epoch_ended((**record).clone());
                self.log.epoch(self.log_time(), record);
            }
            Event::Evaluated { epoch, evaluation } => {
                self.live.evaluated(*epoch, evaluation.clone());
                self.list_mistakes();
            }
            Event::Health(health) => self.take_health(health),
            Event::LearningRateChanged(rate) => {
                self.live.set_learning_rate(*rate);
                self.announce(Level::Good, format!("learning rate {} from the next step on", format::rate(*rate)));
            }
            Event::EpochsChanged(epochs) => {
                if let Some(started) = &mut self.live.started {
                    started.spec.hyper.epochs = *epochs;
                }
                let epochs = format::counted(*epochs, "epoch");
                self.announce(Level::Good, format!("the run now has {epochs} in total"));
            }
            Event::Saved { kind, path } => self.saved(*kind, path),
            Event::SaveFailed { path, reason, kept } => return self.save_failed(path, reason, kept.clone()),
            Event::FolderChanged(folder) => self.live.move_to(folder.clone()),
            Event::Refused { reason } => return self.refused(reason),
            Event::Ended(outcome) => return self.ended((**outcome).clone()).into(),
            Event::Note(text) => self.say(Level::Plain, text.clone()),
            // The screens that asked process the answers.
            Event::Inspected { .. } | Event::Predicted { .. } => {}
        }
        Response::none()
    }

    fn take_health(&mut self, health: &Health) {
        let stalled_before = self.live.stall().is_some();
        self.live.health = Some(health.clone());
        match self.live.stall().map(ToString::to_string) {
            Some(stall) if !stalled_before => self.say(Level::Warn, format!("learns nothing: {stall}")),
            None if stalled_before => self.say(Level::Good, "the run learns"),
            _ => {}
        }
    }

    fn start(&mut self, started: &Started) -> Response {
        self.runs_before.extend(run_line(&self.live));
        self.tried.extend(Trial::of(&self.live));
        self.next = None;
        let done = started.history.last().map_or(0, |record| record.epoch);
        let verb = if done > 0 || started.step > 0 { "resumes" } else { "begins" };
        let what = format::hyperparameters(&started.spec.hyper, started.learning_rate);
        let name = file_name(&started.run_dir);
        let on = &started.spec.dataset.name;
        self.live.start(started.clone());
        self.list_mistakes();
        let mut text = format!("run {name} {verb} on {on}: {what}");
        let mut shorter = vec![format!("run {verb} on {on}")];
        text.extend(started.spec.teacher().map(|teacher| format!(", taught by {teacher}")));
        if let Some(transfer) = &started.spec.transfer {
            text.push_str(&format!(", with {transfer}"));
            let short = transfer.short();
            let all = format!("run {verb} on {on}, {short}{}", transfer.frozen_layers());
            shorter.splice(0..0, [all, format!("run {verb}, {short}")]);
        }
        self.log.say_short(self.log_time(), Level::Plain, text, shorter);
        let resumes = std::mem::take(&mut self.resuming);
        Response {
            effects: resumes.then_some(Effect::Send(Command::Resume)).into_iter().collect(),
            intent: std::mem::take(&mut self.expecting_start).then_some(Intent::Show(Screen::Train)),
        }
    }

    fn refused(&mut self, reason: &str) -> Response {
        self.expecting_start = false;
        self.resuming = false;
        self.attaching = None;
        self.live.pausing = None;
        match self.next.take() {
            // Only now did saving prove impossible.
            Some(next) if self.live.unsaved.is_some() && !self.is_asking && !self.leaving => {
                self.notice = None;
                return Intent::ReplaceUnsaved(next).into();
            }
            _ => self.notify(Level::Bad, reason),
        }
        Response::none()
    }

    /// Reports a failed save. If the user is quitting, asks what to do, unless they have already decided.
    fn save_failed(&mut self, path: &Path, reason: &str, kept: Option<SavedCheckpoint>) -> Response {
        let path = path_tail(&path.display().to_string());
        self.announce(Level::Bad, format!("not saved: {reason} ({path})"));
        let is_first_failure = self.live.unsaved.replace(reason.to_owned()).is_none();
        self.live.kept = kept;
        self.attaching = None;
        if self.leaving && is_first_failure {
            self.leaving = false;
            self.leaves_by = None;
            self.notice = None;
            return Intent::Quit.into();
        }
        Response::none()
    }

    fn saved(&mut self, kind: SaveKind, path: &Path) {
        let text = path.display().to_string();
        if !matches!(kind, SaveKind::Best(_)) {
            self.live.unsaved = None;
        }
        match kind {
            SaveKind::Last => self.log.saved(self.log_time(), "last", &text),
            SaveKind::Best(_) => self.log.saved(self.log_time(), "best", &text),
            SaveKind::ByHand => self.announce(Level::Good, format!("saved {}", path_tail(&text))),
        }
        // A run is resumed from its last state, not from its best.
        if self.live.saved.is_none() || !matches!(kind, SaveKind::Best(_)) {
            self.live.saved = Some(path.to_owned());
        }
    }

    fn ended(&mut self, outcome: Outcome) -> Vec<Effect> {
        let (state, reason) = (outcome.state, outcome.reason.clone());
        let mut effects = Vec::new();
        match &mut self.live.outcome {
            Some(known) if state == State::Stopped => known.update_saved(outcome),
            known => {
                *known = Some(outcome);
                self.live.state = Some(state);
                self.live.pausing = None;
                effects.extend(self.call_about_run());
                let reason = reason.unwrap_or_default();
                match state {
                    State::Diverged | State::Failed => self.say(Level::Bad, format!("{}: {reason}", state.name())),
                    State::Stopped if self.live.unsaved.is_some() => {
                        self.say(Level::Bad, "stopped; the run is not saved");
                    }
                    State::Stopped => self.say(Level::Plain, "stopped; the run is saved"),
                    _ if self.live.stall().is_some() => self.say(Level::Warn, "finished; learnt nothing"),
                    _ => self.say(Level::Good, "finished"),
                }
            }
        }
        if self.sweep.is_paused() && !self.leaving {
            self.announce(
                Level::Warn,
                format!(
                    "the run is over but the sweep is still paused: {} on the Sweep screen resumes it",
                    self.key(Action::PauseOrResume)
                ),
            );
        }
        if self.leaving && matches!(state, State::Stopped | State::Failed) {
            return self.leave_after_run();
        }
        effects
    }

    /// Calls the user, since the run is over. A run that was over when it was loaded is no news.
    fn call_about_run(&self) -> Vec<Effect> {
        let Some(outcome) = self.live.outcome.as_ref() else { return Vec::new() };
        if outcome.state == State::Finished && !self.live.was_trained {
            return Vec::new();
        }
        let accuracy =
            outcome.test_accuracy.map(|accuracy| format!(": test accuracy {}", format::share(accuracy).trim()));
        let what = self.live.in_words().map(|words| format!(" ({words})"));
        self.call([outcome.state.name().to_owned(), accuracy.unwrap_or_default(), what.unwrap_or_default()].concat())
    }

    /// Returns the effects that ring the bell and send a notification, if the user wants that and is not quitting.
    fn call(&self, text: String) -> Vec<Effect> {
        if self.leaving {
            return Vec::new();
        }
        let notification = self.notifies.then(|| Effect::Notify(sanitized(&text).replace(';', ",")));
        self.bell.then_some(Effect::RingBell).into_iter().chain(notification).collect()
    }

    pub(crate) fn worker_gone(&mut self) -> Vec<Effect> {
        self.live.gone = true;
        if self.leaving {
            return self.leave_after_run();
        }
        if let Some(socket) = self.attaching.take() {
            return vec![Effect::Attach(socket)];
        }
        if self.live.outcome.is_none() && self.live.state != Some(State::Stopped) {
            self.live.state = Some(State::Failed);
            self.announce(Level::Bad, "training stopped unexpectedly");
            return self.call("training stopped unexpectedly".into());
        }
        Vec::new()
    }

    pub(crate) fn take_snapshot(&mut self, snapshot: Snapshot) -> Vec<Effect> {
        let known_fault = self.sweep.snapshot.as_ref().and_then(|before| before.fault.clone());
        let was_over = !self.sweep.is_under_way();
        let new_fault = snapshot.fault.clone().filter(|fault| known_fault.as_ref() != Some(fault));
        self.sweep.take_snapshot(snapshot);
        let is_over = !was_over && !self.sweep.is_under_way();
        if let Some(fault) = new_fault {
            self.announce(Level::Bad, fault);
        } else if is_over && !self.leaving {
            let mut text = self.sweep_in_words().to_owned();
            if self.live.state == Some(State::Paused) {
                let resume = self.key(Action::PauseOrResume);
                text += &format!("; the run is still paused: {resume} resumes it");
            }
            self.announce(Level::Good, text);
        }
        if is_over { self.call(self.sweep_in_words().into()) } else { Vec::new() }
    }

    fn sweep_in_words(&self) -> &'static str {
        let is_complete = self.sweep.snapshot.as_ref().is_some_and(Snapshot::is_complete);
        if is_complete { "the sweep is complete" } else { "the sweep has stopped" }
    }

    pub(crate) fn sweep_refused(&mut self, reason: &str) {
        self.sweep.pausing = None;
        self.notify(Level::Bad, reason);
    }

    pub(crate) fn sweep_gone(&mut self) -> Vec<Effect> {
        self.sweep.gone = true;
        if self.leaving && self.live.gone { vec![Effect::Quit(Leave::Key)] } else { Vec::new() }
    }

    /// Returns the command that resumes the run of this checkpoint, ready to be pasted into the shell that started this
    /// program.
    pub(crate) fn resume_command(&self, checkpoint: &Path) -> String {
        format!("lenet-monitor train --resume {}{}", shell_quoted_path(checkpoint), self.resume_flags)
    }
}

/// Returns a summary line for a run, if it completed an epoch.
fn run_line(live: &Live) -> Option<String> {
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
