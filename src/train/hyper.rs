//! What a run is given: hyperparameters, and which images it uses.

use serde::{Deserialize, Serialize};

use crate::{
    data::DatasetId,
    nn::{Activation, OptimizerKind, Pooling},
};

/// Everything about the training itself. [`Default`] is the report's run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hyperparameters {
    pub activation: Activation,
    pub pooling: Pooling,
    pub optimizer: OptimizerKind,
    pub learning_rate: f32,
    /// Images a step, 1 to [`Hyperparameters::MAX_BATCH_SIZE`].
    pub batch_size: u32,
    /// Epochs in all, 1 to [`Hyperparameters::MAX_EPOCHS`].
    pub epochs: u32,
    /// Of the initial weights and the order of the images.
    pub seed: u64,
}

impl Default for Hyperparameters {
    fn default() -> Self {
        Self {
            activation: Activation::Relu,
            pooling: Pooling::Avg,
            optimizer: OptimizerKind::Adam,
            learning_rate: 0.001,
            batch_size: 16,
            epochs: 10,
            seed: 1,
        }
    }
}

/// A hyperparameter outside its range.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{name} must be {expected}, not {found}")]
pub struct InvalidHyperparameter {
    pub name: &'static str,
    pub expected: String,
    pub found: String,
}

impl Hyperparameters {
    pub const MAX_BATCH_SIZE: u32 = 4_096;
    pub const MAX_EPOCHS: u32 = 10_000;
    pub const MAX_LEARNING_RATE: f32 = 10.0;

    /// Checks every range.
    pub fn validate(&self) -> Result<(), InvalidHyperparameter> {
        Self::check_learning_rate(self.learning_rate)?;
        Self::check_batch_size(self.batch_size)?;
        Self::check_epochs(self.epochs)
    }

    pub fn check_learning_rate(value: f32) -> Result<(), InvalidHyperparameter> {
        (value > 0.0 && value <= Self::MAX_LEARNING_RATE).then_some(()).ok_or_else(|| InvalidHyperparameter {
            name: "learning rate",
            expected: format!("above 0 and at most {}", Self::MAX_LEARNING_RATE),
            found: value.to_string(),
        })
    }

    pub fn check_batch_size(value: u32) -> Result<(), InvalidHyperparameter> {
        in_range("batch size", value, Self::MAX_BATCH_SIZE)
    }

    pub fn check_epochs(value: u32) -> Result<(), InvalidHyperparameter> {
        in_range("epochs", value, Self::MAX_EPOCHS)
    }
}

fn in_range(name: &'static str, value: u32, max: u32) -> Result<(), InvalidHyperparameter> {
    (1..=max).contains(&value).then_some(()).ok_or_else(|| InvalidHyperparameter {
        name,
        expected: format!("1 to {max}"),
        found: value.to_string(),
    })
}

/// Which images a run uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Only the first so many training images (before the holdout is set apart).
    pub train: Option<u32>,
    /// Only the first so many test images.
    pub test: Option<u32>,
    /// The last so many of the training images are not trained on but kept as a validation set. 0: none.
    pub holdout: u32,
}

/// What a run is: its hyperparameters and its images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSpec {
    pub hyper: Hyperparameters,
    pub limits: Limits,
    pub dataset: DatasetId,
}
