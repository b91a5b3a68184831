//! Points in the course of a run, on a chart's axis.

pub(crate) use crate::train::{Place, places};
use crate::tui::axis_unit::X;

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
