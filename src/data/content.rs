//! The content of a data set's file: images or labels.

use std::fmt;

use super::SIDE;

/// Maximum number of images in a file: far more than any such data set has, and less than a gigabyte.
pub const MAX_COUNT: u32 = 1_000_000;

/// The content of an IDX file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Images of [`SIDE`] x [`SIDE`] pixels, one byte each.
    Images,
    /// Labels below [`CLASSES`](super::CLASSES), one byte each.
    Labels,
}

impl Content {
    pub(super) fn magic(self) -> u32 {
        match self {
            Self::Images => 0x0000_0803,
            Self::Labels => 0x0000_0801,
        }
    }

    pub(super) fn header_bytes(self) -> usize {
        match self {
            Self::Images => 16,
            Self::Labels => 8,
        }
    }

    /// Returns what can be used, for a message.
    pub(super) fn requirement(self) -> &'static str {
        match self {
            Self::Images => "; images must be bytes (0 to 255), Nx28x28",
            Self::Labels => "; labels must be integers, N or (as in QMNIST) Nx8",
        }
    }

    /// Returns the header of a file with `count` images or labels in MNIST's format.
    pub(super) fn header(self, count: u32) -> Vec<u8> {
        let words = [self.magic(), count, SIDE as u32, SIDE as u32];
        words.map(u32::to_be_bytes).as_flattened()[..self.header_bytes()].to_vec()
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Images => "images",
            Self::Labels => "labels",
        })
    }
}
