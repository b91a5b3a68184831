//! Where the keys go.

use crate::tui::screen::Screen;

/// Where the keys go at a moment: a screen, or something that waits for an answer over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    Screen(Screen),
    /// The charts on the whole of the Train screen.
    Curves,
    /// Two runs side by side, over the Runs screen.
    Compare,
    Help,
    /// A field or a number is being typed.
    Typing,
    /// A digit to filter by is asked for.
    Digit,
    /// A question is open.
    Asking,
    /// A question whose yes cannot be taken back.
    Confirming,
}

/// What is over a screen, in the order of the configuration.
const OVER_SCREENS: [Context; 5] =
    [Context::Help, Context::Typing, Context::Digit, Context::Asking, Context::Confirming];

impl Context {
    /// Returns every context: each screen, followed by its second view where it has one, then what is over screens.
    pub fn all() -> impl Iterator<Item = Self> {
        let screens = Screen::ALL.iter().flat_map(|&screen| [Some(Self::Screen(screen)), Self::second_view(screen)]);
        screens.flatten().chain(OVER_SCREENS)
    }

    fn second_view(screen: Screen) -> Option<Self> {
        match screen {
            Screen::Train => Some(Self::Curves),
            Screen::Runs => Some(Self::Compare),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Screen(screen) => screen.name(),
            Self::Curves => "curves",
            Self::Compare => "comparison",
            Self::Help => "help",
            Self::Typing => "while typing",
            Self::Digit => "choosing a digit",
            Self::Asking => "answering",
            Self::Confirming => "confirming",
        }
    }

    /// Returns whether it is a view of a screen, and nothing over one.
    pub(crate) fn is_work(self) -> bool {
        !OVER_SCREENS.contains(&self)
    }
}
