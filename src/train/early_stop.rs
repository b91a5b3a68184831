//! When a run ends before its last epoch.

use std::fmt;

use super::{EpochRecord, Hyperparameters};

/// Reason for which a run ends before its last epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EarlyStop {
    /// No epoch was better on the held-out images than this one.
    Patience { epochs: u32, best: u32 },
    /// The accuracy on the held-out images is high enough.
    Accuracy { reached: f64, stop_at: f32 },
}

impl EarlyStop {
    /// Returns the reason that applies after the epochs of `history`, if there is one.
    pub(super) fn of(hyper: &Hyperparameters, history: &[EpochRecord]) -> Option<Self> {
        let newest = history.last()?;
        let (_, reached) = newest.validation?;
        if hyper.stop_at > 0.0 && reached >= f64::from(hyper.stop_at) {
            return Some(Self::Accuracy { reached, stop_at: hyper.stop_at });
        }
        let best = history.iter().reduce(|best, record| if record.is_better_than(best) { record } else { best })?;
        let epochs = newest.epoch - best.epoch;
        (hyper.patience > 0 && epochs >= hyper.patience).then_some(Self::Patience { epochs, best: best.epoch })
    }
}

impl fmt::Display for EarlyStop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Patience { epochs, best } => {
                write!(
                    f,
                    "stopped early: no epoch was better on the held-out images in the {epochs} since epoch {best}"
                )
            }
            Self::Accuracy { reached, stop_at } => {
                write!(f, "stopped early: the accuracy on the held-out images, {reached:.4}, has reached {stop_at}")
            }
        }
    }
}
