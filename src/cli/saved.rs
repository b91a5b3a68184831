//! Checkpoints as arguments, and what is told of them.

use std::path::PathBuf;

use clap::Args;

use crate::{
    train::{Checkpoint, CheckpointError, Hyperparameters, checkpoint},
    tui::format::hyperparameters,
};

#[derive(Debug, Args)]
pub(super) struct CheckpointArg {
    /// A checkpoint, or a run's folder: its last.ckpt is taken then, or best.ckpt where there is no last
    #[arg(value_name = "CHECKPOINT")]
    path: PathBuf,
}

impl CheckpointArg {
    /// The file itself.
    pub(super) fn file(&self) -> PathBuf {
        checkpoint::resolve(&self.path)
    }

    pub(super) fn read(&self) -> Result<Checkpoint, CheckpointError> {
        Checkpoint::read(&self.file())
    }
}

/// What was trained, in a line that begins with the data set's name: SYNTHETIC is said wherever it was used.
pub(super) fn summary(checkpoint: &Checkpoint) -> String {
    let Hyperparameters { epochs, .. } = checkpoint.spec.hyper;
    let run = hyperparameters(&checkpoint.spec.hyper, checkpoint.learning_rate);
    format!("{} · {run} · {} of {epochs}", checkpoint.spec.dataset.name, checkpoint.place())
}
