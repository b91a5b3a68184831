//! A checkpoint without its numbers: what lists show.

use std::path::Path;

use super::{Best, Checkpoint, CheckpointError, Position, file, validate};
use crate::train::{EpochRecord, RunSpec};

/// What a checkpoint says of its run, see [`Checkpoint`].
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub saved_at: u64,
    pub spec: RunSpec,
    pub learning_rate: f32,
    pub position: Position,
    pub history: Vec<EpochRecord>,
    pub best: Option<Best>,
}

impl Summary {
    /// Reads a hundredth of the file: header, length and everything but parameters and moments are read and checked. Damage
    /// to those shows only in their checksum, which [`Checkpoint::read`] looks at.
    ///
    /// # Errors
    /// Those of [`Checkpoint::read`].
    pub fn read(path: &Path) -> Result<Self, CheckpointError> {
        match file::read_around_numbers(path).filter(|read| validate::validate_around_numbers(read).is_ok()) {
            Some(checkpoint) => Ok(checkpoint.sanitized().into()),
            // The whole of it tells what is wrong.
            None => Checkpoint::read(path).map(Self::from),
        }
    }
}

impl From<Checkpoint> for Summary {
    fn from(checkpoint: Checkpoint) -> Self {
        Self {
            saved_at: checkpoint.saved_at,
            spec: checkpoint.spec,
            learning_rate: checkpoint.learning_rate,
            position: checkpoint.position,
            history: checkpoint.history,
            best: checkpoint.best,
        }
    }
}
