//! How the learning rate changes over a run.

use std::f64::consts::PI;

use crate::choice::choice;

choice! {
    #[derive(Default)]
    /// The course of the learning rate, from the hyperparameter's value. With `t` the part of the run's steps that is
    /// done, from 0 to 1:
    Schedule {
        /// Always the same.
        #[default]
        Constant = "constant",
        /// A tenth from half of the steps on, a hundredth from three quarters on (He et al., 2016).
        Step = "step",
        /// `(1 + cos(pi t)) / 2` (Loshchilov and Hutter, 2017), without restarts.
        Cosine = "cosine",
        /// From 1/25 up to the whole rate during the warm-up, then down to 1/250,000, both along a half cosine (Smith
        /// and Topin, 2019; PyTorch's `OneCycleLR`).
        OneCycle = "one-cycle",
    }
}

/// Part of the rate with which one-cycle begins.
const FIRST: f64 = 1.0 / 25.0;
/// Part of the rate with which one-cycle ends.
const LAST: f64 = FIRST / 1e4;

impl Schedule {
    /// Returns the factor of the learning rate in a step, counted from 0, of a run of `steps` steps. `warm_up` is the
    /// part of the steps in which one-cycle rises.
    pub fn factor(self, warm_up: f32, step: u64, steps: u64) -> f64 {
        let done = step as f64 / steps.max(1) as f64;
        match self {
            Self::Constant => 1.0,
            Self::Step if done < 0.5 => 1.0,
            Self::Step if done < 0.75 => 0.1,
            Self::Step => 0.01,
            Self::Cosine => between(1.0, 0.0, done),
            Self::OneCycle => {
                // PyTorch reaches the peak and the end in steps, not between them.
                let peak = f64::from(warm_up) * steps as f64 - 1.0;
                let (step, last) = (step as f64, steps as f64 - 1.0);
                match step < peak {
                    true => between(FIRST, 1.0, step / peak),
                    false => between(1.0, LAST, (step - peak) / (last - peak)),
                }
            }
        }
    }
}

/// Returns the value a part of the way from one value to another, along a half cosine.
fn between(from: f64, to: f64, part: f64) -> f64 {
    to + (from - to) * (1.0 + (PI * part).cos()) / 2.0
}
