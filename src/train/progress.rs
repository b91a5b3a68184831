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

impl Progress {
    /// Adds the batches of an earlier report of the same epoch, which this one then replaces.
    pub fn add(&mut self, earlier: &Self) {
        let (old, new) = (f64::from(earlier.batches), f64::from(self.batches));
        let mean = |earlier: f64, later: f64| (earlier * old + later * new) / (old + new).max(1.0);
        self.batch_loss = mean(earlier.batch_loss, self.batch_loss);
        self.batch_accuracy = mean(earlier.batch_accuracy, self.batch_accuracy);
        self.batches = self.batches.saturating_add(earlier.batches);
    }
}
