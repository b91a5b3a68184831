//! Formulas that training, evaluation and the dashboard share.

use crate::data::CLASSES;

/// Returns the class of the largest value, or the first such class in a tie.
pub fn argmax(values: &[f32; CLASSES]) -> u8 {
    let best = (1..CLASSES).fold(0, |best, class| if values[class] > values[best] { class } else { best });
    best as u8
}

/// Returns `exp(x_i) / sum exp(x_j)`.
pub fn softmax(logits: &[f32; CLASSES]) -> [f32; CLASSES] {
    let (_, exp, sum) = exponentials(logits);
    exp.map(|value| value / sum)
}

/// Returns [`softmax`] and its logarithm, `x_i - ln sum exp(x_j)`.
pub(super) fn softmax_and_log(logits: &[f32; CLASSES]) -> ([f32; CLASSES], [f32; CLASSES]) {
    let (max, exp, sum) = exponentials(logits);
    let log_sum = sum.ln();
    (exp.map(|value| value / sum), logits.map(|logit| logit - max - log_sum))
}

/// Returns the largest logit, the exponentials of the differences from it, and their sum.
fn exponentials(logits: &[f32; CLASSES]) -> (f32, [f32; CLASSES], f32) {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exp = logits.map(|logit| (logit - max).exp());
    (max, exp, exp.iter().sum())
}

/// Returns the cross-entropy of one image, `ln sum exp(x_j) - x_label`, computed from the largest logit and its
/// probability `exp(max) / sum exp(x_j)`. `probabilities` is the softmax of the logits.
pub fn cross_entropy(logits: &[f32; CLASSES], probabilities: &[f32; CLASSES], label: u8) -> f64 {
    let best = usize::from(argmax(logits));
    f64::from(logits[best]) - f64::from(logits[usize::from(label)]) - f64::from(probabilities[best]).ln()
}
