//! Format 1, written by version 0.1.0: without the name of the network, and hyperparameters without momentum.

use serde::Deserialize;

use crate::{
    data::DatasetId,
    nn::{Activation, Architecture, OptimizerKind, Pooling},
    train::{self, Limits},
};

pub(super) const VERSION: u32 = 1;

#[derive(Deserialize)]
pub(super) struct RunSpec {
    hyper: Hyperparameters,
    limits: Limits,
    dataset: DatasetId,
}

#[derive(Deserialize)]
struct Hyperparameters {
    activation: Activation,
    pooling: Pooling,
    optimizer: OptimizerKind,
    learning_rate: f32,
    batch_size: u32,
    epochs: u32,
    seed: u64,
}

impl From<RunSpec> for train::RunSpec {
    fn from(spec: RunSpec) -> Self {
        let Hyperparameters { activation, pooling, optimizer, learning_rate, batch_size, epochs, seed } = spec.hyper;
        Self {
            hyper: train::Hyperparameters {
                activation,
                pooling,
                optimizer,
                learning_rate,
                batch_size,
                epochs,
                seed,
                // The only network of version 0.1.0.
                network: Architecture::LeNet5,
                ..train::Hyperparameters::default()
            },
            limits: spec.limits,
            dataset: spec.dataset,
            transfer: None,
            teacher: None,
        }
    }
}
