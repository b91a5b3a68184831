//! Colours in steps, for quantities.

use ratatui::style::{Color, Modifier, Style};

use crate::tui::theme::{Depth, Meaning, Palette, Theme, cube, nearest, nearest_of};

/// Luminance of a background on which black and white have the same contrast.
const EQUAL_CONTRAST: f64 = 0.179;

/// Returns the luminance, from 0 for black to 1 for white, approximately as WCAG 2 defines it.
fn luminance((red, green, blue): (u8, u8, u8)) -> f64 {
    let linear = |value: u8| (f64::from(value) / 255.0).powf(2.2);
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

impl Theme {
    /// Highest step of [`Theme::heat`].
    pub const HEATS: u8 = 4;

    /// Returns a style with more of `meaning` from step to step, 0 to [`Theme::HEATS`]. A style with a background also
    /// has a readable text colour, so that neither depends on the terminal's colours.
    pub fn heat(self, meaning: Meaning, step: u8) -> Style {
        let step = step.min(Self::HEATS);
        match (step, self.palette.rgb(meaning).filter(|_| self.depth != Depth::Sixteen)) {
            (0, _) => self.dim(),
            (1, _) => self.text(),
            (_, Some(hue)) => self.patch(hue, f64::from(step - 1) / f64::from(Self::HEATS - 1)),
            (2, None) => self.hue(meaning),
            (3, None) => self.hue(meaning).add_modifier(Modifier::BOLD),
            (_, None) => self.hue(meaning).add_modifier(Modifier::BOLD | Modifier::REVERSED),
        }
    }

    /// Returns the style of one of several other runs: a dim hue. Some runs share a hue; letters tell those apart.
    pub fn other(self, place: u8) -> Style {
        const HUES: [Meaning; 4] = [Meaning::Accent, Meaning::Good, Meaning::Warn, Meaning::Bad];
        let meaning = HUES[usize::from(place) % HUES.len()];
        match (self.palette.rgb(meaning), self.palette.rgb(Meaning::Dim)) {
            (Some(hue), Some(dim)) if self.depth != Depth::Sixteen => {
                let mixed = |hue: u8, dim: u8| ((u16::from(hue) + u16::from(dim)) / 2) as u8;
                Style::new().fg(self.colour(mixed(hue.0, dim.0), mixed(hue.1, dim.1), mixed(hue.2, dim.2)))
            }
            _ => self.dim(),
        }
    }

    /// Returns a background between the terminal's and `hue`.
    fn patch(self, hue: (u8, u8, u8), part: f64) -> Style {
        let ground = if self.palette == Palette::Light { 0xff } else { 0x12 };
        let mixed = |hue: u8| (f64::from(ground) + (f64::from(hue) - f64::from(ground)) * part).round() as u8;
        self.on(mixed(hue.0), mixed(hue.1), mixed(hue.2))
    }

    /// Highest step of [`Theme::grade`].
    pub const GRADES: u8 = 7;

    /// Returns the style of a grade, from 0 for the worst to [`Theme::GRADES`] for the best. The hues are those of
    /// viridis, as closely as 256 colours allow: their lightness rises evenly, so that every eye sees the same order,
    /// on any background. The style is empty if the terminal has no fixed colours.
    pub fn grade(self, step: u8) -> Style {
        const HUES: [u32; 8] =
            [0x5f_00_5f, 0x5f_00_af, 0x00_5f_af, 0x00_87_87, 0x00_af_87, 0x5f_d7_87, 0xff_d7_00, 0xff_ff_87];
        let [_, red, green, blue] = u32::to_be_bytes(HUES[usize::from(step.min(Self::GRADES))]);
        if self.has_greys() { self.on(red, green, blue) } else { Style::new() }
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

    fn colour(self, red: u8, green: u8, blue: u8) -> Color {
        if self.depth == Depth::True { Color::Rgb(red, green, blue) } else { Color::Indexed(nearest(red, green, blue)) }
    }
}
