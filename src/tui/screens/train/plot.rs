//! How the charts are looked at: axis, smoothing, part of the run, the cursor, and which runs lie over it.

use crate::choice::choice;
use crate::tui::{
    axis_unit::X,
    session::{place::Place, series::Metric},
};

/// Epochs over which values are smoothed.
const SMOOTHINGS: [f64; 10] = [0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];

choice! {
    /// The charts of the full screen.
    #[derive(Default)]
    Charts {
        #[default]
        Both = "both charts",
        Accuracy = "accuracy",
        Loss = "loss",
    }
}

impl Charts {
    pub fn metrics(self) -> &'static [Metric] {
        match self {
            Self::Both => &[Metric::Accuracy, Metric::Loss],
            Self::Accuracy => &[Metric::Accuracy],
            Self::Loss => &[Metric::Loss],
        }
    }
}

choice! {
    /// The images that the curves were measured on.
    #[derive(Default)]
    Sets {
        #[default]
        Both = "both sets",
        Test = "test",
        Train = "training",
    }
}

impl Sets {
    pub fn has_train(self) -> bool {
        self != Self::Test
    }

    pub fn has_test(self) -> bool {
        self != Self::Train
    }
}

/// Which other runs are laid over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Others {
    #[default]
    None,
    /// The newest on the same data.
    Newest,
    /// Those marked on the Runs screen.
    Marked,
}

impl Others {
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "no other runs",
            Self::Newest => "newest runs: accuracy, loss",
            Self::Marked => "marked runs: accuracy, loss",
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Plot {
    /// A chart fills the Train screen.
    pub full: bool,
    pub x: X,
    /// The late part only.
    pub late: bool,
    /// Of the loss.
    pub log_scale: bool,
    smoothing: usize,
    pub charts: Charts,
    pub sets: Sets,
    pub others: Others,
    /// The part of the axis that is shown, where it was chosen.
    pub window: Option<(f64, f64)>,
    /// A moment of which something is known.
    pub cursor: Option<Place>,
}

impl Plot {
    /// Epochs over which values are smoothed; 0 for not at all.
    pub fn smoothing(&self) -> f64 {
        SMOOTHINGS[self.smoothing]
    }

    /// Another run begins.
    pub(crate) fn begin(&mut self) {
        (self.window, self.cursor) = (None, None);
    }

    pub(crate) fn smooth(&mut self, more: bool) {
        let place = if more { self.smoothing + 1 } else { self.smoothing.saturating_sub(1) };
        self.smoothing = place.min(SMOOTHINGS.len() - 1);
    }
}
