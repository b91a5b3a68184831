//! The available networks, by name.

use super::{LayerInfo, model::Model, models::lenet5::LeNet5};
use crate::choice::choice;

choice! {
    /// Which network a run trains.
    #[derive(Default)]
    Architecture {
        /// LeCun et al., 1998.
        #[default]
        LeNet5 = "lenet-5",
    }
}

impl Architecture {
    /// Returns the name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::LeNet5 => LeNet5::TITLE,
        }
    }

    /// Returns the layers in the order in which data passes through them. The last one's values are the logits.
    pub const fn layers(self) -> &'static [LayerInfo] {
        match self {
            Self::LeNet5 => LeNet5::LAYERS,
        }
    }

    /// Returns the number of weights and biases of all layers.
    pub fn parameters(self) -> usize {
        self.layers().iter().map(|layer| layer.parameters).sum()
    }
}
