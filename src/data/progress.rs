//! Events of loading a data set.

/// An event that loading reports.
#[derive(Clone, Debug, PartialEq)]
pub enum LoadEvent {
    Note(String),
    /// `done` of `total` bytes of a file have been received.
    Downloading {
        file: String,
        done: u64,
        total: Option<u64>,
    },
    /// The synthetic digits are being drawn.
    Generating,
}
