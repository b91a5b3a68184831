//! A sweep as plain data: its state at one moment, and the commands that it follows.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    MethodRun,
    table::{Row, RunState},
};
use crate::train::{EpochRecord, Hyperparameters};

/// Command to a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SweepCommand {
    /// Pause every run after its current step.
    Pause,
    Resume,
    /// Leave out the run of this number, even if it is being trained.
    Drop(usize),
    /// Include a dropped run again.
    Restore(usize),
    /// Give up the runs in training, and start no more. Runs that have ended are in the table.
    Stop,
    /// As `Stop`, because this process ends: another one may continue the sweep.
    Interrupt,
}

/// Progress of a run in training.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Current epoch, from 1.
    pub epoch: u32,
    /// Steps done in it.
    pub step: u32,
    pub steps_per_epoch: u32,
    /// Running mean over the epoch's images so far.
    pub train_loss: f64,
    pub train_accuracy: f64,
    /// Fraction of the run that is done, 0 to 1.
    pub share: f64,
    /// Seconds of training and evaluation so far.
    pub seconds: f64,
    /// Completed epochs.
    pub history: Vec<EpochRecord>,
}

impl Progress {
    /// Returns the training accuracy and loss of the current epoch, or of the last one before an epoch's first step;
    /// `None` before the run's first step.
    pub fn training(&self) -> Option<(f64, f64)> {
        let last = self.history.last().map(|last| (last.train_accuracy, last.train_loss));
        if self.step > 0 { Some((self.train_accuracy, self.train_loss)) } else { last }
    }
}

/// Status of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RunStatus {
    Waiting,
    Running(Progress),
    Ended(Row),
    Dropped,
}

/// State of the whole sweep at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Runs in the order of the grid.
    pub runs: Vec<(Hyperparameters, RunStatus)>,
    /// Numbers of the runs that ended in this session, in the order in which they ended.
    pub ended: Vec<usize>,
    pub jobs: usize,
    pub is_paused: bool,
    /// Whether all threads have ended.
    pub is_over: bool,
    /// Whether the sweep was interrupted, and nobody had stopped it before.
    pub is_interrupted: bool,
    /// Last error: a run failed, a thread could not be started, or the table could not be written.
    pub fault: Option<String>,
    /// The same runs, if methods are compared.
    pub methods: Option<Arc<[MethodRun]>>,
}

impl Snapshot {
    /// Counts the runs with this status.
    pub fn count(&self, which: impl Fn(&RunStatus) -> bool) -> usize {
        self.runs.iter().filter(|(_, run)| which(run)).count()
    }

    /// Returns the rows of the runs that have ended.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.runs.iter().filter_map(|(_, run)| match run {
            RunStatus::Ended(row) => Some(row),
            _ => None,
        })
    }

    /// Counts the runs that ended in this state.
    pub fn ended_as(&self, state: RunState) -> usize {
        self.rows().filter(|row| row.state == state).count()
    }

    /// Returns the fraction of the sweep that is done, without dropped runs, 0 to 1.
    pub fn part_done(&self) -> f64 {
        let parts = self.runs.iter().filter_map(|(_, run)| match run {
            RunStatus::Waiting => Some(0.0),
            RunStatus::Running(progress) => Some(progress.share),
            RunStatus::Ended(_) => Some(1.0),
            RunStatus::Dropped => None,
        });
        let (sum, count) = parts.fold((0.0, 0), |(sum, count), part| (sum + part, count + 1));
        sum / f64::from(count.max(1))
    }

    /// Returns whether every run has its row or is dropped.
    pub fn is_complete(&self) -> bool {
        self.runs.iter().all(|(_, run)| matches!(run, RunStatus::Ended(_) | RunStatus::Dropped))
    }

    /// Returns how another process continues the sweep, if it was interrupted before all runs had ended.
    pub fn continuation(&self) -> Option<SweepContinuation> {
        let dropped = self.runs.iter().enumerate().filter(|(_, (_, run))| *run == RunStatus::Dropped);
        let dropped = dropped.map(|(number, _)| number).collect();
        let continuation = SweepContinuation { is_paused: self.is_paused, dropped };
        (self.is_interrupted && !self.is_complete()).then_some(continuation)
    }

    /// Returns the row with the best accuracy.
    pub fn best(&self) -> Option<&Row> {
        let rows = self.rows().filter_map(|row| Some((row, row.accuracy?)));
        rows.max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(row, _)| row)
    }

    /// Returns the number of epochs of all runs, without dropped ones.
    pub fn epochs(&self) -> u32 {
        let runs = self.runs.iter().filter(|(_, run)| *run != RunStatus::Dropped);
        runs.map(|(hyper, _)| hyper.epochs).fold(0, u32::saturating_add)
    }

    /// Returns the number of complete epochs of all runs. A run that has ended counts in full.
    pub fn epochs_done(&self) -> u32 {
        let done = self.runs.iter().map(|(hyper, run)| match run {
            RunStatus::Ended(_) => hyper.epochs,
            RunStatus::Running(progress) => progress.history.len() as u32,
            RunStatus::Waiting | RunStatus::Dropped => 0,
        });
        done.fold(0, u32::saturating_add)
    }

    /// Returns the speed of the runs in training, evaluation included.
    pub fn images_per_second(&self) -> Option<f64> {
        let speeds = self.runs.iter().filter_map(|(hyper, run)| match run {
            RunStatus::Running(progress) if progress.seconds > 0.0 => {
                let epochs = f64::from(progress.epoch.saturating_sub(1));
                let steps = epochs * f64::from(progress.steps_per_epoch) + f64::from(progress.step);
                Some(steps * f64::from(hyper.batch_size) / progress.seconds)
            }
            _ => None,
        });
        let speed: f64 = speeds.sum();
        (speed > 0.0).then_some(speed)
    }

    /// Estimates the seconds to the end from the runs so far. `None` if too little has been trained.
    pub fn remaining(&self) -> Option<f64> {
        let (mut seconds, mut done, mut left) = (0.0, 0.0, 0.0);
        for (_, run) in &self.runs {
            match run {
                RunStatus::Waiting => left += 1.0,
                RunStatus::Running(progress) => {
                    seconds += progress.seconds;
                    done += progress.share;
                    left += 1.0 - progress.share;
                }
                // Not diverged ones, which ended early.
                RunStatus::Ended(row) if row.state == RunState::Done => {
                    seconds += row.seconds;
                    done += 1.0;
                }
                RunStatus::Ended(_) | RunStatus::Dropped => {}
            }
        }
        let waiting = self.count(|run| matches!(run, RunStatus::Waiting | RunStatus::Running(_)));
        (done > 0.02).then(|| seconds / done * left / self.jobs.min(waiting.max(1)) as f64)
    }
}

/// How a sweep begins that another process has interrupted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SweepContinuation {
    pub is_paused: bool,
    /// Numbers of the runs that are left out.
    pub dropped: Vec<usize>,
}
