//! Styles of drawing digits and heat maps.

use crate::{choice::choice, tui::theme::Theme};

choice! {
    /// Style of drawing digits and heat maps.
    #[derive(Default)]
    Drawing {
        /// Half blocks, two greys per cell.
        #[default]
        Greys = "greys",
        /// Shade characters, one per cell.
        Shades = "shades",
        /// A ramp of ASCII characters.
        Ascii = "ASCII",
    }
}

impl Drawing {
    /// Returns the finest style that a theme can show.
    pub(crate) fn fitting(theme: Theme) -> Self {
        if theme.ascii {
            Self::Ascii
        } else if theme.is_mono() {
            Self::Shades
        } else {
            Self::Greys
        }
    }
}
