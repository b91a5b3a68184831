//! What every layer makes of one image.

use super::{
    LayerInfo,
    kernels::{LANES, Lane, numbers},
};
use crate::data::CLASSES;

/// The outputs of all layers for one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Activations {
    /// In the order of the data; the last layer's values are the logits.
    pub layers: Vec<LayerOutput>,
    /// Softmax of the logits.
    pub probabilities: [f32; CLASSES],
}

/// One layer's outputs.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerOutput {
    pub info: &'static LayerInfo,
    /// As many as `info.kind` says, map after map.
    pub values: Vec<f32>,
    /// The maps' kernels one after the other, where `info.kernel` tells their side; else empty.
    pub kernels: Vec<f32>,
}

impl Activations {
    /// Returns the last layer's values, one for each class.
    pub fn logits(&self) -> &[f32] {
        self.layers.last().map_or(&[], |last| &last.values)
    }
}

/// Returns the values of a group's first image.
pub(super) fn of_first_image(lanes: &[Lane]) -> Vec<f32> {
    numbers(lanes).iter().step_by(LANES).copied().collect()
}
