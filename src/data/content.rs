//! What the files of a data set hold: images or labels.

use std::fmt;

use super::SIDE;

/// The most images a file may hold: far above any set of this kind, and under a gigabyte.
pub const MAX_COUNT: u32 = 1_000_000;

/// What an IDX file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Images of [`SIDE`] x [`SIDE`] pixels, one byte each.
    Images,
    /// Labels under [`CLASSES`](super::CLASSES), one byte each.
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

    /// What can be used, for a message.
    pub(super) fn kinds(self) -> &'static str {
        match self {
            Self::Images => "; images have to be bytes (0 to 255), Nx28x28",
            Self::Labels => "; labels have to be integers, N or as QMNIST's Nx8",
        }
    }

    /// The header that MNIST's format gives `count` of these.
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
