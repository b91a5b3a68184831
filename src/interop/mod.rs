//! Networks in the files of other programs, safetensors, NumPy and ONNX, and curves for TensorBoard.

mod description;
mod error;
mod export;
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
pub use export::{ExportError, ExportKind, Exported, export, files, write, write_file};
pub use format::Format;
pub use import::{Imported, import};
pub use layout::{Layout, NamedTensor, tensors};
