//! Networks in the files of other programs, safetensors, NumPy and ONNX, and curves for TensorBoard.

mod description;
mod error;
mod format;
mod import;
mod layout;
mod npz;
mod numbers;
mod onnx;
mod proto;
mod safetensors;
pub mod tensorboard;

pub use error::InteropError;
pub use format::Format;
pub use import::{Imported, import};
pub use layout::{Layout, NamedTensor, tensors};

use self::description::Description;
use crate::train::Checkpoint;

/// Returns the bytes of a file with the network that the checkpoint's run tests.
///
/// # Errors
/// If the format has no such layout.
pub fn export(checkpoint: &Checkpoint, format: Format, layout: Layout) -> Result<Vec<u8>, InteropError> {
    let description = Description::of(checkpoint, layout);
    match (format, layout) {
        (Format::Safetensors, _) => Ok(safetensors::encode(&tensors(checkpoint, layout), description.json())),
        (Format::Npz, _) => Ok(npz::encode(&tensors(checkpoint, layout))),
        (Format::Onnx, Layout::PyTorch) => Ok(onnx::encode(checkpoint, &description)),
        (Format::Onnx, Layout::Keras) => Err(InteropError::OneLayout),
    }
}
