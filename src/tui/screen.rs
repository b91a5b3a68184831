//! The screens: their order, names and keys.

use crate::tui::keys::{Action, Context};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    #[default]
    Train,
    Mistakes,
    Parameters,
    Runs,
    Sweep,
    Confusion,
    Layers,
    Draw,
}

impl Screen {
    pub const ALL: [Self; 8] = [
        Self::Train,
        Self::Mistakes,
        Self::Parameters,
        Self::Runs,
        Self::Sweep,
        Self::Confusion,
        Self::Layers,
        Self::Draw,
    ];

    pub fn context(self) -> Context {
        match self {
            Self::Train => Context::Train,
            Self::Mistakes => Context::Mistakes,
            Self::Parameters => Context::Parameters,
            Self::Runs => Context::Runs,
            Self::Sweep => Context::Sweep,
            Self::Confusion => Context::Confusion,
            Self::Layers => Context::Layers,
            Self::Draw => Context::Draw,
        }
    }

    /// What shows it.
    pub fn action(self) -> Action {
        match self {
            Self::Train => Action::ShowTrain,
            Self::Mistakes => Action::ShowMistakes,
            Self::Parameters => Action::ShowParameters,
            Self::Runs => Action::ShowRuns,
            Self::Sweep => Action::ShowSweep,
            Self::Confusion => Action::ShowConfusion,
            Self::Layers => Action::ShowLayers,
            Self::Draw => Action::ShowDraw,
        }
    }

    pub fn name(self) -> &'static str {
        self.context().name()
    }

    /// Where there is little room.
    pub fn short_name(self) -> &'static str {
        match self {
            Self::Parameters => "params",
            other => other.name(),
        }
    }

    /// So many screens further, past the last one to the first.
    pub(crate) fn beside(self, by: isize) -> Self {
        let place = Self::ALL.iter().position(|&screen| screen == self).unwrap_or(0) as isize;
        Self::ALL[(place + by).rem_euclid(Self::ALL.len() as isize) as usize]
    }
}
