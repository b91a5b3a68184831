//! What every layer makes of one image.

use super::kernels::{LANES, Lane, numbers};
use crate::data::CLASSES;

/// The outputs of all layers for one image, and the kernels it met first. Maps lie row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Activations {
    /// C1's weights: a kernel of 5x5 a map.
    pub kernels: [[f32; 5 * 5]; 6],
    /// 28x28 a map, activated.
    pub c1: [[f32; 28 * 28]; 6],
    /// C1's maps pooled: 14x14.
    pub s2: [[f32; 14 * 14]; 6],
    /// 10x10 a map, activated.
    pub c3: [[f32; 10 * 10]; 16],
    /// C3's maps pooled: 5x5.
    pub s4: [[f32; 5 * 5]; 16],
    /// Activated.
    pub c5: [f32; 120],
    /// Activated.
    pub f6: [f32; 84],
    pub logits: [f32; CLASSES],
    /// Softmax of the logits.
    pub probabilities: [f32; CLASSES],
}

/// The values of a group's first image: `M` outputs of `N` values.
pub(super) fn of_first_image<const M: usize, const N: usize>(lanes: &[Lane]) -> [[f32; N]; M] {
    let mut values = [[0.0; N]; M];
    let first = numbers(lanes).iter().step_by(LANES);
    values.as_flattened_mut().iter_mut().zip(first).for_each(|(value, &lane)| *value = lane);
    values
}
