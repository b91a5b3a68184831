//! The commands to the worker and the events from it: plain, owned data in both directions.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{
    Activations, Batches, ChosenBy, EpochRecord, Evaluation, Health, Progress, RunSpec, checkpoint::Position, place,
};
use crate::data::{CLASSES, PIXELS};

/// Command to the worker. It responds within one batch, also during an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    Pause,
    /// Continue. A finished run is extended by an epoch.
    Resume,
    /// Train this many batches, then pause. A finished run is extended by the epochs that this takes.
    RunSteps(u32),
    /// Train until this many more epochs have ended, then pause. Extends the run if it has fewer left.
    RunEpochs(u32),
    /// Change the learning rate from the next step on.
    SetLearningRate(f32),
    /// Change the total number of epochs. A finished run continues if it is larger.
    SetEpochs(u32),
    /// Save the current run and start a new one. Refused if the current run cannot be saved.
    Restart(#[serde(with = "super::exchange::spec")] Box<RunSpec>),
    /// Save the current state as `last.ckpt`.
    Save,
    /// Save the current state in a new run folder within this folder, and continue there.
    SaveIn(#[serde(with = "super::exchange::path")] PathBuf),
    /// Save the current run and continue, paused, from this checkpoint. Refused if the current run cannot be saved.
    Load(#[serde(with = "super::exchange::path")] PathBuf),
    /// Let the next `Restart` or `Load` discard the current run if it cannot be saved.
    Abandon,
    /// Predict one image with the current weights; `id` is returned with the result.
    Predict {
        id: u64,
        #[serde(with = "super::exchange::pixels")]
        pixels: Box<[u8; PIXELS]>,
    },
    /// As `Predict`, with the activations of every layer.
    Inspect {
        id: u64,
        #[serde(with = "super::exchange::pixels")]
        pixels: Box<[u8; PIXELS]>,
    },
    /// Save, and end if that succeeds; otherwise continue.
    StopIfSaved,
    /// Save and end.
    Stop,
}

/// Event from the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// A run starts or is resumed; earlier events belong to the previous run.
    Started(Box<Started>),
    State(State),
    /// Replaces an unread one.
    Progress(Progress),
    /// An epoch ended and was evaluated.
    EpochEnded(Box<EpochRecord>),
    /// The test set was evaluated. Replaces an unread one.
    Evaluated {
        epoch: u32,
        evaluation: Arc<Evaluation>,
    },
    /// Measures after an epoch; precedes its `EpochEnded`.
    Health(Box<Health>),
    LearningRateChanged(f32),
    /// The total number of epochs changed to this.
    EpochsChanged(u32),
    Saved {
        kind: SaveKind,
        #[serde(with = "super::exchange::path")]
        path: PathBuf,
    },
    /// A save failed. The previous file, if any, is intact; training continues.
    SaveFailed {
        #[serde(with = "super::exchange::path")]
        path: PathBuf,
        reason: String,
        /// Newest checkpoint on disk.
        kept: Option<SavedCheckpoint>,
    },
    /// The run is saved in this folder from now on.
    FolderChanged(#[serde(with = "super::exchange::path")] PathBuf),
    /// A command was refused (for example an unreadable checkpoint or invalid hyperparameters). Nothing changed.
    Refused {
        reason: String,
    },
    Predicted {
        id: u64,
        probabilities: [f32; CLASSES],
    },
    /// Replaces an unread one.
    Inspected {
        id: u64,
        #[serde(with = "super::exchange::activations")]
        activations: Box<Activations>,
    },
    /// The run ended. After `Finished` and `Diverged` the worker still accepts commands; after `Stopped` and `Failed`
    /// it has ended.
    Ended(Box<Outcome>),
    /// A line for the log.
    Note(String),
    /// All batches so far, for an observer that was not there from the start: replaces what it knows of them.
    Recalled(Box<Batches>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Started {
    #[serde(with = "super::exchange::spec")]
    pub spec: RunSpec,
    /// Folder of the run.
    #[serde(with = "super::exchange::path")]
    pub run_dir: PathBuf,
    /// Epochs trained before (in a resumed run), oldest first.
    pub history: Vec<EpochRecord>,
    /// Steps done in the current epoch.
    pub step: u32,
    pub steps_per_epoch: u32,
    /// Learning rate that was set: differs from the hyperparameters' after a change during training.
    pub learning_rate: f32,
    /// Numbers of images: trained on, held out, tested.
    pub train_images: u32,
    pub validation_images: u32,
    pub test_images: u32,
    pub threads: u32,
    pub simd: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Returns whether the run is being trained or evaluated.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Training | Self::Evaluating)
    }

    /// Returns the name that the screen shows.
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SaveKind {
    /// Save at the end of an epoch, or because the run ends.
    Last,
    /// Save of the best epoch so far, chosen by this set.
    Best(ChosenBy),
    /// Save on request.
    ByHand,
}

/// Outcome of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// `Finished`, `Diverged`, `Stopped` or `Failed`.
    pub state: State,
    /// Cause, for `Diverged` and `Failed`.
    pub reason: Option<String>,
    /// Epochs completed.
    pub epochs: u32,
    /// Loss of the last evaluation.
    pub test_loss: Option<f64>,
    pub test_accuracy: Option<f64>,
    /// Newest checkpoint on disk.
    pub kept: Option<SavedCheckpoint>,
    /// Reason that the newest state of the run is not saved.
    pub save_error: Option<String>,
}

impl Outcome {
    /// Takes over from a later outcome what is saved. The results stay.
    pub fn update_saved(&mut self, later: Self) {
        (self.kept, self.save_error) = (later.kept, later.save_error);
    }

    /// Returns a warning if the newest state is not saved. If the run has not `ended`, saving is still in progress.
    pub fn unsaved_warning(&self, ended: bool) -> Option<String> {
        let reason = match &self.save_error {
            Some(reason) => reason,
            None if ended => return None,
            None => "the disk is too slow",
        };
        Some(match &self.kept {
            Some(kept) => {
                format!("NOT SAVED: {reason}; the checkpoint {} is from {}", kept.path.display(), kept.place())
            }
            None => format!("NOT SAVED: {reason}; there is no checkpoint"),
        })
    }

    /// Returns the file of the newest checkpoint.
    pub fn checkpoint(&self) -> Option<&Path> {
        self.kept.as_ref().map(|kept| kept.path.as_path())
    }
}

/// Checkpoint file on disk, and its position in the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedCheckpoint {
    #[serde(with = "super::exchange::path")]
    pub path: PathBuf,
    /// Epochs completed.
    pub epoch: u32,
    /// Steps done in the following epoch.
    pub step: u32,
}

impl SavedCheckpoint {
    pub fn new(path: PathBuf, position: &Position) -> Self {
        Self { path, epoch: position.epoch, step: position.step }
    }

    /// Describes the position.
    pub fn place(&self) -> String {
        place(self.epoch, self.step)
    }
}
