//! Evaluating the network on a set of images.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{
    data::{CLASSES, PIXELS, Split},
    nn::{Network, argmax, cross_entropy, softmax},
};

/// Number of images by true (row) and predicted (column) digit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion(pub [[u32; CLASSES]; CLASSES]);

impl Confusion {
    pub fn add(&mut self, label: u8, digit: u8) {
        self.0[usize::from(label)][usize::from(digit)] += 1;
    }

    pub fn total(&self) -> u32 {
        self.0.iter().flatten().sum()
    }

    pub fn correct(&self) -> u32 {
        (0..CLASSES).map(|class| self.0[class][class]).sum()
    }

    /// Returns the fraction of the images predicted as `class` that show it. `None` if there are none.
    pub fn precision(&self, class: usize) -> Option<f64> {
        let predicted: u32 = self.0.iter().map(|row| row[class]).sum();
        fraction(self.0[class][class], predicted)
    }

    /// Returns the fraction of the images of `class` that are predicted as such. `None` if there are none.
    pub fn recall(&self, class: usize) -> Option<f64> {
        fraction(self.0[class][class], self.0[class].iter().sum())
    }

    /// Returns the harmonic mean of precision and recall. `None` if either is undefined or both are 0.
    pub fn f1(&self, class: usize) -> Option<f64> {
        let (precision, recall) = (self.precision(class)?, self.recall(class)?);
        (precision + recall > 0.0).then(|| 2.0 * precision * recall / (precision + recall))
    }
}

fn fraction(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

/// Prediction for one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// Index of the image in its set.
    pub index: u32,
    /// True digit.
    pub label: u8,
    /// Predicted digit: the class with the largest probability.
    pub digit: u8,
    /// Softmax of the ten logits.
    pub probabilities: [f32; CLASSES],
}

impl Prediction {
    fn new(index: usize, label: u8, logits: &[f32; CLASSES]) -> Self {
        Self { index: index as u32, label, digit: argmax(logits), probabilities: softmax(logits) }
    }

    pub fn is_correct(&self) -> bool {
        self.label == self.digit
    }

    /// Returns the probability of the predicted digit, 0 to 1.
    pub fn confidence(&self) -> f32 {
        self.probabilities[usize::from(self.digit)]
    }
}

/// Result of one pass over a set without training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Mean cross-entropy.
    pub loss: f64,
    pub confusion: Confusion,
    /// One prediction per image, in the order of the set.
    pub predictions: Vec<Prediction>,
}

impl Evaluation {
    pub fn correct(&self) -> u32 {
        self.confusion.correct()
    }

    pub fn total(&self) -> u32 {
        self.confusion.total()
    }

    /// Returns the fraction of the images predicted correctly, 0 to 1.
    pub fn accuracy(&self) -> f64 {
        f64::from(self.correct()) / f64::from(self.total().max(1))
    }

    /// Returns the wrong predictions, in the order of the set.
    pub fn mistakes(&self) -> impl Iterator<Item = &Prediction> {
        self.predictions.iter().filter(|prediction| !prediction.is_correct())
    }
}

/// Predicts one image without a known label (the label is set to 0). `None` if the network computes no finite numbers.
pub fn predict(network: &mut Network, pixels: &[u8; PIXELS]) -> Option<Prediction> {
    let prediction = Prediction::new(0, 0, &network.logits(pixels)[0]);
    prediction.probabilities.iter().all(|p| p.is_finite()).then_some(prediction)
}

/// Evaluates the network on all images of `split`.
pub fn evaluate(network: &mut Network, split: &Split) -> Evaluation {
    evaluate_first(network, split, split.len())
}

/// Evaluates the network on all images of `split`. `proceed` is called every few milliseconds; `None` once it returns
/// `false`.
pub fn evaluate_while(network: &mut Network, split: &Split, mut proceed: impl FnMut() -> bool) -> Option<Evaluation> {
    let mut pass = Pass::new(0..split.len());
    while !pass.is_done() {
        if !proceed() {
            return None;
        }
        pass.advance(network, split);
    }
    Some(pass.finish())
}

/// Evaluates the network on the first `images` of `split`, or on all if it has fewer.
pub(super) fn evaluate_first(network: &mut Network, split: &Split, images: usize) -> Evaluation {
    evaluate_range(network, split, 0..images.min(split.len()))
}

/// Evaluates the network on these images of `split`.
pub fn evaluate_range(network: &mut Network, split: &Split, images: Range<usize>) -> Evaluation {
    let mut pass = Pass::new(images);
    while !pass.is_done() {
        pass.advance(network, split);
    }
    pass.finish()
}

/// Evaluation in progress, done in slices so that the caller can respond to commands in between.
#[derive(Debug)]
pub(super) struct Pass {
    remaining: Range<usize>,
    loss_sum: f64,
    confusion: Confusion,
    predictions: Vec<Prediction>,
}

impl Pass {
    /// Images per slice: enough for the network's full speed, and done in about a millisecond.
    const SLICE: usize = 256;

    /// Begins an evaluation of these images of a set.
    pub(super) fn new(images: Range<usize>) -> Self {
        let predictions = Vec::with_capacity(images.len());
        Self { remaining: images, loss_sum: 0.0, confusion: Confusion::default(), predictions }
    }

    pub(super) fn is_done(&self) -> bool {
        self.remaining.is_empty()
    }

    pub(super) fn advance(&mut self, network: &mut Network, split: &Split) {
        let end = self.remaining.end.min(self.remaining.start + Self::SLICE);
        let slice = self.remaining.start..end;
        let logits = network.logits(&split.pixels()[slice.start * PIXELS..slice.end * PIXELS]);
        for (index, logits) in slice.zip(&logits) {
            self.add(index, split.label(index), logits);
        }
        self.remaining.start = end;
    }

    fn add(&mut self, index: usize, label: u8, logits: &[f32; CLASSES]) {
        let prediction = Prediction::new(index, label, logits);
        self.loss_sum += cross_entropy(logits, &prediction.probabilities, label);
        self.confusion.add(label, prediction.digit);
        self.predictions.push(prediction);
    }

    pub(super) fn finish(self) -> Evaluation {
        let images = self.predictions.len().max(1) as f64;
        Evaluation { loss: self.loss_sum / images, confusion: self.confusion, predictions: self.predictions }
    }
}

/// Cell of the confusion matrix: a true digit and a predicted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    pub label: u8,
    pub digit: u8,
}

impl Pair {
    /// Returns whether the prediction is correct.
    pub fn is_correct(self) -> bool {
        self.label == self.digit
    }

    /// Returns the number of images in this cell.
    pub fn count(self, confusion: &Confusion) -> u32 {
        confusion.0[usize::from(self.label)][usize::from(self.digit)]
    }
}
