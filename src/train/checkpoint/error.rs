//! Errors of checkpoints.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    choice::UnknownName,
    format::{cut, sanitized},
};

/// Maximum columns of a name of a network or hyperparameter in a message.
const MAX_NAME: usize = 40;

/// Error when a checkpoint cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {fault}", path.display())]
pub struct CheckpointError {
    pub path: PathBuf,
    /// Part of the message and therefore not the `source`, which would be shown twice.
    pub fault: Fault,
}

impl CheckpointError {
    pub(super) fn at(path: &Path) -> impl Fn(Fault) -> Self {
        move |fault| Self { path: path.to_owned(), fault }
    }
}

/// Error of a checkpoint, without its path.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("expected a lenet-monitor checkpoint, found {found}; name a .ckpt file written by `train`")]
    NotACheckpoint { found: &'static str },
    #[error(
        "expected checkpoint format {expected}, found format {found}: the file is damaged or was written by a newer \
         lenet-monitor; use that version to read it"
    )]
    Version { expected: u32, found: u32 },
    #[error("expected {expected} bytes, found {found}: the file is truncated; use another checkpoint of the run")]
    Truncated { expected: u64, found: u64 },
    #[error(
        "expected {expected} bytes, found {found}: the file has extra bytes at the end; use another checkpoint of the \
         run"
    )]
    TrailingBytes { expected: u64, found: u64 },
    #[error(
        "expected checksum {expected:08x}, found {found:08x}: the file is damaged; use another checkpoint of the run"
    )]
    Checksum { expected: u32, found: u32 },
    #[error("expected at most {limit} bytes of contents, found {found}: the file is damaged")]
    TooLarge { limit: u64, found: u64 },
    #[error(
        "the contents cannot be decoded ({0}) although the checksum is correct: the file was not written by this \
         program"
    )]
    Undecodable(String),
    #[error(
        "expected a network that this version knows ({}), found {}: the file was written by a newer lenet-monitor; use \
         that version to read it",
        .0.expected.join(", "),
        cut(&sanitized(&.0.found), MAX_NAME)
    )]
    UnknownNetwork(UnknownName),
    #[error(
        "expected hyperparameters that this version knows, found `{}`: the file was written by a newer lenet-monitor; \
         use that version to read it",
        cut(&sanitized(.0), MAX_NAME)
    )]
    UnknownHyperparameter(String),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Contents that are impossible in a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: expected {expected}, found {found}; the checkpoint cannot be used")]
pub struct Invalid {
    pub what: String,
    pub expected: String,
    pub found: String,
}
