//! The parts of a network and its training that a run chooses by name.

use crate::choice::choice;

choice! {
    /// The non-linearity after every convolution and every dense layer but the last.
    Activation {
        /// `max(x, 0)`
        Relu = "relu",
        Tanh = "tanh",
        /// `1 / (1 + exp(-x))`
        Sigmoid = "sigmoid",
    }
}

choice! {
    /// How pooling layers reduce 2x2 values to one.
    Pooling {
        /// Their mean.
        Avg = "avg",
        /// The largest of them.
        Max = "max",
    }
}

choice! {
    /// How gradients change the parameters, by the formulas of Keras 3.
    OptimizerKind {
        Adam = "adam",
        Rmsprop = "rmsprop",
        Sgd = "sgd",
    }
}
