//! Forms in which a message to another process carries what serde alone does not: paths of any bytes, images, layers by
//! their network and place, and hyperparameters and specifications with all that a checkpoint keeps elsewhere.

pub(super) mod activations;
pub(crate) mod hyper;
pub(super) mod layer_name;
pub(super) mod measures;
pub(crate) mod path;
pub(crate) mod pixels;
pub(super) mod spec;

use serde::{Deserialize, Serialize};

use super::{Architecture, LayerInfo};

/// Place of a layer in its network.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct LayerPlace {
    network: Architecture,
    index: u16,
}

impl LayerPlace {
    /// Finds a layer. `None` if no network has it.
    fn of(info: &LayerInfo) -> Option<Self> {
        Architecture::ALL.iter().find_map(|&network| {
            let index = network.layers().iter().position(|layer| layer == info)?;
            Some(Self { network, index: u16::try_from(index).ok()? })
        })
    }

    /// Returns the layer. `None` if the network has fewer.
    fn info(self) -> Option<&'static LayerInfo> {
        self.network.layers().get(usize::from(self.index))
    }
}

const NO_LAYER: &str = "expected a layer of a known network, found another";
