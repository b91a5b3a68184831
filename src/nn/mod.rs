//! The network as dfdx modules.

mod activations;
mod choices;
mod conv;
mod dense;
mod engine;
mod flat;
mod init;
pub mod kernels;
mod layout;
mod lenet5;
mod network;
mod optimizer;
mod pace;
mod parameters;
mod spare;

pub use activations::Activations;
pub use choices::{Activation, OptimizerKind, Pooling};
pub use conv::ConvBlock;
pub use dense::Dense;
pub use engine::Engine;
pub use kernels::Simd;
pub use layout::{Features, Grouped, Maps};
pub use lenet5::LeNet5;
pub use network::{Network, NonFinite, Step, WrongLength, argmax, softmax};
pub use optimizer::{Optimizer, UpdateRule};
