//! The runs of a comparison.

use serde::{Deserialize, Serialize};

use crate::{
    choice::choice,
    train::{Architecture, Hyperparameter, Hyperparameters},
};

choice! {
    /// Runs of a network and a seed that belong together.
    Part {
        /// All training images.
        Whole = "whole",
        /// All training images, trained and tested with permuted pixels.
        Permuted = "permuted",
        /// The first images of [`SMALL`].
        Small = "small",
        /// Recurrent networks that read empty rows after the image, see [`DELAYS`].
        Delayed = "delayed",
    }
}

choice! {
    /// Arrangement of an image's pixels.
    Pixels {
        InPlace = "in place",
        /// Permuted alike in all images, for training and testing.
        Permuted = "permuted",
    }
}

/// Sizes of small training sets, and how many times the epochs they are trained for, so that fewer images do not mean
/// too few updates.
pub const SMALL: [(u32, u32); 3] = [(300, 10), (1_000, 5), (10_000, 2)];

/// Empty rows that recurrent networks are trained with, on the last of [`SMALL`].
pub const DELAYS: [u32; 3] = [28, 84, 168];

/// A run of the comparison, whatever the data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MethodRun {
    #[serde(with = "crate::train::hyper_by_name")]
    pub hyper: Hyperparameters,
    /// Number of training images; `None`: all.
    pub train: Option<u32>,
    pub pixels: Pixels,
}

/// Runs of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Methods {
    pub networks: Vec<Architecture>,
    pub seeds: Vec<u64>,
    /// Epochs of the runs on all training images.
    pub epochs: u32,
    pub parts: Vec<Part>,
}

impl Methods {
    /// Returns all runs: part after part, and within each seed after seed, so that the networks can be compared early.
    pub fn runs(&self) -> Vec<MethodRun> {
        let parts = Part::ALL.iter().filter(|part| self.parts.contains(part));
        let kinds = parts.flat_map(|part| part.kinds());
        let seeds = kinds.flat_map(|kind| self.seeds.iter().map(move |&seed| (kind, seed)));
        let runs = seeds.flat_map(|(kind, seed)| self.networks.iter().map(move |&network| (kind, seed, network)));
        runs.filter_map(|(kind, seed, network)| kind.run(network, seed, self.epochs)).collect()
    }
}

/// Settings in which the runs of a network and a seed differ.
#[derive(Clone, Copy, Debug)]
struct RunKind {
    train: Option<u32>,
    /// Factor of the epochs.
    times: u32,
    pixels: Pixels,
    delay: u32,
}

const WHOLE: RunKind = RunKind { train: None, times: 1, pixels: Pixels::InPlace, delay: 0 };

impl RunKind {
    /// Returns `None` for a delay of a network that is not recurrent.
    fn run(self, network: Architecture, seed: u64, epochs: u32) -> Option<MethodRun> {
        let epochs = epochs.saturating_mul(self.times);
        let hyper = Hyperparameters { network, seed, epochs, delay: self.delay, ..Hyperparameters::default() };
        (self.delay == 0 || hyper.uses(Hyperparameter::Delay)).then_some(MethodRun {
            hyper,
            train: self.train,
            pixels: self.pixels,
        })
    }
}

impl Part {
    fn kinds(self) -> Vec<RunKind> {
        let small = |(images, times)| RunKind { train: Some(images), times, ..WHOLE };
        match self {
            Self::Whole => vec![WHOLE],
            Self::Permuted => vec![RunKind { pixels: Pixels::Permuted, ..WHOLE }],
            Self::Small => SMALL.map(small).to_vec(),
            Self::Delayed => DELAYS.map(|delay| RunKind { delay, ..small(SMALL[2]) }).to_vec(),
        }
    }
}
