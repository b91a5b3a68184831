//! Named sets of hyperparameters.

use super::Hyperparameters;
use crate::{choice::choice, train::Schedule};

choice! {
    /// A named set of hyperparameters.
    Recipe {
        /// The report's run: the defaults.
        Report = "report",
        /// A high accuracy in less than a minute on two cores.
        Fast = "fast",
        /// The highest accuracy.
        Best = "best",
    }
}

impl Recipe {
    /// Returns the hyperparameters, with the default seed.
    pub fn hyperparameters(self) -> Hyperparameters {
        let report = Hyperparameters::default();
        let best = Hyperparameters {
            learning_rate: 0.004,
            batch_size: 64,
            epochs: 120,
            schedule: Schedule::OneCycle,
            warm_up: 0.15,
            weight_decay: 0.02,
            clipping: 1.0,
            ema: 0.999,
            rotation: 12.0,
            shift: 2.2,
            scaling: 0.15,
            shear: 0.15,
            elastic: 0.5,
            ..report.clone()
        };
        match self {
            Self::Report => report,
            Self::Fast => Hyperparameters { epochs: 40, elastic: 0.0, ..best },
            Self::Best => best,
        }
    }

    /// Describes the recipe in a few words.
    pub fn doc(self) -> &'static str {
        match self {
            Self::Report => "the report's run",
            Self::Fast => "augmentation, one-cycle and a mean of the weights, in less than a minute on two cores",
            Self::Best => "the same for longer, with elastic distortion: the highest accuracy",
        }
    }
}
