//! The choices a run makes by name.

use crate::choice::choice;

choice! {
    /// The non-linearity after C1, C3, C5 and F6.
    Activation {
        /// `max(x, 0)`
        Relu = "relu",
        Tanh = "tanh",
        /// `1 / (1 + exp(-x))`
        Sigmoid = "sigmoid",
    }
}

choice! {
    /// How S2 and S4 bring 2x2 values to one.
    Pooling {
        /// Their mean.
        Avg = "avg",
        /// The largest.
        Max = "max",
    }
}

choice! {
    /// How gradients change parameters. The formulas are Keras 3's.
    OptimizerKind {
        Adam = "adam",
        Rmsprop = "rmsprop",
        Sgd = "sgd",
    }
}
