//! Colours by meaning.
//!
//! The default palette makes no assumption about the background: its hues have medium lightness, so that they are
//! readable on dark and on light, and blue and orange stay distinct for colour-blind eyes. The other palettes are made
//! for one background or one need. Without colour, weight and shape carry the same meanings.

pub(crate) mod drawing;
mod shade;

use ratatui::style::{Color, Modifier, Style};

use crate::choice::choice;

choice! {
    /// A set of colours.
    Palette {
        /// For any background.
        Auto = "auto",
        /// For a dark background.
        Dark = "dark",
        /// For a light background.
        Light = "light",
        /// Hues that remain distinct with any colour blindness (Okabe and Ito's), for any background.
        ColourBlind = "colour-blind",
        /// No colours besides the terminal's default ones.
        Mono = "mono",
    }
}

choice! {
    /// Number of colours that the terminal has.
    Depth {
        Sixteen = "16",
        Indexed = "256",
        True = "true",
    }
}

/// Capabilities of the terminal and preferences of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    pub palette: Palette,
    pub depth: Depth,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
}

/// Meaning of a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    Dim,
    Accent,
    Train,
    Test,
    Good,
    Warn,
    Bad,
}

impl Meaning {
    pub const ALL: [Self; 7] = [Self::Dim, Self::Accent, Self::Train, Self::Test, Self::Good, Self::Warn, Self::Bad];
}

impl Palette {
    /// Returns red, green and blue, 0 to 255. [`Palette::Mono`] has none.
    pub fn rgb(self, meaning: Meaning) -> Option<(u8, u8, u8)> {
        let colours = match self {
            Self::Auto => [0x80_80_80, 0xaf_5f_d7, 0x00_87_d7, 0xd7_5f_00, 0x5f_af_5f, 0xaf_87_00, 0xd7_00_5f],
            Self::Dark => [0x94_94_94, 0xd7_87_ff, 0x5f_af_ff, 0xff_af_5f, 0x87_d7_87, 0xff_d7_5f, 0xff_5f_87],
            Self::Light => [0x6c_6c_6c, 0x87_00_af, 0x00_5f_af, 0xaf_4a_00, 0x00_73_00, 0x7a_57_00, 0xaf_00_5f],
            Self::ColourBlind => [0x80_80_80, 0xb0_62_90, 0x00_72_b2, 0xd5_5e_00, 0x00_8e_68, 0x9a_7a_00, 0xc0_30_30],
            Self::Mono => return None,
        };
        let place = Meaning::ALL.iter().position(|&each| each == meaning)?;
        let [_, red, green, blue] = u32::to_be_bytes(colours[place]);
        Some((red, green, blue))
    }
}

impl Theme {
    /// Returns the theme for the environment (`NO_COLOR`, `COLORTERM`, `TERM`), except for what the user has chosen.
    pub fn of_terminal(palette: Palette, depth: Option<Depth>, ascii: bool) -> Self {
        let variable = |name| std::env::var(name).unwrap_or_default();
        let term = variable("TERM");
        let plain = ["dumb", "linux", "ansi"].contains(&term.as_str()) || term.starts_with("vt");
        let no_colour = !variable("NO_COLOR").is_empty() || (plain && term != "linux");
        let found = match variable("COLORTERM").as_str() {
            "truecolor" | "24bit" => Depth::True,
            _ if term.contains("256") || term.contains("direct") || term.contains("kitty") => Depth::Indexed,
            _ => Depth::Sixteen,
        };
        Self {
            palette: if no_colour { Palette::Mono } else { palette },
            depth: depth.unwrap_or(found),
            ascii: ascii || plain,
        }
    }

    /// Returns whether only the terminal's default colours are used.
    pub fn is_mono(self) -> bool {
        self.palette == Palette::Mono
    }

    /// Returns whether the terminal has fixed greys.
    pub fn has_greys(self) -> bool {
        !self.is_mono() && self.depth != Depth::Sixteen
    }

    fn hue(self, meaning: Meaning) -> Style {
        let Some((red, green, blue)) = self.palette.rgb(meaning) else { return Style::new() };
        Style::new().fg(match self.depth {
            Depth::True => Color::Rgb(red, green, blue),
            Depth::Indexed => Color::Indexed(nearest(red, green, blue)),
            Depth::Sixteen => self.sixteen(meaning),
        })
    }

    /// Returns one of the terminal's sixteen colours, which users can redefine: a bright one for dark backgrounds, else
    /// a normal one.
    fn sixteen(self, meaning: Meaning) -> Color {
        let dark = self.palette == Palette::Dark;
        match meaning {
            Meaning::Dim => Color::DarkGray,
            Meaning::Accent if dark => Color::LightMagenta,
            Meaning::Accent => Color::Magenta,
            Meaning::Train if dark => Color::LightBlue,
            Meaning::Train => Color::Blue,
            Meaning::Test if dark => Color::LightYellow,
            Meaning::Test => Color::Yellow,
            Meaning::Good if dark => Color::LightGreen,
            Meaning::Good => Color::Green,
            Meaning::Warn => Color::Yellow,
            Meaning::Bad if dark => Color::LightRed,
            Meaning::Bad => Color::Red,
        }
    }

    /// Returns the style of plain text.
    pub fn text(self) -> Style {
        Style::new()
    }

    /// Returns the style of the past, frames and captions.
    pub fn dim(self) -> Style {
        if self.is_mono() { Style::new().add_modifier(Modifier::DIM) } else { self.hue(Meaning::Dim) }
    }

    /// Returns the style of keys and of the selection.
    pub fn accent(self) -> Style {
        self.hue(Meaning::Accent).add_modifier(Modifier::BOLD)
    }

    /// Returns the style of anything measured on training images.
    pub fn train(self) -> Style {
        self.hue(Meaning::Train)
    }

    /// Returns the style of anything measured on test images.
    pub fn test(self) -> Style {
        self.hue(Meaning::Test)
    }

    /// Returns the style of success.
    pub fn good(self) -> Style {
        self.hue(Meaning::Good)
    }

    /// Returns the style of warnings.
    pub fn warn(self) -> Style {
        self.hue(Meaning::Warn).add_modifier(Modifier::BOLD)
    }

    /// Returns the style of failures.
    pub fn bad(self) -> Style {
        self.hue(Meaning::Bad).add_modifier(Modifier::BOLD)
    }

    /// Returns the style of a pane's title: not dim like its frame.
    pub fn title(self) -> Style {
        self.bold().fg(Color::Reset)
    }

    /// Returns the style of headings and of changed values.
    pub fn bold(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Returns the style of a conspicuous label, such as SYNTHETIC.
    pub fn shout(self) -> Style {
        self.warn().add_modifier(Modifier::REVERSED)
    }

    /// Returns the style of the selected line or tab.
    pub fn chosen(self) -> Style {
        self.accent().add_modifier(Modifier::REVERSED)
    }
}

/// Returns the index of the nearest of the 240 fixed colours among a terminal's 256.
pub fn nearest(red: u8, green: u8, blue: u8) -> u8 {
    let greys = (0..24u8).map(|place| (232 + place, (8 + 10 * place, 8 + 10 * place, 8 + 10 * place)));
    nearest_of(cube().chain(greys), (red, green, blue)).0
}

/// Returns the colours of the colour cube.
fn cube() -> impl Iterator<Item = Listed> {
    /// Intensities of its steps.
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    (0..216u8).map(|place| {
        let step = |place: u8| STEPS[usize::from(place % 6)];
        (16 + place, (step(place / 36), step(place / 6), step(place)))
    })
}

/// Index of a terminal colour, with its red, green and blue.
type Listed = (u8, (u8, u8, u8));

fn nearest_of(colours: impl Iterator<Item = Listed>, (red, green, blue): (u8, u8, u8)) -> Listed {
    let distance = |(r, g, b): (u8, u8, u8)| {
        let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        square(r, red) + square(g, green) + square(b, blue)
    };
    colours.min_by_key(|(_, colour)| distance(*colour)).unwrap_or_default()
}

/// Returns the nearest ASCII character for a symbol that this program draws.
pub(super) fn to_ascii(symbol: &str) -> &'static str {
    match symbol {
        "─" | "┄" | "┈" | "╌" | "–" | "—" => "-",
        "━" => "=",
        "╸" => ">",
        "│" | "┊" | "┆" => "|",
        "╭" | "╮" | "╰" | "╯" | "┌" | "┐" | "└" | "┘" | "┼" | "├" | "┤" | "┬" | "┴" => "+",
        "·" => "-",
        "●" | "•" | "◆" => "*",
        "○" => "o",
        "✓" => "+",
        "✗" | "×" => "x",
        "…" => "~",
        "←" | "◂" | "‹" => "<",
        "→" | "▸" | "›" => ">",
        "↑" | "▲" => "^",
        "↓" | "▼" => "v",
        "▁" | "▂" => ".",
        "▃" | "▄" => ":",
        "▅" | "▆" => "|",
        "▇" | "█" | "▉" | "▊" | "▋" | "▌" => "#",
        "▍" | "▎" | "▏" => "|",
        "░" => ".",
        "▒" => "+",
        "▓" => "#",
        _ => "?",
    }
}
