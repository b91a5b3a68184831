//! Writing a network or a run's curves to files of other programs.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    Format, InteropError, Layout, NamedTensor, description::Description, layout::tensors, npz, onnx, safetensors,
    tensorboard,
};
use crate::{choice::choice, disk, format::shown, train::Checkpoint};

/// What is written of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exported {
    Network(Format, Layout),
    /// Event files for TensorBoard, in a folder.
    Curves,
}

choice! {
    /// What can be written of a checkpoint, whatever the layout.
    ExportKind {
        Safetensors = "safetensors",
        Npz = "npz",
        Onnx = "onnx",
        TensorBoard = "tensorboard",
    }
}

impl ExportKind {
    pub fn with(self, layout: Layout) -> Exported {
        match self {
            Self::Safetensors => Exported::Network(Format::Safetensors, layout),
            Self::Npz => Exported::Network(Format::Npz, layout),
            Self::Onnx => Exported::Network(Format::Onnx, layout),
            Self::TensorBoard => Exported::Curves,
        }
    }

    /// Returns the name of the file or folder for a checkpoint that is called `name`.
    pub fn file_name(self, name: &str) -> String {
        if self == Self::TensorBoard { format!("{name}-tensorboard") } else { format!("{name}.{self}") }
    }
}

/// Why files were not written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Format(#[from] InteropError),
    #[error("{} exists", shown(.0))]
    Exists(PathBuf),
    #[error("cannot write {}", shown(path))]
    Unwritable { path: PathBuf, source: io::Error },
}

/// Returns the bytes of a file with the network that the checkpoint's run tests.
///
/// # Errors
/// If the format has no such layout.
pub fn export(checkpoint: &Checkpoint, format: Format, layout: Layout) -> Result<Vec<u8>, InteropError> {
    let description = Description::of(checkpoint, layout);
    let tensors = || -> Vec<NamedTensor> { tensors(checkpoint, layout) };
    match (format, layout) {
        (Format::Safetensors, _) => Ok(safetensors::encode(&tensors(), description.json())),
        (Format::Npz, _) => Ok(npz::encode(&tensors())),
        (Format::Onnx, Layout::PyTorch) => Ok(onnx::encode(checkpoint, &description)),
        (Format::Onnx, Layout::Keras) => Err(InteropError::OneLayout),
    }
}

/// Returns the files of an export with their contents: the file `to`, or event files in the folder `to`.
///
/// # Errors
/// If the format has no such layout.
pub fn files(checkpoint: &Checkpoint, exported: Exported, to: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>, InteropError> {
    Ok(match exported {
        Exported::Network(format, layout) => vec![(to.to_owned(), export(checkpoint, format, layout)?)],
        Exported::Curves => {
            let files = tensorboard::files(checkpoint);
            files.into_iter().map(|(path, bytes)| (to.join(path), bytes)).collect()
        }
    })
}

/// Writes an export. Files that exist are replaced only if `replaces`; otherwise nothing is written.
///
/// # Errors
/// If a file exists, or cannot be written.
pub fn write(checkpoint: &Checkpoint, exported: Exported, to: &Path, replaces: bool) -> Result<(), ExportError> {
    let files = files(checkpoint, exported, to)?;
    let existing = files.iter().find(|(path, _)| path.symlink_metadata().is_ok());
    if let Some((path, _)) = existing.filter(|_| !replaces) {
        return Err(ExportError::Exists(path.clone()));
    }
    for (path, bytes) in files {
        write_file(&path, &bytes, exported == Exported::Curves)?;
    }
    Ok(())
}

/// Writes one of the files of an export. `makes_folder` creates the folder that it is in.
///
/// # Errors
/// If it cannot be written.
pub fn write_file(path: &Path, bytes: &[u8], makes_folder: bool) -> Result<(), ExportError> {
    let made = if makes_folder { fs::create_dir_all(disk::folder_of(path)) } else { Ok(()) };
    let written = made.and_then(|()| disk::write_atomically(path, bytes));
    written.map_err(|source| ExportError::Unwritable { path: path.to_owned(), source })
}
