//! What is drawn of an answer.

use crate::train::Activations;

const LAYERS: usize = 7;
/// The largest number of a layer is rounded up to a power of this, so that it seldom changes.
const STEP: f32 = 1.25;
/// Between these parts of the scale the largest number may be before the scale is changed.
const FITTING: std::ops::RangeInclusive<f32> = 0.6..=1.1;

/// The numbers of an answer, kernels and layers up to F6, as parts of each one's scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    pub parts: Box<Activations>,
    /// What a part of 1 stands for.
    scales: [f32; LAYERS],
}

impl Picture {
    /// By the scales of the picture before, where they fit, so that what is drawn changes by its own numbers only.
    pub fn of(activations: &Activations, before: Option<&Self>) -> Self {
        let mut parts = Box::new(activations.clone());
        let mut scales = [1.0; LAYERS];
        for (place, (layer, scale)) in layers_mut(&mut parts).into_iter().zip(&mut scales).enumerate() {
            *scale = fitting(layer, before.map(|before| before.scales[place]));
            layer.iter_mut().for_each(|value| *value /= *scale);
        }
        Self { parts, scales }
    }

    /// This one, but as `before` where it hardly differs: by less than `unseen`, a part of the whole range of brightness.
    pub fn settled(&self, before: &Self, unseen: f32) -> Self {
        // As eyes see brightness: more finely where it is dark.
        let seen = |part: f32| part.abs().sqrt().copysign(part);
        let mut settled = self.clone();
        for (new, old) in layers_mut(&mut settled.parts).into_iter().zip(layers(&before.parts)) {
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

fn layers(of: &Activations) -> [&[f32]; LAYERS] {
    [
        of.kernels.as_flattened(),
        of.c1.as_flattened(),
        of.s2.as_flattened(),
        of.c3.as_flattened(),
        of.s4.as_flattened(),
        &of.c5,
        &of.f6,
    ]
}

fn layers_mut(of: &mut Activations) -> [&mut [f32]; LAYERS] {
    [
        of.kernels.as_flattened_mut(),
        of.c1.as_flattened_mut(),
        of.s2.as_flattened_mut(),
        of.c3.as_flattened_mut(),
        of.s4.as_flattened_mut(),
        &mut of.c5,
        &mut of.f6,
    ]
}
