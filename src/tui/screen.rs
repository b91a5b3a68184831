//! The screens: their order, their names, and what each is for.

use crate::choice::choice;

choice!(
    /// A screen; its number is its key.
    Screen {
        Train = "train",
        Mistakes = "mistakes",
        Parameters = "parameters",
        Runs = "runs",
        Sweep = "sweep",
        Confusion = "confusion",
        Layers = "layers",
        Draw = "draw",
    }
);

impl Screen {
    /// Returns what the screen is for, as help shows it.
    pub fn doc(self) -> &'static str {
        match self {
            Self::Train => "Train: the run, live",
            Self::Mistakes => "Mistakes: the digits the network gets wrong",
            Self::Parameters => "Parameters: change them and restart",
            Self::Runs => "Runs: every saved run, to load, compare, rename or delete",
            Self::Sweep => "Sweep: a grid of configurations, as a heat map",
            Self::Confusion => "Confusion: which digits are mistaken for which, and what changed",
            Self::Layers => "Layers: what the network sees in a digit",
            Self::Draw => "Draw: a digit of your own, read as you draw it",
        }
    }

    /// Returns the name to use in little room.
    pub fn short_name(self) -> &'static str {
        match self {
            Self::Parameters => "params",
            other => other.name(),
        }
    }

    /// Returns the number on its tab, which is also its key.
    pub(crate) fn digit(self) -> char {
        char::from(b'1' + self as u8)
    }

    /// Returns the screen `by` places further, wrapping around.
    pub(crate) fn beside(self, by: isize) -> Self {
        Self::ALL[(self as isize + by).rem_euclid(Self::ALL.len() as isize) as usize]
    }
}
