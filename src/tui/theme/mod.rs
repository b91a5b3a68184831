//! Colours by meaning.
//!
//! The palette for every terminal assumes no background: its hues are of middle lightness, so that they read on dark and on
//! light, and blue against orange stays apart for colour-blind eyes. The others know what they are for. Without colour,
//! weight and shape carry the same meanings.

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
        /// Hues that eyes with any lack of colour can tell apart (Okabe and Ito's), for any background.
        ColourBlind = "colour-blind",
        /// None: every colour is the terminal's own.
        Mono = "mono",
    }
}

choice! {
    /// How many colours the terminal has.
    Depth {
        Sixteen = "16",
        Indexed = "256",
        True = "true",
    }
}

/// What the terminal is able to show, and how the user wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    pub palette: Palette,
    pub depth: Depth,
    /// Nothing outside ASCII.
    pub ascii: bool,
}

/// What a colour stands for.
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
    /// Red, green and blue, 0 to 255. [`Palette::Mono`] has none.
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
    /// By the environment (`NO_COLOR`, `COLORTERM`, `TERM`), as far as the user has not chosen.
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

    /// No colours: every one is the terminal's own.
    pub fn is_mono(self) -> bool {
        self.palette == Palette::Mono
    }

    /// The terminal has greys of its own.
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

    /// The terminal's own sixteen are whatever its user made them: the bright ones for dark backgrounds, else the others.
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

    pub fn text(self) -> Style {
        Style::new()
    }

    /// The past, frames, captions.
    pub fn dim(self) -> Style {
        if self.is_mono() { Style::new().add_modifier(Modifier::DIM) } else { self.hue(Meaning::Dim) }
    }

    /// What is ours to do: keys, the chosen thing.
    pub fn accent(self) -> Style {
        self.hue(Meaning::Accent).add_modifier(Modifier::BOLD)
    }

    /// Whatever was measured on training images.
    pub fn train(self) -> Style {
        self.hue(Meaning::Train)
    }

    /// Whatever was measured on test images.
    pub fn test(self) -> Style {
        self.hue(Meaning::Test)
    }

    /// Goes well.
    pub fn good(self) -> Style {
        self.hue(Meaning::Good)
    }

    /// Wants attention.
    pub fn warn(self) -> Style {
        self.hue(Meaning::Warn).add_modifier(Modifier::BOLD)
    }

    /// Went wrong.
    pub fn bad(self) -> Style {
        self.hue(Meaning::Bad).add_modifier(Modifier::BOLD)
    }

    /// Of a pane: not dim like its frame.
    pub fn title(self) -> Style {
        self.bold().fg(Color::Reset)
    }

    /// Changed, or a heading.
    pub fn bold(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// A loud label, such as SYNTHETIC.
    pub fn shout(self) -> Style {
        self.warn().add_modifier(Modifier::REVERSED)
    }

    /// The line or tab that is chosen.
    pub fn chosen(self) -> Style {
        self.accent().add_modifier(Modifier::REVERSED)
    }
}

/// Of the 240 fixed colours of a terminal with 256, the nearest.
pub fn nearest(red: u8, green: u8, blue: u8) -> u8 {
    let greys = (0..24u8).map(|place| (232 + place, (8 + 10 * place, 8 + 10 * place, 8 + 10 * place)));
    nearest_of(cube().chain(greys), (red, green, blue)).0
}

/// The colour cube, by index.
fn cube() -> impl Iterator<Item = Listed> {
    /// Strengths of its steps.
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    (0..216u8).map(|place| {
        let step = |place: u8| STEPS[usize::from(place % 6)];
        (16 + place, (step(place / 36), step(place / 6), step(place)))
    })
}

/// A colour of the terminal's by its index, with its red, green and blue.
type Listed = (u8, (u8, u8, u8));

fn nearest_of(colours: impl Iterator<Item = Listed>, (red, green, blue): (u8, u8, u8)) -> Listed {
    let distance = |(r, g, b): (u8, u8, u8)| {
        let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        square(r, red) + square(g, green) + square(b, blue)
    };
    colours.min_by_key(|(_, colour)| distance(*colour)).unwrap_or_default()
}

/// The nearest ASCII for a symbol this program draws.
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
