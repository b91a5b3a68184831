//! A report of a run's progress.

use serde::{Deserialize, Serialize};

/// Progress of the run. Reported at most about 30 times per second, and after each single step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Current epoch, from 1.
    pub epoch: u32,
    /// Steps done in it.
    pub step: u32,
    pub steps_per_epoch: u32,
    /// Learning rate of the next step.
    pub learning_rate: f32,
    /// Mean over the batches trained since the previous report.
    pub batch_loss: f64,
    pub batch_accuracy: f64,
    /// Number of batches trained since the previous report.
    pub batches: u32,
    /// Running mean over the epoch's images so far, as Keras shows it.
    pub train_loss: f64,
    pub train_accuracy: f64,
    /// Speed over about the last second of training.
    pub images_per_second: f64,
    pub ms_per_step: f64,
    /// Seconds of training and evaluation, without pauses, including earlier sessions.
    pub elapsed: f64,
    /// Estimated seconds to the end of the run, if known.
    pub remaining: Option<f64>,
}
