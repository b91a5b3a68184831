//! Hyperparameters as far as somebody has chosen them: by flags, or in the configuration.

use clap::Args;

use crate::train::{Activation, Hyperparameters, OptimizerKind, Pooling};

/// Optional, so that what was asked for can be told from what is merely the default.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct HyperArgs {
    /// Activation function: relu, tanh or sigmoid [default: relu]
    #[arg(long, value_name = "NAME")]
    pub(crate) activation: Option<Activation>,
    /// Optimizer: adam, rmsprop or sgd [default: adam]
    #[arg(long, value_name = "NAME")]
    pub(crate) optimizer: Option<OptimizerKind>,
    /// Learning rate, above 0 and at most 10 [default: 0.001]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub(crate) lr: Option<f32>,
    /// Images a step, 1 to 4096 [default: 16]
    #[arg(long, value_name = "N")]
    pub(crate) batch_size: Option<u32>,
    /// Epochs in all, those of a resumed run included, 1 to 10000 [default: 10, or the checkpoint's]
    #[arg(long, value_name = "N")]
    pub(crate) epochs: Option<u32>,
    /// Pooling: avg or max [default: avg]
    #[arg(long, value_name = "NAME")]
    pub(crate) pooling: Option<Pooling>,
    /// Seed of the initial weights and of the order of the images [default: 1]
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
}

impl HyperArgs {
    /// What is chosen here, else there.
    pub(crate) fn or(self, there: Self) -> Self {
        Self {
            activation: self.activation.or(there.activation),
            optimizer: self.optimizer.or(there.optimizer),
            lr: self.lr.or(there.lr),
            batch_size: self.batch_size.or(there.batch_size),
            epochs: self.epochs.or(there.epochs),
            pooling: self.pooling.or(there.pooling),
            seed: self.seed.or(there.seed),
        }
    }

    /// The rest as the program has it.
    pub(crate) fn filled(&self) -> Hyperparameters {
        let default = Hyperparameters::default();
        Hyperparameters {
            activation: self.activation.unwrap_or(default.activation),
            pooling: self.pooling.unwrap_or(default.pooling),
            optimizer: self.optimizer.unwrap_or(default.optimizer),
            learning_rate: self.lr.unwrap_or(default.learning_rate),
            batch_size: self.batch_size.unwrap_or(default.batch_size),
            epochs: self.epochs.unwrap_or(default.epochs),
            seed: self.seed.unwrap_or(default.seed),
        }
    }
}
