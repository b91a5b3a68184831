//! The outputs of every layer for one image.

use super::{
    LayerInfo,
    kernels::{LANES, Lane, numbers},
};
use crate::data::CLASSES;

/// The outputs of all layers for one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Activations {
    /// One per layer, in the order in which data passes through them; the last layer's values are the logits.
    pub layers: Vec<LayerOutput>,
    /// Softmax of the logits.
    pub probabilities: [f32; CLASSES],
}

/// One layer's outputs.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerOutput {
    pub info: &'static LayerInfo,
    /// [`LayerKind::values`](super::LayerKind::values) values, map after map. A recurrent network that reads empty rows
    /// after the image has one state more per unit: that after the last of these rows.
    pub values: Vec<f32>,
    /// The maps' kernels one after another if `info.kernel` gives their side; otherwise empty.
    pub kernels: Vec<f32>,
}

impl Activations {
    /// Returns the last layer's values, one per class.
    pub fn logits(&self) -> &[f32] {
        self.layers.last().map_or(&[], |last| &last.values)
    }
}

/// Returns the values of a group's first image.
pub(super) fn first_image_values(lanes: &[Lane]) -> Vec<f32> {
    numbers(lanes).iter().step_by(LANES).copied().collect()
}
