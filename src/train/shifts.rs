//! Answers to an image at several positions.

use std::ops::Range;

use super::{
    evaluation::{Evaluation, Prediction, evaluate, predict},
    joint::{JointAnswer, JointEvaluation},
};
use crate::{
    data::{PIXELS, Split, shifted},
    nn::Network,
};

/// Nine positions at which a network reads each image: where it is, and shifted along one axis or both. The answer is the
/// mean of the nine probabilities. This is test-time augmentation, as Krizhevsky, Sutskever and Hinton (*ImageNet
/// Classification with Deep Convolutional Neural Networks*, 2012, section 4.1) average over parts of an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shifts {
    /// Distance along each axis, in pixels. Between pixels, images are interpolated bilinearly.
    pub pixels: f32,
}

impl Shifts {
    /// Returns the shifts to the right and down, in pixels, none first.
    fn positions(self) -> impl Iterator<Item = [f32; 2]> {
        let along = [0.0, -self.pixels, self.pixels];
        along.into_iter().flat_map(move |down| along.map(|right| [right, down]))
    }

    /// Predicts one image without a known label (the label is set to 0). `None` if the network computes no finite
    /// numbers.
    pub fn predict(self, network: &mut Network, pixels: &[u8; PIXELS]) -> Option<Prediction> {
        let answers = self.positions().map(|by| {
            let image = shifted(pixels, by);
            predict(network, image.first_chunk()?)
        });
        answers.collect::<Option<_>>().map(|answers| JointAnswer::of(answers).mean)
    }

    /// Evaluates the network on some images of `split`.
    pub fn evaluate(self, network: &mut Network, split: &Split, images: Range<usize>) -> Evaluation {
        let pixels = &split.pixels()[images.start * PIXELS..images.end * PIXELS];
        let labels = &split.labels()[images.clone()];
        let answers = self.positions().map(|by| evaluate(network, &Split::new(shifted(pixels, by), labels.to_vec())));
        let mut evaluation = JointEvaluation::of(answers.collect()).evaluation;
        evaluation.predictions.iter_mut().for_each(|prediction| prediction.index += images.start as u32);
        evaluation
    }
}
