//! What a run's epochs brought.

use serde::{Deserialize, Serialize};

/// One epoch, as Keras's progress line has it and a little more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// From 1.
    pub epoch: u32,
    /// In force at the epoch's end.
    pub learning_rate: f32,
    /// Mean over the epoch's images, as they were trained.
    pub train_loss: f64,
    pub train_accuracy: f64,
    pub test_loss: f64,
    pub test_accuracy: f64,
    /// Loss and accuracy on the images set apart with `--holdout`.
    pub validation: Option<(f64, f64)>,
    /// The whole epoch with its evaluation, pauses left out.
    pub seconds: f64,
    /// Training alone.
    pub train_seconds: f64,
    pub steps: u32,
    pub images: u32,
}

impl EpochRecord {
    /// Loss and accuracy on the images that choose between epochs and runs: those set apart, where there are any, else the
    /// test set.
    pub fn judged(&self) -> (f64, f64) {
        self.validation.unwrap_or((self.test_loss, self.test_accuracy))
    }

    /// Of training alone.
    pub fn ms_per_step(&self) -> f64 {
        self.train_seconds * 1e3 / f64::from(self.steps.max(1))
    }

    /// Of training alone.
    pub fn images_per_second(&self) -> f64 {
        if self.train_seconds > 0.0 { f64::from(self.images) / self.train_seconds } else { 0.0 }
    }
}

/// The learning rate was changed in place.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LearningRateChange {
    /// Epochs complete at that moment.
    pub epoch: u32,
    /// Steps done in the epoch under way.
    pub step: u32,
    pub learning_rate: f32,
}
