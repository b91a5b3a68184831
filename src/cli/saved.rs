//! Checkpoints as arguments, and their one-line summary.

use std::path::{Path, PathBuf};

use clap::Args;

use super::UsageError;
use crate::{
    format::{rate, shown},
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

    pub(super) fn saved(&self) -> Result<Saved, CheckpointError> {
        Saved::read(&self.path)
    }

    pub(super) fn read(&self) -> Result<Checkpoint, CheckpointError> {
        Checkpoint::read(&self.file())
    }
}

/// A checkpoint and the path of its file.
#[derive(Debug)]
pub(super) struct Saved {
    pub file: PathBuf,
    pub checkpoint: Checkpoint,
}

impl Saved {
    /// Reads a checkpoint, or that of a run's folder.
    pub(super) fn read(path: &Path) -> Result<Self, CheckpointError> {
        let file = checkpoint::resolve(path);
        Ok(Self { checkpoint: Checkpoint::read(&file)?, file })
    }
}

/// Checks that these networks can answer together: each counts once.
///
/// # Errors
/// If one of them is given twice, perhaps as two files.
pub(super) fn check_distinct(members: &[Saved]) -> Result<(), UsageError> {
    for (place, member) in members.iter().enumerate() {
        let is_same = |other: &&Saved| {
            let (spec, other_spec) = (&member.checkpoint.spec, &other.checkpoint.spec);
            member.checkpoint.parameters == other.checkpoint.parameters
                && spec.hyper.network == other_spec.hyper.network
                && spec.hyper.activation == other_spec.hyper.activation
                && spec.hyper.pooling == other_spec.hyper.pooling
        };
        let Some(other) = members[..place].iter().find(is_same) else { continue };
        return Err(UsageError(if other.file == member.file {
            format!("{} is given twice; a network answers once", shown(&member.file))
        } else {
            format!("{} and {} hold the same network; give it once", shown(&other.file), shown(&member.file))
        }));
    }
    Ok(())
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
