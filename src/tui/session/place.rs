//! Points in the course of a run.

use crate::tui::axis_unit::X;

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

/// Keeps every second point; the last one too if their number is even.
pub(crate) fn thin_out<T>(points: &mut Vec<T>) {
    let mut place = 0;
    points.retain(|_| {
        place += 1;
        place % 2 == 0
    });
}
