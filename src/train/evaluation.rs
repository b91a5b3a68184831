//! What the network makes of a set of images.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{
    data::{CLASSES, PIXELS, Split},
    nn::{Network, argmax, cross_entropy, softmax},
};

/// Counts by true (row) and predicted (column) digit.
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

    /// Of the images predicted as `class`, the share that are. `None` where none was predicted so.
    pub fn precision(&self, class: usize) -> Option<f64> {
        let predicted: u32 = self.0.iter().map(|row| row[class]).sum();
        share(self.0[class][class], predicted)
    }

    /// Of the images that show `class`, the share predicted so. `None` where none shows it.
    pub fn recall(&self, class: usize) -> Option<f64> {
        share(self.0[class][class], self.0[class].iter().sum())
    }

    /// Harmonic mean of precision and recall. `None` where either is undefined or both are 0.
    pub fn f1(&self, class: usize) -> Option<f64> {
        let (precision, recall) = (self.precision(class)?, self.recall(class)?);
        (precision + recall > 0.0).then(|| 2.0 * precision * recall / (precision + recall))
    }
}

fn share(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

/// The network's answer to one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The image's place in its set.
    pub index: u32,
    /// What it shows.
    pub label: u8,
    /// What the network takes it for: the class with the largest probability.
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

    /// The probability of the predicted digit, 0 to 1.
    pub fn confidence(&self) -> f32 {
        self.probabilities[usize::from(self.digit)]
    }
}

/// One pass over a set without training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Mean cross-entropy.
    pub loss: f64,
    pub confusion: Confusion,
    /// One for each image of the set, in its order.
    pub predictions: Vec<Prediction>,
}

impl Evaluation {
    pub fn correct(&self) -> u32 {
        self.confusion.correct()
    }

    pub fn total(&self) -> u32 {
        self.confusion.total()
    }

    /// Share of the images predicted right, 0 to 1.
    pub fn accuracy(&self) -> f64 {
        f64::from(self.correct()) / f64::from(self.total().max(1))
    }

    /// The wrong ones, in the set's order.
    pub fn mistakes(&self) -> impl Iterator<Item = &Prediction> {
        self.predictions.iter().filter(|prediction| !prediction.is_correct())
    }
}

/// Returns the network's answer to one image, whose label is not known (0 stands for it). `None` where the network gives no
/// finite numbers.
pub fn predict(network: &mut Network, pixels: &[u8; PIXELS]) -> Option<Prediction> {
    let prediction = Prediction::new(0, 0, &network.logits(pixels)[0]);
    prediction.probabilities.iter().all(|p| p.is_finite()).then_some(prediction)
}

/// Runs all images of `split` through the network.
pub fn evaluate(network: &mut Network, split: &Split) -> Evaluation {
    let mut pass = Pass::new(0..split.len());
    while !pass.is_done() {
        pass.advance(network, split);
    }
    pass.finish()
}

/// An evaluation under way, in slices, so that whoever makes it can see to other things in between.
#[derive(Debug)]
pub(super) struct Pass {
    left: Range<usize>,
    loss_sum: f64,
    confusion: Confusion,
    predictions: Vec<Prediction>,
}

impl Pass {
    /// Images a slice: enough for the network's full speed, and done in about a millisecond.
    const SLICE: usize = 256;

    /// Over these images of a set.
    pub(super) fn new(images: Range<usize>) -> Self {
        let predictions = Vec::with_capacity(images.len());
        Self { left: images, loss_sum: 0.0, confusion: Confusion::default(), predictions }
    }

    pub(super) fn is_done(&self) -> bool {
        self.left.is_empty()
    }

    pub(super) fn advance(&mut self, network: &mut Network, split: &Split) {
        let end = self.left.end.min(self.left.start + Self::SLICE);
        let slice = self.left.start..end;
        let logits = network.logits(&split.pixels()[slice.start * PIXELS..slice.end * PIXELS]);
        for (index, logits) in slice.zip(&logits) {
            self.add(index, split.label(index), logits);
        }
        self.left.start = end;
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

/// A cell of the confusion matrix: the true digit and the predicted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    pub label: u8,
    pub digit: u8,
}

impl Pair {
    /// Returns whether the prediction is right.
    pub fn is_correct(self) -> bool {
        self.label == self.digit
    }

    /// Returns the images of the matrix that are counted in it.
    pub fn count(self, confusion: &Confusion) -> u32 {
        confusion.0[usize::from(self.label)][usize::from(self.digit)]
    }
}
