//! What crosses between the worker and whoever watches it: plain, owned data in both directions.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Activations, Architecture, ChosenBy, EpochRecord, Evaluation, RunSpec, checkpoint::Position, place};
use crate::data::{CLASSES, PIXELS};

/// What the worker is asked to do. It answers within one batch, also while it evaluates.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Pause,
    Resume,
    /// Train so many batches, then pause.
    RunSteps(u32),
    /// Train until so many further epochs have ended, then pause.
    RunEpochs(u32),
    /// From the next step on, without starting over.
    SetLearningRate(f32),
    /// Save the present run and start a new one. Refused where the present run cannot be saved.
    Restart(Box<RunSpec>),
    /// Save the present state as `last.ckpt`.
    Save,
    /// Save the present state in a new run folder within this one, and continue there.
    SaveIn(PathBuf),
    /// Save the present run and continue, paused, from this checkpoint. Refused where the present run cannot be saved.
    Load(PathBuf),
    /// Let the next `Restart` or `Load` leave the present run even if it cannot be saved.
    Abandon,
    /// Run one image through the present weights; `id` comes back with the answer.
    Predict {
        id: u64,
        pixels: Box<[u8; PIXELS]>,
    },
    /// As `Predict`, with what every layer makes of the image.
    Inspect {
        id: u64,
        pixels: Box<[u8; PIXELS]>,
    },
    /// Save, and end if the disk holds everything then; otherwise continue.
    StopIfSaved,
    /// Save and end.
    Stop,
}

/// What the worker reports.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A run begins or is taken up again; what was shown before belongs to the run before.
    Started(Box<Started>),
    State(State),
    /// The newest replaces any that was not read yet.
    Progress(Progress),
    /// An epoch ended and was evaluated and, where possible, saved.
    EpochEnded(Box<EpochRecord>),
    /// The test set was evaluated. The newest replaces any that was not read yet.
    Evaluated {
        epoch: u32,
        evaluation: Arc<Evaluation>,
    },
    LearningRateChanged(f32),
    /// How many epochs the run has in all, after it was extended.
    EpochsChanged(u32),
    Saved {
        kind: SaveKind,
        path: PathBuf,
    },
    /// The older file, if any, is whole; training continues.
    SaveFailed {
        path: PathBuf,
        reason: String,
        /// What the disk holds.
        kept: Option<Kept>,
    },
    /// The run is saved in this folder from now on.
    FolderChanged(PathBuf),
    /// A command could not be done (a checkpoint that does not load, hyperparameters that are not valid). Nothing changed.
    Refused {
        reason: String,
    },
    Predicted {
        id: u64,
        probabilities: [f32; CLASSES],
    },
    /// The newest replaces any that was not read yet.
    Inspected {
        id: u64,
        activations: Box<Activations>,
    },
    /// The run ended. After `Finished` and `Diverged` the worker stays and takes commands; after `Stopped` and `Failed` it
    /// is gone.
    Ended(Box<Outcome>),
    /// A line for the log.
    Note(String),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Started {
    pub network: Architecture,
    pub spec: RunSpec,
    /// The run's folder.
    pub run_dir: PathBuf,
    /// What was trained before (a resumed run), oldest first.
    pub history: Vec<EpochRecord>,
    /// Steps done in the epoch under way.
    pub step: u32,
    /// Steps in an epoch.
    pub steps_per_epoch: u32,
    /// In force now; differs from the hyperparameters' after a change in place.
    pub learning_rate: f32,
    /// Images trained on, set apart, and tested.
    pub train_images: u32,
    pub validation_images: u32,
    pub test_images: u32,
    pub threads: u32,
    pub simd: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Training,
    Evaluating,
    Paused,
    Finished,
    Diverged,
    Failed,
    Stopped,
}

impl State {
    /// The run goes on by itself.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Training | Self::Evaluating)
    }

    /// The word the screen shows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::Evaluating => "evaluating",
            Self::Paused => "paused",
            Self::Finished => "finished",
            Self::Diverged => "diverged",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }
}

/// How far the run is. At most about 30 a second, and one after each single step.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// The epoch under way, from 1.
    pub epoch: u32,
    /// Steps done in it.
    pub step: u32,
    pub steps_per_epoch: u32,
    /// Mean over the batches trained since the report before.
    pub batch_loss: f64,
    pub batch_accuracy: f64,
    /// How many batches those are.
    pub batches: u32,
    /// Running mean over the epoch's images so far, as Keras shows it.
    pub train_loss: f64,
    pub train_accuracy: f64,
    /// Over about the last second of training.
    pub images_per_second: f64,
    pub ms_per_step: f64,
    /// Seconds the run has trained and evaluated, pauses left out, sessions before included.
    pub elapsed: f64,
    /// Seconds to the run's end at the present rate, if known.
    pub remaining: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveKind {
    /// At an epoch's end, or because the run ends.
    Last,
    /// The best accuracy so far, on this set.
    Best(ChosenBy),
    /// Asked for.
    ByHand,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// `Finished`, `Diverged`, `Stopped` or `Failed`.
    pub state: State,
    /// What went wrong, and where: for `Diverged` and `Failed`.
    pub reason: Option<String>,
    /// Epochs complete.
    pub epochs: u32,
    /// Of the last evaluation.
    pub test_loss: Option<f64>,
    pub test_accuracy: Option<f64>,
    /// The newest checkpoint on the disk.
    pub kept: Option<Kept>,
    /// Why the run's newest state is not in it.
    pub save_error: Option<String>,
}

impl Outcome {
    /// Takes the state of the disk over from an outcome that came later: what the run came to stays.
    pub fn keep(&mut self, later: Self) {
        (self.kept, self.save_error) = (later.kept, later.save_error);
    }

    /// Says what the disk does not hold of the run, if anything. One that has not `ended` was still being saved.
    pub fn loss(&self, ended: bool) -> Option<String> {
        let reason = match &self.save_error {
            Some(reason) => reason,
            None if ended => return None,
            None => "the disk takes too long",
        };
        Some(match &self.kept {
            Some(kept) => {
                format!("NOT SAVED: {reason}; the checkpoint {} is from {}", kept.path.display(), kept.place())
            }
            None => format!("NOT SAVED: {reason}; there is no checkpoint"),
        })
    }

    /// The newest checkpoint's file.
    pub fn checkpoint(&self) -> Option<&Path> {
        self.kept.as_ref().map(|kept| kept.path.as_path())
    }
}

/// A checkpoint on the disk, and the place in its run that it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub path: PathBuf,
    /// Epochs complete.
    pub epoch: u32,
    /// Steps done in the epoch after them.
    pub step: u32,
}

impl Kept {
    pub fn of(path: PathBuf, position: &Position) -> Self {
        Self { path, epoch: position.epoch, step: position.step }
    }

    /// Returns the place, for people.
    pub fn place(&self) -> String {
        place(self.epoch, self.step)
    }
}
