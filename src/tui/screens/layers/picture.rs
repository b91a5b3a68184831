//! What is drawn of an answer.

use crate::train::Activations;

/// The largest number of a layer is rounded up to a power of this, so that it seldom changes.
const STEP: f32 = 1.25;
/// Between these parts of the scale the largest number may be before the scale is changed.
const FITTING: std::ops::RangeInclusive<f32> = 0.6..=1.1;

/// The numbers of an answer, kernels and all layers but the last, as parts of each one's scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    pub parts: Box<Activations>,
    /// What a part of 1 stands for.
    scales: Vec<f32>,
}

impl Picture {
    /// By the scales of the picture before, where they fit, so that what is drawn changes by its own numbers only.
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

    /// This one, but as `before` where it hardly differs: by less than `unseen`, a part of the whole range of brightness.
    pub fn settled(&self, before: &Self, unseen: f32) -> Self {
        // As eyes see brightness: more finely where it is dark.
        let seen = |part: f32| part.abs().sqrt().copysign(part);
        let mut settled = self.clone();
        for (new, old) in scaled_mut(&mut settled.parts).zip(scaled(&before.parts)) {
            for (new, old) in new.iter_mut().zip(old) {
                if (seen(*new) - seen(*old)).abs() < unseen {
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

/// Returns what has a scale of its own: kernels and values of each layer but the last, whose sums are not drawn.
fn scaled(of: &Activations) -> impl Iterator<Item = &[f32]> {
    let drawn = of.layers.len().saturating_sub(1);
    of.layers[..drawn].iter().flat_map(|layer| [&layer.kernels[..], &layer.values])
}

fn scaled_mut(of: &mut Activations) -> impl Iterator<Item = &mut [f32]> {
    let drawn = of.layers.len().saturating_sub(1);
    of.layers[..drawn].iter_mut().flat_map(|layer| [&mut layer.kernels[..], &mut layer.values])
}
