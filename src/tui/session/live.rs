//! State of the current run: everything the worker has reported, in the form that the panes draw.

use std::{path::PathBuf, sync::Arc};

use crate::{
    format::file_name,
    train::{
        Architecture, BatchHistory, Batches, Calibration, Cause, Columns, EpochRecord, Evaluation, Health,
        Hyperparameter, Hyperparameters, OptimizerKind, Outcome, Progress, RunSpec, SavedCheckpoint, Stall, Started,
        State,
    },
    tui::{
        format,
        session::{
            answer_changes::AnswerChanges,
            place::{Place, places},
        },
    },
};

/// A run's curves, and the run's identity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    pub spec: Option<RunSpec>,
    pub run_dir: PathBuf,
    pub batch_history: BatchHistory,
    pub history: Vec<EpochRecord>,
    /// Changes of the learning rate that were seen, with the place of the last step before each.
    pub rate_changes: Vec<(Place, f32)>,
}

impl Curves {
    pub fn is_empty(&self) -> bool {
        self.history.is_empty() && self.batch_history.is_empty()
    }

    /// Returns the last place at which something was measured.
    pub fn newest(&self) -> Place {
        Place::later(self.batch_history.means().last().map(|mean| mean.place), places(&self.history).last())
    }
}

/// State of the current run.
#[derive(Clone, Debug, Default)]
pub struct Live {
    pub started: Option<Started>,
    /// Last reported state; `None` before the first.
    pub state: Option<State>,
    pub progress: Option<Progress>,
    /// Number of progress reports, each after further steps.
    pub reports: u64,
    /// Learning rate of the hyperparameters, or of the newest change by hand.
    pub learning_rate: f32,
    pub curves: Curves,
    /// Curves of the previous run, after a restart.
    pub previous: Option<Curves>,
    /// Columns of the sparklines.
    pub batches: Columns,
    pub evaluation: Option<Arc<Evaluation>>,
    /// Measures after the newest complete epoch.
    pub health: Option<Health>,
    /// Number of complete epochs at the time of `evaluation`.
    pub evaluated_after: u32,
    /// Previous evaluation of the same run, with the number of complete epochs at that time.
    pub evaluation_before: Option<(u32, Arc<Evaluation>)>,
    /// Answers that changed from `evaluation_before` to `evaluation`.
    pub answer_changes: Option<AnswerChanges>,
    /// Reliability curve of `evaluation`, if it has every prediction.
    pub calibration: Option<Calibration>,
    pub outcome: Option<Outcome>,
    /// Newest checkpoint to resume from.
    pub saved: Option<PathBuf>,
    /// Reason why the last save failed; `None` after a successful one.
    pub unsaved: Option<String>,
    /// Older state on disk, if the last save failed.
    pub kept: Option<SavedCheckpoint>,
    /// Request by key that has not taken effect yet: `true` is pause.
    pub pausing: Option<bool>,
    /// Whether the run was trained since it was started, loaded or resumed here.
    pub was_trained: bool,
    /// Whether the worker has ended, so that no more events will come.
    pub gone: bool,
}

impl Live {
    /// Returns the run's network, or the default one before there is a run.
    pub fn network(&self) -> Architecture {
        self.started.as_ref().map_or_else(Architecture::default, |started| started.spec.hyper.network)
    }

    /// Prepares for a new worker, if there is none or it has ended.
    pub fn expect_worker(&mut self) {
        (self.gone, self.state, self.outcome) = (false, None, None);
    }

    /// Replaces the state by that of a new run.
    pub fn start(&mut self, started: Started) {
        let before = std::mem::take(self);
        self.previous = if before.curves.is_empty() { before.previous } else { Some(before.curves) };
        self.gone = before.gone;
        self.learning_rate = started.learning_rate;
        self.curves = Curves {
            spec: Some(started.spec.clone()),
            run_dir: started.run_dir.clone(),
            history: started.history.clone(),
            ..Curves::default()
        };
        self.state = Some(State::Training);
        self.started = Some(started);
    }

    /// Sets the folder in which the run is saved from now on.
    pub fn move_to(&mut self, folder: PathBuf) {
        if let Some(started) = &mut self.started {
            started.run_dir.clone_from(&folder);
        }
        self.curves.run_dir = folder;
    }

    pub fn progress(&mut self, progress: Progress) {
        self.batches.push(&progress);
        self.curves.batch_history.push(&progress);
        self.reports += 1;
        self.progress = Some(progress);
    }

    /// Replaces what is known of the batches by what an observer from the start knows.
    pub fn recall(&mut self, batches: Batches) {
        self.batches = batches.columns;
        (self.curves.batch_history, self.curves.rate_changes) = (batches.history, batches.rate_changes);
    }

    /// Returns the learning rate of the next step.
    pub fn current_rate(&self) -> f32 {
        self.progress.as_ref().map_or(self.learning_rate, |progress| progress.learning_rate)
    }

    pub fn set_learning_rate(&mut self, rate: f32) {
        self.learning_rate = rate;
        self.progress.iter_mut().for_each(|progress| progress.learning_rate = rate);
        let place = self.curves.newest();
        self.curves.rate_changes.push((place, rate));
    }

    pub fn set_state(&mut self, state: State) {
        self.pausing = None;
        if state == State::Paused {
            self.batches.close();
        }
        if state.is_running() {
            // A finished run is being extended.
            self.outcome = None;
            self.was_trained = true;
        }
        // A worker also reports that it stops after its run has ended; the run's outcome is kept.
        if state != State::Stopped || self.outcome.is_none() {
            self.state = Some(state);
        }
    }

    pub fn epoch_ended(&mut self, record: EpochRecord) {
        self.curves.history.retain(|known| known.epoch < record.epoch);
        self.curves.history.push(record);
    }

    /// Stores an evaluation. That of one epoch may come twice: first with the mistakes only, then in full.
    pub fn evaluated(&mut self, epoch: u32, evaluation: Arc<Evaluation>) {
        if let Some(before) = self.evaluation.take()
            && self.evaluated_after != epoch
        {
            self.evaluation_before = Some((self.evaluated_after, before));
        }
        let before = self.evaluation_before.as_ref();
        self.answer_changes = before.and_then(|(_, before)| AnswerChanges::between(before, &evaluation));
        self.calibration = Calibration::of(&evaluation);
        self.evaluation = Some(evaluation);
        self.evaluated_after = epoch;
    }

    /// Returns whether the run is in progress or paused, so that training can continue.
    pub fn is_under_way(&self) -> bool {
        !self.gone
            && self.outcome.is_none()
            && matches!(self.state, None | Some(State::Training | State::Evaluating | State::Paused))
    }

    /// Returns whether the run can be trained: it is in progress or paused, or finished and can be extended.
    pub fn can_train(&self) -> bool {
        self.is_under_way() || (!self.gone && self.state == Some(State::Finished))
    }

    /// Returns whether the run is currently training or evaluating.
    pub fn is_running(&self) -> bool {
        self.state.is_some_and(State::is_running)
    }

    /// Returns whether the worker can answer inquiries about an image.
    pub fn answers(&self) -> bool {
        !self.gone
            && self.started.is_some()
            && !matches!(self.state, None | Some(State::Diverged | State::Failed | State::Stopped))
    }

    /// Returns the sign that the run learns nothing, unless it diverged or failed.
    pub fn stall(&self) -> Option<&Stall> {
        let health = self.health.as_ref()?;
        health.stall.as_ref().filter(|_| !matches!(self.state, Some(State::Diverged | State::Failed)))
    }

    /// Returns hyperparameters with which a run that learns nothing may learn, and the change in words.
    pub fn remedy(&self) -> Option<(Hyperparameters, String)> {
        let stall = self.stall()?;
        let default = Hyperparameters::default();
        let mut hyper = self.started.as_ref()?.spec.hyper.clone();
        hyper.learning_rate = self.learning_rate;
        let change = if stall.cause == Some(Cause::LargeUpdates) {
            hyper.learning_rate = self.lower_rate();
            format!("a learning rate of {}", format::rate(hyper.learning_rate))
        } else if hyper.optimizer == OptimizerKind::Sgd {
            (hyper.optimizer, hyper.learning_rate) = (default.optimizer, default.learning_rate);
            format!("{} {}", hyper.optimizer, format::rate(hyper.learning_rate))
        } else if hyper.learning_rate < default.learning_rate {
            hyper.learning_rate = default.learning_rate;
            format!("a learning rate of {}", format::rate(hyper.learning_rate))
        } else if hyper.activation != default.activation {
            hyper.activation = default.activation;
            hyper.activation.to_string()
        } else {
            return None;
        };
        Some((hyper, change))
    }

    /// Returns whether the run can be restored or restarted after a divergence or a failure, or if it learns nothing.
    pub fn can_recover(&self) -> bool {
        self.remedy().is_some() || self.started.is_some() && matches!(self.state, Some(State::Diverged | State::Failed))
    }

    pub fn last_epoch(&self) -> Option<&EpochRecord> {
        self.curves.history.last()
    }

    /// Returns the total number of epochs.
    pub fn epochs(&self) -> u32 {
        self.started.as_ref().map_or(0, |started| started.spec.hyper.epochs)
    }

    /// Returns the number of complete epochs.
    pub fn epochs_done(&self) -> u32 {
        self.last_epoch().map_or(0, |record| record.epoch)
    }

    /// Returns the current epoch (from 1), the steps done in it, and its total number of steps.
    pub fn place(&self) -> (u32, u32, u32) {
        let Some(started) = &self.started else { return (0, 0, 0) };
        let (epoch, step, steps) = match &self.progress {
            Some(progress) => (progress.epoch, progress.step, progress.steps_per_epoch),
            None => (self.epochs_done().saturating_add(1), started.step, started.steps_per_epoch),
        };
        // Between the end of an epoch and the first report of the next.
        if epoch <= self.epochs_done() && self.is_under_way() && epoch < self.epochs() {
            return (self.epochs_done().saturating_add(1), 0, steps);
        }
        let epoch = epoch.min(self.epochs().max(1));
        if self.epochs_done() >= epoch { (epoch, steps, steps) } else { (epoch, step.min(steps), steps) }
    }

    /// Returns the fraction of the run that is done, 0 to 1.
    pub fn part_done(&self) -> f64 {
        let (epoch, step, steps) = self.place();
        if epoch == 0 || self.epochs() == 0 {
            return 0.0;
        }
        let within = f64::from(step) / f64::from(steps.max(1));
        ((f64::from(epoch - 1) + within) / f64::from(self.epochs())).clamp(0.0, 1.0)
    }

    /// Returns the seconds of training and evaluation, without pauses.
    pub fn elapsed(&self) -> f64 {
        let reported = self.progress.as_ref().map_or(0.0, |progress| progress.elapsed);
        reported.max(self.curves.history.iter().map(|record| record.seconds).sum())
    }

    /// Returns the number of epochs that have begun, complete ones included.
    pub fn epochs_begun(&self) -> u32 {
        let (epoch, step, _) = self.place();
        if step > 0 { epoch } else { self.epochs_done() }
    }

    /// Returns the epoch with the best accuracy, the latest of several.
    pub fn best(&self) -> Option<&EpochRecord> {
        self.curves.history.iter().rev().max_by(|a, b| a.judged().1.total_cmp(&b.judged().1))
    }

    /// Returns a learning rate to retry a run with whose updates were too large: a tenth of the current one, in three digits.
    pub fn lower_rate(&self) -> f32 {
        format::rounded(self.current_rate() / 10.0)
    }

    /// Returns the run in a few words: `relu adam 0.001`.
    pub fn in_words(&self) -> Option<String> {
        let hyper = &self.started.as_ref()?.spec.hyper;
        let name = |which: Hyperparameter| which.words(hyper.get(which));
        let (activation, optimizer) = (name(Hyperparameter::Activation), name(Hyperparameter::Optimizer));
        Some(format!("{activation} {optimizer} {}", format::rate(self.learning_rate)))
    }

    pub fn run_name(&self) -> String {
        self.started.as_ref().map_or_else(String::new, |started| file_name(&started.run_dir))
    }
}
