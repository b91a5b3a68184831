//! The specification of a run: its hyperparameters and the images it uses.

mod group;
mod parameter;
mod properties;
mod teacher;
mod transfer;
mod value;

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Schedule;
use crate::{
    data::{Augmentation, DatasetId},
    format::file_name,
    nn::{Activation, Architecture, Engine, Network, OptimizerKind, Pooling, Regularization, UpdateRule},
};

pub use group::Group;
pub use parameter::{Flag, Hyperparameter, InvalidHyperparameter, Kind, whole};
pub(super) use teacher::PREFIX;
pub use teacher::Teacher;
pub use transfer::{CannotFreeze, Transfer};
pub use value::Value;

/// Hyperparameters of a run. [`Default`] is the report's run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hyperparameters {
    pub activation: Activation,
    pub pooling: Pooling,
    pub optimizer: OptimizerKind,
    pub learning_rate: f32,
    /// Images per step, 1 to [`Hyperparameters::MAX_BATCH_SIZE`].
    pub batch_size: u32,
    /// Total number of epochs, 1 to [`Hyperparameters::MAX_EPOCHS`].
    pub epochs: u32,
    /// Seed for the initial weights and the order of the images.
    pub seed: u64,
    /// Momentum of SGD, 0 or more and below 1. Other optimizers ignore it.
    pub momentum: f32,
    /// Which network is trained. In a checkpoint, this and the following values precede all others, as text.
    #[serde(skip)]
    pub network: Architecture,
    /// Number of empty rows that a recurrent network reads after an image, 0 to [`Hyperparameters::MAX_DELAY`]. Other
    /// networks ignore it.
    #[serde(skip)]
    pub delay: u32,
    /// Course of the learning rate.
    #[serde(skip)]
    pub schedule: Schedule,
    /// Part of the steps in which one-cycle raises the learning rate, 0 or more and below 1.
    #[serde(skip)]
    pub warm_up: f32,
    /// Decoupled weight decay, 0 to 1.
    #[serde(skip)]
    pub weight_decay: f32,
    /// Largest norm of the gradient; 0: any.
    #[serde(skip)]
    pub clipping: f32,
    /// Part of each label that is spread over all classes, 0 or more and below 1.
    #[serde(skip)]
    pub label_smoothing: f32,
    /// Weight of the teacher's answers beside the labels, 0 to 1. Above 0 the run needs a teacher.
    #[serde(skip)]
    pub teacher_weight: f32,
    /// Number by which logits are divided before the run's answers are compared with the teacher's.
    #[serde(skip)]
    pub teacher_temperature: f32,
    /// Probability with which LeNet-5 drops values of C5 and F6. Other networks ignore it.
    #[serde(skip)]
    pub dropout: f32,
    /// Decay of the exponential mean of the weights; 0: none.
    #[serde(skip)]
    pub ema: f32,
    /// Greatest random rotation of a training image, in degrees.
    #[serde(skip)]
    pub rotation: f32,
    /// Greatest random shift of a training image, in pixels.
    #[serde(skip)]
    pub shift: f32,
    /// Greatest random change of a training image's size.
    #[serde(skip)]
    pub scaling: f32,
    /// Greatest random slant of a training image.
    #[serde(skip)]
    pub shear: f32,
    /// Standard deviation of the elastic distortion of a training image, in pixels.
    #[serde(skip)]
    pub elastic: f32,
    /// Number of epochs without a better one on the held-out images after which the run ends; 0: any.
    #[serde(skip)]
    pub patience: u32,
    /// Accuracy on the held-out images at which the run ends; 0: none.
    #[serde(skip)]
    pub stop_at: f32,
}

impl Default for Hyperparameters {
    fn default() -> Self {
        Self {
            activation: Activation::Relu,
            pooling: Pooling::Avg,
            optimizer: OptimizerKind::Adam,
            learning_rate: 0.001,
            batch_size: 16,
            epochs: 10,
            seed: 1,
            momentum: 0.0,
            network: Architecture::default(),
            delay: 0,
            schedule: Schedule::Constant,
            warm_up: 0.3,
            weight_decay: 0.0,
            clipping: 0.0,
            label_smoothing: 0.0,
            teacher_weight: 0.0,
            teacher_temperature: 2.0,
            dropout: 0.0,
            ema: 0.0,
            rotation: 0.0,
            shift: 0.0,
            scaling: 0.0,
            shear: 0.0,
            elastic: 0.0,
            patience: 0,
            stop_at: 0.0,
        }
    }
}

impl Hyperparameters {
    pub const MAX_BATCH_SIZE: u32 = 4_096;
    pub const MAX_EPOCHS: u32 = 10_000;
    pub const MAX_LEARNING_RATE: f32 = 10.0;
    pub const MAX_DELAY: u32 = 1_000;

    /// Returns the value of one hyperparameter.
    pub fn get(&self, which: Hyperparameter) -> Value {
        // Destructured, so that the compiler reports a field without a hyperparameter as unused.
        let Self {
            activation,
            pooling,
            optimizer,
            learning_rate,
            batch_size,
            epochs,
            seed,
            momentum,
            network,
            delay,
            schedule,
            warm_up,
            weight_decay,
            clipping,
            label_smoothing,
            teacher_weight,
            teacher_temperature,
            dropout,
            ema,
            rotation,
            shift,
            scaling,
            shear,
            elastic,
            patience,
            stop_at,
        } = *self;
        match which {
            Hyperparameter::Network => network.into(),
            Hyperparameter::Delay => delay.into(),
            Hyperparameter::Activation => activation.into(),
            Hyperparameter::Pooling => pooling.into(),
            Hyperparameter::Optimizer => optimizer.into(),
            Hyperparameter::LearningRate => learning_rate.into(),
            Hyperparameter::Momentum => momentum.into(),
            Hyperparameter::BatchSize => batch_size.into(),
            Hyperparameter::Epochs => epochs.into(),
            Hyperparameter::Seed => seed.into(),
            Hyperparameter::Schedule => schedule.into(),
            Hyperparameter::WarmUp => warm_up.into(),
            Hyperparameter::WeightDecay => weight_decay.into(),
            Hyperparameter::Clipping => clipping.into(),
            Hyperparameter::LabelSmoothing => label_smoothing.into(),
            Hyperparameter::TeacherWeight => teacher_weight.into(),
            Hyperparameter::TeacherTemperature => teacher_temperature.into(),
            Hyperparameter::Dropout => dropout.into(),
            Hyperparameter::Ema => ema.into(),
            Hyperparameter::Rotation => rotation.into(),
            Hyperparameter::Shift => shift.into(),
            Hyperparameter::Scaling => scaling.into(),
            Hyperparameter::Shear => shear.into(),
            Hyperparameter::Elastic => elastic.into(),
            Hyperparameter::Patience => patience.into(),
            Hyperparameter::StopAt => stop_at.into(),
        }
    }

    /// Sets the value of one hyperparameter, without checking its range.
    ///
    /// # Panics
    /// If the value is of another kind.
    pub fn set(&mut self, which: Hyperparameter, value: impl Into<Value>) {
        let value = value.into();
        match which {
            Hyperparameter::Network => self.network = value.choice(),
            Hyperparameter::Delay => self.delay = value.count(),
            Hyperparameter::Activation => self.activation = value.choice(),
            Hyperparameter::Pooling => self.pooling = value.choice(),
            Hyperparameter::Optimizer => self.optimizer = value.choice(),
            Hyperparameter::LearningRate => self.learning_rate = value.real(),
            Hyperparameter::Momentum => self.momentum = value.real(),
            Hyperparameter::BatchSize => self.batch_size = value.count(),
            Hyperparameter::Epochs => self.epochs = value.count(),
            Hyperparameter::Seed => self.seed = value.whole(),
            Hyperparameter::Schedule => self.schedule = value.choice(),
            Hyperparameter::WarmUp => self.warm_up = value.real(),
            Hyperparameter::WeightDecay => self.weight_decay = value.real(),
            Hyperparameter::Clipping => self.clipping = value.real(),
            Hyperparameter::LabelSmoothing => self.label_smoothing = value.real(),
            Hyperparameter::TeacherWeight => self.teacher_weight = value.real(),
            Hyperparameter::TeacherTemperature => self.teacher_temperature = value.real(),
            Hyperparameter::Dropout => self.dropout = value.real(),
            Hyperparameter::Ema => self.ema = value.real(),
            Hyperparameter::Rotation => self.rotation = value.real(),
            Hyperparameter::Shift => self.shift = value.real(),
            Hyperparameter::Scaling => self.scaling = value.real(),
            Hyperparameter::Shear => self.shear = value.real(),
            Hyperparameter::Elastic => self.elastic = value.real(),
            Hyperparameter::Patience => self.patience = value.count(),
            Hyperparameter::StopAt => self.stop_at = value.real(),
        }
    }

    /// Returns whether the value makes a difference to the run.
    pub fn uses(&self, which: Hyperparameter) -> bool {
        which.needs().is_none_or(|(other, choices)| choices.iter().any(|choice| self.get(other) == Value::Name(choice)))
    }

    /// Formats the value; `-` if the run does not use it.
    pub fn readable(&self, which: Hyperparameter) -> String {
        if self.uses(which) { self.get(which).readable() } else { "-".to_owned() }
    }

    /// Returns whether texts mention the value: if it is used, and not for later hyperparameters at their default.
    pub fn mentions(&self, which: Hyperparameter) -> bool {
        self.uses(which) && (!which.is_later() || self.get(which) != which.default_value())
    }

    /// Moves one hyperparameter to its next choice or to the next round number.
    pub fn step(&mut self, which: Hyperparameter, up: bool) {
        self.set(which, which.step(self.get(which), up));
    }

    /// Returns the formula that updates the weights.
    pub fn update_rule(&self) -> UpdateRule {
        UpdateRule {
            kind: self.optimizer,
            momentum: self.momentum,
            weight_decay: self.weight_decay,
            clipping: self.clipping,
            ema: self.ema,
        }
    }

    /// Returns the learning rate in a step, counted from 0, of a run of `steps` steps, unless it was changed by hand.
    pub fn scheduled_rate(&self, step: u64, steps: u64) -> f32 {
        (f64::from(self.learning_rate) * self.schedule.factor(self.warm_up, step, steps)) as f32
    }

    /// Returns the strengths of the random changes to training images.
    pub fn augmentation(&self) -> Augmentation {
        let Self { rotation, shift, scaling, shear, elastic, .. } = *self;
        Augmentation { rotation, shift, scale: scaling, shear, elastic }
    }

    /// Creates the network with its initial weights.
    pub fn build_network(&self, engine: Engine) -> Network {
        let mut network = Network::new(self.network, self.activation, self.pooling, self.seed, engine);
        network.set_delay(self.delay);
        network.set_regularization(Regularization {
            label_smoothing: self.label_smoothing,
            teacher_weight: self.teacher_weight,
            teacher_temperature: self.teacher_temperature,
            dropout: self.dropout,
            seed: self.seed,
        });
        network
    }

    /// Checks that every value is in its range.
    ///
    /// # Errors
    /// Returns the first hyperparameter that is outside its range.
    pub fn validate(&self) -> Result<(), InvalidHyperparameter> {
        Hyperparameter::ALL.iter().try_for_each(|&which| which.check(self.get(which)))
    }
}

/// Returns the name of the folder of the run that a checkpoint belongs to.
fn run_of(checkpoint: &Path) -> String {
    checkpoint.parent().map(file_name).unwrap_or_default()
}

/// Limits on the images that a run uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Number of training images, counted from the first and including the holdout. `None`: all.
    pub train: Option<u32>,
    /// Number of test images, counted from the first. `None`: all.
    pub test: Option<u32>,
    /// Number of images at the end of the training images that are held out as a validation set. 0: none.
    pub holdout: u32,
}

/// Specification of a run: its hyperparameters, its images and its first weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSpec {
    pub hyper: Hyperparameters,
    pub limits: Limits,
    pub dataset: DatasetId,
    /// Another run with whose weights it begins. In a checkpoint, this precedes everything else, as text.
    #[serde(skip)]
    pub transfer: Option<Transfer>,
    /// Saved runs whose answers it learns. In a checkpoint, this precedes everything else, as text.
    #[serde(skip)]
    pub teacher: Option<Teacher>,
}

impl RunSpec {
    /// Specifies a run that begins with random weights and learns the labels alone.
    pub fn new(hyper: Hyperparameters, limits: Limits, dataset: DatasetId) -> Self {
        Self { hyper, limits, dataset, transfer: None, teacher: None }
    }

    /// Returns the teacher, if the run learns its answers.
    pub fn teacher(&self) -> Option<&Teacher> {
        self.teacher.as_ref().filter(|_| self.hyper.teacher_weight > 0.0)
    }

    /// Describes what the run has of others: `begun with the weights of RUN after epoch 20 on SYNTHETIC`,
    /// `taught by the mean of RUN1 and RUN2`.
    pub fn origins(&self) -> impl Iterator<Item = String> {
        let transfer = self.transfer.as_ref().map(|transfer| format!("begun with {transfer}"));
        transfer.into_iter().chain(self.teacher().map(|teacher| format!("taught by {teacher}")))
    }
}
