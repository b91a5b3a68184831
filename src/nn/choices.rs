//! The choices a run makes by name.

/// A name that is none of the choices.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not one of {}", expected.join(", "))]
pub struct UnknownName {
    pub expected: Vec<&'static str>,
    pub found: String,
}

/// An enum whose variants go by name, at the command line and in tables, in capitals or not.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl $name {
            /// Every choice, in the order people see them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            /// Their names, in the same order.
            pub const NAMES: &[&'static str] = &[$($text),+];

            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::nn::UnknownName;

            fn from_str(text: &str) -> Result<Self, $crate::nn::UnknownName> {
                let named = |choice: &&Self| choice.name().eq_ignore_ascii_case(text);
                let unknown = || $crate::nn::UnknownName { expected: Self::NAMES.to_vec(), found: text.to_owned() };
                Self::ALL.iter().find(named).copied().ok_or_else(unknown)
            }
        }
    };
}
pub(crate) use choice;

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
