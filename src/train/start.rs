//! How a worker starts, and the outcome that is known even if it ends unexpectedly.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
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
pub struct LastOutcome(Mutex<Outcome>);

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
        Self(Mutex::new(unknown))
    }
}

impl LastOutcome {
    pub(crate) fn set(&self, outcome: Outcome) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = outcome;
    }

    pub fn outcome(&self) -> Outcome {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
