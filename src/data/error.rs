//! What can be wrong with data: with one file, or with a whole set.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{
    SIDE,
    content::{Content, MAX_COUNT},
    download::error::DownloadError,
    layout::is_mnists,
};
use crate::{disk, format::fetch_command};

/// A file that cannot be used, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}: {fault}{}", path.display(), fault.advice(path))]
pub struct IdxError {
    pub path: PathBuf,
    pub fault: IdxFault,
}

/// What is wrong with a file: what was expected and what was found. What to do is the business of [`IdxError`], which
/// knows the file.
#[derive(Debug, thiserror::Error)]
pub enum IdxFault {
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    #[error("expected a file, found {0}; move it away")]
    NotAFile(&'static str),
    #[error("expected {0} in IDX format, found an empty file")]
    Empty(Content),
    #[error("expected {0} in IDX format, found a web page (some site's answer in place of the file it was asked for)")]
    WebPage(Content),
    /// Another format, or an array of another kind.
    #[error("expected {content} in IDX format (magic number {expected:#010x}), found {what}{advice}")]
    Magic { content: Content, expected: u32, found: u32, what: String, advice: String },
    #[error("expected images of {SIDE}x{SIDE} pixels, found {rows}x{columns}; other sizes cannot be used")]
    Dimension { rows: u32, columns: u32 },
    #[error("expected a count of 1 to {MAX_COUNT}, found {found}; check where the file comes from")]
    Count { found: u32 },
    #[error("expected {expected} bytes unpacked, by its header, found only {found}")]
    TooShort { expected: u64, found: u64 },
    #[error("expected {expected} bytes unpacked, by its header, found {found} or more")]
    TooLong { expected: u64, found: u64 },
    #[error("expected a whole gzip file, found one that ends early, after unpacking to {unpacked} bytes")]
    GzipEndsEarly { unpacked: u64 },
    #[error("expected a sound gzip file, found a damaged one ({0})")]
    GzipDamaged(io::Error),
    #[error("expected labels of 0 to 9, found {found} as label {index} (from 0); only sets of ten classes can be used")]
    Label { index: usize, found: i64 },
    #[error("expected labels of 0 to 9, found labels up to {highest} ({set}); only sets of ten classes can be used")]
    Classes { highest: i64, set: &'static str },
    #[error("expected NumPy arrays x_train, y_train, x_test and y_test, {0}")]
    Arrays(String),
}

impl IdxFault {
    /// What to do where the file is MNIST's by its name and nothing but another copy will do.
    fn advice(&self, path: &Path) -> String {
        let replaceable = match self {
            Self::Empty(_) | Self::WebPage(_) | Self::TooShort { .. } | Self::TooLong { .. } => true,
            Self::Magic { advice, .. } => advice.is_empty(),
            fault => matches!(fault, Self::GzipEndsEarly { .. } | Self::GzipDamaged(_)),
        };
        match replaceable {
            true if is_mnists(path) => {
                let fetch = fetch_command(disk::folder_of(path));
                format!("; replace it, or let `{fetch}` set it aside and download MNIST")
            }
            true => "; replace it".to_owned(),
            false => String::new(),
        }
    }
}

/// Anything that can be wrong with data.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    #[error(transparent)]
    File(#[from] IdxError),
    #[error(
        "{} holds {images} images, but {} holds {labels} labels; expected as many labels as images: \
         take both from the same set",
        images_path.display(), labels_path.display()
    )]
    Counts { images_path: PathBuf, images: usize, labels_path: PathBuf, labels: usize },
    #[error("{}: expected a folder with the four MNIST files: {cause}; name another with --data-dir", folder.display())]
    Folder { folder: PathBuf, cause: io::Error },
    #[error(
        "the data folder {} is not there; check its name, or let `{}` make it and download MNIST into it",
        folder.display(), fetch_command(folder)
    )]
    NotThere { folder: PathBuf },
    #[error(
        "no data set that can be read in the data folder {}: found {found}; looked, there and in folders below, for \
         {LOOKED_FOR}. Name another folder with --data-dir, or let `{}` download MNIST into this one",
        folder.display(), fetch_command(folder)
    )]
    NothingUsable { folder: PathBuf, found: String },
    #[error(
        "{} holds more than one data set: {}; name the folder of the one to use, or one of its files, with --data-dir",
        folder.display(), sets.join(", ")
    )]
    Several { folder: PathBuf, sets: Vec<String> },
    #[error(
        "{} holds only part of a data set: found {}; missing {} ({why}). Add what is missing, move the rest away, or \
         choose --dataset synthetic",
        folder.display(), found.join(", "), missing.join(", ")
    )]
    Incomplete { folder: PathBuf, found: Vec<String>, missing: Vec<String>, why: String },
    #[error(
        "no MNIST files in {}, and {cause}. Put the four files there, name their folder with --data-dir, or choose \
         --dataset synthetic",
        folder.display()
    )]
    Unobtainable { folder: PathBuf, cause: DownloadError },
    #[error(transparent)]
    Download(#[from] DownloadError),
}

/// What [`locate::named`] knows, for a message.
const LOOKED_FOR: &str = "MNIST's four files (train-images-idx3-ubyte and so on, raw or .gz, also as in torchvision's \
                          MNIST/raw), EMNIST's digits or mnist (emnist-digits-train-images-idx3-ubyte), QMNIST's \
                          (qmnist-train-images-idx3-ubyte), or Keras's mnist.npz";
