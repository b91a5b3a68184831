//! The values of an answer, scaled to be drawn.

use crate::train::Activations;

/// Base of the scales: the largest value of a layer is rounded up to a power of this, so that its scale seldom changes.
const STEP: f32 = 1.25;
/// Range of the largest value, as a part of the scale, in which the scale is kept.
const FITTING: std::ops::RangeInclusive<f32> = 0.6..=1.1;

/// The values of an answer divided by their scales: kernels, and all layers but the last.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    pub parts: Box<Activations>,
    /// Value that 1 stands for, of each group of values.
    scales: Vec<f32>,
}

impl Picture {
    /// Scales an answer. Keeps the scales of the previous picture if they fit, so that the brightness changes only with
    /// the values.
    pub fn of(activations: &Activations, before: Option<&Self>) -> Self {
        let mut parts = Box::new(activations.clone());
        let mut scales = Vec::new();
        for (place, values) in scaled_mut(&mut parts).enumerate() {
            let scale = fitting(values, before.and_then(|before| before.scales.get(place).copied()));
            values.iter_mut().for_each(|value| *value /= scale);
            scales.push(scale);
        }
        Self { parts, scales }
    }

    /// Returns this picture with the values of `before` where the brightness differs by less than `threshold`, a part
    /// of its whole range.
    pub fn settled(&self, before: &Self, threshold: f32) -> Self {
        // Eyes perceive small differences better in the dark.
        let perceived = |part: f32| part.abs().sqrt().copysign(part);
        let mut settled = self.clone();
        for (new, old) in scaled_mut(&mut settled.parts).zip(scaled(&before.parts)) {
            for (new, old) in new.iter_mut().zip(old) {
                if (perceived(*new) - perceived(*old)).abs() < threshold {
                    *new = *old;
                }
            }
        }
        settled
    }
}

fn fitting(values: &[f32], before: Option<f32>) -> f32 {
    let most = values.iter().filter(|value| value.is_finite()).fold(0.0_f32, |most, value| most.max(value.abs()));
    match before {
        Some(before) if FITTING.contains(&(most / before)) => before,
        _ if most > 0.0 => STEP.powf((most.ln() / STEP.ln()).ceil()),
        _ => 1.0,
    }
}

/// Returns the groups of values that have a scale: kernels and values of each layer but the last, whose sums are not
/// drawn.
fn scaled(activations: &Activations) -> impl Iterator<Item = &[f32]> {
    let drawn = activations.layers.len().saturating_sub(1);
    activations.layers[..drawn].iter().flat_map(|layer| [&layer.kernels[..], &layer.values])
}

fn scaled_mut(activations: &mut Activations) -> impl Iterator<Item = &mut [f32]> {
    let drawn = activations.layers.len().saturating_sub(1);
    activations.layers[..drawn].iter_mut().flat_map(|layer| [&mut layer.kernels[..], &mut layer.values])
}
