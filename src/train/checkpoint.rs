//! A run on disk: all that exact continuation needs, and the history.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{ChosenBy, Confusion, EpochRecord, LearningRateChange, Prediction, RunSpec};

/// Everything a run is at one moment between two steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The program's version that wrote it.
    pub written_by: String,
    /// Seconds since 1970, UTC.
    pub saved_at: u64,
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
    /// Adam: first and second moments. RMSprop: second moments. SGD: none. Each as long as the parameters.
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

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    pub chosen_by: ChosenBy,
    /// From 1.
    pub epoch: u32,
    pub loss: f64,
    pub accuracy: f64,
}

/// A checkpoint file found in a checkpoint folder.
#[derive(Debug)]
pub struct Found {
    pub path: PathBuf,
    pub checkpoint: Result<Checkpoint, String>,
}
