//! The available networks, by name.

use std::ops::Range;

use super::{
    LayerInfo,
    model::Model,
    models::{
        attention::AttentionNet,
        inception::InceptionNet,
        lenet5::LeNet5,
        mlp::Mlp,
        recurrent::{GruNet, LstmNet, Rnn},
        resnet::ResNet,
    },
};
use crate::choice::choice;

choice! {
    /// Which network a run trains.
    #[derive(Default)]
    Architecture {
        /// LeCun et al., 1998.
        #[default]
        LeNet5 = "lenet-5",
        /// A multilayer perceptron: one hidden layer over all pixels.
        Mlp = "mlp",
        /// A recurrent network over the rows of the image.
        Rnn = "rnn",
        /// A recurrent network with long short-term memory, Hochreiter and Schmidhuber, 1997.
        Lstm = "lstm",
        /// A recurrent network of gated units, Cho et al., 2014.
        Gru = "gru",
        /// A residual network, He et al., 2015.
        ResNet = "resnet",
        /// A network of branches side by side, Szegedy et al., 2014.
        Inception = "inception",
        /// Self-attention among the rows of the image, Vaswani et al., 2017.
        Attention = "attention",
    }
}

impl Architecture {
    /// Returns the name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::LeNet5 => LeNet5::TITLE,
            Self::Mlp => Mlp::TITLE,
            Self::Rnn => Rnn::TITLE,
            Self::Lstm => LstmNet::TITLE,
            Self::Gru => GruNet::TITLE,
            Self::ResNet => ResNet::TITLE,
            Self::Inception => InceptionNet::TITLE,
            Self::Attention => AttentionNet::TITLE,
        }
    }

    /// Returns the layers in the order in which data passes through them. The last one's values are the logits.
    pub const fn layers(self) -> &'static [LayerInfo] {
        match self {
            Self::LeNet5 => LeNet5::LAYERS,
            Self::Mlp => Mlp::LAYERS,
            Self::Rnn => Rnn::LAYERS,
            Self::Lstm => LstmNet::LAYERS,
            Self::Gru => GruNet::LAYERS,
            Self::ResNet => ResNet::LAYERS,
            Self::Inception => InceptionNet::LAYERS,
            Self::Attention => AttentionNet::LAYERS,
        }
    }

    /// Returns the layers that have parameters, and where these are among all parameters.
    pub fn ranges(self) -> impl Iterator<Item = (&'static LayerInfo, Range<usize>)> {
        let mut start = 0;
        self.layers().iter().filter(|layer| layer.parameters > 0).map(move |layer| {
            let range = start..start + layer.parameters;
            start = range.end;
            (layer, range)
        })
    }

    /// Returns the number of weights and biases of all layers.
    pub fn parameters(self) -> usize {
        self.layers().iter().map(|layer| layer.parameters).sum()
    }
}
