//! What a worker is started with, and what stays known of its run whatever happens to it.

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
    /// Go on from a checkpoint, in its run's folder (the folder of `path`) unless that holds a later state, which is left
    /// as it is then.
    Resume {
        checkpoint: Box<Checkpoint>,
        path: PathBuf,
    },
    /// A checkpoint to be read, in its run's folder as with `Resume`, paused.
    Load(PathBuf),
}

#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// Each run makes a folder of its own in it.
    pub checkpoint_dir: PathBuf,
    /// For this worker alone.
    pub engine: Engine,
}

/// What is known of the run should the worker end unexpectedly or not in time: epochs, results, and the checkpoint on the disk.
#[derive(Debug)]
pub struct LastOutcome(Mutex<Outcome>);

impl Default for LastOutcome {
    fn default() -> Self {
        let nothing = Outcome {
            state: State::Failed,
            reason: None,
            epochs: 0,
            test_loss: None,
            test_accuracy: None,
            kept: None,
            save_error: None,
        };
        Self(Mutex::new(nothing))
    }
}

impl LastOutcome {
    pub(super) fn set(&self, outcome: Outcome) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = outcome;
    }

    pub fn outcome(&self) -> Outcome {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
