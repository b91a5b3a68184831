//! Whether a network's confidence can be trusted: reliability curve, expected calibration error, temperature.
//!
//! After Guo, Pleiss, Sun and Weinberger, *On Calibration of Modern Neural Networks* (2017). The confidence of an answer
//! is the probability of the predicted digit. The images are put into [`BINS`] bins of equal width by confidence, bin m
//! being ((m - 1) / M, m / M], and in each the mean confidence is compared with the accuracy. The expected calibration
//! error is their mean distance, weighted by the images of the bins: `ECE = sum |B_m| / n |acc(B_m) - conf(B_m)|`
//! (equation 3).
//!
//! Temperature scaling replaces the probabilities by `softmax(z / T)` of the logits z, with the T that minimizes the
//! cross-entropy of held-out images (section 4.2). It changes no predicted digit. The logarithms of the probabilities
//! are the logits up to a constant per image, which softmax ignores, so predictions suffice to fit and to apply it.

use super::evaluation::{Evaluation, Prediction};
use crate::data::CLASSES;

/// Number of bins of the reliability curve. (Guo et al. use 15.)
pub const BINS: usize = 10;

/// Images whose confidence is in the same range.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    pub images: u32,
    /// Number of them that are predicted correctly.
    pub correct: u32,
    confidence_sum: f64,
}

impl Bin {
    /// Returns the mean confidence. `None` without images.
    pub fn confidence(&self) -> Option<f64> {
        (self.images > 0).then(|| self.confidence_sum / f64::from(self.images))
    }

    /// Returns the fraction predicted correctly. `None` without images.
    pub fn accuracy(&self) -> Option<f64> {
        (self.images > 0).then(|| f64::from(self.correct) / f64::from(self.images))
    }
}

/// The reliability curve of some predictions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// From the lowest confidence to the highest.
    pub bins: [Bin; BINS],
}

impl Calibration {
    /// Returns the curve of an evaluation. `None` if it has no images, does not have every prediction (as that of a run
    /// that was just loaded), or if probabilities are not finite.
    pub fn of(evaluation: &Evaluation) -> Option<Self> {
        let predictions = &evaluation.predictions;
        let is_complete = !predictions.is_empty() && predictions.len() == evaluation.total() as usize;
        if !is_complete || predictions.iter().any(|prediction| !prediction.confidence().is_finite()) {
            return None;
        }
        let mut bins = [Bin::default(); BINS];
        for prediction in predictions {
            let confidence = f64::from(prediction.confidence());
            let bin = &mut bins[bin_of(confidence)];
            bin.images += 1;
            bin.correct += u32::from(prediction.is_correct());
            bin.confidence_sum += confidence;
        }
        Some(Self { bins })
    }

    pub fn images(&self) -> u32 {
        self.bins.iter().map(|bin| bin.images).sum()
    }

    /// Returns the mean confidence of all images.
    pub fn confidence(&self) -> f64 {
        self.bins.iter().map(|bin| bin.confidence_sum).sum::<f64>() / f64::from(self.images())
    }

    /// Returns the accuracy on all images.
    pub fn accuracy(&self) -> f64 {
        f64::from(self.bins.iter().map(|bin| bin.correct).sum::<u32>()) / f64::from(self.images())
    }

    /// Returns the expected calibration error, 0 to 1.
    pub fn expected_error(&self) -> f64 {
        let distance = |bin: &Bin| (f64::from(bin.correct) - bin.confidence_sum).abs();
        self.bins.iter().map(distance).sum::<f64>() / f64::from(self.images())
    }
}

/// Returns the range of confidences of a bin: above the first, up to the second.
pub fn bin_range(bin: usize) -> (f64, f64) {
    (bin as f64 / BINS as f64, (bin + 1) as f64 / BINS as f64)
}

fn bin_of(confidence: f64) -> usize {
    ((confidence * BINS as f64).ceil() as usize).clamp(1, BINS) - 1
}

/// Returns the probability, or the smallest positive one that its type has: a probability of 0 was rounded to it.
pub(super) fn at_least_tiny(probability: f32) -> f64 {
    f64::from(probability.max(f32::from_bits(1)))
}

/// A number by which logits are divided: above 1 it lowers the confidence, below 1 it raises it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Temperature(f64);

/// Error when no temperature can be fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTemperature {
    #[error("the run has no held-out images (--holdout) to fit one on")]
    NoHoldout,
    #[error("held-out images are those of the run's own data set, and another one is in use")]
    OtherDataset,
    #[error("no image was held out by all of the runs")]
    NoCommonHoldout,
    #[error("the held-out images are read so well that the lower it is, the better")]
    TooGood,
    #[error("the held-out images are read no better than by guessing")]
    NoBetterThanGuessing,
    #[error("the network gives no finite answer")]
    NotFinite,
}

/// Lowest and highest temperature.
const LIMITS: (f64, f64) = (0.01, 100.0);
/// Number of bisections of the range, which leave less than the last bit.
const BISECTIONS: usize = 64;

impl Temperature {
    /// Fits the temperature that minimizes the cross-entropy of held-out images.
    ///
    /// # Errors
    /// If the cross-entropy has no minimum between 0.01 and 100.
    pub fn fit(held_out: &Evaluation) -> Result<Self, NoTemperature> {
        let predictions = &held_out.predictions;
        if predictions.is_empty() {
            return Err(NoTemperature::NoHoldout);
        }
        if predictions.iter().flat_map(|prediction| prediction.probabilities).any(|p| !p.is_finite()) {
            return Err(NoTemperature::NotFinite);
        }
        let images: Vec<_> = predictions.iter().map(|prediction| (logits(prediction), prediction.label)).collect();
        // Derivative by the inverse temperature, by which the cross-entropy is convex.
        let slope = |inverse: f64| images.iter().map(|(logits, label)| slope(logits, *label, inverse)).sum::<f64>();
        let (mut low, mut high) = (LIMITS.1.recip().ln(), LIMITS.0.recip().ln());
        if slope(low.exp()) >= 0.0 {
            return Err(NoTemperature::NoBetterThanGuessing);
        }
        if slope(high.exp()) <= 0.0 {
            return Err(NoTemperature::TooGood);
        }
        for _ in 0..BISECTIONS {
            let middle = f64::midpoint(low, high);
            if slope(middle.exp()) < 0.0 { low = middle } else { high = middle }
        }
        Ok(Self(f64::midpoint(low, high).exp().recip()))
    }

    pub fn value(self) -> f64 {
        self.0
    }

    /// Returns the evaluation as it would be with logits divided by this temperature. Its digits are the same.
    #[must_use]
    pub fn apply(self, evaluation: &Evaluation) -> Evaluation {
        let mut scaled = evaluation.clone();
        let mut loss = 0.0;
        for prediction in &mut scaled.predictions {
            let probabilities = softmax(&logits(prediction), self.0.recip());
            loss -= f64::ln(probabilities[usize::from(prediction.label)].max(f64::MIN_POSITIVE));
            prediction.probabilities = probabilities.map(|probability| probability as f32);
        }
        scaled.loss = loss / scaled.predictions.len().max(1) as f64;
        scaled
    }
}

/// Returns the logits up to a constant.
fn logits(prediction: &Prediction) -> [f64; CLASSES] {
    prediction.probabilities.map(|probability| at_least_tiny(probability).ln())
}

/// Returns the softmax of logits times `inverse`.
fn softmax(logits: &[f64; CLASSES], inverse: f64) -> [f64; CLASSES] {
    let max = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let exp = logits.map(|logit| ((logit - max) * inverse).exp());
    let sum: f64 = exp.iter().sum();
    exp.map(|value| value / sum)
}

/// Returns the derivative of an image's cross-entropy by the inverse temperature: the mean logit minus the label's.
fn slope(logits: &[f64; CLASSES], label: u8, inverse: f64) -> f64 {
    let mean: f64 = softmax(logits, inverse).iter().zip(logits).map(|(probability, logit)| probability * logit).sum();
    mean - logits[usize::from(label)]
}
