//! How a worker starts, and the outcome that is known even if it ends unexpectedly.

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Checkpoint, Outcome, RunSpec, State};
use crate::nn::Engine;

/// How a run begins.
#[derive(Debug)]
pub enum Start {
    New(Box<RunSpec>),
    /// Continue from a checkpoint, in its run's folder (the folder of `path`), or in a new folder if that one holds
    /// another state of the run.
    Resume {
        checkpoint: Box<Checkpoint>,
        path: PathBuf,
    },
    /// Read a checkpoint and continue as with `Resume`, but paused.
    Load(PathBuf),
}

#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// Folder in which each run creates its own folder.
    pub checkpoint_dir: PathBuf,
    /// Threads and instruction set, for this worker alone.
    pub engine: Engine,
}

/// Latest outcome of the run, for the case that the worker ends unexpectedly or not in time.
#[derive(Debug)]
pub struct LastOutcome(Mutex<(Outcome, Option<Continuation>)>);

/// How a run that was stopped would have continued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continuation {
    Training,
    Paused,
}

impl Default for LastOutcome {
    fn default() -> Self {
        let unknown = Outcome {
            state: State::Failed,
            reason: None,
            epochs: 0,
            test_loss: None,
            test_accuracy: None,
            kept: None,
            save_error: None,
        };
        Self(Mutex::new((unknown, None)))
    }
}

impl LastOutcome {
    pub(crate) fn set(&self, outcome: Outcome) {
        self.lock().0 = outcome;
    }

    pub fn outcome(&self) -> Outcome {
        self.lock().0.clone()
    }

    pub(super) fn set_continuation(&self, continuation: Option<Continuation>) {
        self.lock().1 = continuation;
    }

    /// Returns the checkpoint from which a stopped run can continue exactly where it was, and how. `None` if it was
    /// over, or could not be saved.
    pub fn continuation(&self) -> Option<(PathBuf, Continuation)> {
        let (outcome, continuation) = self.lock().clone();
        let saved = outcome.kept.filter(|_| outcome.save_error.is_none())?;
        Some((saved.path, continuation?))
    }

    fn lock(&self) -> MutexGuard<'_, (Outcome, Option<Continuation>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
