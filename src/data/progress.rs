//! Events of loading a data set.

use std::path::PathBuf;

/// An event that loading reports.
#[derive(Clone, Debug, PartialEq)]
pub enum LoadEvent {
    Note(String),
    /// There are no files of MNIST, and they could not be downloaded: synthetic digits take their place.
    Fallback {
        folder: PathBuf,
        cause: String,
    },
    /// `done` of `total` bytes of a file have been received.
    Downloading {
        file: String,
        done: u64,
        total: Option<u64>,
    },
    /// The synthetic digits are being drawn.
    Generating,
}
