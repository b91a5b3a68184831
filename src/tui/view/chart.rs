//! Curves in braille dots, two by four a cell; or one character a cell where only ASCII is shown.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use super::{put, put_right};
use crate::tui::theme::Theme;

/// Whose curve it is: colour and shape say it together, so that either is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Train,
    /// With a mark at each point.
    Test,
    /// Dim and dotted.
    Before,
}

impl Look {
    pub fn style(self, theme: Theme) -> Style {
        match self {
            Self::Train => theme.train(),
            Self::Test => theme.test(),
            Self::Before => theme.dim(),
        }
    }

    /// For the legend.
    pub fn mark(self, theme: Theme) -> char {
        match self {
            _ if theme.ascii => self.ascii(),
            Self::Train => '━',
            Self::Test => '•',
            Self::Before => '┈',
        }
    }

    fn ascii(self) -> char {
        match self {
            Self::Train => '*',
            Self::Test => 'o',
            Self::Before => '.',
        }
    }
}

#[derive(Clone, Debug)]
pub struct Curve {
    pub look: Look,
    pub points: Vec<(f64, f64)>,
}

/// The ends of an axis, and where it has labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    pub low: f64,
    pub high: f64,
    pub logarithmic: bool,
}

impl Axis {
    /// 0 at the low end, 1 at the high.
    fn place(&self, value: f64) -> f64 {
        if self.logarithmic {
            (value.max(1e-300) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        }
    }

    /// What lies there on a linear axis.
    fn at(&self, place: f64) -> f64 {
        self.low + (self.high - self.low) * place
    }
}

/// The least round span that holds `span`: 1, 2 or 5 times a power of ten.
pub fn round_up(span: f64) -> f64 {
    if !span.is_finite() || span <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(span.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|round| *round >= span * 0.999_999).unwrap_or(span)
}

struct Canvas {
    columns: usize,
    rows: usize,
    dots: Vec<u8>,
    looks: Vec<Option<Look>>,
}

impl Canvas {
    fn new(area: Rect) -> Self {
        let (columns, rows) = (usize::from(area.width), usize::from(area.height));
        Self { columns, rows, dots: vec![0; columns * rows], looks: vec![None; columns * rows] }
    }

    /// Dots count from the lower left.
    fn dot(&mut self, x: i64, y: i64, look: Look) {
        let (width, height) = (self.columns as i64 * 2, self.rows as i64 * 4);
        if !(0..width).contains(&x) || !(0..height).contains(&y) {
            return;
        }
        let (x, y) = (x as usize, (height - 1 - y) as usize);
        let cell = y / 4 * self.columns + x / 2;
        const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
        // A cell has one colour: dots of another curve in it would pass for this one's.
        if self.looks[cell] != Some(look) {
            self.dots[cell] = 0;
        }
        self.dots[cell] |= BITS[y % 4][x % 2];
        self.looks[cell] = Some(look);
    }

    /// A line from dot to dot: each column of dots gets the stretch the line passes in it.
    fn line(&mut self, from: (f64, f64), to: (f64, f64), look: Look) {
        let height = self.rows as f64 * 4.0;
        let (first, last) = (from.0.round() as i64, to.0.round() as i64);
        let at = |x: f64| {
            let part = if to.0 > from.0 { ((x - from.0) / (to.0 - from.0)).clamp(0.0, 1.0) } else { 1.0 };
            from.1 + (to.1 - from.1) * part
        };
        for x in first.max(0)..=last.min(self.columns as i64 * 2 - 1) {
            if look == Look::Before && x % 3 == 2 {
                continue;
            }
            let (a, b) = (at(x as f64 - 0.5), at(x as f64 + 0.5));
            let (a, b) = (a.clamp(-2.0, height + 2.0).round() as i64, b.clamp(-2.0, height + 2.0).round() as i64);
            let (low, high) = if look == Look::Before { (b, b) } else { (a.min(b), a.max(b)) };
            // Neighbouring columns already touch where the line is steep.
            let (low, high) = if high > low { (low + i64::from(a < b), high - i64::from(a > b)) } else { (low, high) };
            for y in low..=high {
                self.dot(x, y, look);
            }
        }
    }
}

/// Draws curves with axes, and returns where the curves are. The gutter holds the labels of `y`, the last row those of `x`.
pub fn draw(buffer: &mut Buffer, area: Rect, theme: Theme, curves: &[Curve], x: &Axis, y: &Axis) -> Rect {
    let labels = labels(y, area.height.saturating_sub(1));
    let gutter = labels.iter().map(|(_, text)| text.len()).max().unwrap_or(0) as u16 + 1;
    if area.width < gutter + 6 || area.height < 3 {
        return Rect::ZERO;
    }
    let plot = Rect { x: area.x + gutter, y: area.y, width: area.width - gutter, height: area.height - 1 };
    for (row, text) in labels {
        let row = Rect { y: area.y + row, width: gutter - 1, height: 1, ..area };
        put_right(buffer, row, &Line::styled(text, theme.dim()));
    }
    x_labels(buffer, Rect { y: plot.bottom(), height: 1, ..plot }, theme, x);
    let canvas = plotted(plot, curves, x, y);
    for (cell, (dots, look)) in canvas.dots.iter().zip(&canvas.looks).enumerate() {
        let Some(look) = look else { continue };
        let (column, row) = ((cell % canvas.columns) as u16, (cell / canvas.columns) as u16);
        let symbol = if theme.ascii { look.ascii() } else { char::from_u32(0x2800 + u32::from(*dots)).unwrap_or(' ') };
        buffer[(plot.x + column, plot.y + row)].set_char(symbol).set_style(look.style(theme));
    }
    plot
}

fn plotted(plot: Rect, curves: &[Curve], x: &Axis, y: &Axis) -> Canvas {
    let mut canvas = Canvas::new(plot);
    let (width, height) = (f64::from(plot.width) * 2.0 - 1.0, f64::from(plot.height) * 4.0 - 1.0);
    for curve in curves {
        let dots = curve.points.iter().map(|&(at, value)| (x.place(at) * width, y.place(value) * height));
        let dots: Vec<_> = dots.collect();
        for pair in dots.windows(2) {
            if [pair[0].0, pair[0].1, pair[1].0, pair[1].1].iter().all(|value| value.is_finite()) {
                canvas.line(pair[0], pair[1], curve.look);
            }
        }
        let marked = curve.look == Look::Test || dots.len() == 1;
        for &(at, value) in dots.iter().filter(|(at, value)| marked && at.is_finite() && value.is_finite()) {
            let (at, value) = (at.round() as i64, value.clamp(-9.0, height + 9.0).round() as i64);
            let spread: &[(i64, i64)] = if curve.look == Look::Test { &[(0, 0), (0, 1), (0, -1)] } else { &[(0, 0)] };
            for (right, up) in spread {
                canvas.dot(at + right, value + up, curve.look);
            }
        }
    }
    canvas
}

/// Rows that have a label, and the label.
fn labels(y: &Axis, rows: u16) -> Vec<(u16, String)> {
    if rows < 2 {
        return Vec::new();
    }
    if y.logarithmic {
        return logarithmic_labels(y, rows);
    }
    let parts: &[f64] = match rows {
        0..5 => &[0.0, 1.0],
        5..13 => &[0.0, 0.5, 1.0],
        _ => &[0.0, 0.25, 0.5, 0.75, 1.0],
    };
    let decimals = decimals(parts.iter().map(|&part| y.at(part)));
    parts.iter().map(|&part| (row_of(part, rows), format!("{:.decimals$}", y.at(part)))).collect()
}

/// The row, from the top, in which the part `part` of an axis lies.
fn row_of(part: f64, rows: u16) -> u16 {
    ((1.0 - part) * f64::from(rows - 1)).round() as u16
}

/// Powers of ten, and 2 and 5 times those where they leave a row between each other.
fn logarithmic_labels(y: &Axis, rows: u16) -> Vec<(u16, String)> {
    let powers = y.low.log10().round() as i32..=y.high.log10().round() as i32;
    let mut taken: Vec<(u16, String)> = Vec::new();
    for step in [1.0, 5.0, 2.0] {
        for value in powers.clone().map(|power| step * 10f64.powi(power)).filter(|value| *value <= y.high * 1.001) {
            let row = row_of(y.place(value), rows);
            if taken.iter().all(|(other, _)| other.abs_diff(row) > 1) {
                let text = if value >= 0.000_9 { format!("{value}") } else { format!("{value:.0e}") };
                taken.push((row, text));
            }
        }
    }
    taken
}

/// As many decimals as tell the values apart exactly, four at most.
fn decimals(values: impl Iterator<Item = f64> + Clone) -> usize {
    let exact = |decimals: usize| {
        let scale = 10f64.powi(decimals as i32);
        values.clone().all(|value| ((value * scale).round() - value * scale).abs() < 1e-6)
    };
    (1..4).find(|&decimals| exact(decimals)).unwrap_or(4)
}

fn x_labels(buffer: &mut Buffer, row: Rect, theme: Theme, x: &Axis) {
    let span = x.high - x.low;
    let most = f64::from(row.width / 6).max(1.0);
    let step = round_up(span / most).max(1.0);
    let mut free_from = row.x;
    let mut at = (x.low / step).ceil() * step;
    while at <= x.high + 1e-9 {
        let text = format!("{at:.0}");
        let width = text.len() as u16;
        let centre = row.x + (x.place(at) * f64::from(row.width - 1)).round() as u16;
        let left = centre.saturating_sub(width / 2).clamp(row.x, row.right().saturating_sub(width));
        if left >= free_from {
            put(buffer, Rect { x: left, width, ..row }, &Line::styled(text, theme.dim()));
            free_from = left + width + 1;
        }
        at += step;
    }
}
