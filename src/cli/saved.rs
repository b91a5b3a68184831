//! Checkpoints as arguments, and their one-line summary.

use std::path::PathBuf;

use clap::Args;

use crate::{
    format::rate,
    train::{Checkpoint, CheckpointError, Hyperparameters, checkpoint},
    tui::format::hyperparameters,
};

#[derive(Debug, Args)]
pub(super) struct CheckpointArg {
    /// A checkpoint, or a run's folder (its last.ckpt, else its best.ckpt)
    #[arg(value_name = "CHECKPOINT")]
    path: PathBuf,
}

impl CheckpointArg {
    /// Returns the path of the checkpoint file.
    pub(super) fn file(&self) -> PathBuf {
        checkpoint::resolve(&self.path)
    }

    pub(super) fn read(&self) -> Result<Checkpoint, CheckpointError> {
        Checkpoint::read(&self.file())
    }
}

/// Returns a title for the run: `LeNet-5 on MNIST: relu, adam 0.001, batch 16`.
pub(super) fn title(checkpoint: &Checkpoint) -> String {
    let Hyperparameters { activation, optimizer, batch_size, .. } = checkpoint.spec.hyper;
    let (network, data) = (checkpoint.spec.hyper.network.title(), &checkpoint.spec.dataset.name);
    format!("{network} on {data}: {activation}, {optimizer} {}, batch {batch_size}", rate(checkpoint.learning_rate))
}

/// Summarises the run in one line. It begins with the data set's name, so that SYNTHETIC data are always visible.
pub(super) fn summary(checkpoint: &Checkpoint) -> String {
    let Hyperparameters { epochs, .. } = checkpoint.spec.hyper;
    let run = hyperparameters(&checkpoint.spec.hyper, checkpoint.learning_rate);
    format!("{} · {run} · {} of {epochs}", checkpoint.spec.dataset.name, checkpoint.place())
}
