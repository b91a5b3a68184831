//! The files' formats.

use std::path::Path;

use crate::choice::choice;

choice! {
    /// A file format that holds a network.
    Format {
        /// Named tensors, with texts about them.
        Safetensors = "safetensors",
        /// NumPy's arrays in a zip archive.
        Npz = "npz",
        /// The network's operations with its weights.
        Onnx = "onnx",
    }
}

impl Format {
    /// Returns the format that a file's ending names.
    pub fn of(path: &Path) -> Option<Self> {
        path.extension()?.to_str()?.to_ascii_lowercase().parse().ok()
    }
}
