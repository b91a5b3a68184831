//! How digits and maps of numbers are drawn.

use crate::{choice::choice, tui::theme::Theme};

choice! {
    /// A way to draw digits and maps.
    #[derive(Default)]
    Drawing {
        /// Half blocks, two greys a cell.
        #[default]
        Greys = "greys",
        /// Shade characters, one a cell.
        Shades = "shades",
        /// A ramp of ASCII characters.
        Ascii = "ASCII",
    }
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
}
