//! Enums whose variants have names.

/// An error for a name that is not one of the choices.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not one of {}", expected.join(", "))]
pub struct UnknownName {
    pub expected: Vec<&'static str>,
    pub found: String,
}

/// Defines an enum whose variants have names, on the command line and in tables. Case does not matter when they are
/// read.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl $name {
            /// Every choice, in display order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            /// The names of all choices, in the same order.
            pub const NAMES: &[&'static str] = &[$($text),+];

            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }

            /// Returns the next choice, and the first one after the last.
            #[must_use]
            pub fn next(self) -> Self {
                Self::ALL[(self as usize + 1) % Self::ALL.len()]
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::choice::UnknownName;

            fn from_str(text: &str) -> Result<Self, $crate::choice::UnknownName> {
                let named = |choice: &&Self| choice.name().eq_ignore_ascii_case(text);
                let unknown = || $crate::choice::UnknownName { expected: Self::NAMES.to_vec(), found: text.to_owned() };
                Self::ALL.iter().find(named).copied().ok_or_else(unknown)
            }
        }
    };
}
pub(crate) use choice;
