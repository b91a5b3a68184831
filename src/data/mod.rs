//! Images and labels: where they come from and how they are stored.
//!
//! A [`Dataset`] keeps one byte per pixel (47 MB for MNIST's training set). Only batches are converted to floats.

mod augmentation;
mod content;
mod disturbance;
pub mod download;
mod element;
mod error;
pub mod files;
mod foreign;
mod gallery;
mod gzip;
pub mod idx;
pub mod layout;
pub mod locate;
pub(crate) mod npy;
mod npz;
pub mod order;
pub mod picture;
mod progress;
pub(crate) mod random;
mod read_ahead;
mod sampling;
mod source;
pub mod synthetic;
mod transposed;

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use augmentation::{Augmentation, Deformation, GRID, Grid};
use content::Content;
pub use disturbance::{Disturbance, DisturbanceError};
pub use error::DataError;
pub use gallery::{ELSEWHERE, Gallery, MAX_REQUEST, RemoteImages};
pub use progress::LoadEvent;
pub use sampling::shifted;
pub use source::{Choice, Request, find, load, load_from, load_named};

/// Width and height of an image, in pixels.
pub const SIDE: usize = 28;
/// Number of pixels of an image.
pub const PIXELS: usize = SIDE * SIDE;
/// Number of classes: the digits 0 to 9.
pub const CLASSES: usize = 10;

/// Images with their labels, in a fixed order.
#[derive(Clone, PartialEq, Eq)]
pub struct Split {
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

impl Split {
    /// Creates a split of `labels.len()` images of [`PIXELS`] bytes each (row by row, 0 is background, 255 is ink).
    ///
    /// # Panics
    /// If the lengths do not match or a label is 10 or more: readers check this first.
    pub fn new(pixels: Vec<u8>, labels: Vec<u8>) -> Self {
        assert_eq!(pixels.len(), labels.len() * PIXELS, "the numbers of images and labels differ");
        assert!(labels.iter().all(|&label| usize::from(label) < CLASSES), "a label is above 9");
        Self { pixels, labels }
    }

    /// Returns the number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Returns the [`PIXELS`] bytes of image `index`.
    pub fn image(&self, index: usize) -> &[u8] {
        &self.pixels[index * PIXELS..][..PIXELS]
    }

    /// Returns the digit that image `index` shows, 0 to 9.
    pub fn label(&self, index: usize) -> u8 {
        self.labels[index]
    }

    /// Returns the first `images` images, or all if there are fewer.
    #[must_use]
    pub fn first(&self, images: usize) -> Self {
        let images = images.min(self.len());
        Self { pixels: self.pixels[..images * PIXELS].to_vec(), labels: self.labels[..images].to_vec() }
    }

    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// Returns all pixels, image after image.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

impl fmt::Debug for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Split({} images)", self.len())
    }
}

/// The kind of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// The published MNIST files, recognised by their checksums.
    Mnist,
    /// Digits that the program drew itself.
    Synthetic,
    /// Any other files.
    Other,
}

/// SHA-256 over the four unpacked files, in the order train images, train labels, test images, test labels.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// Fingerprint of the published MNIST files.
    pub(crate) const MNIST: Self = Self([
        0xb2, 0xd8, 0xf5, 0xbf, 0x39, 0x17, 0x4e, 0xe5, 0xff, 0xee, 0xfa, 0x97, 0xe4, 0x2d, 0x67, 0x3c, 0x35, 0x43,
        0x2b, 0x41, 0x1b, 0xb5, 0xd1, 0xf7, 0x4f, 0xbb, 0xed, 0xda, 0xe7, 0xf1, 0x69, 0x0a,
    ]);

    /// Returns the fingerprint of the four IDX files that these splits correspond to.
    pub fn of(train: &Split, test: &Split) -> Self {
        let mut sum = Sha256::new();
        for split in [train, test] {
            let count = split.len() as u32;
            sum.update(Content::Images.header(count));
            sum.update(split.pixels());
            sum.update(Content::Labels.header(count));
            sum.update(split.labels());
        }
        Self(sum.finalize().into())
    }
}

impl fmt::Display for Fingerprint {
    /// Writes the first eight bytes in hexadecimal, enough to distinguish data sets by eye.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..8].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// A data set's identity, as checkpoints store it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetId {
    pub kind: Kind,
    /// `MNIST`, `SYNTHETIC`, or the folder's name.
    pub name: String,
    pub fingerprint: Fingerprint,
}

/// Training and test images, in memory.
#[derive(Clone, Debug)]
pub struct Dataset {
    pub id: DatasetId,
    pub train: Split,
    pub test: Split,
}

impl Dataset {
    /// Creates a data set of images in memory.
    pub fn new(kind: Kind, name: String, train: Split, test: Split) -> Self {
        Self { id: DatasetId { kind, name, fingerprint: Fingerprint::of(&train, &test) }, train, test }
    }
}
