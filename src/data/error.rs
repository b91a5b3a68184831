//! Errors in data: in a single file or in a data set.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{
    SIDE,
    content::{Content, MAX_COUNT},
    download::error::DownloadError,
    layout::has_mnist_name,
};
use crate::{disk, format::fetch_command};

/// A file that cannot be used, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}: {fault}{}", path.display(), fault.advice(path))]
pub struct IdxError {
    pub path: PathBuf,
    pub fault: IdxFault,
}

/// What is wrong with a file: what was expected and what was found. [`IdxError`] adds the file's path and what to do.
#[derive(Debug, thiserror::Error)]
pub enum IdxFault {
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    #[error("expected a file, found {0}; move it away")]
    NotAFile(&'static str),
    #[error("expected {0} in IDX format, found an empty file")]
    Empty(Content),
    #[error("expected {0} in IDX format, found a web page (served instead of the requested file)")]
    WebPage(Content),
    /// Another format, or an array of another kind.
    #[error("expected {content} in IDX format (magic number {expected:#010x}), found {what}{advice}")]
    Magic { content: Content, expected: u32, found: u32, what: String, advice: String },
    #[error("expected images of {SIDE}x{SIDE} pixels, found {rows}x{columns}; other sizes cannot be used")]
    Dimension { rows: u32, columns: u32 },
    #[error("expected a count of 1 to {MAX_COUNT}, found {found}; check where the file comes from")]
    Count { found: u32 },
    #[error("expected {expected} bytes unpacked, according to the header, found only {found}")]
    TooShort { expected: u64, found: u64 },
    #[error("expected {expected} bytes unpacked, according to the header, found {found} or more")]
    TooLong { expected: u64, found: u64 },
    #[error("truncated gzip file: it ends after unpacking to {unpacked} bytes")]
    GzipEndsEarly { unpacked: u64 },
    #[error("damaged gzip file ({0})")]
    GzipDamaged(io::Error),
    #[error(
        "expected labels of 0 to 9, found {found} as label {index} (from 0); only data sets of ten classes can be used"
    )]
    Label { index: usize, found: i64 },
    #[error(
        "expected labels of 0 to 9, found labels up to {highest} ({set}); only data sets of ten classes can be used"
    )]
    Classes { highest: i64, set: &'static str },
    #[error("expected NumPy arrays x_train, y_train, x_test and y_test, {0}")]
    Arrays(String),
}

impl IdxFault {
    /// Returns what to do if the file must be replaced. MNIST's own files can be downloaded.
    fn advice(&self, path: &Path) -> String {
        let replaceable = match self {
            Self::Empty(_) | Self::WebPage(_) | Self::TooShort { .. } | Self::TooLong { .. } => true,
            Self::Magic { advice, .. } => advice.is_empty(),
            fault => matches!(fault, Self::GzipEndsEarly { .. } | Self::GzipDamaged(_)),
        };
        match replaceable {
            true if has_mnist_name(path) => {
                let fetch = fetch_command(disk::folder_of(path));
                format!("; replace it, or run `{fetch}` to set it aside and download MNIST")
            }
            true => "; replace it".to_owned(),
            false => String::new(),
        }
    }
}

/// Any error in data.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    #[error(transparent)]
    File(#[from] IdxError),
    #[error(
        "{} holds {images} images, but {} holds {labels} labels; expected as many labels as images: \
         use both from the same set",
        images_path.display(), labels_path.display()
    )]
    Counts { images_path: PathBuf, images: usize, labels_path: PathBuf, labels: usize },
    #[error("{}: expected a folder with the four MNIST files: {cause}; name another with --data-dir", folder.display())]
    Folder { folder: PathBuf, cause: io::Error },
    #[error(
        "the data folder {} does not exist; check the name, or run `{}` to create it and download MNIST",
        folder.display(), fetch_command(folder)
    )]
    MissingFolder { folder: PathBuf },
    #[error(
        "no readable data set in the data folder {}: found {found}; searched it and its subfolders for \
         {LOOKED_FOR}. Name another folder with --data-dir, or run `{}` to download MNIST into this one",
        folder.display(), fetch_command(folder)
    )]
    NothingUsable { folder: PathBuf, found: String },
    #[error(
        "{} holds more than one data set: {}; name the folder of the one to use, or one of its files, with --data-dir",
        folder.display(), sets.join(", ")
    )]
    Several { folder: PathBuf, sets: Vec<String> },
    #[error(
        "{} holds an incomplete data set: found {}; missing {} ({why}). Add the missing files, move the others away, \
         or choose --dataset synthetic",
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

/// What [`locate::named`](super::locate::named) searches for.
const LOOKED_FOR: &str = "MNIST's four files (train-images-idx3-ubyte and so on, raw or .gz, also as in torchvision's \
                          MNIST/raw), EMNIST's digits or mnist (emnist-digits-train-images-idx3-ubyte), QMNIST's \
                          (qmnist-train-images-idx3-ubyte), or Keras's mnist.npz";
