//! Moments of a run.

use crate::tui::axis_unit::X;

/// A moment of a run, in each axis's unit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Place {
    pub epochs: f64,
    pub steps: f64,
    pub seconds: f64,
}

impl Place {
    pub fn on(self, x: X) -> f64 {
        match x {
            X::Epochs => self.epochs,
            X::Steps => self.steps,
            X::Time => self.seconds,
        }
    }
}

/// Keeps every second point, the last of an even number among them.
pub(crate) fn thin_out<T>(points: &mut Vec<T>) {
    let mut place = 0;
    points.retain(|_| {
        place += 1;
        place % 2 == 0
    });
}
