//! How a layer is doing in training: its gradient, its newest update, and its units that have stopped learning.

use super::{
    Activation, LayerInfo,
    kernels::{LANES, Lane, numbers},
};

/// Distance from the ends of tanh and sigmoid, as a part of half their range, within which their slope is almost 0.
const END: f32 = 0.01;

/// Measures of a layer that has parameters, over a sample of images.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerMeasures {
    pub info: &'static LayerInfo,
    /// Euclidean norm of the gradient of the mean loss.
    pub gradient: f64,
    /// Norm of the newest update, divided by the norm of the parameters before it. `None` if there was no update.
    pub update: Option<f64>,
    /// Number of units (maps, or values without a position) whose relu is 0 for every image.
    pub dead: usize,
    /// Number of units whose tanh or sigmoid is at an end of its range for every image.
    pub saturated: usize,
}

impl LayerMeasures {
    /// Returns the number of units: maps, or values without a position.
    pub fn units(&self) -> usize {
        self.info.kind.count()
    }
}

/// Numbers that a layer's measures are computed from.
pub(super) struct Sample<'a> {
    pub info: &'static LayerInfo,
    /// `None` for values without one, such as logits.
    pub activation: Option<Activation>,
    pub gradient: &'a [f32],
    /// Parameters before the newest update.
    pub before: Option<&'a [f32]>,
    pub parameters: &'a [f32],
    /// Outputs of each group of images.
    pub outputs: Vec<&'a [Lane]>,
    /// Number of images; all groups but the last are full.
    pub images: usize,
}

impl Sample<'_> {
    pub(super) fn measures(&self) -> LayerMeasures {
        let update = self.before.map(|before| {
            let change = norm(before.iter().zip(self.parameters).map(|(before, now)| now - before));
            change / norm(before.iter().copied()).max(f64::MIN_POSITIVE)
        });
        let (dead, saturated) = match self.activation {
            None => (0, 0),
            Some(Activation::Relu) => (self.units(|value| value <= 0.0), 0),
            Some(Activation::Tanh) => (0, self.units(|value| value.abs() > 1.0 - END)),
            Some(Activation::Sigmoid) => (0, self.units(|value| (2.0 * value - 1.0).abs() > 1.0 - END)),
        };
        LayerMeasures { info: self.info, gradient: norm(self.gradient.iter().copied()), update, dead, saturated }
    }

    /// Counts the units of which all values for all images fulfil a condition.
    fn units(&self, condition: impl Fn(f32) -> bool) -> usize {
        let count = self.info.kind.count();
        let fulfils = |unit: &usize| {
            self.outputs.iter().enumerate().all(|(group, lanes)| {
                let images = (self.images - group * LANES).min(LANES);
                let size = lanes.len() / count * LANES;
                let values = &numbers(lanes)[unit * size..][..size];
                values.chunks_exact(LANES).all(|values| values[..images].iter().all(|value| condition(*value)))
            })
        };
        (0..count).filter(fulfils).count()
    }
}

fn norm(values: impl Iterator<Item = f32>) -> f64 {
    values.map(|value| f64::from(value) * f64::from(value)).sum::<f64>().sqrt()
}
