//! Contexts: what the keys act on.

use crate::tui::screen::Screen;

/// What the keys act on: a screen, or something over it that waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    Screen(Screen),
    /// The full-screen charts of the Train screen.
    Curves,
    /// The comparison of two runs on the Runs screen.
    Compare,
    /// The form of a new sweep on the Sweep screen.
    NewSweep,
    Help,
    /// A field or a line that is being typed.
    Typing,
    /// The choice of a digit.
    Digit,
    /// A yes-or-no question.
    Asking,
    /// A question whose yes cannot be undone.
    Confirming,
}

/// The contexts over a screen, in the order of the configuration.
const OVER_SCREENS: [Context; 5] =
    [Context::Help, Context::Typing, Context::Digit, Context::Asking, Context::Confirming];

impl Context {
    /// Returns every context: each screen, followed by its second view if it has one, then those over screens.
    pub fn all() -> impl Iterator<Item = Self> {
        let screens = Screen::ALL.iter().flat_map(|&screen| [Some(Self::Screen(screen)), Self::second_view(screen)]);
        screens.flatten().chain(OVER_SCREENS)
    }

    fn second_view(screen: Screen) -> Option<Self> {
        match screen {
            Screen::Train => Some(Self::Curves),
            Screen::Runs => Some(Self::Compare),
            Screen::Sweep => Some(Self::NewSweep),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Screen(screen) => screen.name(),
            Self::Curves => "curves",
            Self::Compare => "comparison",
            Self::NewSweep => "form",
            Self::Help => "help",
            Self::Typing => "while typing",
            Self::Digit => "choosing a digit",
            Self::Asking => "answering",
            Self::Confirming => "confirming",
        }
    }

    /// Returns whether the context is a view of a screen, not something over one.
    pub(crate) fn is_view(self) -> bool {
        !OVER_SCREENS.contains(&self)
    }
}
