//! What a run is given: hyperparameters, and which images it uses.

mod parameter;
mod value;

use serde::{Deserialize, Serialize};

use crate::{
    data::DatasetId,
    nn::{Activation, OptimizerKind, Pooling, UpdateRule},
};

pub use parameter::{Flag, Hyperparameter, InvalidHyperparameter, Kind, whole};
pub use value::Value;

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
    /// Of SGD, 0 or more and below 1. Other optimizers ignore it.
    pub momentum: f32,
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
            momentum: 0.0,
        }
    }
}

impl Hyperparameters {
    pub const MAX_BATCH_SIZE: u32 = 4_096;
    pub const MAX_EPOCHS: u32 = 10_000;
    pub const MAX_LEARNING_RATE: f32 = 10.0;

    /// Returns the value of one of them.
    pub fn get(&self, which: Hyperparameter) -> Value {
        // A field that has no hyperparameter is not used here, which the compiler tells.
        let Self { activation, pooling, optimizer, learning_rate, batch_size, epochs, seed, momentum } = *self;
        match which {
            Hyperparameter::Activation => activation.into(),
            Hyperparameter::Pooling => pooling.into(),
            Hyperparameter::Optimizer => optimizer.into(),
            Hyperparameter::LearningRate => learning_rate.into(),
            Hyperparameter::Momentum => momentum.into(),
            Hyperparameter::BatchSize => batch_size.into(),
            Hyperparameter::Epochs => epochs.into(),
            Hyperparameter::Seed => seed.into(),
        }
    }

    /// Sets the value of one of them, in its range or not.
    ///
    /// # Panics
    /// If the value is of another kind.
    pub fn set(&mut self, which: Hyperparameter, value: impl Into<Value>) {
        let value = value.into();
        match which {
            Hyperparameter::Activation => self.activation = value.choice(),
            Hyperparameter::Pooling => self.pooling = value.choice(),
            Hyperparameter::Optimizer => self.optimizer = value.choice(),
            Hyperparameter::LearningRate => self.learning_rate = value.real(),
            Hyperparameter::Momentum => self.momentum = value.real(),
            Hyperparameter::BatchSize => self.batch_size = value.count(),
            Hyperparameter::Epochs => self.epochs = value.count(),
            Hyperparameter::Seed => self.seed = value.whole(),
        }
    }

    /// Whether a value is worth a word: always, but for later ones at their default.
    pub fn mentions(&self, which: Hyperparameter) -> bool {
        !which.is_later() || self.get(which) != which.default_value()
    }

    /// Moves one of them to its next choice, or to a handy next number.
    pub fn step(&mut self, which: Hyperparameter, up: bool) {
        self.set(which, which.step(self.get(which), up));
    }

    /// Returns the formula that changes the weights.
    pub fn update_rule(&self) -> UpdateRule {
        UpdateRule { kind: self.optimizer, momentum: self.momentum }
    }

    /// Checks every range.
    ///
    /// # Errors
    /// The first hyperparameter that is outside its range.
    pub fn validate(&self) -> Result<(), InvalidHyperparameter> {
        Hyperparameter::ALL.iter().try_for_each(|&which| which.check(self.get(which)))
    }
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
