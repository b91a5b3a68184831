//! `train`: the run itself, on a screen or without one.

use std::path::PathBuf;

use clap::Args;

use super::{DatasetArgs, Status};
use crate::train::{Activation, OptimizerKind, Pooling};

/// Hyperparameters are optional so that a resumed run can tell what was asked for from what is merely the default.
#[derive(Debug, Args)]
pub struct TrainArgs {
    #[command(flatten)]
    dataset: DatasetArgs,
    /// Set the last N training images apart as a validation set, and choose the best checkpoint by them [default: 0]
    #[arg(long, value_name = "N")]
    holdout: Option<u32>,
    /// Use only the first N training images [default: all]
    #[arg(long, value_name = "N")]
    limit_train: Option<u32>,
    /// Use only the first N test images [default: all]
    #[arg(long, value_name = "N")]
    limit_test: Option<u32>,
    /// Activation function: relu, tanh or sigmoid [default: relu]
    #[arg(long, value_name = "NAME")]
    activation: Option<Activation>,
    /// Optimizer: adam, rmsprop or sgd [default: adam]
    #[arg(long, value_name = "NAME")]
    optimizer: Option<OptimizerKind>,
    /// Learning rate [default: 0.001]
    #[arg(long, value_name = "RATE")]
    lr: Option<f32>,
    /// Images a step, 1 to 4096 [default: 16]
    #[arg(long, value_name = "N")]
    batch_size: Option<u32>,
    /// Epochs in all, those of a resumed run included [default: 10, or the checkpoint's]
    #[arg(long, value_name = "N")]
    epochs: Option<u32>,
    /// Pooling: avg or max [default: avg]
    #[arg(long, value_name = "NAME")]
    pooling: Option<Pooling>,
    /// Seed of the initial weights and of the order of the images [default: 1]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Threads that share a step [default: the machine's cores]
    #[arg(long, value_name = "N")]
    threads: Option<u32>,
    /// Folder in which each run makes a folder of its own
    #[arg(long, value_name = "DIR", default_value = "checkpoints")]
    checkpoint_dir: PathBuf,
    /// Go on with a saved run: this checkpoint, or the most recently saved one in the checkpoint folder
    #[arg(long, value_name = "PATH", num_args = 0..=1)]
    resume: Option<Option<PathBuf>>,
    /// No screen: one line an epoch
    #[arg(long)]
    headless: bool,
    /// One JSON object a line on stdout (implies --headless)
    #[arg(long)]
    json: bool,
    /// Frames a second the screen draws at most, 1 to 60
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=60))]
    fps: u8,
}

pub fn run(_args: TrainArgs) -> anyhow::Result<Status> {
    anyhow::bail!("not built yet")
}
