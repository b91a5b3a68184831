//! A digit as cells, and the network's probabilities for it as bars.

use std::{borrow::Cow, cmp::Ordering};

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::{
    data::{Gallery, PIXELS, SIDE},
    train::Prediction,
    tui::{
        theme::{Theme, drawing::Drawing},
        widgets::{
            area::rows,
            text::{put, span},
        },
    },
};

pub(crate) const BLANK: [u8; PIXELS] = [0; PIXELS];
/// Shade characters from dark to light.
const SHADES: [&str; 5] = [" ", "░", "▒", "▓", "█"];
/// ASCII characters from dark to light.
const RAMP: [&str; 10] = [" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"];

/// The visible part of an image, at full or half resolution. A cell is one pixel wide and two high.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Picture {
    pub columns: u16,
    pub rows: u16,
    /// `2 * rows` lines of `columns` pixels.
    pixels: Vec<u8>,
}

impl Picture {
    /// Returns the best picture of `image` that fits: the whole image; else a window around the ink; else half the
    /// resolution; else nothing.
    pub(crate) fn fitting(image: &[u8], columns: u16, rows: u16) -> Option<Self> {
        const FULL: u16 = SIDE as u16;
        if columns >= FULL && rows * 2 >= FULL {
            return Some(Self::window(image, (0, 0), (FULL, FULL)));
        }
        let (width, height) = (columns.min(FULL), (rows * 2).min(FULL));
        let (x, y) = (ink(image, |at| at % SIDE), ink(image, |at| at / SIDE));
        if width >= x.1 && height >= y.1 && width >= 16 && height >= 16 {
            let start = |(first, length): (u16, u16), room: u16| {
                (first + length / 2)
                    .saturating_sub(room / 2)
                    .clamp((first + length).saturating_sub(room), first)
                    .min(FULL - room)
            };
            return Some(Self::window(image, (start(x, width), start(y, height)), (width, height)));
        }
        (columns >= FULL / 2 && rows >= FULL / 4).then(|| Self::halved(image))
    }

    fn window(image: &[u8], from: (u16, u16), size: (u16, u16)) -> Self {
        let line = |y: u16| {
            let start = usize::from(from.1 + y) * SIDE + usize::from(from.0);
            &image[start..start + usize::from(size.0)]
        };
        Self { columns: size.0, rows: size.1 / 2, pixels: (0..size.1 / 2 * 2).flat_map(line).copied().collect() }
    }

    /// Returns the image at half resolution: each pixel is the mean of four.
    pub(crate) fn halved(image: &[u8]) -> Self {
        let half = SIDE / 2;
        let mean = |at: usize| {
            let (x, y) = (at % half * 2, at / half * 2);
            let sum: u32 = [0, 1, SIDE, SIDE + 1].iter().map(|near| u32::from(image[y * SIDE + x + near])).sum();
            (sum / 4) as u8
        };
        Self { columns: half as u16, rows: half as u16 / 2, pixels: (0..half * half).map(mean).collect() }
    }

    fn at(&self, column: u16, line: u16) -> u8 {
        self.pixels[usize::from(line) * usize::from(self.columns) + usize::from(column)]
    }

    /// Draws the picture in the upper left corner of `area`.
    pub(crate) fn draw(&self, buffer: &mut Buffer, area: Rect, drawing: Drawing, theme: Theme) {
        let area = area.intersection(buffer.area);
        for row in 0..self.rows.min(area.height) {
            for column in 0..self.columns.min(area.width) {
                let (upper, lower) = (self.at(column, row * 2), self.at(column, row * 2 + 1));
                let (symbol, style) = cell(upper, lower, drawing, theme);
                buffer[(area.x + column, area.y + row)].set_symbol(symbol).set_style(style);
            }
        }
    }
}

fn cell(upper: u8, lower: u8, drawing: Drawing, theme: Theme) -> (&'static str, Style) {
    if in_greys(drawing, theme) {
        return half_blocks(theme, upper, lower);
    }
    (symbol((usize::from(upper) + usize::from(lower)) / 2, drawing, theme), theme.text())
}

/// Returns whether two greys per cell are wanted and possible.
pub(crate) fn in_greys(drawing: Drawing, theme: Theme) -> bool {
    drawing == Drawing::Greys && !theme.is_mono() && !theme.ascii
}

/// Returns the character for a brightness of 0 to 255.
pub(crate) fn symbol(brightness: usize, drawing: Drawing, theme: Theme) -> &'static str {
    match drawing {
        Drawing::Greys | Drawing::Shades if !theme.ascii => SHADES[(brightness * SHADES.len()).div_ceil(256).min(4)],
        _ => RAMP[(brightness * RAMP.len()).div_ceil(256).min(9)],
    }
}

/// Returns the lighter half as a block on the darker one, so that a copy of the screen as text still shows the digit.
fn half_blocks(theme: Theme, upper: u8, lower: u8) -> (&'static str, Style) {
    let symbol = match theme.grey_level(upper).cmp(&theme.grey_level(lower)) {
        Ordering::Greater => "▀",
        Ordering::Less => "▄",
        Ordering::Equal if upper >= 134 => "█",
        Ordering::Equal => " ",
    };
    (symbol, Style::new().fg(theme.grey(upper.max(lower))).bg(theme.grey(upper.min(lower))))
}

/// Returns the first line or column with ink, and the number of them up to the last.
fn ink(image: &[u8], along: impl Fn(usize) -> usize) -> (u16, u16) {
    let inked = (0..PIXELS).filter(|&at| image[at] > 24).map(along);
    let (first, last) = inked.fold((SIDE, 0), |(first, last), at| (first.min(at), last.max(at)));
    if first > last { (SIDE as u16 / 2, 0) } else { (first as u16, (last - first + 1) as u16) }
}

/// Returns the image that a prediction is about; a blank one while it is on its way, or if there is none.
pub(crate) fn image<'a>(images: &'a Gallery, prediction: &Prediction) -> Cow<'a, [u8]> {
    images.image(prediction.index as usize).unwrap_or(Cow::Borrowed(&BLANK))
}

/// Returns the line `true 4   predicted 9`.
pub(crate) fn names(prediction: &Prediction, theme: Theme) -> Line<'static> {
    let predicted = if prediction.is_correct() { theme.good() } else { theme.bad() };
    Line::from(vec![
        span("true ", theme.dim()),
        span(prediction.label.to_string(), theme.good().patch(theme.bold())),
        span("   predicted ", theme.dim()),
        span(prediction.digit.to_string(), predicted.patch(theme.bold())),
    ])
}

/// Draws a digit with its names and bars, side by side if there is room, else below each other.
pub(crate) fn draw(
    (theme, drawing): (Theme, Drawing),
    image: &[u8],
    prediction: &Prediction,
    area: Rect,
    buffer: &mut Buffer,
) {
    const BARS: u16 = 18;
    let beside = area.width >= SIDE as u16 + 2 + BARS;
    let (columns, room) = if beside { (SIDE as u16, area.height) } else { (area.width, area.height.saturating_sub(4)) };
    let picture = Picture::fitting(image, columns, room);
    let (width, height) = picture.as_ref().map_or((0, 0), |picture| (picture.columns, picture.rows));
    if beside {
        let top = area.y + (area.height - height) / 2;
        if let Some(picture) = picture {
            picture.draw(buffer, Rect { x: area.x + 1, y: top, ..area }, drawing, theme);
        }
        let x = area.x + 1 + width + 2;
        let block = 12.min(area.height);
        let top = area.y + (area.height - block) / 2;
        names_and_bars(
            prediction,
            theme,
            Rect { x, y: top, width: area.right().saturating_sub(x + 1), height: block },
            buffer,
        );
        return;
    }
    if let Some(picture) = picture {
        let x = area.x + (area.width - width) / 2;
        picture.draw(buffer, Rect { x, ..area }, drawing, theme);
    }
    let mut rest =
        Rect { x: area.x + 1, width: area.width.saturating_sub(2), y: area.y + height, height: area.height - height };
    put(buffer, rest, &names(prediction, theme));
    rest.y += 1;
    rest.height = rest.height.saturating_sub(1);
    likeliest(prediction, theme, rest, buffer);
}

/// Draws the names and the bars of all ten digits in numerical order, so that bars keep their places from image to
/// image.
fn names_and_bars(prediction: &Prediction, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let mut rows = rows(area);
    if area.height < 12 {
        if let Some(row) = rows.next() {
            put(buffer, row, &names(prediction, theme));
        }
        likeliest(prediction, theme, Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }, buffer);
        return;
    }
    if let Some(row) = rows.next() {
        put(buffer, row, &names(prediction, theme));
    }
    for (digit, row) in rows.skip(1).take(10).enumerate() {
        bar(prediction, digit, theme, row, buffer);
    }
}

/// Draws the bars of the most probable digits, including the true one.
fn likeliest(prediction: &Prediction, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let room = usize::from(area.height).min(10);
    if room == 0 {
        return;
    }
    let mut digits: Vec<usize> = (0..10).collect();
    let by_probability = |a: &usize, b: &usize| prediction.probabilities[*b].total_cmp(&prediction.probabilities[*a]);
    digits.sort_by(by_probability);
    let label = usize::from(prediction.label);
    if !digits[..room].contains(&label) {
        digits[room - 1] = label;
    }
    for (&digit, row) in digits[..room].iter().zip(rows(area)) {
        bar(prediction, digit, theme, row, buffer);
    }
}

/// Draws the bar of one digit of a prediction: `9 ▇▇▇▇▇▇▇▇▇▇▇ 0.71`.
pub(crate) fn bar(prediction: &Prediction, digit: usize, theme: Theme, row: Rect, buffer: &mut Buffer) {
    let style = if digit == usize::from(prediction.label) {
        theme.good()
    } else if digit == usize::from(prediction.digit) {
        theme.bad()
    } else {
        theme.dim()
    };
    labelled_bar(digit, prediction.probabilities[digit], style, row, buffer);
}

/// Draws the bar of a probability.
pub(crate) fn labelled_bar(digit: usize, probability: f32, style: Style, row: Rect, buffer: &mut Buffer) {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let room = usize::from(row.width).saturating_sub(8);
    let eighths = (f64::from(probability.clamp(0.0, 1.0)) * room as f64 * 8.0).round().max(1.0) as usize;
    let part = PARTS[eighths % 8];
    let bar = format!("{}{part}", "█".repeat(eighths / 8));
    let fill = room - eighths / 8 - usize::from(!part.is_empty());
    let line = Line::from(vec![
        span(format!("{digit} "), style),
        span(bar, style),
        Span::raw(" ".repeat(fill)),
        span(format!(" {probability:.3}"), style),
    ]);
    put(buffer, row, &line);
}
