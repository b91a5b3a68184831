//! What the charts show: axis, smoothing, part of the run, cursor and overlaid runs.

use crate::choice::choice;
use crate::tui::{
    axis_unit::X,
    session::{place::Place, series::Metric},
};

/// Choices of the number of epochs over which values are smoothed.
const SMOOTHINGS: [f64; 10] = [0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];

choice! {
    /// The charts of the full screen.
    #[derive(Default)]
    Charts {
        #[default]
        Both = "both charts",
        Accuracy = "accuracy",
        Loss = "loss",
        Rate = "learning rate",
    }
}

impl Charts {
    pub fn metrics(self) -> &'static [Metric] {
        match self {
            Self::Both => &[Metric::Accuracy, Metric::Loss],
            Self::Accuracy => &[Metric::Accuracy],
            Self::Loss => &[Metric::Loss],
            Self::Rate => &[Metric::Rate],
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

/// The other runs that are overlaid.
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

/// Index into [`SMOOTHINGS`].
#[derive(Clone, Copy, Debug)]
struct Smoothing(usize);

impl Default for Smoothing {
    /// Smooths over a tenth of an epoch, as the small charts do at least.
    fn default() -> Self {
        Self(4)
    }
}

#[derive(Clone, Debug, Default)]
pub struct Plot {
    /// Whether the charts fill the Train screen.
    pub full: bool,
    pub x: X,
    /// Whether only the late part is shown.
    pub late: bool,
    /// Whether the axis of the loss is logarithmic.
    pub log_scale: bool,
    smoothing: Smoothing,
    pub charts: Charts,
    pub sets: Sets,
    pub others: Others,
    /// Part of the axis that is shown, if one was chosen.
    pub window: Option<(f64, f64)>,
    /// Position of the cursor: a moment at which something was measured.
    pub cursor: Option<Place>,
}

impl Plot {
    /// Returns the number of epochs over which values are smoothed; 0 for no smoothing.
    pub fn smoothing(&self) -> f64 {
        SMOOTHINGS[self.smoothing.0]
    }

    /// Resets what belongs to the run, since another one begins.
    pub(crate) fn begin(&mut self) {
        (self.window, self.cursor) = (None, None);
    }

    pub(crate) fn smooth(&mut self, more: bool) {
        let Smoothing(place) = self.smoothing;
        let place = if more { place + 1 } else { place.saturating_sub(1) };
        self.smoothing.0 = place.min(SMOOTHINGS.len() - 1);
    }
}
