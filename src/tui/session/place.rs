//! Points in the course of a run.

use crate::{train::EpochRecord, tui::axis_unit::X};

/// A point in the course of a run, in each unit of the horizontal axis.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Place {
    pub epochs: f64,
    pub steps: f64,
    pub seconds: f64,
}

impl Place {
    /// Returns the coordinate on an axis with this unit.
    pub fn on(self, x: X) -> f64 {
        match x {
            X::Epochs => self.epochs,
            X::Steps => self.steps,
            X::Time => self.seconds,
        }
    }
}

/// Returns the places where the epochs end.
pub(crate) fn places(history: &[EpochRecord]) -> impl Iterator<Item = Place> {
    let mut at = Place::default();
    history.iter().map(move |record| {
        at.epochs = f64::from(record.epoch);
        at.steps += f64::from(record.steps);
        at.seconds += if record.seconds.is_finite() { record.seconds.max(0.0) } else { 0.0 };
        at
    })
}

/// Keeps every second point; the last one too if their number is even.
pub(crate) fn thin_out<T>(points: &mut Vec<T>) {
    let mut place = 0;
    points.retain(|_| {
        place += 1;
        place % 2 == 0
    });
}
