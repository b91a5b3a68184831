//! Colours in steps, for quantities.

use std::{
    collections::BTreeMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use ratatui::style::{Color, Modifier, Style};

use crate::tui::theme::{Depth, Meaning, Palette, Rgb, Theme, cube, greys, nearest, nearest_of};

/// Luminance of a background on which black and white have the same contrast.
pub(super) const EQUAL_CONTRAST: f64 = 0.179;
/// Contrast of text among 256 colours, of which few are readable on black and on white.
const LEAST_CONTRAST: f64 = 4.4;

/// Returns the luminance, from 0 for black to 1 for white, as WCAG 2 defines it.
pub(super) fn luminance((red, green, blue): Rgb) -> f64 {
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

fn linear(value: u8) -> f64 {
    // Every style among 256 colours needs hundreds of them.
    static LINEAR: LazyLock<[f64; 256]> = LazyLock::new(|| {
        std::array::from_fn(|value| {
            let value = value as f64 / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        })
    });
    LINEAR[usize::from(value)]
}

/// Reverses [`linear`].
fn encoded(light: f64) -> u8 {
    let value = if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    (value * 255.0).round() as u8
}

/// Returns the contrast of two luminances, from 1 to 21, as WCAG 2 defines it.
fn contrast(a: f64, b: f64) -> f64 {
    let (a, b) = (a + 0.05, b + 0.05);
    (a / b).max(b / a)
}

impl Theme {
    /// Highest step of [`Theme::heat`].
    pub const HEATS: u8 = 4;

    /// Returns a style with more of `meaning` from step to step, 0 to [`Theme::HEATS`]. A style with a background also
    /// has a readable text colour, so that neither depends on the terminal's colours.
    pub fn heat(self, meaning: Meaning, step: u8) -> Style {
        let step = step.min(Self::HEATS);
        let good = meaning == Meaning::Good;
        // Bright hues have more distinct steps, and a cell with a background has its own text colour.
        let palette = if self.palette == Palette::Auto { Palette::Dark } else { self.palette };
        match (step, palette.rgb(meaning)) {
            (_, None) => weight(f64::from(step) / f64::from(Self::HEATS)),
            (0, _) => self.dim(),
            (1, _) => self.text(),
            (_, Some(hue)) if self.has_greys() => self.patch(hue, f64::from(step - 1) / f64::from(Self::HEATS - 1)),
            (2, _) => self.hue(meaning).add_modifier(Modifier::BOLD),
            (3, _) if good => on_sixteen(Color::Green),
            (3, _) => on_sixteen(Color::Red),
            (_, _) if good => on_sixteen(Color::LightGreen),
            (_, _) => on_sixteen(Color::LightRed),
        }
    }

    /// Returns the style of one of several other runs: a dim hue. Some runs share a hue; letters tell those apart.
    pub fn other(self, place: u8) -> Style {
        const HUES: [Meaning; 4] = [Meaning::Accent, Meaning::Good, Meaning::Warn, Meaning::Bad];
        let meaning = HUES[usize::from(place) % HUES.len()];
        match (self.palette.rgb(meaning), self.palette.rgb(Meaning::Dim)) {
            (Some(hue), Some(dim)) if self.has_greys() => {
                // Of light, so that a mixture is as readable as the two.
                let mixed = |hue: u8, dim: u8| encoded(f64::midpoint(linear(hue), linear(dim)));
                let (red, green, blue) = (mixed(hue.0, dim.0), mixed(hue.1, dim.1), mixed(hue.2, dim.2));
                Style::new().fg(match self.depth {
                    Depth::True => Color::Rgb(red, green, blue),
                    _ => Color::Indexed(self.readable((red, green, blue))),
                })
            }
            _ => self.dim(),
        }
    }

    /// Returns the index of the nearest of a terminal's 256 colours that is readable on this palette's backgrounds.
    /// Remembers it: a frame has hundreds of styles, of a few colours.
    pub(super) fn readable(self, colour: Rgb) -> u8 {
        static KNOWN: Mutex<BTreeMap<(u8, Rgb), u8>> = Mutex::new(BTreeMap::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        *known.entry((self.palette as u8, colour)).or_insert_with(|| self.nearest_readable(colour))
    }

    fn nearest_readable(self, colour: Rgb) -> u8 {
        let [a, b] = self.palette.backgrounds().map(luminance);
        let readable = |&(_, listed): &(u8, Rgb)| {
            let light = luminance(listed);
            contrast(light, a).min(contrast(light, b)) >= LEAST_CONTRAST
        };
        nearest_of(cube().chain(greys()).filter(readable), colour).0
    }

    /// Returns a background between the terminal's and `hue`.
    fn patch(self, hue: Rgb, part: f64) -> Style {
        let ground = if self.palette == Palette::Light { 0xff } else { 0x12 };
        let mixed = |hue: u8| (f64::from(ground) + (f64::from(hue) - f64::from(ground)) * part).round() as u8;
        self.on(mixed(hue.0), mixed(hue.1), mixed(hue.2))
    }

    /// Highest step of [`Theme::grade`].
    pub const GRADES: u8 = 7;

    /// Returns the style of a grade, from 0 for the worst to [`Theme::GRADES`] for the best. The hues are those of
    /// viridis, as closely as 256 colours allow: their lightness rises evenly, so that every eye sees the same order,
    /// on any background. Without 256 colours they are colours of rising lightness among sixteen, or weights.
    pub fn grade(self, step: u8) -> Style {
        const HUES: [u32; 8] =
            [0x5f_00_5f, 0x5f_00_af, 0x00_5f_af, 0x00_87_87, 0x00_af_87, 0x5f_d7_87, 0xff_d7_00, 0xff_ff_87];
        const SIXTEEN: [Color; 8] = [
            Color::Blue,
            Color::Magenta,
            Color::LightBlue,
            Color::Green,
            Color::Cyan,
            Color::LightGreen,
            Color::LightCyan,
            Color::LightYellow,
        ];
        let step = step.min(Self::GRADES);
        if self.is_mono() {
            return weight(f64::from(step) / f64::from(Self::GRADES));
        }
        if self.depth == Depth::Sixteen {
            return on_sixteen(SIXTEEN[usize::from(step)]);
        }
        let [_, red, green, blue] = u32::to_be_bytes(HUES[usize::from(step)]);
        self.on(red, green, blue)
    }

    /// Returns the style of a number from -1 to 1 that is drawn as a character: blue or reversed if negative.
    pub(crate) fn signed(self, value: f32) -> Style {
        let style = match (value < 0.0, self.is_mono()) {
            (_, false) if value.abs() < FAINT => self.dim(),
            (true, false) => self.train(),
            (false, false) => self.test(),
            (true, true) if value <= -FAINT => Style::new().add_modifier(Modifier::REVERSED),
            (_, true) => Style::new(),
        };
        match value.abs() {
            ..FAINT => style.add_modifier(Modifier::DIM),
            0.5.. => style.add_modifier(Modifier::BOLD),
            _ => style,
        }
    }

    /// Returns a style with this background and a readable text colour.
    fn on(self, red: u8, green: u8, blue: u8) -> Style {
        let (ground, shown) = if self.depth == Depth::True {
            (Color::Rgb(red, green, blue), (red, green, blue))
        } else {
            // Greys are excluded: the nearest colour to a dark green may be one, and would carry no meaning.
            let tinted = cube().filter(|(_, (r, g, b))| r != g || g != b);
            let (index, shown) = nearest_of(tinted, (red, green, blue));
            (Color::Indexed(index), shown)
        };
        let ink = if luminance(shown) > EQUAL_CONTRAST { 0 } else { 0xff };
        Style::new().bg(ground).fg(self.colour(ink, ink, ink))
    }

    /// Returns the place of a brightness of 0 to 255 among the terminal's greys.
    pub(crate) fn grey_level(self, brightness: u8) -> u8 {
        let last = if self.depth == Depth::Sixteen { GREYS.len() as u16 - 1 } else { 23 };
        (u16::from(brightness) * last / 255) as u8
    }

    /// Returns the grey for a brightness of 0 to 255.
    pub(crate) fn grey(self, brightness: u8) -> Color {
        let level = self.grey_level(brightness);
        if self.depth == Depth::Sixteen { GREYS[usize::from(level)] } else { Color::Indexed(232 + level) }
    }

    /// Returns the colour of a number from -1 to 1: shades of orange above 0, of blue below.
    pub(crate) fn signed_shade(self, value: f32) -> Color {
        /// Colours from smallest to largest, in steps that are distinct with 256 colours.
        const ABOVE: [u8; 8] = [234, 94, 130, 166, 172, 208, 214, 222];
        const BELOW: [u8; 8] = [233, 17, 18, 25, 26, 32, 39, 117];
        const ABOVE_OF_SIXTEEN: [Color; 3] = [Color::Red, Color::Yellow, Color::LightYellow];
        const BELOW_OF_SIXTEEN: [Color; 3] = [Color::Blue, Color::LightBlue, Color::LightCyan];
        let is_above = value > 0.0;
        let step = |steps: usize| (value.abs().min(1.0) * steps as f32).round() as usize;
        if self.depth == Depth::Sixteen {
            let shades = if is_above { ABOVE_OF_SIXTEEN } else { BELOW_OF_SIXTEEN };
            return step(shades.len()).checked_sub(1).map_or(Color::Black, |step| shades[step]);
        }
        let shades = if is_above { ABOVE } else { BELOW };
        Color::Indexed(step(shades.len()).checked_sub(1).map_or(232, |step| shades[step]))
    }

    fn colour(self, red: u8, green: u8, blue: u8) -> Color {
        if self.depth == Depth::True { Color::Rgb(red, green, blue) } else { Color::Indexed(nearest(red, green, blue)) }
    }
}

/// Greys of sixteen colours, from dark to light.
const GREYS: [Color; 4] = [Color::Black, Color::DarkGray, Color::Gray, Color::White];

/// Magnitude below which a number counts as 0 where it is drawn as a character.
pub(crate) const FAINT: f32 = 0.15;

/// Returns a style for 0 to 1 without colours: dim, normal, bold, reversed, both.
fn weight(part: f64) -> Style {
    const WEIGHTS: [Modifier; 5] = [
        Modifier::DIM,
        Modifier::empty(),
        Modifier::BOLD,
        Modifier::REVERSED,
        Modifier::REVERSED.union(Modifier::BOLD),
    ];
    Style::new().add_modifier(WEIGHTS[((part * 5.0) as usize).min(4)])
}

/// Returns a style with one of the sixteen colours as background and a readable text colour.
fn on_sixteen(background: Color) -> Style {
    let is_dark = matches!(background, Color::Red | Color::Blue | Color::Magenta | Color::LightBlue);
    Style::new().bg(background).fg(if is_dark { Color::White } else { Color::Black })
}
