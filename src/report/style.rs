//! Style of all pictures: colours, markers and dashes, each enough to distinguish series; headings and legends.

use super::{
    font,
    picture::{Colour, Form, Picture, Point, Stroke, Text},
};

pub(super) const INK: Colour = Colour::rgb(0x22, 0x22, 0x22);
pub(super) const MUTED: Colour = Colour::rgb(0x60, 0x60, 0x60);
pub(super) const GRID: Colour = Colour::rgb(0xe4, 0xe4, 0xe4);
pub(super) const EDGE: Colour = Colour::rgb(0x9a, 0x9a, 0x9a);
pub(super) const WHITE: Colour = Colour::rgb(0xff, 0xff, 0xff);
/// Colour for failures, thresholds and SYNTHETIC.
pub(super) const ALARM: Colour = Colour::rgb(0xb3, 0x24, 0x00);

pub(super) const TITLE: f64 = 17.0;
pub(super) const TEXT: f64 = 12.0;
pub(super) const SMALL: f64 = 11.0;

/// Line at the accuracy at or below which a configuration has failed.
pub(super) const THRESHOLD: Stroke = Stroke { colour: ALARM, width: 1.2, dashes: &[5.0, 3.0] };

/// Okabe and Ito's colour-blind-safe palette, without its yellow, which is too light on white.
const COLOURS: [Colour; 7] = [
    Colour::rgb(0x00, 0x72, 0xb2),
    Colour::rgb(0xd5, 0x5e, 0x00),
    Colour::rgb(0x00, 0x9e, 0x73),
    Colour::rgb(0xcc, 0x79, 0xa7),
    Colour::rgb(0xe6, 0x9f, 0x00),
    Colour::rgb(0x56, 0xb4, 0xe9),
    Colour::rgb(0x00, 0x00, 0x00),
];

const DASHES: [&[f64]; 4] = [&[], &[6.0, 3.0], &[2.0, 2.5], &[8.0, 3.0, 2.0, 3.0]];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    Circle,
    Square,
    Triangle,
    Diamond,
    Inverted,
    Cross,
}

/// Look of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Series {
    pub colour: Colour,
    pub marker: Marker,
    pub dashes: &'static [f64],
}

impl Series {
    /// Returns the look of the series with this number. The 7 colours, 6 markers and 4 dashes repeat in new
    /// combinations.
    pub(super) fn number(number: usize) -> Self {
        use Marker::{Circle, Cross, Diamond, Inverted, Square, Triangle};
        const MARKERS: [Marker; 6] = [Circle, Square, Triangle, Diamond, Inverted, Cross];
        Self {
            colour: COLOURS[number % COLOURS.len()],
            marker: MARKERS[number % MARKERS.len()],
            dashes: DASHES[number % DASHES.len()],
        }
    }

    pub(super) fn stroke(self) -> Stroke {
        Stroke { colour: self.colour, width: 1.6, dashes: self.dashes }
    }

    /// Draws the marker at a point, twice `radius` wide, with a tooltip.
    pub(super) fn mark(self, picture: &mut Picture, (x, y): Point, radius: f64, tip: impl Into<String>) {
        let corners =
            |corners: &[(f64, f64)]| corners.iter().map(|(dx, dy)| (x + dx * radius, y + dy * radius)).collect();
        let (fill, edge) = (Some(self.colour), Some(Stroke::solid(WHITE, 0.8)));
        let form = match self.marker {
            Marker::Circle => Form::Circle((x, y), radius, fill, edge),
            Marker::Square => Form::Polygon(corners(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]), fill, edge),
            Marker::Triangle => Form::Polygon(corners(&[(0.0, -1.15), (1.1, 0.85), (-1.1, 0.85)]), fill, edge),
            Marker::Diamond => {
                Form::Polygon(corners(&[(0.0, -1.25), (1.1, 0.0), (0.0, 1.25), (-1.1, 0.0)]), fill, edge)
            }
            Marker::Inverted => Form::Polygon(corners(&[(0.0, 1.15), (1.1, -0.85), (-1.1, -0.85)]), fill, edge),
            Marker::Cross => Form::Polygon(corners(&CROSS), fill, edge),
        };
        picture.add(form).tip(tip);
    }
}

/// Corners of an X with thick arms.
const CROSS: [(f64, f64); 12] = [
    (-1.1, -0.7),
    (-0.7, -1.1),
    (0.0, -0.4),
    (0.7, -1.1),
    (1.1, -0.7),
    (0.4, 0.0),
    (1.1, 0.7),
    (0.7, 1.1),
    (0.0, 0.4),
    (-0.7, 1.1),
    (-1.1, 0.7),
    (-0.4, 0.0),
];

/// Draws an X of thin lines, for a run that diverged.
pub(super) fn diverged(picture: &mut Picture, (x, y): Point, colour: Colour, tip: impl Into<String>) {
    let arm = |dx: f64, dy: f64| (x + dx * 4.0, y + dy * 4.0);
    let stroke = Stroke::solid(colour, 1.8);
    picture.line(arm(-1.0, 1.0), arm(1.0, -1.0), stroke);
    picture.add(Form::Line(vec![arm(-1.0, -1.0), arm(1.0, 1.0)], stroke)).tip(tip);
}

/// Draws a line from the lowest to the highest value, with a short bar at each end.
pub(super) fn whisker(picture: &mut Picture, x: f64, (top, bottom): (f64, f64), colour: Colour) {
    let stroke = Stroke::solid(colour, 1.2);
    picture.line((x, top), (x, bottom), stroke);
    picture.line((x - 3.0, top), (x + 3.0, top), stroke);
    picture.line((x - 3.0, bottom), (x + 3.0, bottom), stroke);
}

/// Heading of a picture.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Heading {
    pub title: String,
    /// Data set and hyperparameters; begins with the data set's name.
    pub about: String,
}

/// Returns a colour from white (0) by way of blue to dark blue (1).
pub(super) fn ramp(depth: f64) -> Colour {
    const LIGHT: [f64; 3] = [255.0, 255.0, 255.0];
    const MIDDLE: [f64; 3] = [107.0, 174.0, 214.0];
    const DARK: [f64; 3] = [8.0, 48.0, 107.0];
    let depth = depth.clamp(0.0, 1.0);
    let (from, to, part) = if depth < 0.6 { (LIGHT, MIDDLE, depth / 0.6) } else { (MIDDLE, DARK, (depth - 0.6) / 0.4) };
    let mixed = |place: usize| (from[place] + (to[place] - from[place]) * part).round() as u8;
    Colour::rgb(mixed(0), mixed(1), mixed(2))
}

const SYNTHETIC: &str = "SYNTHETIC";

impl Heading {
    /// Draws the heading at the top of a picture. Returns its lower edge.
    pub(super) fn draw(&self, picture: &mut Picture, left: f64) -> f64 {
        let width = picture.width - 2.0 * left;
        let mut y = 12.0;
        for line in font::wrapped(&self.title, TITLE * 1.03, width) {
            y += 19.0;
            picture.text(Text::new(line, (left, y), TITLE, INK).bold());
        }
        for line in font::wrapped(&self.about, TEXT, width).iter().filter(|line| !line.is_empty()) {
            y += 17.0;
            let mut x = left;
            // Synthetic digits must not be mistaken for MNIST.
            for (part, is_synthetic) in split_synthetic(line) {
                let text = Text::new(part, (x, y), TEXT, if is_synthetic { ALARM } else { MUTED });
                picture.text(if is_synthetic { text.bold() } else { text });
                x += font::width(part, TEXT);
            }
        }
        y + 6.0
    }
}

/// Splits a line at the word SYNTHETIC, and returns whether each part is that word.
fn split_synthetic(line: &str) -> Vec<(&str, bool)> {
    let mut parts = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find(SYNTHETIC) {
        let (before, found) = rest.split_at(start);
        let (found, after) = found.split_at(SYNTHETIC.len());
        parts.extend([(before, false), (found, true)]);
        rest = after;
    }
    parts.push((rest, false));
    parts
}

/// Entry of a legend.
pub(super) enum Key {
    Series(Series, String),
    /// Marker without a line.
    Dot(Series, String),
    Diverged,
    Whisker(String),
    /// Colour of bars.
    Fill(Colour, String),
    /// Line across the picture.
    Line(Stroke, String),
    /// Name of the entries that follow.
    Name(String),
}

/// Draws a legend in rows from `(left, top)`, at most `width` wide. Returns its lower edge.
pub(super) fn legend(picture: &mut Picture, (left, top): Point, width: f64, keys: &[Key]) -> f64 {
    let (mut x, mut y) = (left, top + 12.0);
    for key in keys {
        let (sample, words) = key.size();
        let words = font::clipped(words, SMALL, width - sample);
        let wide = sample + font::width(&words, SMALL);
        if x > left && x + wide > left + width {
            (x, y) = (left, y + 18.0);
        }
        key.draw(picture, (x, y - 4.0));
        let colour = if matches!(key, Key::Name(_)) { MUTED } else { INK };
        picture.text(Text::new(words, (x + sample, y), SMALL, colour));
        x += wide + if matches!(key, Key::Name(_)) { 10.0 } else { 20.0 };
    }
    y + 8.0
}

impl Key {
    /// Returns the width of the sample, and the text.
    fn size(&self) -> (f64, &str) {
        match self {
            Self::Series(_, words) => (38.0, words),
            Self::Dot(_, words) | Self::Whisker(words) => (14.0, words),
            Self::Diverged => (14.0, "diverged"),
            Self::Fill(_, words) => (18.0, words),
            Self::Line(_, words) => (32.0, words),
            Self::Name(words) => (0.0, words),
        }
    }

    fn draw(&self, picture: &mut Picture, (x, y): Point) {
        match self {
            Self::Series(series, words) => {
                picture.line((x, y), (x + 32.0, y), series.stroke());
                series.mark(picture, (x + 16.0, y), 4.2, words);
            }
            Self::Dot(series, words) => series.mark(picture, (x + 5.0, y), 3.6, words),
            Self::Diverged => diverged(picture, (x + 5.0, y), INK, "diverged"),
            Self::Whisker(_) => whisker(picture, x + 5.0, (y - 6.0, y + 6.0), INK),
            Self::Fill(colour, _) => {
                picture.rect(x, y - 5.0, 12.0, 10.0, *colour);
            }
            Self::Line(stroke, _) => picture.line((x, y), (x + 26.0, y), *stroke),
            Self::Name(_) => {}
        }
    }
}
