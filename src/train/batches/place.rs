//! Points in the course of a run.

use serde::{Deserialize, Serialize};

use crate::train::EpochRecord;

/// A point in the course of a run, in each unit of the horizontal axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub epochs: f64,
    pub steps: f64,
    pub seconds: f64,
}

impl Place {
    /// Returns the later of two places, if there are any.
    pub fn later(batch: Option<Self>, epoch: Option<Self>) -> Self {
        let known = batch.into_iter().chain(epoch);
        known.max_by(|a, b| a.epochs.total_cmp(&b.epochs)).unwrap_or_default()
    }
}

/// Returns the places where the epochs end.
pub fn places(history: &[EpochRecord]) -> impl Iterator<Item = Place> {
    let mut at = Place::default();
    history.iter().map(move |record| {
        at.epochs = f64::from(record.epoch);
        at.steps += f64::from(record.steps);
        at.seconds += if record.seconds.is_finite() { record.seconds.max(0.0) } else { 0.0 };
        at
    })
}
