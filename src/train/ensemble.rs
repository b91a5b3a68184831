//! Networks that answer together.
//!
//! Several networks' answer is the mean of their probabilities, `p(k) = 1/M (p_1(k) + ... + p_M(k))`, and the digit for
//! which it is largest: Lakshminarayanan, Pritzel and Blundell, *Simple and Scalable Predictive Uncertainty Estimation
//! using Deep Ensembles* (2017), section 2.4.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use super::{
    Checkpoint, CheckpointError,
    calibration::at_least_tiny,
    evaluation::{Confusion, Evaluation, Prediction, evaluate_range, predict},
    shifts::Shifts,
};
use crate::{
    data::{CLASSES, PIXELS, Split},
    nn::{Engine, Network},
};

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

/// Networks that answer together, each at one position of an image or at several.
#[derive(Debug)]
pub struct Ensemble {
    networks: Vec<Network>,
    shifts: Option<Shifts>,
}

impl Ensemble {
    /// # Panics
    /// If there are no networks.
    pub fn new(networks: Vec<Network>, shifts: Option<Shifts>) -> Self {
        assert!(!networks.is_empty(), "an ensemble has members");
        Self { networks, shifts }
    }

    /// Predicts one image without a known label (the label is set to 0). The error is the place of a network that
    /// computes no finite numbers.
    pub fn predict(&mut self, pixels: &[u8; PIXELS]) -> Result<JointAnswer, usize> {
        let shifts = self.shifts;
        let answers = self.networks.iter_mut().enumerate().map(|(place, network)| {
            let answer = match shifts {
                Some(shifts) => shifts.predict(network, pixels),
                None => predict(network, pixels),
            };
            answer.ok_or(place)
        });
        answers.collect::<Result<_, _>>().map(JointAnswer::of)
    }

    /// Evaluates the networks on some images of `split`, one after the other.
    pub fn evaluate(&mut self, split: &Split, images: Range<usize>) -> JointEvaluation {
        let shifts = self.shifts;
        let members = self.networks.iter_mut().map(|network| match shifts {
            Some(shifts) => shifts.evaluate(network, split, images.clone()),
            None => evaluate_range(network, split, images.clone()),
        });
        JointEvaluation::of(members.collect())
    }
}

/// A checkpoint file whose network is asked about single images.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    pub file: PathBuf,
    /// Time of saving, in seconds since 1970: a file that was saved again is read again.
    pub saved_at: u64,
}

/// Networks of checkpoint files, kept in memory from question to question. They compute on one core: another run may be
/// training.
#[derive(Debug, Default)]
pub struct Panel {
    networks: Vec<(Member, Result<Network, String>)>,
}

impl Panel {
    /// Returns each member's answer, or why it has none. Keeps only the networks of these members.
    pub fn ask(&mut self, members: &[Member], pixels: &[u8; PIXELS]) -> Vec<Result<Prediction, String>> {
        let mut known = std::mem::take(&mut self.networks);
        for member in members {
            let place = known.iter().position(|(other, _)| other == member);
            self.networks.push(match place {
                Some(place) => known.swap_remove(place),
                None => (member.clone(), read(&member.file).map_err(|error| error.to_string())),
            });
        }
        self.networks.iter_mut().map(|(_, network)| ask(network, pixels)).collect()
    }
}

fn read(file: &Path) -> Result<Network, CheckpointError> {
    Ok(Checkpoint::read(file)?.network(Engine::new(1)))
}

fn ask(network: &mut Result<Network, String>, pixels: &[u8; PIXELS]) -> Result<Prediction, String> {
    let network = network.as_mut().map_err(|reason| reason.clone())?;
    predict(network, pixels).ok_or_else(|| "its network gives no finite answer".to_owned())
}
