//! What can be wrong with a checkpoint.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    choice::UnknownName,
    format::{cut, sanitized},
};

/// Columns of a network's name that are shown.
const MAX_NAME: usize = 40;

/// Why a checkpoint cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {fault}", path.display())]
pub struct CheckpointError {
    pub path: PathBuf,
    /// Told in the message, so no source of its own: it would be told twice.
    pub fault: Fault,
}

impl CheckpointError {
    pub(super) fn at(path: &Path) -> impl Fn(Fault) -> Self {
        move |fault| Self { path: path.to_owned(), fault }
    }
}

/// What is wrong, whichever file it is.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("expected a checkpoint of this program, found {found}; name a .ckpt file that `train` wrote")]
    NotACheckpoint { found: &'static str },
    #[error(
        "expected checkpoint format {expected}, found format {found}: the file is damaged or was written by a newer \
         lenet-monitor; read it with that one"
    )]
    Version { expected: u32, found: u32 },
    #[error("expected {expected} bytes, found {found}: the file was cut short; take another checkpoint of the run")]
    Truncated { expected: u64, found: u64 },
    #[error(
        "expected {expected} bytes, found {found}: something was appended to the file; take another checkpoint of the run"
    )]
    TrailingBytes { expected: u64, found: u64 },
    #[error(
        "expected checksum {expected:08x}, found {found:08x}: the file is damaged; take another checkpoint of the run"
    )]
    Checksum { expected: u32, found: u32 },
    #[error("expected at most {limit} bytes of contents, found {found}: the file is damaged")]
    TooLarge { limit: u64, found: u64 },
    #[error(
        "the contents cannot be decoded ({0}), though the checksum is right: the file was not written by this program"
    )]
    Undecodable(String),
    #[error(
        "expected a network that this version knows ({}), found {}: the file was written by a newer lenet-monitor; read it \
         with that one",
        .0.expected.join(", "),
        cut(&sanitized(&.0.found), MAX_NAME)
    )]
    UnknownNetwork(UnknownName),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Contents that no run can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: expected {expected}, found {found}; the checkpoint is of no use")]
pub struct Invalid {
    pub what: String,
    pub expected: String,
    pub found: String,
}
