//! What loading a data set reports.

/// What loading reports on its way.
#[derive(Clone, Debug, PartialEq)]
pub enum LoadEvent {
    Note(String),
    /// `done` of `total` bytes of a file are here.
    Downloading {
        file: String,
        done: u64,
        total: Option<u64>,
    },
    /// The synthetic digits are being drawn.
    Generating,
}
