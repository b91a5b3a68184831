//! Whether a run learns: measures of its layers at the end of an epoch, and the signs and causes of learning nothing.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{EpochRecord, checkpoint::TestResult, exchange::layer_name::LayerName};
use crate::{data::CLASSES, nn::LayerMeasures};

/// Most training images that the layers are measured on.
const SAMPLE: u32 = 128;
/// Training images of an epoch per image of the sample: the measures take less than 1 % of the epoch.
const PER_SAMPLE: u32 = 400;
/// Loss of guessing each digit with the same probability.
const GUESSING: f64 = std::f64::consts::LN_10;
/// Losses this many times that of guessing have exploded, unless most images are predicted correctly.
const EXPLODED: f64 = 10.0;
/// Update-to-weight ratio above which updates replace what was learnt.
const LARGE_UPDATE: f64 = 0.1;
/// Sum of an epoch's update-to-weight ratios below which the epoch hardly changes the layer.
const SMALL_UPDATES: f64 = 0.01;
/// Gradients this many times smaller than the last layer's have vanished.
const VANISHED: f64 = 20.0;

/// State of a run after an epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// Number of complete epochs.
    pub epoch: u32,
    /// Number of training images that the layers were measured on.
    pub images: u32,
    /// Layers that have parameters and are trained, in the order in which data passes through them.
    #[serde(with = "super::exchange::measures")]
    pub layers: Vec<LayerMeasures>,
    /// Sign that the run learns nothing.
    pub stall: Option<Stall>,
}

/// Sign that a run learns nothing, with its cause if known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stall {
    pub symptom: Symptom,
    pub cause: Option<Cause>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Symptom {
    /// The loss is finite but far above that of guessing.
    Exploded { loss: f64 },
    /// All units of a layer are 0 for every image of the sample.
    Dead {
        #[serde(with = "super::exchange::layer_name")]
        layer: LayerName,
        units: usize,
    },
    /// All units of a layer are at the ends of their range for every image of the sample.
    Saturated {
        #[serde(with = "super::exchange::layer_name")]
        layer: LayerName,
        units: usize,
    },
    /// All test images are predicted as this digit.
    Constant { digit: usize },
    /// The test accuracy of the last two epochs is that of guessing.
    Chance { accuracy: f64 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Cause {
    LargeUpdates,
    /// The gradient is this many times smaller in the first layer than in the last.
    VanishingGradient {
        #[serde(with = "super::exchange::layer_name")]
        layer: LayerName,
        times: f64,
    },
    SmallUpdates,
}

/// Returns the training images to measure the layers on: evenly spaced, some for each group of images in an epoch.
pub(super) fn sample(train_images: u32) -> Vec<u32> {
    let count = (train_images / PER_SAMPLE).clamp(16, SAMPLE).min(train_images);
    let place = |number: u32| u64::from(number) * u64::from(train_images) / u64::from(count.max(1));
    (0..count).map(|number| place(number) as u32).collect()
}

impl Health {
    /// Judges a run by its layers, its epochs and its newest evaluation.
    pub(super) fn new(images: usize, layers: Vec<LayerMeasures>, history: &[EpochRecord], test: &TestResult) -> Self {
        let symptom = Symptom::of(&layers, history, test);
        let steps = history.last().map_or(0, |record| record.steps);
        let stall = symptom.map(|symptom| Stall { cause: Cause::of(&symptom, &layers, steps), symptom });
        Self { epoch: test.epoch, images: images as u32, layers, stall }
    }
}

impl Symptom {
    fn of(layers: &[LayerMeasures], history: &[EpochRecord], test: &TestResult) -> Option<Self> {
        let last = history.last()?;
        let loss = last.train_loss.max(last.test_loss);
        if loss > EXPLODED * GUESSING && last.test_accuracy < 0.5 {
            return Some(Self::Exploded { loss });
        }
        let stopped = layers.iter().find_map(|measures| {
            let (layer, units) = (measures.info.name, measures.units());
            if measures.dead == units {
                return Some(Self::Dead { layer, units });
            }
            (measures.saturated == units).then_some(Self::Saturated { layer, units })
        });
        // With too few test images, guessing and learning look the same.
        let chance = chance(test).filter(|chance| *chance < 0.5);
        stopped
            .or_else(|| {
                let digit = constant(test);
                digit.filter(|_| chance.is_some()).map(|digit| Self::Constant { digit })
            })
            .or_else(|| {
                let [.., before, last] = history else { return None };
                let is_chance = |record: &EpochRecord| chance.is_some_and(|chance| record.test_accuracy <= chance);
                (is_chance(before) && is_chance(last)).then_some(Self::Chance { accuracy: last.test_accuracy })
            })
    }
}

/// Returns the only digit that test images were predicted as.
fn constant(test: &TestResult) -> Option<usize> {
    let mut predicted = (0..CLASSES).filter(|&digit| test.confusion.0.iter().any(|row| row[digit] > 0));
    predicted.next().filter(|_| predicted.next().is_none())
}

/// Returns the highest accuracy that guessing reaches: that of always predicting the most frequent digit, and three
/// standard deviations.
fn chance(test: &TestResult) -> Option<f64> {
    let most = test.confusion.0.iter().map(|row| row.iter().sum::<u32>()).max()?;
    let images = f64::from(test.confusion.total().max(1));
    let share = f64::from(most) / images;
    Some(share + 3.0 * (share * (1.0 - share) / images).sqrt())
}

impl Cause {
    fn of(symptom: &Symptom, layers: &[LayerMeasures], steps: u32) -> Option<Self> {
        if !matches!(symptom, Symptom::Constant { .. } | Symptom::Chance { .. }) {
            return Some(Self::LargeUpdates);
        }
        let updates = || layers.iter().filter_map(|measures| measures.update);
        if updates().any(|update| update > LARGE_UPDATE) {
            return Some(Self::LargeUpdates);
        }
        let (first, last) = (layers.first()?, layers.last()?);
        let times = last.gradient / first.gradient;
        if times > VANISHED {
            return Some(Self::VanishingGradient { layer: first.info.name, times });
        }
        let is_small = |update: f64| update * f64::from(steps) < SMALL_UPDATES;
        (updates().next().is_some() && updates().all(is_small)).then_some(Self::SmallUpdates)
    }
}

impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Some(cause) => write!(f, "{}; {cause}", self.symptom),
            None => self.symptom.fmt(f),
        }
    }
}

impl fmt::Display for Symptom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exploded { loss } => write!(f, "the loss is {loss:.2e}, that of guessing {GUESSING:.2}"),
            Self::Dead { layer, units } => write!(f, "all {units} units of {layer} are dead: always 0"),
            Self::Saturated { layer, units } => {
                write!(f, "all {units} units of {layer} are saturated: always at an end of their range")
            }
            Self::Constant { digit } => write!(f, "every test image is predicted as {digit}"),
            Self::Chance { accuracy } => {
                write!(f, "the test accuracy, {accuracy:.4}, has been that of guessing for two epochs")
            }
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LargeUpdates => f.write_str("the learning rate is probably too high"),
            Self::VanishingGradient { layer, times } => {
                write!(f, "the gradient vanishes: in {layer} it is {times:.0} times smaller than in the last layer")
            }
            Self::SmallUpdates => f.write_str("the updates are too small: the learning rate is probably too low"),
        }
    }
}
