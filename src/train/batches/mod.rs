//! A run's batches in bounded memory, as charts and sparklines show them.

mod columns;
mod history;
mod place;

use serde::{Deserialize, Serialize};

use super::Progress;

pub use columns::{Column, Columns};
pub use history::{BatchHistory, BatchMean};
pub use place::{Place, places};

/// Number of changes of the learning rate kept.
const MAX_RATE_CHANGES: usize = 1_000;

/// Everything that was reported about a run's batches.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Batches {
    pub history: BatchHistory,
    pub columns: Columns,
    /// Changes of the learning rate, with the place of the last step before each.
    pub rate_changes: Vec<(Place, f32)>,
}

impl Batches {
    pub fn push(&mut self, progress: &Progress) {
        self.columns.push(progress);
        self.history.push(progress);
    }

    /// Adds a change of the learning rate after `place`.
    pub fn change_rate(&mut self, place: Place, rate: f32) {
        if self.rate_changes.len() == MAX_RATE_CHANGES {
            self.rate_changes.remove(0);
        }
        self.rate_changes.push((place, rate));
    }
}
