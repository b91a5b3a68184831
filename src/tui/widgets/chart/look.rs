//! Looks of curves.

use ratatui::style::Style;

use crate::tui::theme::Theme;

/// Look of a curve, which identifies it: by colour and by shape, so that either is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Train,
    /// Test curve with a mark at each point.
    Test,
    /// Smoothed test curve, without marks, since its points were not measured.
    TestLine,
    /// Marks at the measured values behind a smoothed test curve.
    TestMarks,
    /// Measured values behind a smoothed training curve.
    Raw,
    /// Curve of the previous run: dim and dotted.
    Before,
    /// Curve of another run: dim, dotted, and identified by a letter.
    Other(u8),
    /// Curve of one of several equal runs, identified by a letter.
    Run(u8),
}

impl Look {
    pub(crate) fn style(self, theme: Theme) -> Style {
        match self {
            Self::Train => theme.train(),
            Self::Test | Self::TestLine | Self::TestMarks => theme.test(),
            Self::Before | Self::Raw => theme.dim(),
            Self::Other(place) => theme.other(place),
            Self::Run(place) => {
                let hues = [theme.train(), theme.test(), theme.accent(), theme.good(), theme.warn(), theme.bad()];
                hues[usize::from(place) % hues.len()]
            }
        }
    }

    /// Returns the symbol for the legend.
    pub(crate) fn mark(self, theme: Theme) -> String {
        match self {
            _ if theme.ascii => self.ascii().into(),
            Self::Train | Self::Run(_) => "━━".into(),
            Self::Test | Self::TestLine | Self::TestMarks if theme.is_mono() => "╌•".into(),
            Self::Test | Self::TestLine | Self::TestMarks => "━•".into(),
            Self::Before | Self::Raw | Self::Other(_) => "┈┈".into(),
        }
    }

    pub(super) fn ascii(self) -> char {
        match self {
            Self::Train => '*',
            Self::Test | Self::TestLine | Self::TestMarks => 'o',
            Self::Before | Self::Raw => '.',
            Self::Other(place) | Self::Run(place) => char::from(b'a' + place % 26),
        }
    }

    /// Returns whether its line is single dots.
    pub(super) fn is_dotted(self) -> bool {
        matches!(self, Self::Before | Self::Other(_))
    }

    /// Returns whether its line has dots in this column of dots. Dots and, without colours, dashes distinguish curves.
    pub(super) fn has_dots_at(self, x: i64, theme: Theme) -> bool {
        match self {
            Self::Before | Self::Other(_) => x % 3 != 2,
            Self::Test | Self::TestLine if theme.is_mono() => x % 6 < 3,
            _ => true,
        }
    }
}
