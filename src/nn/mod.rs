//! The network as dfdx modules.

mod choices;

pub use choices::{Activation, OptimizerKind, Pooling, UnknownName};
