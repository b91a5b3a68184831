//! Loss and accuracy of a run's batches since it was first reported: finer than epochs, in bounded memory.

use serde::{Deserialize, Serialize};

use super::Place;
use crate::train::Progress;

/// Number of means kept. Beyond it, neighbours are merged.
const MAX_MEANS: usize = 4_096;
/// Number of times that a stretch of unreported batches must be longer than the means beside it to be a gap, which no
/// line crosses. Reports may get lost while nobody reads them.
const GAP: f64 = 8.0;

/// Mean over consecutive batches.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchMean {
    /// End of the last batch.
    pub place: Place,
    pub loss: f64,
    pub accuracy: f64,
    /// Learning rate after the last batch.
    pub learning_rate: f64,
    /// Number of batches reported.
    pub batches: u32,
    /// Steps of the run before the first batch.
    from: f64,
}

/// Means over batches, in the order of training.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BatchHistory {
    means: Vec<BatchMean>,
    /// Number of batches that a mean covers before the next one begins.
    batches_per_mean: u32,
}

impl BatchHistory {
    pub fn means(&self) -> &[BatchMean] {
        &self.means
    }

    pub fn is_empty(&self) -> bool {
        self.means.is_empty()
    }

    /// Returns whether there is a gap before the mean at `index`.
    pub fn has_gap_before(&self, index: usize) -> bool {
        index > 0 && is_gap(&self.means[index - 1], &self.means[index])
    }

    pub fn push(&mut self, progress: &Progress) {
        let Some(mean) = mean_of(progress) else { return };
        if let Some(last) = self.means.last_mut() {
            if mean.place.steps <= last.place.steps {
                return;
            }
            if last.batches < self.batches_per_mean && !is_gap(last, &mean) {
                *last = merged(last, &mean);
                return;
            }
        }
        self.means.push(mean);
        if self.means.len() > MAX_MEANS {
            self.coarsen();
        }
    }

    /// Doubles the number of batches per mean.
    fn coarsen(&mut self) {
        let widest = self.means.iter().map(|mean| mean.batches).max().unwrap_or(1);
        self.batches_per_mean = widest.max(self.batches_per_mean).saturating_mul(2);
        let mut coarse: Vec<BatchMean> = Vec::with_capacity(self.means.len() / 2 + 1);
        for mean in &self.means {
            match coarse.last_mut() {
                Some(last)
                    if last.batches.saturating_add(mean.batches) <= self.batches_per_mean && !is_gap(last, mean) =>
                {
                    *last = merged(last, mean);
                }
                _ => coarse.push(*mean),
            }
        }
        // If gaps left too many means, the oldest are removed.
        let surplus = coarse.len().saturating_sub(MAX_MEANS * 3 / 4);
        coarse.drain(..surplus);
        self.means = coarse;
    }
}

fn mean_of(progress: &Progress) -> Option<BatchMean> {
    let (epoch, step) = (f64::from(progress.epoch.max(1) - 1), f64::from(progress.step));
    let steps_per_epoch = f64::from(progress.steps_per_epoch);
    if steps_per_epoch == 0.0 || !(0.0..1e12).contains(&progress.elapsed) {
        return None;
    }
    let steps = epoch * steps_per_epoch + step;
    Some(BatchMean {
        place: Place { epochs: epoch + step / steps_per_epoch, steps, seconds: progress.elapsed },
        loss: progress.batch_loss,
        accuracy: progress.batch_accuracy,
        learning_rate: progress.learning_rate.into(),
        batches: progress.batches.max(1),
        from: steps - f64::from(progress.batches),
    })
}

fn is_gap(before: &BatchMean, after: &BatchMean) -> bool {
    after.from - before.place.steps > GAP * (f64::from(before.batches) + f64::from(after.batches))
}

/// Returns the mean over both, which is NaN if either is.
fn merged(a: &BatchMean, b: &BatchMean) -> BatchMean {
    let (na, nb) = (f64::from(a.batches), f64::from(b.batches));
    let mean = |a: f64, b: f64| (a * na + b * nb) / (na + nb);
    BatchMean {
        loss: mean(a.loss, b.loss),
        accuracy: mean(a.accuracy, b.accuracy),
        learning_rate: b.learning_rate,
        batches: a.batches.saturating_add(b.batches),
        from: a.from,
        place: b.place,
    }
}
