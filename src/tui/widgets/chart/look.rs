//! How curves look.

use ratatui::style::Style;

use crate::tui::theme::Theme;

/// Whose curve it is: colour and shape say it together, so that either is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Train,
    /// With a mark at each point.
    Test,
    /// A smoothed test curve, whose marks are where nothing was measured and therefore left out.
    TestLine,
    /// The marks of the values that such a curve was made of.
    TestMarks,
    /// What a smoothed training curve is made of.
    Raw,
    /// Dim and dotted.
    Before,
    /// Another run: dim, dotted, and told by its letter.
    Other(u8),
}

impl Look {
    pub(crate) fn style(self, theme: Theme) -> Style {
        match self {
            Self::Train => theme.train(),
            Self::Test | Self::TestLine | Self::TestMarks => theme.test(),
            Self::Before | Self::Raw => theme.dim(),
            Self::Other(place) => theme.other(place),
        }
    }

    /// For the legend.
    pub(crate) fn mark(self, theme: Theme) -> char {
        match self {
            _ if theme.ascii => self.ascii(),
            Self::Train => '━',
            Self::Test | Self::TestLine | Self::TestMarks => '•',
            Self::Before | Self::Raw | Self::Other(_) => '┈',
        }
    }

    pub(super) fn ascii(self) -> char {
        match self {
            Self::Train => '*',
            Self::Test | Self::TestLine | Self::TestMarks => 'o',
            Self::Before | Self::Raw => '.',
            Self::Other(place) => char::from(b'a' + place % 26),
        }
    }

    pub(super) fn is_dotted(self) -> bool {
        matches!(self, Self::Before | Self::Other(_))
    }
}
