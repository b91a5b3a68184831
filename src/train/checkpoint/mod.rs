//! A run on disk: all that exact continuation needs, and the history.

mod error;
mod file;
mod find;
mod summary;
mod v1;
mod validate;

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Confusion, EpochRecord, LearningRateChange, Prediction, RunSpec};
use crate::{
    disk::write_atomically,
    format::sanitized,
    nn::{Architecture, Engine, Network},
};

pub use crate::format::is_in_the_future;
pub use error::{CheckpointError, Fault, Invalid};
pub use file::{is_scratch, remove_scratch};
pub use find::{BEST, Found, LAST, Listing, check, files, find, list, order_stamp, resolve, seconds, summaries};
pub use summary::Summary;

/// Everything a run is at one moment between two steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The program's version that wrote it.
    pub written_by: String,
    /// Seconds since 1970, UTC.
    pub saved_at: u64,
    /// Which network the parameters are of; in the file its name stands in front of all this.
    #[serde(skip)]
    pub network: Architecture,
    pub spec: RunSpec,
    /// In force now.
    pub learning_rate: f32,
    pub learning_rate_changes: Vec<LearningRateChange>,
    pub position: Position,
    /// All weights and biases, layer after layer, in dfdx's order.
    pub parameters: Vec<f32>,
    pub optimizer: OptimizerState,
    /// What the numbers were computed with: an exact continuation needs the same.
    pub computed_with: ComputedWith,
    /// One record for each complete epoch.
    pub history: Vec<EpochRecord>,
    /// The newest evaluation of the test set.
    pub evaluation: Option<TestResult>,
    /// The best epoch so far.
    pub best: Option<Best>,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Epochs complete.
    pub epoch: u32,
    /// Steps done in the epoch under way.
    pub step: u32,
    /// Over the images of the epoch under way.
    pub loss_sum: f64,
    pub correct: u32,
    pub images: u32,
    /// Seconds the epoch under way has trained.
    pub train_seconds: f64,
    /// Seconds the whole run has trained and evaluated.
    pub elapsed: f64,
}

/// What the optimizer carries from step to step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OptimizerState {
    /// Steps done since the run began.
    pub steps: u64,
    /// Adam: first and second moments. RMSprop: second moments. SGD: velocities if it has a momentum, else none. Each as
    /// long as the parameters.
    pub moments: Vec<Vec<f32>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComputedWith {
    pub threads: u32,
    /// The instruction set's name.
    pub simd: String,
}

/// What the test set showed at the end of an epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestResult {
    /// Epochs complete at that moment.
    pub epoch: u32,
    pub loss: f64,
    pub confusion: Confusion,
    /// The misclassified images with their probabilities, in the set's order.
    pub mistakes: Vec<Prediction>,
}

/// By which set the best checkpoint is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChosenBy {
    Test,
    Validation,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    pub chosen_by: ChosenBy,
    /// From 1.
    pub epoch: u32,
    pub loss: f64,
    pub accuracy: f64,
}

impl Checkpoint {
    /// Reads and checks a checkpoint: header, checksum, and that its contents make sense. Its texts are safe to show then.
    ///
    /// # Errors
    /// Whatever is wrong with the file, see [`Fault`].
    pub fn read(path: &Path) -> Result<Self, CheckpointError> {
        let checked = |checkpoint: Self| validate::validate(&checkpoint).map(|()| checkpoint).map_err(Fault::Invalid);
        file::read(path).and_then(checked).map(Self::sanitized).map_err(CheckpointError::at(path))
    }

    /// Makes its texts safe to show.
    fn sanitized(mut self) -> Self {
        for text in [&mut self.written_by, &mut self.spec.dataset.name, &mut self.computed_with.simd] {
            *text = sanitized(text);
        }
        self
    }

    /// Scratch file, sync, rename, folder sync: the older file stays whole until the new one is.
    ///
    /// # Errors
    /// If the checkpoint is none that [`Checkpoint::read`] would take, or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), CheckpointError> {
        self.encode().map_err(CheckpointError::at(path)).and_then(|encoded| encoded.write(path))
    }

    /// The file's bytes, to be written more than once.
    ///
    /// # Errors
    /// If the checkpoint is none that [`Checkpoint::read`] would take.
    pub fn encode(&self) -> Result<Encoded, Fault> {
        validate::validate(self)?;
        file::encode(self).map(Encoded)
    }

    /// A network with these parameters.
    pub fn network(&self, engine: Engine) -> Network {
        let hyper = &self.spec.hyper;
        let mut network = Network::new(self.network, hyper.activation, hyper.pooling, hyper.seed, engine);
        network.set_parameters(&self.parameters).expect("a checkpoint that was read has all parameters");
        network
    }

    /// The checkpoint's place in its run, for people.
    pub fn place(&self) -> String {
        place(self.position.epoch, self.position.step)
    }
}

/// Returns a place in a run, for people.
pub fn place(epoch: u32, step: u32) -> String {
    match (epoch, step) {
        (epoch, 0) => format!("after epoch {epoch}"),
        (epoch, step) => format!("after step {step} of epoch {}", epoch + 1),
    }
}

/// A checkpoint as the bytes of its file.
#[derive(Clone, Debug)]
pub struct Encoded(Vec<u8>);

impl Encoded {
    /// See [`Checkpoint::write`].
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), CheckpointError> {
        write_atomically(path, &self.0).map_err(Fault::Io).map_err(CheckpointError::at(path))
    }
}
