//! Colours by meaning.
//!
//! The palette `auto` makes no assumption about the background: all its hues have the one luminance with a contrast of
//! 4.5 on black and on white, and blue and orange stay distinct for colour-blind eyes. The other palettes are made for
//! one background or one need. Without colour, weight and shape carry the same meanings.

pub(crate) mod drawing;
pub(crate) mod shade;

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

/// Red, green and blue, 0 to 255.
pub type Rgb = (u8, u8, u8);

const BLACK: Rgb = (0, 0, 0);
const WHITE: Rgb = (255, 255, 255);
/// One of the lightest of common dark backgrounds.
const NORD: Rgb = (0x2e, 0x34, 0x40);
/// One of the darkest of common light backgrounds.
const SOLARIZED: Rgb = (0xfd, 0xf6, 0xe3);

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
    /// Returns the palette for a background of this colour.
    pub fn on_background(background: Rgb) -> Self {
        if shade::luminance(background) > shade::EQUAL_CONTRAST { Self::Light } else { Self::Dark }
    }

    /// Returns the backgrounds between which this palette's text is readable.
    pub fn backgrounds(self) -> [Rgb; 2] {
        match self {
            Self::Dark => [BLACK, NORD],
            Self::Light => [SOLARIZED, WHITE],
            Self::Auto | Self::ColourBlind | Self::Mono => [BLACK, WHITE],
        }
    }

    /// Returns red, green and blue, 0 to 255. [`Palette::Mono`] has none.
    pub fn rgb(self, meaning: Meaning) -> Option<Rgb> {
        let colours = match self {
            Self::Auto => [0x76_76_76, 0x9f_50_d5, 0x00_78_d2, 0xc1_56_00, 0x27_87_36, 0x93_71_00, 0xdd_2d_5a],
            Self::Dark => [0xa0_a0_a0, 0xd7_87_ff, 0x5f_af_ff, 0xff_af_5f, 0x87_d7_87, 0xff_d7_5f, 0xff_87_87],
            Self::Light => [0x66_66_66, 0x87_00_af, 0x00_5f_af, 0xaf_4a_00, 0x00_73_00, 0x7a_57_00, 0xaf_00_5f],
            Self::ColourBlind => [0x76_76_76, 0xa8_5d_89, 0x00_7b_bf, 0xc2_55_00, 0x00_86_62, 0x90_72_00, 0xdf_30_30],
            Self::Mono => return None,
        };
        let place = Meaning::ALL.iter().position(|&each| each == meaning)?;
        let [_, red, green, blue] = u32::to_be_bytes(colours[place]);
        Some((red, green, blue))
    }
}

impl Theme {
    /// Returns the theme for the environment (`NO_COLOR`, `COLORTERM`, `TERM`), except for what the user has chosen.
    /// Without a choice the palette is [`Palette::Auto`], except on the Linux console, which is black.
    pub fn of_terminal(palette: Option<Palette>, depth: Option<Depth>, ascii: bool) -> Self {
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
            palette: match palette {
                _ if no_colour => Palette::Mono,
                None if plain => Palette::Dark,
                palette => palette.unwrap_or(Palette::Auto),
            },
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
            Depth::Indexed => Color::Indexed(self.readable((red, green, blue))),
            Depth::Sixteen => self.sixteen(meaning),
        })
    }

    /// Returns one of the terminal's sixteen colours, which users can redefine: a bright one for dark backgrounds, else
    /// one that is readable on white. No green or yellow is, so that such a meaning has the text's own colour.
    fn sixteen(self, meaning: Meaning) -> Color {
        match (meaning, self.palette) {
            (Meaning::Accent, Palette::Dark) => Color::LightMagenta,
            (Meaning::Train, Palette::Dark) => Color::LightCyan,
            (Meaning::Test, Palette::Dark) => Color::LightYellow,
            (Meaning::Good, Palette::Dark) => Color::LightGreen,
            (Meaning::Warn, Palette::Dark) => Color::Yellow,
            (Meaning::Bad, Palette::Dark) => Color::LightRed,
            (Meaning::Train, Palette::Light) => Color::Blue,
            (Meaning::Train, _) => Color::LightBlue,
            (Meaning::Test, _) => Color::Magenta,
            (Meaning::Warn | Meaning::Bad, _) => Color::Red,
            (Meaning::Dim | Meaning::Accent | Meaning::Good, _) => Color::Reset,
        }
    }

    /// Returns the style of plain text.
    pub fn text(self) -> Style {
        Style::new()
    }

    /// Returns the style of the past, frames and captions.
    pub fn dim(self) -> Style {
        if self.has_greys() { self.hue(Meaning::Dim) } else { Style::new().add_modifier(Modifier::DIM) }
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

/// Returns the fixed greys among a terminal's 256 colours.
fn greys() -> impl Iterator<Item = Listed> {
    (0..24u8).map(|place| (232 + place, (8 + 10 * place, 8 + 10 * place, 8 + 10 * place)))
}

/// Returns the index of the nearest of the 240 fixed colours among a terminal's 256.
pub fn nearest(red: u8, green: u8, blue: u8) -> u8 {
    nearest_of(cube().chain(greys()), (red, green, blue)).0
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
type Listed = (u8, Rgb);

fn nearest_of(colours: impl Iterator<Item = Listed>, (red, green, blue): Rgb) -> Listed {
    let distance = |(r, g, b): Rgb| {
        let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        square(r, red) + square(g, green) + square(b, blue)
    };
    colours.min_by_key(|(_, colour)| distance(*colour)).unwrap_or_default()
}

/// Returns the nearest ASCII character for a symbol that this program draws.
pub(crate) fn to_ascii(symbol: &str) -> &'static str {
    match symbol {
        "─" | "┄" | "┈" | "╌" | "–" | "—" => "-",
        "━" => "=",
        "╸" => ">",
        "│" | "┊" | "┆" => "|",
        "╭" | "╮" | "╰" | "╯" | "┌" | "┐" | "└" | "┘" | "┼" | "├" | "┤" | "┬" | "┴" => "+",
        "·" => "-",
        "●" | "•" | "◆" => "*",
        "○" => "o",
        "◉" => "@",
        "✓" => "+",
        "✗" | "×" => "x",
        "…" => "~",
        "←" | "◂" | "‹" => "<",
        "→" | "▸" | "›" => ">",
        "↑" | "▲" => "^",
        "↓" | "▼" | "▾" => "v",
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
