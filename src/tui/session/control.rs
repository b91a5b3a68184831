//! What the user can do with the run and the sweep: commands to the worker and the sweep.

use std::path::{Path, PathBuf};

use crate::{
    format::shown,
    sweep::SweepCommand,
    train::{Command, RunSpec, State},
    tui::{
        keys::Action,
        message::{Effect, Export, Intent, Leave, NextRun, NotWritten, Response, Writing},
        screen::Screen,
        session::{Session, log::Level},
    },
};

impl Session {
    /// Sends a command to the worker, or reports that there is none.
    pub(crate) fn send(&mut self, command: Command) -> Vec<Effect> {
        if self.live.gone {
            let text = if self.has_run() {
                format!("training has ended; quit with {} and continue with --resume", self.key(Action::Quit))
            } else {
                format!(
                    "there is no run yet: {} on the Parameters screen starts one",
                    self.keymap.first_key(Action::Restart)
                )
            };
            self.notify(Level::Warn, text);
            return Vec::new();
        }
        vec![Effect::Send(command)]
    }

    /// Sends a command that only a run which can be trained can carry out. A finished run is extended.
    pub(crate) fn send_to_trainable(&mut self, command: Command) -> Vec<Effect> {
        if !self.live.can_train() {
            let state = self.live.state.map_or("over", State::name);
            let (new, load) = (self.key(Action::Show(Screen::Parameters)), self.key(Action::Show(Screen::Runs)));
            self.notify(Level::Warn, format!("the run is {state}: {new} starts a new one, {load} loads a checkpoint"));
            return Vec::new();
        }
        let extends = self.live.state == Some(State::Finished) && !matches!(command, Command::SetLearningRate(_));
        let mut effects = if extends { self.pause_sweep_for_run() } else { Vec::new() };
        effects.extend(self.send(command));
        effects
    }

    /// Pauses or resumes the run, or trains a finished one for another epoch.
    pub(crate) fn pause_or_resume(&mut self) -> Vec<Effect> {
        let pause = match self.live.pausing {
            Some(pausing) => !pausing,
            None => !matches!(self.live.state, Some(State::Paused | State::Finished)),
        };
        let effects = self.send_to_trainable(if pause { Command::Pause } else { Command::Resume });
        if !effects.is_empty() {
            self.live.pausing = Some(pause);
        }
        effects
    }

    /// Begins a new run in place of the current one. One that began with the weights of another run does so again,
    /// unless it has another network. Without a teacher of its own, a run whose teacher has a weight learns from the
    /// marked runs.
    pub(crate) fn begin(&mut self, mut spec: RunSpec) -> Response {
        if let Some(transfer) = spec.transfer.take_if(|transfer| transfer.network != spec.hyper.network) {
            let network = transfer.network;
            let text = format!("the run begins with random weights: {transfer} fit only {network}");
            self.notify(Level::Warn, text);
        }
        if spec.teacher.is_none() && spec.hyper.teacher_weight > 0.0 {
            spec.teacher = self.library.teacher();
        }
        let spec = Box::new(spec);
        let (start, command) = (Effect::Start(spec.clone()), Command::Restart(spec));
        self.replace_run(NextRun { command, start, rate: None, resumes: false })
    }

    /// Loads a checkpoint in place of the current run.
    pub(crate) fn load(&mut self, path: PathBuf, resumes: bool) -> Response {
        self.replace_run(loaded(path, None, resumes))
    }

    /// Loads the last good checkpoint, or restarts the same run if there is none. After a divergence, lowers its
    /// learning rate. A run that learns nothing is restarted with what may help.
    pub(crate) fn recover(&mut self) -> Response {
        if !self.live.can_recover() {
            self.notify(
                Level::Warn,
                "there is nothing to recover from: the run has neither diverged nor failed, and it learns",
            );
            return Response::none();
        }
        if let (Some((hyper, _)), Some(started)) = (self.live.remedy(), &self.live.started) {
            return self.begin(RunSpec { hyper, ..started.spec.clone() });
        }
        let lower_rate = (self.live.state == Some(State::Diverged)).then(|| self.live.lower_rate());
        if let Some(path) = self.live.outcome.as_ref().and_then(|outcome| outcome.checkpoint().map(Path::to_owned)) {
            return self.replace_run(loaded(path, lower_rate, false));
        }
        let Some(started) = &self.live.started else { return Response::none() };
        let mut spec = started.spec.clone();
        spec.hyper.learning_rate = lower_rate.unwrap_or(self.live.learning_rate);
        self.begin(spec)
    }

    /// Replaces the current run, after asking if it would be lost.
    fn replace_run(&mut self, next: NextRun) -> Response {
        if self.live.unsaved.is_some() {
            return Intent::ReplaceUnsaved(Box::new(next)).into();
        }
        self.replace_run_now(next, false).into()
    }

    /// Replaces the current run without asking: by way of the worker, or of a new worker if there is none, as at first
    /// beside a sweep, or after a failure.
    pub(crate) fn replace_run_now(&mut self, next: NextRun, abandons: bool) -> Vec<Effect> {
        let mut effects = self.pause_sweep_for_run();
        (self.expecting_start, self.resuming) = (true, next.resumes);
        self.next = (!abandons).then(|| Box::new(next.clone()));
        if self.live.gone || self.live.state == Some(State::Failed) {
            self.live.expect_worker();
            // The new worker is this process's own.
            self.attachment = None;
            effects.push(next.start);
        } else {
            effects.extend(abandons.then_some(Effect::Send(Command::Abandon)));
            effects.push(Effect::Send(next.command));
        }
        effects.extend(next.rate.map(|rate| Effect::Send(Command::SetLearningRate(rate))));
        effects
    }

    /// Pauses or resumes the sweep. Returns `None` if no sweep is in progress.
    pub(crate) fn pause_or_resume_sweep(&mut self) -> Option<Vec<Effect>> {
        if !self.sweep.is_under_way() {
            return None;
        }
        let pause = !self.sweep.is_paused();
        self.sweep.pausing = Some(pause);
        Some(vec![Effect::SendToSweep(if pause { SweepCommand::Pause } else { SweepCommand::Resume })])
    }

    /// Pauses the sweep, so that a full training run has the processor to itself.
    fn pause_sweep_for_run(&mut self) -> Vec<Effect> {
        if !self.sweep.is_under_way() || self.sweep.is_paused() {
            return Vec::new();
        }
        self.sweep.pausing = Some(true);
        self.announce(
            Level::Warn,
            format!(
                "the sweep is paused for this run: {} on the Sweep screen resumes it",
                self.key(Action::PauseOrResume)
            ),
        );
        vec![Effect::SendToSweep(SweepCommand::Pause)]
    }

    /// Evaluates those of the saved runs on the test images that were not evaluated since they were saved.
    pub(crate) fn evaluate(&mut self, runs: &[PathBuf]) -> Vec<Effect> {
        let requested = self.library.request_evaluation(runs);
        requested.into_iter().map(|(run, file)| Effect::Evaluate { run, file }).collect()
    }

    /// Writes the report of a run's file or a sweep's table.
    pub(crate) fn write_report(&mut self, source: PathBuf) -> Effect {
        self.notify(Level::Plain, format!("writing the report of {}", shown(&source)));
        Effect::Write(Writing::Report(source))
    }

    pub(crate) fn report_written(&mut self, result: Result<PathBuf, NotWritten>) {
        match result {
            Ok(page) => self.announce(Level::Good, format!("report written: {}", page.display())),
            Err(NotWritten::Exists(path)) => self.announce(Level::Bad, format!("no report: {} exists", shown(&path))),
            Err(NotWritten::Failed(reason)) => self.announce(Level::Bad, format!("no report: {reason}")),
        }
    }

    /// Exports a checkpoint for other programs.
    pub(crate) fn export(&mut self, export: Export) -> Effect {
        self.notify(Level::Plain, format!("exporting to {}", shown(&export.to)));
        Effect::Write(Writing::Export(export))
    }

    /// Stops everything and closes the screen immediately. A run of another process continues.
    pub(crate) fn leave(&self, leave: Leave) -> Vec<Effect> {
        let mut effects = self.stop_all();
        let is_attached = self.is_attached() || self.sweep.is_attached();
        effects.push(Effect::Quit(if is_attached { Leave::Detached } else { leave }));
        effects
    }

    /// Has the run saved and the sweep interrupted, to continue them in the background once the screen has closed.
    pub(crate) fn detach(&mut self) -> Vec<Effect> {
        self.leaving = true;
        self.leaves_by = Some(Leave::Detach);
        if self.has_own_run() {
            return vec![Effect::Send(Command::StopIfSaved)];
        }
        self.stop_all().into_iter().chain([Effect::Quit(Leave::Detach)]).collect()
    }

    /// Stops the sweep of this process, if there is one, and closes the screen. Called once the run has ended: only then
    /// is its result certain.
    pub(crate) fn leave_after_run(&self) -> Vec<Effect> {
        let leave = self.leaves_by.unwrap_or(Leave::Key);
        self.stop_sweep().into_iter().chain([Effect::Quit(leave)]).collect()
    }

    fn stop_sweep(&self) -> Option<Effect> {
        let is_here = self.sweep.sweeping.is_some() && !self.sweep.gone && self.sweep.attachment.is_none();
        is_here.then_some(Effect::SendToSweep(SweepCommand::Interrupt))
    }

    pub(crate) fn stop_all(&self) -> Vec<Effect> {
        let sweep = self.stop_sweep();
        // Harmless to a worker that has ended.
        let has_only_sweep = !self.has_run() && (sweep.is_some() || self.sweep.is_attached());
        let stops_run = !has_only_sweep && !self.is_attached();
        let run = stops_run.then_some(Effect::Send(Command::Stop));
        run.into_iter().chain(sweep).collect()
    }
}

fn loaded(path: PathBuf, rate: Option<f32>, resumes: bool) -> NextRun {
    NextRun { command: Command::Load(path.clone()), start: Effect::StartFrom(path), rate, resumes }
}
