//! The results of a run's epochs.

use serde::{Deserialize, Serialize};

/// Results of one epoch: those of Keras's progress line and a few more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Number of the epoch, from 1.
    pub epoch: u32,
    /// Learning rate in force at the end of the epoch.
    pub learning_rate: f32,
    /// Mean over the epoch's images, each before the update of its batch.
    pub train_loss: f64,
    pub train_accuracy: f64,
    pub test_loss: f64,
    pub test_accuracy: f64,
    /// Loss and accuracy on the images held out with `--holdout`.
    pub validation: Option<(f64, f64)>,
    /// Duration of the epoch and its evaluation, without pauses.
    pub seconds: f64,
    /// Duration of the training alone.
    pub train_seconds: f64,
    pub steps: u32,
    pub images: u32,
}

impl EpochRecord {
    /// Returns loss and accuracy on the set that ranks epochs and runs: the held-out images if there are any, otherwise
    /// the test set.
    pub fn judged(&self) -> (f64, f64) {
        self.validation.unwrap_or((self.test_loss, self.test_accuracy))
    }

    /// Returns whether the epoch is better than another: by accuracy, then by loss, on the set that ranks epochs.
    pub fn is_better_than(&self, other: &Self) -> bool {
        is_better(self.judged(), other.judged())
    }

    /// Returns the mean duration of a training step.
    pub fn ms_per_step(&self) -> f64 {
        self.train_seconds * 1e3 / f64::from(self.steps.max(1))
    }

    /// Returns the speed of training, without evaluation.
    pub fn images_per_second(&self) -> f64 {
        if self.train_seconds > 0.0 { f64::from(self.images) / self.train_seconds } else { 0.0 }
    }
}

/// Returns whether a loss and accuracy are better than others: by accuracy, then by loss.
pub(super) fn is_better((loss, accuracy): (f64, f64), (other_loss, other_accuracy): (f64, f64)) -> bool {
    accuracy > other_accuracy || (accuracy == other_accuracy && loss < other_loss)
}

/// Change of the learning rate during training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LearningRateChange {
    /// Epochs completed before the change.
    pub epoch: u32,
    /// Steps done in the current epoch.
    pub step: u32,
    pub learning_rate: f32,
}

/// Describes a position in a run.
pub fn place(epoch: u32, step: u32) -> String {
    match (epoch, step) {
        (epoch, 0) => format!("after epoch {epoch}"),
        (epoch, step) => format!("after step {step} of epoch {}", epoch + 1),
    }
}
