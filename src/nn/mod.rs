//! The network as dfdx modules.

mod activations;
mod adaptive_threads;
mod architecture;
mod buffer_pool;
mod choices;
mod conv;
mod dense;
mod engine;
mod error;
mod flat;
mod init;
pub mod kernels;
mod layer_info;
mod layout;
mod math;
mod model;
mod models;
mod network;
mod optimizer;
mod parameters;
mod trainable;

pub use activations::{Activations, LayerOutput};
pub use architecture::Architecture;
pub use choices::{Activation, OptimizerKind, Pooling};
pub use conv::ConvBlock;
pub use dense::Dense;
pub use engine::Engine;
pub use error::{NonFinite, WrongLength};
pub use kernels::Simd;
pub use layer_info::{LayerInfo, LayerKind};
pub use layout::{Features, Grouped, Maps};
pub use math::{argmax, cross_entropy, softmax};
pub use network::Network;
pub use optimizer::{Optimizer, UpdateRule};
pub use trainable::Step;
