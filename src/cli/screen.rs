//! Flags that say how the screen looks.

use clap::Args;

use super::{DEFAULT_FPS, config::Config};
use crate::tui::{Depth, Palette, Theme};

#[derive(Debug, Args)]
pub(super) struct ScreenArgs {
    /// Frames a second the screen draws at most, 1 to 60 [default: 10]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=60))]
    fps: Option<u8>,
    /// Colours: auto (for any background), dark, light, colour-blind or mono [default: auto]
    ///
    /// NO_COLOR in the environment means mono.
    #[arg(long, value_name = "NAME")]
    theme: Option<Palette>,
    /// How many colours to use: 16, 256 or true [default: as many as the terminal says it has]
    #[arg(long, value_name = "N")]
    colours: Option<Depth>,
    /// Nothing but ASCII on the screen, for fonts without braille and blocks
    #[arg(long)]
    ascii: bool,
}

impl ScreenArgs {
    pub(super) fn fps(&self, config: &Config) -> u8 {
        self.fps.or(config.fps).unwrap_or(DEFAULT_FPS)
    }

    pub(super) fn theme(&self, config: &Config) -> Theme {
        let palette = self.theme.or(config.theme).unwrap_or(Palette::Auto);
        Theme::of_terminal(palette, self.colours.or(config.colours), self.ascii || config.ascii.unwrap_or(false))
    }
}
