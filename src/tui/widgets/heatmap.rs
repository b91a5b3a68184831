//! Heat maps: numbers as cells, in brightness if none is negative, else in blue and orange.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Style},
};

use crate::tui::{
    theme::{Theme, drawing::Drawing, shade::FAINT},
    widgets::digit,
};

/// Mapping of numbers, relative to the largest, to colours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Scale {
    /// Brightness, for 0 to 1.
    Light,
    /// Brightness, for 0 to 1, with small numbers brightened.
    Lifted,
    /// Orange and blue, for -1 to 1.
    Signed,
}

impl Scale {
    pub(crate) fn of(values: &[f32]) -> Self {
        if values.iter().any(|value| *value < 0.0) { Self::Signed } else { Self::Lifted }
    }

    fn tone(self, value: f32) -> Tone {
        match self {
            Self::Light => Tone::Light(value.clamp(0.0, 1.0)),
            Self::Lifted => Tone::Light((value.clamp(0.0, 1.0).powf(0.6) * LEVELS).round() / LEVELS),
            Self::Signed => Tone::Signed(value.clamp(-1.0, 1.0)),
        }
    }
}

/// Number of brightness levels of [`Scale::Lifted`] besides black: fewer than greys, so that fewer cells change with
/// every step.
const LEVELS: f32 = 11.0;

/// A number on its scale.
#[derive(Clone, Copy)]
enum Tone {
    Light(f32),
    Signed(f32),
}

impl Tone {
    fn color(self, theme: Theme) -> Color {
        match self {
            Self::Light(part) => theme.grey((part * 255.0) as u8),
            Self::Signed(part) => theme.signed_shade(part),
        }
    }

    /// Returns the magnitude, 0 to 1.
    fn strength(self) -> f32 {
        match self {
            Self::Light(part) => part,
            Self::Signed(part) => part.abs(),
        }
    }
}

/// Size at which a map is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zoom {
    /// Number of pixels along each side of a number.
    Times(usize),
    /// One pixel per 2x2 numbers, with their mean. The number of rows and columns to leave out along the edges.
    Half(usize),
}

/// Numbers relative to the largest, in rows of `width`.
pub(crate) struct Heatmap<'a> {
    pub values: &'a [f32],
    pub width: usize,
    pub scale: Scale,
}

impl Heatmap<'_> {
    /// Returns the number of columns and rows of a map.
    pub(crate) fn cells(values: usize, width: usize, zoom: Zoom) -> (u16, u16) {
        let height = values.div_ceil(width);
        let (width, height) = match zoom {
            Zoom::Times(times) => (width * times, height * times),
            Zoom::Half(edge) => (width / 2 - edge, height / 2 - edge),
        };
        (width as u16, height.div_ceil(2) as u16)
    }

    fn number(&self, x: usize, y: usize) -> Option<f32> {
        (x < self.width).then(|| self.values.get(y * self.width + x).copied()).flatten()
    }

    /// Returns the pixel at a place, if there is one.
    fn pixel(&self, x: usize, y: usize, zoom: Zoom) -> Option<Tone> {
        let mean = |x: usize, y: usize| {
            let near = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| self.number(x + dx, y + dy));
            near.iter().copied().sum::<Option<f32>>().map(|sum| sum / 4.0)
        };
        let value = match zoom {
            Zoom::Times(times) => self.number(x / times, y / times),
            Zoom::Half(edge) => mean(2 * x + edge, 2 * y + edge),
        };
        value.map(|value| self.scale.tone(value))
    }

    /// Draws as much of the map as fits, from the upper left corner of `area`.
    pub(crate) fn draw(&self, zoom: Zoom, area: Rect, drawing: Drawing, theme: Theme, buffer: &mut Buffer) {
        let area = area.intersection(buffer.area);
        let (columns, rows) = Self::cells(self.values.len(), self.width, zoom);
        for row in 0..rows.min(area.height) {
            for column in 0..columns.min(area.width) {
                let (x, y) = (usize::from(column), usize::from(row) * 2);
                let (upper, lower) = (self.pixel(x, y, zoom), self.pixel(x, y + 1, zoom));
                let (symbol, style) = if digit::in_greys(drawing, theme) {
                    half_blocks(theme, upper, lower)
                } else {
                    character(upper, lower, drawing, theme)
                };
                buffer[(area.x + column, area.y + row)].set_symbol(symbol).set_style(style);
            }
        }
    }
}

/// Returns the stronger half as a block on the weaker one, so that a copy of the screen as text still shows the map.
fn half_blocks(theme: Theme, upper: Option<Tone>, lower: Option<Tone>) -> (&'static str, Style) {
    let (Some(upper), Some(lower)) = (upper, lower) else {
        return upper.map_or((" ", Style::new()), |upper| ("▀", Style::new().fg(upper.color(theme))));
    };
    let (a, b) = (upper.color(theme), lower.color(theme));
    if a == b {
        return (if upper.strength() > 0.95 { "█" } else { " " }, Style::new().fg(a).bg(a));
    }
    if upper.strength() >= lower.strength() {
        ("▀", Style::new().fg(a).bg(b))
    } else {
        ("▄", Style::new().fg(b).bg(a))
    }
}

fn character(upper: Option<Tone>, lower: Option<Tone>, drawing: Drawing, theme: Theme) -> (&'static str, Style) {
    let both = [upper, lower].into_iter().flatten();
    let count = both.clone().count().max(1) as f32;
    let sum = |part: fn(Tone) -> f32| both.clone().map(part).sum::<f32>() / count;
    if both.clone().any(|tone| matches!(tone, Tone::Signed(_))) {
        let mean = sum(|tone| if let Tone::Signed(part) = tone { part } else { 0.0 });
        let symbol = match (mean.abs(), mean < 0.0) {
            (..=FAINT, _) => ".",
            (0.5.., true) => "=",
            (_, true) => "-",
            (0.5.., false) => "#",
            _ => "+",
        };
        return (symbol, theme.signed(mean));
    }
    (digit::symbol((sum(Tone::strength) * 255.0) as usize, drawing, theme), theme.text())
}
