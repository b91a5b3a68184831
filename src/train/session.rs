//! The worker's loop: trains a run, executes commands, and replaces the run by another one.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};

use crossbeam_channel::{Receiver, TryRecvError};

use super::{
    CannotRun, Command, Continuation, EpochRecord, Evaluation, Event, LastOutcome, Outbox, Outcome, RunSpec, SaveKind,
    Start, State, WorkerOptions,
    evaluation::Pass,
    meter::Meter,
    run::{Run, new_run, read, resumed_run},
    trainer::{Advance, Divergence, StepDone},
};
use crate::data::{Dataset, PIXELS};

/// Whether the run is training, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Train this many steps or epochs, then pause. `None`: to the end of the run.
    Running {
        steps: Option<u32>,
        epochs: Option<u32>,
    },
    Paused,
    Finished,
    Diverged,
}

const RUNNING: Mode = Mode::Running { steps: None, epochs: None };

pub(super) struct Session<'a> {
    dataset: Arc<Dataset>,
    options: WorkerOptions,
    outbox: &'a Outbox,
    last_outcome: &'a LastOutcome,
    run: Run,
    mode: Mode,
    state: State,
    meter: Meter,
    /// Whether the next `Restart` or `Load` may discard the run if it cannot be saved.
    is_abandoned: bool,
    /// Repeated evaluation of a loaded run, with all predictions, done while there is nothing else to do.
    reevaluation: Option<Pass>,
}

impl<'a> Session<'a> {
    /// Starts or resumes the run, and announces it.
    ///
    /// # Errors
    /// If the run is not possible.
    pub(super) fn begin(
        dataset: Arc<Dataset>,
        start: Start,
        options: WorkerOptions,
        outbox: &'a Outbox,
        last_outcome: &'a LastOutcome,
    ) -> Result<Self, String> {
        let (run, mode) = match start {
            Start::New(spec) => (new_run(&dataset, *spec, &options)?, RUNNING),
            Start::Resume { checkpoint, path } => (resumed_run(&dataset, *checkpoint, &path, &options, None)?, RUNNING),
            Start::Load(path) => {
                let (checkpoint, path) = read(&dataset, &path)?;
                (resumed_run(&dataset, checkpoint, &path, &options, None)?, Mode::Paused)
            }
        };
        let mut session = Self {
            dataset,
            options,
            outbox,
            last_outcome,
            run,
            mode,
            state: State::Training,
            meter: Meter::new(),
            is_abandoned: false,
            reevaluation: None,
        };
        session.announce(mode);
        Ok(session)
    }

    /// Trains and executes commands until `Stop`.
    pub(super) fn run(mut self, commands: &Receiver<Command>) {
        loop {
            match self.next_command(commands) {
                Some(command) => {
                    if self.execute(command).is_break() {
                        return;
                    }
                }
                None => self.work(),
            }
        }
    }

    /// Returns the next command. Waits for one only if there is nothing else to do.
    fn next_command(&self, commands: &Receiver<Command>) -> Option<Command> {
        if !matches!(self.mode, Mode::Running { .. }) && self.reevaluation.is_none() {
            return Some(commands.recv().unwrap_or(Command::Stop));
        }
        match commands.try_recv() {
            Ok(command) => Some(command),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Command::Stop),
        }
    }

    fn execute(&mut self, command: Command) -> ControlFlow<()> {
        match command {
            Command::Pause => self.pause(),
            Command::Resume => self.train(RUNNING),
            Command::RunSteps(0) | Command::RunEpochs(0) => {
                self.refuse("expected at least 1 step or epoch to run, found 0")
            }
            Command::RunSteps(steps) => self.train(Mode::Running { steps: Some(steps), epochs: None }),
            Command::RunEpochs(epochs) => self.train(Mode::Running { steps: None, epochs: Some(epochs) }),
            Command::SetLearningRate(rate) => self.set_learning_rate(rate),
            Command::SetEpochs(epochs) => self.set_epochs(epochs),
            Command::Restart(spec) => self.restart(*spec),
            Command::Save => self.save_by_hand(),
            Command::SaveIn(checkpoint_dir) => self.save_in(checkpoint_dir),
            Command::Load(path) => self.load(&path),
            Command::Abandon => self.is_abandoned = true,
            Command::Predict { id, pixels } => self.predict(id, &pixels),
            Command::Inspect { id, pixels } => self.inspect(id, &pixels),
            Command::StopIfSaved => return self.stop_if_saved(),
            Command::Stop => {
                self.stop();
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self) {
        if let Mode::Running { .. } = self.mode {
            self.mode = Mode::Paused;
            self.report();
        }
        // Posted even if nothing changes: the sender of the command waits for a response.
        self.post_state(self.resting_state());
    }

    /// Trains in this mode. Extends the run by the epochs that the mode needs, if the run is finished or epochs were
    /// requested.
    fn train(&mut self, mode: Mode) {
        if self.mode == Mode::Diverged {
            return self.refuse(DIVERGED);
        }
        let trainer = &self.run.trainer;
        let needed = match mode {
            Mode::Running { epochs: Some(epochs), .. } => epochs,
            _ if !trainer.is_finished() => 0,
            Mode::Running { steps: Some(steps), .. } => steps.div_ceil(trainer.steps_per_epoch()),
            _ => 1,
        };
        let until = trainer.position().epoch.saturating_add(needed);
        if until > trainer.spec().hyper.epochs
            && let Err(error) = self.change_epochs(until)
        {
            return self.refuse(error);
        }
        self.mode = mode;
        self.reevaluation = None;
        self.post_state(self.working_state());
    }

    /// Sets the total number of epochs. A finished run that is extended trains, as if it had been longer from the start.
    fn set_epochs(&mut self, epochs: u32) {
        if self.mode == Mode::Diverged {
            return self.refuse(DIVERGED);
        }
        if let Err(error) = self.change_epochs(epochs) {
            return self.refuse(error);
        }
        match (self.mode, self.run.trainer.is_finished()) {
            (Mode::Finished, false) => self.train(RUNNING),
            (Mode::Running { .. } | Mode::Paused, true) => {
                self.save(&[SaveKind::Last]);
                self.finish();
            }
            _ => {}
        }
    }

    fn change_epochs(&mut self, epochs: u32) -> Result<(), CannotRun> {
        self.run.trainer.set_epochs(epochs)?;
        self.run.is_dirty = true;
        self.outbox.post(Event::EpochsChanged(epochs));
        Ok(())
    }

    fn set_learning_rate(&mut self, rate: f32) {
        if self.mode == Mode::Diverged {
            return self.refuse(DIVERGED);
        }
        match self.run.trainer.set_learning_rate(rate) {
            Ok(()) => {
                self.run.is_dirty = true;
                self.outbox.post(Event::LearningRateChanged(rate));
            }
            Err(error) => self.refuse(error),
        }
    }

    fn restart(&mut self, spec: RunSpec) {
        let is_abandoned = std::mem::take(&mut self.is_abandoned);
        // Checked before anything changes.
        if let Err(error) = spec.check(&self.dataset) {
            return self.refuse(error);
        }
        if !self.save_before_leaving(is_abandoned) {
            return;
        }
        match new_run(&self.dataset, spec, &self.options) {
            Ok(run) => {
                self.run = run;
                self.announce(RUNNING);
            }
            Err(error) => self.refuse(error),
        }
    }

    fn load(&mut self, path: &Path) {
        let is_abandoned = std::mem::take(&mut self.is_abandoned);
        let (checkpoint, path) = match read(&self.dataset, path) {
            Ok(read) => read,
            Err(reason) => return self.refuse(reason),
        };
        // Saved only now: the file may be this run's own `last.ckpt`.
        if !self.save_before_leaving(is_abandoned) {
            return;
        }
        match resumed_run(&self.dataset, checkpoint, &path, &self.options, Some(&mut self.run.folder)) {
            Ok(run) => {
                self.run = run;
                self.announce(Mode::Paused);
            }
            Err(error) => self.refuse(error),
        }
    }

    /// Saves the run, and returns whether it may be left: it is saved, or need not be.
    fn save_before_leaving(&mut self, is_abandoned: bool) -> bool {
        self.ensure_saved();
        let may_leave = !self.run.is_dirty || self.run.trainer.has_diverged() || is_abandoned;
        if !may_leave {
            self.refuse("the current run could not be saved, so it was kept");
        }
        may_leave
    }

    fn predict(&mut self, id: u64, pixels: &[u8; PIXELS]) {
        match self.run.trainer.predict(pixels) {
            Some(probabilities) => {
                self.outbox.post(Event::Predicted { id, probabilities });
            }
            None => self.refuse(DIVERGED),
        }
    }

    fn inspect(&mut self, id: u64, pixels: &[u8; PIXELS]) {
        match self.run.trainer.inspect(pixels) {
            Some(activations) => {
                self.outbox.post(Event::Inspected { id, activations });
            }
            None => self.refuse(DIVERGED),
        }
    }

    fn save_by_hand(&mut self) {
        if self.mode == Mode::Diverged {
            return self.refuse(DIVERGED);
        }
        self.save(&[SaveKind::ByHand]);
    }

    fn save_in(&mut self, checkpoint_dir: PathBuf) {
        if self.mode == Mode::Diverged {
            return self.refuse(DIVERGED);
        }
        if self.run.save_in(&checkpoint_dir, self.outbox) {
            self.options.checkpoint_dir = checkpoint_dir;
        }
        self.last_outcome.set(self.outcome());
    }

    fn stop_if_saved(&mut self) -> ControlFlow<()> {
        self.ensure_saved();
        if self.run.unsaved.is_some() && !self.run.trainer.has_diverged() {
            return ControlFlow::Continue(());
        }
        self.stop();
        ControlFlow::Break(())
    }

    fn stop(&mut self) {
        self.last_outcome.set_continuation(match self.mode {
            Mode::Running { .. } => Some(Continuation::Training),
            Mode::Paused => Some(Continuation::Paused),
            Mode::Finished | Mode::Diverged => None,
        });
        self.report();
        self.ensure_saved();
        self.post_state(State::Stopped);
        self.end(State::Stopped, None);
    }

    /// Trains a batch, or evaluates a slice.
    fn work(&mut self) {
        if let Some(mut pass) = self.reevaluation.take() {
            self.run.trainer.advance_reevaluation(&mut pass);
            if pass.is_done() {
                let epoch = self.run.trainer.position().epoch;
                self.post_evaluation(epoch, pass.finish());
            } else {
                self.reevaluation = Some(pass);
            }
            return;
        }
        match self.run.trainer.advance() {
            Ok(Advance::Step(step)) => self.after_step(&step),
            Ok(Advance::Slice) => {}
            Ok(Advance::EpochEnded { record, evaluation, health, is_best }) => {
                self.outbox.post(Event::Health(Box::new(health)));
                self.after_epoch(record, evaluation, is_best);
            }
            Err(divergence) => self.diverge(&divergence),
        }
    }

    fn after_step(&mut self, step: &StepDone) {
        self.run.is_dirty = true;
        self.meter.add(step);
        let Mode::Running { steps, epochs } = self.mode else { return };
        let steps = steps.map(|steps| steps - 1);
        self.mode = Mode::Running { steps, epochs };
        // If the last of the requested steps ends an epoch, its evaluation is done before the pause.
        let is_evaluating = self.run.trainer.is_evaluating();
        if self.meter.is_due() || steps == Some(0) || is_evaluating {
            self.report();
        }
        if is_evaluating {
            self.post_state(State::Evaluating);
        } else if steps == Some(0) {
            self.pause();
        }
    }

    fn after_epoch(&mut self, record: EpochRecord, evaluation: Arc<Evaluation>, is_best: bool) {
        self.run.is_dirty = true;
        self.outbox.post(Event::Evaluated { epoch: record.epoch, evaluation });
        self.outbox.post(Event::EpochEnded(Box::new(record)));
        let kinds = [SaveKind::Last, SaveKind::Best(self.run.trainer.chosen_by())];
        self.save(if is_best { &kinds } else { &kinds[..1] });
        let Mode::Running { steps, epochs } = self.mode else { return };
        let early_stop = self.run.trainer.early_stop();
        // A requested number of epochs is trained in any case.
        if self.run.trainer.is_finished() && (early_stop.is_none() || epochs.is_none_or(|epochs| epochs == 1)) {
            if let Some(reason) = early_stop {
                self.outbox.post(Event::Note(reason.to_string()));
            }
            return self.finish();
        }
        let epochs = epochs.map(|epochs| epochs - 1);
        if steps == Some(0) || epochs == Some(0) {
            return self.pause();
        }
        self.mode = Mode::Running { steps, epochs };
        self.post_state(State::Training);
    }

    fn finish(&mut self) {
        self.mode = Mode::Finished;
        // A failed save has just been reported.
        if !self.run.is_dirty {
            self.ensure_saved();
        }
        self.post_state(State::Finished);
        self.end(State::Finished, None);
    }

    fn diverge(&mut self, divergence: &Divergence) {
        self.mode = Mode::Diverged;
        self.report();
        let kept = match self.run.kept() {
            Some(kept) => format!("the last good checkpoint is {}, {}", kept.path.display(), kept.place()),
            None => "no earlier checkpoint was saved".to_owned(),
        };
        self.post_state(State::Diverged);
        self.end(State::Diverged, Some(format!("{divergence}; {kept}")));
    }

    fn end(&self, state: State, reason: Option<String>) {
        let kept = self.run.kept();
        let save_error = self.run.save_error(kept.as_ref());
        self.outbox.post(Event::Ended(Box::new(Outcome { state, reason, kept, save_error, ..self.outcome() })));
    }

    fn outcome(&self) -> Outcome {
        let last = self.run.trainer.history().last();
        Outcome {
            state: self.state,
            reason: None,
            epochs: self.run.trainer.position().epoch,
            test_loss: last.map(|record| record.test_loss),
            test_accuracy: last.map(|record| record.test_accuracy),
            kept: self.run.saved.clone(),
            save_error: self.run.unsaved.clone(),
        }
    }

    /// Posts the events with which a run starts or is resumed.
    fn announce(&mut self, mode: Mode) {
        self.meter = Meter::new();
        self.reevaluation = None;
        self.outbox.post(Event::Started(Box::new(self.run.started())));
        for note in self.run.notes.drain(..) {
            self.outbox.post(Event::Note(note));
        }
        if let Some(health) = self.run.trainer.health() {
            self.outbox.post(Event::Health(Box::new(health)));
        }
        let trainer = &self.run.trainer;
        if let Some((epoch, evaluation)) = trainer.last_evaluation() {
            self.post_evaluation(epoch, evaluation);
        }
        self.mode = if trainer.is_finished() { Mode::Finished } else { mode };
        if !matches!(self.mode, Mode::Running { .. }) {
            self.reevaluation = trainer.reevaluate();
        }
        self.post_state(self.working_state());
        if self.run.saved.is_none() {
            // Reports immediately if the folder cannot be written to, and gives a run that diverges early a checkpoint.
            self.save(&[SaveKind::Last]);
        }
        self.last_outcome.set(self.outcome());
        if self.mode == Mode::Finished {
            self.end(State::Finished, None);
        }
    }

    fn working_state(&self) -> State {
        match self.mode {
            Mode::Running { .. } if self.run.trainer.is_evaluating() => State::Evaluating,
            Mode::Running { .. } => State::Training,
            _ => self.resting_state(),
        }
    }

    fn resting_state(&self) -> State {
        match self.mode {
            Mode::Running { .. } | Mode::Paused => State::Paused,
            Mode::Finished => State::Finished,
            Mode::Diverged => State::Diverged,
        }
    }

    fn post_state(&mut self, state: State) {
        self.state = state;
        self.outbox.post(Event::State(state));
    }

    fn post_evaluation(&self, epoch: u32, evaluation: Evaluation) {
        self.outbox.post(Event::Evaluated { epoch, evaluation: Arc::new(evaluation) });
    }

    fn report(&mut self) {
        let progress = self.meter.report(&self.run.trainer);
        if let Some(progress) = progress {
            self.outbox.post(Event::Progress(progress));
        }
    }

    fn refuse(&self, reason: impl std::fmt::Display) {
        self.outbox.post(Event::Refused { reason: reason.to_string() });
    }

    fn save(&mut self, kinds: &[SaveKind]) {
        self.run.save(kinds, self.outbox);
        self.last_outcome.set(self.outcome());
    }

    fn ensure_saved(&mut self) {
        self.run.ensure_saved(self.outbox);
        self.last_outcome.set(self.outcome());
    }
}

const DIVERGED: &str = "the run has diverged; load a checkpoint, or restart";
