//! The messages after the greeting.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{
    data::{Dataset, DatasetId, MAX_REQUEST, PIXELS},
    sweep::{SweepCommand, SweepEvent},
    train::{Command, Event, State},
};

/// What the other end wants. Sent by it, once, after the greeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Everything so far, then each event. Commands are followed.
    View,
    /// As `View`, but commands are refused.
    Watch,
    /// Only the events from now on, or everything of a sweep. Commands are followed. Not counted as a viewer.
    Control,
    /// Only a [`Status`].
    Status,
}

/// Message to the trainer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToTrainer {
    Command(Command),
    Sweep(SweepCommand),
    /// Send these test images, at most [`MAX_REQUEST`], to a viewer that does not have the data set.
    Images(Vec<u32>),
}

/// Message to a viewer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToViewer {
    /// First answer to all requests but that for a status.
    Welcome(Box<Welcome>),
    /// Answer to a request for a status.
    Status(Box<Status>),
    /// Until `Recorded` an event of the past, then one of the present.
    Event(Event),
    /// The same of a sweep.
    Sweep(SweepEvent),
    /// The events so far were sent.
    Recorded,
    /// Number of viewers.
    Viewers(u32),
    /// Answer to a request for images: those that exist.
    Images(Vec<TestImage>),
    /// The trainer closes the connection for this reason. The run continues.
    Farewell(String),
}

/// What a viewer learns first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Welcome {
    /// Process ID of the trainer.
    pub process: u32,
    pub host: String,
    /// Folder of the run; empty before there is one. Of a sweep, the file of its table.
    #[serde(with = "crate::train::path_bytes")]
    pub run: PathBuf,
    pub dataset: DatasetId,
    /// Numbers of images in the data set.
    pub train_images: u32,
    pub test_images: u32,
    /// Folder from which the data set was loaded; empty if from none.
    #[serde(with = "crate::train::path_bytes")]
    pub loaded_from: PathBuf,
    /// Time at which the run went into the background, in seconds since 1970.
    pub since: u64,
    /// Number of viewers, this one included.
    pub viewers: u32,
}

/// State of a background run in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Absolute path of the run's folder; empty before there is one. Of a sweep, of the file of its table.
    #[serde(with = "crate::train::path_bytes")]
    pub run: PathBuf,
    pub process: u32,
    /// `None` before the first report.
    pub state: Option<State>,
    /// Number of the current epoch, from 1; 0 before there is a run. Of a sweep, complete epochs of all its runs.
    pub epoch: u32,
    pub epochs: u32,
    /// Accuracy of the last evaluation. Of a sweep, that of its best run.
    pub test_accuracy: Option<f64>,
    /// Name of the data set.
    pub dataset: String,
    pub viewers: u32,
    /// Time at which the run went into the background, in seconds since 1970.
    pub since: u64,
    /// Speed while training.
    pub images_per_second: Option<f64>,
    /// What only a sweep has.
    pub sweep: Option<SweepStatus>,
}

/// State of a background sweep in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepStatus {
    /// Number of the runs that have ended.
    pub ended: u32,
    pub runs: u32,
}

/// Test image, for a viewer that does not have the data set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestImage {
    pub index: u32,
    pub label: u8,
    #[serde(with = "crate::train::image_bytes")]
    pub pixels: Box<[u8; PIXELS]>,
}

impl TestImage {
    /// Returns the images of these indices that the data set has.
    pub fn of(dataset: &Dataset, indices: &[u32]) -> Vec<Self> {
        let image = |&index: &u32| {
            let at = (index as usize) < dataset.test.len();
            let pixels = at.then(|| dataset.test.image(index as usize).try_into().ok())??;
            Some(Self { index, label: dataset.test.label(index as usize), pixels: Box::new(pixels) })
        };
        indices.iter().take(MAX_REQUEST).filter_map(image).collect()
    }
}
