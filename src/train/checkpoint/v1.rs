//! Format 1, which version 0.1.0 wrote: as the present one, without the network's name in front of the rest.

use crate::nn::Architecture;

pub(super) const VERSION: u32 = 1;

/// The only network there was.
pub(super) const NETWORK: Architecture = Architecture::LeNet5;
