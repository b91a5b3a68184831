//! A run on disk: everything needed to continue it exactly, and its history.

mod error;
mod file;
mod find;
mod summary;
mod v1;
mod validate;

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{
    Confusion, EpochRecord, Evaluation, LearningRateChange, Prediction, RunSpec, evaluation::evaluate_first, place,
};
use crate::{
    data::Split,
    disk::write_atomically,
    format::sanitized,
    nn::{Engine, Network},
};

pub use crate::format::is_in_the_future;
pub use error::{CheckpointError, Fault, Invalid};
pub use file::{is_scratch, remove_scratch};
pub use find::{BEST, Found, LAST, Listing, check, files, find, list, order_stamp, resolve, seconds, summaries};
pub use summary::Summary;

/// Complete state of a run between two steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Version of the program that wrote it.
    pub written_by: String,
    /// Time of the save, in seconds since 1970, UTC.
    pub saved_at: u64,
    pub spec: RunSpec,
    /// Learning rate in force.
    pub learning_rate: f32,
    pub learning_rate_changes: Vec<LearningRateChange>,
    pub position: Position,
    /// All weights and biases, layer by layer, in dfdx's order.
    pub parameters: Vec<f32>,
    pub optimizer: OptimizerState,
    /// Engine that computed the numbers; an exact continuation needs the same instruction set.
    pub computed_with: ComputedWith,
    /// One record per completed epoch.
    pub history: Vec<EpochRecord>,
    /// Newest evaluation of the test set.
    pub evaluation: Option<TestResult>,
    /// Best epoch so far.
    pub best: Option<Best>,
}

/// Position of a run, and its sums over the current epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Epochs completed.
    pub epoch: u32,
    /// Steps done in the current epoch.
    pub step: u32,
    /// Sum of the losses of the current epoch's images.
    pub loss_sum: f64,
    pub correct: u32,
    pub images: u32,
    /// Seconds of training in the current epoch.
    pub train_seconds: f64,
    /// Seconds of training and evaluation in the whole run.
    pub elapsed: f64,
}

impl Position {
    /// Returns the number of epochs that have begun, complete ones included.
    pub fn epochs_begun(&self) -> u32 {
        self.epoch + u32::from(self.step > 0)
    }
}

/// State that the optimizer carries from step to step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OptimizerState {
    /// Steps done since the start of the run.
    pub steps: u64,
    /// Adam: first and second moments. RMSprop: second moments. SGD: velocities if it has momentum, otherwise none.
    /// Each as long as the parameters.
    pub moments: Vec<Vec<f32>>,
    /// Exponential mean of the parameters, if the run has one. In a file it follows everything else.
    #[serde(skip)]
    pub average: Option<Vec<f32>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComputedWith {
    pub threads: u32,
    /// Name of the instruction set.
    pub simd: String,
}

/// Evaluation of the test set at the end of an epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestResult {
    /// Epochs completed before the evaluation.
    pub epoch: u32,
    pub loss: f64,
    pub confusion: Confusion,
    /// Misclassified images with their probabilities, in the order of the set.
    pub mistakes: Vec<Prediction>,
}

/// Set by which the best checkpoint is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChosenBy {
    Test,
    Validation,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    pub chosen_by: ChosenBy,
    /// Number of the epoch, from 1.
    pub epoch: u32,
    pub loss: f64,
    pub accuracy: f64,
}

impl Checkpoint {
    /// Reads a checkpoint and checks its header, its checksum and its contents. Its texts are safe to show.
    ///
    /// # Errors
    /// If anything is wrong with the file, see [`Fault`].
    pub fn read(path: &Path) -> Result<Self, CheckpointError> {
        let checked = |checkpoint: Self| validate::validate(&checkpoint).map(|()| checkpoint).map_err(Fault::Invalid);
        file::read(path).and_then(checked).map(Self::sanitized).map_err(CheckpointError::at(path))
    }

    /// Makes the texts safe to show.
    fn sanitized(mut self) -> Self {
        for text in [&mut self.written_by, &mut self.spec.dataset.name, &mut self.computed_with.simd] {
            *text = sanitized(text);
        }
        self
    }

    /// Writes to a scratch file, syncs and renames it: the previous file stays intact until the new one is complete.
    ///
    /// # Errors
    /// If [`Checkpoint::read`] would reject the checkpoint, or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), CheckpointError> {
        self.encode().map_err(CheckpointError::at(path)).and_then(|encoded| encoded.write(path))
    }

    /// Encodes the file's bytes, to be written more than once.
    ///
    /// # Errors
    /// If [`Checkpoint::read`] would reject the checkpoint.
    pub fn encode(&self) -> Result<Encoded, Fault> {
        validate::validate(self)?;
        file::encode(self).map(Encoded)
    }

    /// Creates the network that the run tests: with the mean of the parameters, if it has one and has begun.
    pub fn network(&self, engine: Engine) -> Network {
        let mut network = self.spec.hyper.build_network(engine);
        let set = network.set_parameters(self.tested_parameters());
        set.expect("a checkpoint that was read has all parameters");
        network
    }

    /// Returns the parameters of [`Checkpoint::network`].
    pub(super) fn tested_parameters(&self) -> &[f32] {
        let average = self.optimizer.average.as_ref().filter(|_| self.optimizer.steps > 0);
        average.unwrap_or(&self.parameters)
    }

    /// Evaluates the network on the test images within the run's limits, on one core: another run may be training.
    pub fn evaluate(&self, test: &Split) -> Evaluation {
        let images = self.spec.limits.test.map_or(test.len(), |limit| limit as usize);
        evaluate_first(&mut self.network(Engine::new(1)), test, images)
    }

    /// Describes the position in the run.
    pub fn place(&self) -> String {
        place(self.position.epoch, self.position.step)
    }
}

/// Bytes of a checkpoint file.
#[derive(Clone, Debug)]
pub struct Encoded(Vec<u8>);

impl Encoded {
    /// Writes the file as [`Checkpoint::write`] does.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), CheckpointError> {
        write_atomically(path, &self.0).map_err(Fault::Io).map_err(CheckpointError::at(path))
    }
}
