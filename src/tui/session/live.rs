//! What the screen knows of the run: everything the worker has told, in the form the panes draw.

use std::{collections::VecDeque, path::PathBuf, sync::Arc};

use crate::{
    format::file_name,
    train::{Architecture, EpochRecord, Evaluation, Outcome, Progress, RunSpec, SavedCheckpoint, Started, State},
    tui::session::{
        batch_history::BatchHistory,
        place::{Place, thin_out},
        turned::Turned,
    },
};

/// Columns a sparkline keeps.
const MAX_BATCHES: usize = 1_024;
/// Reports of one such stretch of training share a column of the sparkline.
const SECONDS_A_COLUMN: f64 = 0.2;
/// Points kept of the first epoch's running means.
const MAX_CLIMB: usize = 512;

/// The mean of some batches, one column of the sparklines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    pub loss: f64,
    pub accuracy: f64,
    batches: u32,
    since: f64,
}

/// Running means within the first epoch: where the curves climb before there is an epoch to show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Climb {
    pub place: Place,
    pub loss: f64,
    pub accuracy: f64,
}

/// A run's curves, and which run it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    pub spec: Option<RunSpec>,
    pub run_dir: PathBuf,
    pub climb: Vec<Climb>,
    pub trail: BatchHistory,
    pub history: Vec<EpochRecord>,
}

impl Curves {
    pub fn is_empty(&self) -> bool {
        self.history.is_empty() && self.climb.is_empty()
    }
}

/// The run, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Live {
    pub started: Option<Started>,
    /// `None` before the worker's first word.
    pub state: Option<State>,
    pub progress: Option<Progress>,
    pub learning_rate: f32,
    pub curves: Curves,
    /// The run before, after a restart.
    pub previous: Option<Curves>,
    pub batches: VecDeque<Column>,
    /// The newest column takes no more: after a pause, so that each single step has one of its own.
    column_closed: bool,
    pub evaluation: Option<Arc<Evaluation>>,
    /// Epochs complete when `evaluation` was made.
    pub evaluated_after: u32,
    /// The evaluation before of the same run, and the epochs that were complete then.
    pub evaluation_before: Option<(u32, Arc<Evaluation>)>,
    /// What the newest changed, image by image.
    pub turned: Option<Turned>,
    pub outcome: Option<Outcome>,
    /// The newest file that is whole on the disk.
    pub saved: Option<PathBuf>,
    /// Why the newest state could not be saved; `None` once it could.
    pub unsaved: Option<String>,
    /// What the disk holds instead.
    pub kept: Option<SavedCheckpoint>,
    /// Asked for by Space and not yet answered: `true` is pause.
    pub pausing: Option<bool>,
    /// No more events will come.
    pub gone: bool,
}

impl Live {
    /// Returns the run's network; before there is a run, the one that it will have.
    pub fn network(&self) -> Architecture {
        self.started.as_ref().map_or_else(Architecture::default, |started| started.network)
    }

    /// A worker is being started in place of none, or of one that is gone.
    pub fn begin_again(&mut self) {
        (self.gone, self.state, self.outcome) = (false, None, None);
    }

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

    /// The run is saved in another folder from now on.
    pub fn move_to(&mut self, folder: PathBuf) {
        if let Some(started) = &mut self.started {
            started.run_dir.clone_from(&folder);
        }
        self.curves.run_dir = folder;
    }

    pub fn progress(&mut self, progress: Progress) {
        self.push_column(&progress);
        self.curves.trail.push(&progress);
        if progress.epoch == 1 && progress.steps_per_epoch > 0 {
            self.push_climb(&progress);
        }
        self.progress = Some(progress);
    }

    pub fn set_state(&mut self, state: State) {
        self.pausing = None;
        self.column_closed |= state == State::Paused;
        // A worker that stops after its run was over says so; what the run came to stays.
        if state != State::Stopped || self.outcome.is_none() {
            self.state = Some(state);
        }
    }

    fn push_column(&mut self, progress: &Progress) {
        let closed = std::mem::take(&mut self.column_closed);
        if let Some(last) = self.batches.back_mut()
            && !closed
            && (0.0..SECONDS_A_COLUMN).contains(&(progress.elapsed - last.since))
        {
            let (old, new) = (f64::from(last.batches), f64::from(progress.batches));
            last.loss = (last.loss * old + progress.batch_loss * new) / (old + new);
            last.accuracy = (last.accuracy * old + progress.batch_accuracy * new) / (old + new);
            last.batches += progress.batches;
            return;
        }
        if self.batches.len() == MAX_BATCHES {
            self.batches.pop_front();
        }
        self.batches.push_back(Column {
            loss: progress.batch_loss,
            accuracy: progress.batch_accuracy,
            batches: progress.batches,
            since: progress.elapsed,
        });
    }

    fn push_climb(&mut self, progress: &Progress) {
        let climb = &mut self.curves.climb;
        if climb.len() == MAX_CLIMB {
            thin_out(climb);
        }
        climb.push(Climb {
            place: Place {
                epochs: f64::from(progress.step) / f64::from(progress.steps_per_epoch),
                steps: f64::from(progress.step),
                seconds: progress.elapsed,
            },
            loss: progress.train_loss,
            accuracy: progress.train_accuracy,
        });
    }

    pub fn epoch_ended(&mut self, record: EpochRecord) {
        self.curves.history.retain(|known| known.epoch < record.epoch);
        self.curves.history.push(record);
    }

    /// The same epoch's evaluation may come again: in full, after a first one that had the mistakes alone.
    pub fn evaluated(&mut self, epoch: u32, evaluation: Arc<Evaluation>) {
        if let Some(before) = self.evaluation.take()
            && self.evaluated_after != epoch
        {
            self.evaluation_before = Some((self.evaluated_after, before));
        }
        let before = self.evaluation_before.as_ref();
        self.turned = before.and_then(|(_, before)| Turned::between(before, &evaluation));
        self.evaluation = Some(evaluation);
        self.evaluated_after = epoch;
    }

    /// The run stands where training could go on or is going on.
    pub fn is_under_way(&self) -> bool {
        !self.gone
            && self.outcome.is_none()
            && matches!(self.state, None | Some(State::Training | State::Evaluating | State::Paused))
    }

    /// It goes on by itself.
    pub fn is_running(&self) -> bool {
        self.state.is_some_and(State::is_running)
    }

    /// The worker can tell what the network makes of an image.
    pub fn answers(&self) -> bool {
        !self.gone
            && self.started.is_some()
            && !matches!(self.state, None | Some(State::Diverged | State::Failed | State::Stopped))
    }

    /// There is something to go back to, or to begin anew.
    pub fn can_recover(&self) -> bool {
        self.started.is_some() && matches!(self.state, Some(State::Diverged | State::Failed))
    }

    pub fn last_epoch(&self) -> Option<&EpochRecord> {
        self.curves.history.last()
    }

    /// Epochs the run is to have in all.
    pub fn epochs(&self) -> u32 {
        self.started.as_ref().map_or(0, |started| started.spec.hyper.epochs)
    }

    /// Epochs complete.
    pub fn epochs_done(&self) -> u32 {
        self.last_epoch().map_or(0, |record| record.epoch)
    }

    /// The epoch under way (from 1), steps done in it, and its steps in all.
    pub fn place(&self) -> (u32, u32, u32) {
        let Some(started) = &self.started else { return (0, 0, 0) };
        let (epoch, step, steps) = match &self.progress {
            Some(progress) => (progress.epoch, progress.step, progress.steps_per_epoch),
            None => (self.epochs_done().saturating_add(1), started.step, started.steps_per_epoch),
        };
        // Between an epoch's end and the next one's first report.
        if epoch <= self.epochs_done() && self.is_under_way() && epoch < self.epochs() {
            return (self.epochs_done().saturating_add(1), 0, steps);
        }
        let epoch = epoch.min(self.epochs().max(1));
        if self.epochs_done() >= epoch { (epoch, steps, steps) } else { (epoch, step.min(steps), steps) }
    }

    /// Part of the run done, 0 to 1.
    pub fn part_done(&self) -> f64 {
        let (epoch, step, steps) = self.place();
        if epoch == 0 || self.epochs() == 0 {
            return 0.0;
        }
        let within = f64::from(step) / f64::from(steps.max(1));
        ((f64::from(epoch - 1) + within) / f64::from(self.epochs())).clamp(0.0, 1.0)
    }

    pub fn elapsed(&self) -> f64 {
        let reported = self.progress.as_ref().map_or(0.0, |progress| progress.elapsed);
        reported.max(self.curves.history.iter().map(|record| record.seconds).sum())
    }

    pub fn best(&self) -> Option<&EpochRecord> {
        self.curves.history.iter().rev().max_by(|a, b| a.judged().1.total_cmp(&b.judged().1))
    }

    /// What a run that diverged may do better with: a tenth of its learning rate, in three digits.
    pub fn lower_rate(&self) -> f32 {
        let rate = self.learning_rate / 10.0;
        format!("{rate:.2e}").parse().unwrap_or(rate)
    }

    pub fn run_name(&self) -> String {
        self.started.as_ref().map_or_else(String::new, |started| file_name(&started.run_dir))
    }
}
