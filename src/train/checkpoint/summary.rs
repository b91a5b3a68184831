//! A checkpoint without its parameters and moments, for lists.

use std::path::Path;

use super::{Best, Checkpoint, CheckpointError, Position, file, validate};
use crate::train::{EpochRecord, RunSpec};

/// Data of a checkpoint about its run, see [`Checkpoint`].
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
    /// Reads about a hundredth of the file: checks header, length and everything but parameters and moments. Only
    /// [`Checkpoint::read`], which verifies the checksum, finds damage to those.
    ///
    /// # Errors
    /// As for [`Checkpoint::read`].
    pub fn read(path: &Path) -> Result<Self, CheckpointError> {
        match file::read_without_numbers(path).filter(|read| validate::validate_without_numbers(read).is_ok()) {
            Some(checkpoint) => Ok(checkpoint.sanitized().into()),
            // Reading it completely finds out what is wrong.
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
