//! The weights with which a run begins if they are another run's.

use std::path::Path;

use super::{CannotRun, Checkpoint, Hyperparameter, Hyperparameters, Transfer};
use crate::disk;

/// Weights of another run.
pub(super) struct Initial {
    pub parameters: Vec<f32>,
    /// What the other run computed differently with them.
    pub note: Option<String>,
}

impl Checkpoint {
    /// Describes a run that begins with the weights of this one, which was read from `path`. All layers are trained.
    pub fn transfer(&self, path: &Path) -> Transfer {
        Transfer {
            path: disk::absolute(path),
            network: self.spec.hyper.network,
            epoch: self.position.epoch,
            step: self.position.step,
            dataset: self.spec.dataset.name.clone(),
            frozen: Vec::new(),
        }
    }
}

impl Initial {
    /// Reads the weights: those that the other run tests. Updates `transfer`, since the file may hold another state or
    /// even another network than when it was described.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(super) fn read(transfer: &mut Transfer, hyper: &Hyperparameters) -> Result<Self, CannotRun> {
        let checkpoint =
            Checkpoint::read(&transfer.path).map_err(|error| CannotRun::Weights { reason: error.to_string() })?;
        let frozen = std::mem::take(&mut transfer.frozen);
        *transfer = Transfer { frozen, ..checkpoint.transfer(&transfer.path) };
        let note = note(&checkpoint.spec.hyper, hyper);
        Ok(Self { parameters: checkpoint.tested_parameters().to_vec(), note })
    }
}

/// Returns a note if the weights were trained with another activation, pooling or delay.
fn note(before: &Hyperparameters, now: &Hyperparameters) -> Option<String> {
    let changed = |which: &&Hyperparameter| now.uses(**which) && before.get(**which) != now.get(**which);
    let change =
        |which: &Hyperparameter| format!("{} {} instead of {}", which.name(), now.get(*which), before.get(*which));
    let changes: Vec<_> = Transfer::COMES_WITH.iter().filter(changed).map(change).collect();
    (!changes.is_empty())
        .then(|| format!("the weights were trained with other settings: the run begins with {}", changes.join(", ")))
}
