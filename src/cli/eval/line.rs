//! Output of `eval --json`.

use serde::Serialize;

use super::{
    super::saved::Saved,
    calibrated::{Calibrated, Scaled},
};
use crate::{
    data::{CLASSES, Dataset},
    train::{Calibration, Evaluation, JointEvaluation, bin_range},
};

/// One checkpoint, or an ensemble.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    test_loss: f64,
    test_accuracy: f64,
    correct: u32,
    total: u32,
    /// Images by true (row) and predicted (column) digit.
    confusion: &'a [[u32; CLASSES]; CLASSES],
    classes: [Class; CLASSES],
    dataset: &'a str,
    /// What was done to the images, in this order.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub disturbances: &'a [String],
    /// Empty rows after each image, if given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<u32>,
    /// Pixels between the positions at which each image was read, if there were several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_time_shifts: Option<f32>,
    /// File of the checkpoint; not of an ensemble.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
    /// `null` if the network gives no finite answer.
    calibration: Option<Curve>,
    temperature: Option<Fitted>,
    /// Why there is no temperature.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_temperature: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ensemble: Option<Together>,
}

/// Scores of one digit; `null` where undefined.
#[derive(Serialize)]
struct Class {
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
}

/// Reliability curve.
#[derive(Serialize)]
struct Curve {
    expected_error: f64,
    /// Mean confidence of all images.
    confidence: f64,
    bins: Vec<Bin>,
}

/// Images whose confidence is above `from` and up to `to`.
#[derive(Serialize)]
struct Bin {
    from: f64,
    to: f64,
    images: u32,
    confidence: Option<f64>,
    accuracy: Option<f64>,
}

/// Temperature that was fitted, and results with it.
#[derive(Serialize)]
struct Fitted {
    value: f64,
    held_out: usize,
    test_loss: f64,
    expected_error: Option<f64>,
}

/// Members of an ensemble.
#[derive(Serialize)]
pub(super) struct Together {
    members: Vec<Member>,
    /// Images that they do not all read as the same digit.
    disputed: u32,
    /// Those of them that the ensemble reads correctly.
    disputed_correct: u32,
}

#[derive(Serialize)]
struct Member {
    checkpoint: String,
    test_loss: f64,
    test_accuracy: f64,
    correct: u32,
    expected_error: Option<f64>,
    /// Images that it reads as another digit than the ensemble.
    dissents: u32,
}

impl<'a> Line<'a> {
    pub(super) fn new(evaluation: &'a Evaluation, calibrated: &Calibrated, dataset: &'a Dataset) -> Self {
        let Evaluation { loss, confusion, .. } = evaluation;
        let scaled = calibrated.scaled.as_ref();
        Self {
            test_loss: *loss,
            test_accuracy: evaluation.accuracy(),
            correct: evaluation.correct(),
            total: evaluation.total(),
            confusion: &confusion.0,
            classes: std::array::from_fn(|class| Class {
                precision: confusion.precision(class),
                recall: confusion.recall(class),
                f1: confusion.f1(class),
            }),
            dataset: &dataset.id.name,
            disturbances: &[],
            delay: None,
            test_time_shifts: None,
            checkpoint: None,
            calibration: calibrated.calibration.as_ref().map(Curve::of),
            temperature: scaled.and_then(|scaled| scaled.as_ref().ok()).map(Fitted::of),
            no_temperature: scaled.and_then(|scaled| scaled.as_ref().err()).map(ToString::to_string),
            ensemble: None,
        }
    }
}

impl Curve {
    fn of(calibration: &Calibration) -> Self {
        let bins = calibration.bins.iter().enumerate().map(|(place, bin)| {
            let (from, to) = bin_range(place);
            Bin { from, to, images: bin.images, confidence: bin.confidence(), accuracy: bin.accuracy() }
        });
        Self {
            expected_error: calibration.expected_error(),
            confidence: calibration.confidence(),
            bins: bins.collect(),
        }
    }
}

impl Fitted {
    fn of(scaled: &Scaled) -> Self {
        Self {
            value: scaled.temperature,
            held_out: scaled.held_out,
            test_loss: scaled.test_loss,
            expected_error: scaled.calibration.as_ref().map(Calibration::expected_error),
        }
    }
}

impl Together {
    pub(super) fn new(members: &[Saved], joint: &JointEvaluation) -> Self {
        let member = |((saved, alone), &dissents): ((&Saved, &Evaluation), _)| Member {
            checkpoint: saved.file.display().to_string(),
            test_loss: alone.loss,
            test_accuracy: alone.accuracy(),
            correct: alone.correct(),
            expected_error: Calibration::of(alone).map(|calibration| calibration.expected_error()),
            dissents,
        };
        Self {
            members: members.iter().zip(&joint.members).zip(&joint.dissents).map(member).collect(),
            disputed: joint.disputed,
            disputed_correct: joint.disputed_correct,
        }
    }
}
