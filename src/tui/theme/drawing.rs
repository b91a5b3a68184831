//! How digits and maps of numbers are drawn.

use crate::tui::theme::Theme;

/// How a digit is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drawing {
    /// Half blocks, two greys a cell.
    #[default]
    Greys,
    /// Shade characters, one a cell.
    Shades,
    /// A ramp of ASCII characters.
    Ascii,
}

impl Drawing {
    /// Returns the finest that a theme can show.
    pub(crate) fn fitting(theme: Theme) -> Self {
        if theme.ascii {
            Self::Ascii
        } else if theme.has_greys() {
            Self::Greys
        } else {
            Self::Shades
        }
    }

    pub fn next(self) -> Self {
        match self {
            Self::Greys => Self::Shades,
            Self::Shades => Self::Ascii,
            Self::Ascii => Self::Greys,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Greys => "greys",
            Self::Shades => "shades",
            Self::Ascii => "ASCII",
        }
    }
}
