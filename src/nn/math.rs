//! Formulas that training, evaluation and the dashboard share.

use dfdx::{
    losses::cross_entropy_with_logits_loss,
    shapes::{Const, Rank0},
    tensor::{Cpu, Tape},
};

use super::layout::{Cpu32, tensor};
use crate::data::CLASSES;

/// Returns the class of the largest value, or the first such class in a tie.
pub fn argmax(values: &[f32; CLASSES]) -> u8 {
    let best = (1..CLASSES).fold(0, |best, class| if values[class] > values[best] { class } else { best });
    best as u8
}

/// Returns `exp(x_i) / sum exp(x_j)`.
pub fn softmax(logits: &[f32; CLASSES]) -> [f32; CLASSES] {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exp = logits.map(|logit| (logit - max).exp());
    let sum: f32 = exp.iter().sum();
    exp.map(|value| value / sum)
}

/// Returns the cross-entropy of one image, `ln sum exp(x_j) - x_label`, computed from the largest logit and its
/// probability `exp(max) / sum exp(x_j)`. `probabilities` is the softmax of the logits.
pub fn cross_entropy(logits: &[f32; CLASSES], probabilities: &[f32; CLASSES], label: u8) -> f64 {
    let best = usize::from(argmax(logits));
    f64::from(logits[best]) - f64::from(logits[usize::from(label)]) - f64::from(probabilities[best]).ln()
}

/// Returns the mean cross-entropy of a batch in single precision: the loss that training minimizes. With smoothing `s`
/// the targets are `1 - s + s / 10` for the label and `s / 10` for the other classes.
pub(super) fn batch_cross_entropy<T: Tape<f32, Cpu>>(
    device: &Cpu,
    logits: Cpu32<(usize, Const<CLASSES>), T>,
    labels: impl ExactSizeIterator<Item = u8>,
    smoothing: f32,
) -> Cpu32<Rank0, T> {
    let count = labels.len();
    let mut targets = vec![smoothing / CLASSES as f32; count * CLASSES];
    for (row, label) in targets.chunks_exact_mut(CLASSES).zip(labels) {
        row[usize::from(label)] += 1.0 - smoothing;
    }
    cross_entropy_with_logits_loss(logits, tensor(device, targets, (count, Const)))
}
