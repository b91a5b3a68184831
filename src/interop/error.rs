//! What can be wrong with a file of another program.

use std::{fmt, io};

use super::Layout;
use crate::format::sanitized;

/// Why a network cannot be written to a file or read from one.
#[derive(Debug, thiserror::Error)]
pub enum InteropError {
    #[error("cannot read: {0}")]
    Unreadable(io::Error),
    #[error("expected a file of at most {most} bytes, found {found}")]
    TooLarge { most: u64, found: u64 },
    #[error("expected {expected}, found a damaged one ({found})")]
    Damaged { expected: &'static str, found: String },
    #[error("expected a file that ends in .safetensors or .npz")]
    Unknown,
    #[error("an ONNX file has one layout; leave --layout out")]
    OneLayout,
    #[error("an ONNX file holds operations, not only weights; export the network as safetensors or npz instead")]
    NotImportable,
    #[error("{name}: expected numbers of single or double precision, found {found}")]
    NumberType { name: String, found: String },
    #[error("{name}: expected finite numbers, found a NaN or an infinity")]
    NotFinite { name: String },
    #[error(
        "expected the {expected} of {network}: {missing}; found {found}; if it is another network, name it with \
         --network"
    )]
    OtherNetwork { network: &'static str, expected: String, missing: String, found: String },
    #[error("{network}: {names} have the same shape, so their names must be those of `export --layout {layout}`")]
    Ambiguous { network: &'static str, names: String, layout: Layout },
    #[error("the file is as well in PyTorch's layout as in Keras's: its names must be those of `export`")]
    AnyLayout,
    #[error("the description of the network is of another version of this program: {0}")]
    Description(String),
}

impl InteropError {
    pub(super) fn damaged(expected: &'static str, found: impl fmt::Display) -> Self {
        Self::Damaged { expected, found: sanitized(&found.to_string()) }
    }

    pub(super) fn number_type(name: &str, found: &str) -> Self {
        Self::NumberType { name: sanitized(name), found: sanitized(found) }
    }
}
