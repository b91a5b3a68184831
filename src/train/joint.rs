//! Answers of several networks, or of one to several images of the same digit, put together.
//!
//! The answer is the mean of the probabilities, `p(k) = 1/M (p_1(k) + ... + p_M(k))`, and the digit for which it is
//! largest: Lakshminarayanan, Pritzel and Blundell, *Simple and Scalable Predictive Uncertainty Estimation using Deep
//! Ensembles* (2017), section 2.4.

use super::{
    calibration::at_least_tiny,
    evaluation::{Confusion, Evaluation, Prediction},
};
use crate::data::CLASSES;

/// Answer of several networks to one image.
#[derive(Clone, Debug, PartialEq)]
pub struct JointAnswer {
    /// Each network's own answer.
    pub members: Vec<Prediction>,
    /// Mean of their probabilities, with the most probable digit.
    pub mean: Prediction,
}

impl JointAnswer {
    /// Combines the answers of some networks to the same image.
    ///
    /// # Panics
    /// If there are none.
    pub fn of(members: Vec<Prediction>) -> Self {
        let mean = mean(members.iter());
        Self { members, mean }
    }

    /// Returns whether all networks read the same digit.
    pub fn is_unanimous(&self) -> bool {
        self.members.iter().all(|member| member.digit == self.members[0].digit)
    }

    /// Returns the number of networks that read the digit of the mean.
    pub fn agreeing(&self) -> usize {
        self.members.len() - self.dissenters().count()
    }

    /// Returns the networks that read another digit than the mean, with their places.
    pub fn dissenters(&self) -> impl Iterator<Item = (usize, &Prediction)> {
        self.members.iter().enumerate().filter(|(_, member)| member.digit != self.mean.digit)
    }
}

/// Returns the mean of some predictions about the same image.
fn mean<'a>(members: impl ExactSizeIterator<Item = &'a Prediction> + Clone) -> Prediction {
    let first = *members.clone().next().expect("an ensemble has members");
    if members.len() == 1 {
        // The digit of the largest logit, also where two probabilities are rounded to the same number.
        return first;
    }
    let count = members.len() as f64;
    let sum = |class: usize| members.clone().map(|member| f64::from(member.probabilities[class])).sum::<f64>();
    let sums: [f64; CLASSES] = std::array::from_fn(sum);
    // In double precision, so that rounding cannot change a digit that all networks read.
    let digit = (1..CLASSES).fold(0, |best, class| if sums[class] > sums[best] { class } else { best });
    Prediction { digit: digit as u8, probabilities: sums.map(|sum| (sum / count) as f32), ..first }
}

/// Evaluation of several networks on the same images, each alone and all together.
#[derive(Clone, Debug, PartialEq)]
pub struct JointEvaluation {
    /// Each network's own evaluation.
    pub members: Vec<Evaluation>,
    /// Evaluation of the mean of their probabilities.
    pub evaluation: Evaluation,
    /// For each network, the number of images that it reads as another digit than the mean.
    pub dissents: Vec<u32>,
    /// Number of images that the networks do not all read as the same digit.
    pub disputed: u32,
    /// Number of those that the mean reads correctly.
    pub disputed_correct: u32,
}

impl JointEvaluation {
    /// Combines complete evaluations of the same images.
    ///
    /// # Panics
    /// If there are none, or of different numbers of images.
    pub fn of(members: Vec<Evaluation>) -> Self {
        let images = members[0].predictions.len();
        assert!(members.iter().all(|member| member.predictions.len() == images), "members saw different images");
        let mut confusion = Confusion::default();
        let (mut loss, mut dissents, mut disputed, mut disputed_correct) = (0.0, vec![0; members.len()], 0, 0);
        let mut predictions = Vec::with_capacity(images);
        for image in 0..images {
            let answers = || members.iter().map(|member| &member.predictions[image]);
            let mean = mean(answers());
            loss -= f64::ln(at_least_tiny(mean.probabilities[usize::from(mean.label)]));
            confusion.add(mean.label, mean.digit);
            for (dissents, answer) in dissents.iter_mut().zip(answers()) {
                *dissents += u32::from(answer.digit != mean.digit);
            }
            // If all read the same digit, so does the mean.
            if answers().any(|answer| answer.digit != mean.digit) {
                disputed += 1;
                disputed_correct += u32::from(mean.is_correct());
            }
            predictions.push(mean);
        }
        let evaluation = Evaluation { loss: loss / images.max(1) as f64, confusion, predictions };
        Self { members, evaluation, dissents, disputed, disputed_correct }
    }
}
