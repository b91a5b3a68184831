//! Which images of a data set a run uses, and whether the run is possible.

use std::{ops::Range, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::{Hyperparameter, InvalidHyperparameter, Limits, NoTemperature, RunSpec, Transfer};
use crate::{
    data::{Dataset, DatasetId, Fingerprint},
    nn::Architecture,
};

/// Error when a run is not possible.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CannotRun {
    #[error(transparent)]
    Hyperparameter(#[from] InvalidHyperparameter),
    #[error("the run's data set is {run}, but {here} is in use; a run can continue only with its own data set")]
    OtherDataset { run: String, here: String },
    #[error("{which} must be 1 or more, not 0")]
    NoImages { which: &'static str },
    #[error("holdout must leave a training image: expected fewer than {images}, found {holdout}")]
    Holdout { images: u32, holdout: u32 },
    #[error("{which} needs held-out images, found a holdout of 0; add for example --holdout 5000")]
    NeedsHoldout { which: &'static str },
    #[error("cannot begin with the weights of another run: {reason}")]
    Weights { reason: String },
    #[error("cannot learn from a teacher: {reason}")]
    Teacher { reason: String },
    #[error(
        "expected the teacher's soft targets in {}, and found no such file, nor the same teacher: its networks or the \
         data have changed (soft targets {found}); put the file or the teacher's checkpoints back",
        file.display()
    )]
    OtherTeacher { file: PathBuf, found: Fingerprint },
    #[error(
        "teacher weight: expected 0 without a teacher, found {weight}; name saved runs as teachers with --teacher, or \
         mark them on the Runs screen"
    )]
    NeedsTeacher { weight: f32 },
    #[error("network: expected {theirs}, the network of the weights in {}, found {network}", path.display())]
    OtherNetwork { path: PathBuf, theirs: Architecture, network: Architecture },
    #[error("epochs: expected {begun} or more, which the run has begun, found {epochs}")]
    Epochs { epochs: u32, begun: u32 },
    #[error("the checkpoint is at step {step} with {images} images, which does not fit its data set")]
    Position { step: u32, images: u32 },
}

/// Returns a data set's name and fingerprint, as messages show them.
pub fn dataset_label(id: &DatasetId) -> String {
    format!("{} ({})", id.name, id.fingerprint)
}

/// Number of images that a run trains on, holds out, and tests with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Images {
    pub train: u32,
    pub validation: u32,
    pub test: u32,
}

impl Images {
    /// Returns what `limits` leave of `dataset`.
    ///
    /// # Errors
    /// If they leave nothing to train on or to test with.
    pub fn of(limits: &Limits, dataset: &Dataset) -> Result<Self, CannotRun> {
        let used = at_most("the number of training images", limits.train, dataset.train.len())?;
        let test = at_most("the number of test images", limits.test, dataset.test.len())?;
        if limits.holdout >= used {
            return Err(CannotRun::Holdout { images: used, holdout: limits.holdout });
        }
        Ok(Self { train: used - limits.holdout, validation: limits.holdout, test })
    }

    /// Returns the range of the held-out images, at the end of the used training images.
    pub fn validation_range(&self) -> Range<usize> {
        self.train as usize..(self.train + self.validation) as usize
    }

    pub fn test_range(&self) -> Range<usize> {
        0..self.test as usize
    }

    pub fn steps_per_epoch(&self, batch_size: u32) -> u32 {
        self.train.div_ceil(batch_size)
    }
}

fn at_most(which: &'static str, limit: Option<u32>, images: usize) -> Result<u32, CannotRun> {
    let images = u32::try_from(images).unwrap_or(u32::MAX);
    match limit.map_or(images, |limit| limit.min(images)) {
        0 => Err(CannotRun::NoImages { which }),
        images => Ok(images),
    }
}

impl Transfer {
    /// Checks that a run of `network` can begin with the weights.
    ///
    /// # Errors
    /// If they are those of another network.
    pub fn check_network(&self, network: Architecture) -> Result<(), CannotRun> {
        let (path, theirs) = (self.path.clone(), self.network);
        (theirs == network).then_some(()).ok_or(CannotRun::OtherNetwork { path, theirs, network })
    }
}

impl Limits {
    /// Checks the limits as far as possible without the data.
    ///
    /// # Errors
    /// If they leave nothing to train on or to test with for any data set.
    pub fn validate(&self) -> Result<(), CannotRun> {
        let train = at_most("the number of training images", self.train, usize::MAX)?;
        at_most("the number of test images", self.test, usize::MAX)?;
        let holds = self.train.is_none() || self.holdout < train;
        holds.then_some(()).ok_or(CannotRun::Holdout { images: train, holdout: self.holdout })
    }
}

impl RunSpec {
    /// Checks that this run is possible on `dataset`, and returns its numbers of images.
    ///
    /// # Errors
    /// If a hyperparameter or limit is out of range, or the run belongs to another data set.
    pub fn check(&self, dataset: &Dataset) -> Result<Images, CannotRun> {
        self.hyper.validate()?;
        self.check_holdout()?;
        let weight = self.hyper.teacher_weight;
        if weight > 0.0 && self.teacher.is_none() {
            return Err(CannotRun::NeedsTeacher { weight });
        }
        self.transfer.as_ref().map_or(Ok(()), |transfer| transfer.check_network(self.hyper.network))?;
        if self.dataset.fingerprint != dataset.id.fingerprint {
            return Err(CannotRun::OtherDataset {
                run: dataset_label(&self.dataset),
                here: dataset_label(&dataset.id),
            });
        }
        Images::of(&self.limits, dataset)
    }

    /// Checks that there are held-out images if the run ends early by them.
    fn check_holdout(&self) -> Result<(), CannotRun> {
        self.needs_holdout().map_or(Ok(()), |which| Err(CannotRun::NeedsHoldout { which: which.name() }))
    }

    /// Returns the hyperparameter that needs held-out images, if there are none.
    pub fn needs_holdout(&self) -> Option<Hyperparameter> {
        let is_set = |which: &Hyperparameter| self.hyper.get(*which) != which.default_value();
        [Hyperparameter::Patience, Hyperparameter::StopAt].into_iter().find(is_set).filter(|_| self.limits.holdout == 0)
    }

    /// Returns the range of the run's held-out training images, to fit a temperature on.
    ///
    /// # Errors
    /// If there are none, or the run belongs to another data set.
    pub fn held_out(&self, dataset: &Dataset) -> Result<Range<usize>, NoTemperature> {
        if self.limits.holdout == 0 {
            return Err(NoTemperature::NoHoldout);
        }
        let images = self.check(dataset).map_err(|_| NoTemperature::OtherDataset)?;
        Ok(images.validation_range())
    }
}
