//! Braille dots in cells.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::{theme::Theme, widgets::chart::look::Look};

/// A grid of cells with two by four dots each.
pub(super) struct Canvas {
    columns: usize,
    rows: usize,
    dots: Vec<u8>,
    /// Look of the last curve in each cell.
    looks: Vec<Option<Look>>,
    theme: Theme,
}

impl Canvas {
    pub(super) fn new(area: Rect, theme: Theme) -> Self {
        let (columns, rows) = (usize::from(area.width), usize::from(area.height));
        Self { columns, rows, dots: vec![0; columns * rows], looks: vec![None; columns * rows], theme }
    }

    /// Sets a dot, counted from the lower left.
    fn dot(&mut self, x: i64, y: i64, look: Look) {
        let (width, height) = (self.columns as i64 * 2, self.rows as i64 * 4);
        if !(0..width).contains(&x) || !(0..height).contains(&y) {
            return;
        }
        let (x, y) = (x as usize, (height - 1 - y) as usize);
        let cell = y / 4 * self.columns + x / 2;
        const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
        // The raw values are the ground of their smoothed curve, not a curve beside it.
        if self.looks[cell] == Some(Look::Raw) && look != Look::Raw {
            self.dots[cell] = 0;
        }
        self.dots[cell] |= BITS[y % 4][x % 2];
        self.looks[cell] = Some(look);
    }

    /// Draws a line between two dots: each column of dots gets the stretch that the line covers in it.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), look: Look) {
        let height = self.rows as f64 * 4.0;
        let (first, last) = (from.0.round() as i64, to.0.round() as i64);
        let at = |x: f64| {
            let part = if to.0 > from.0 { ((x - from.0) / (to.0 - from.0)).clamp(0.0, 1.0) } else { 1.0 };
            from.1 + (to.1 - from.1) * part
        };
        for x in first.max(0)..=last.min(self.columns as i64 * 2 - 1) {
            if !look.has_dots_at(x, self.theme) {
                continue;
            }
            let (a, b) = (at(x as f64 - 0.5), at(x as f64 + 0.5));
            let (a, b) = (a.clamp(-2.0, height + 2.0).round() as i64, b.clamp(-2.0, height + 2.0).round() as i64);
            let (low, high) = if look.is_dotted() { (b, b) } else { (a.min(b), a.max(b)) };
            // On a steep line neighbouring columns touch already.
            let (low, high) = if high > low { (low + i64::from(a < b), high - i64::from(a > b)) } else { (low, high) };
            for y in low..=high {
                self.dot(x, y, look);
            }
        }
    }

    /// Draws a point, emphasized if its curve has marks.
    pub(super) fn mark(&mut self, (x, y): (f64, f64), look: Look) {
        let height = self.rows as f64 * 4.0;
        let (x, y) = (x.round() as i64, y.clamp(-9.0, height + 8.0).round() as i64);
        self.dot(x, y, look);
        if matches!(look, Look::Test | Look::TestMarks) {
            for (right, up) in [(0, 1), (0, -1), (1, 0), (-1, 0)] {
                self.dot(x + right, y + up, look);
            }
        }
    }

    pub(super) fn draw(&self, buffer: &mut Buffer, plot: Rect) {
        let theme = self.theme;
        let (mut last, mut style) = (Look::Train, Look::Train.style(theme));
        for (cell, (dots, look)) in self.dots.iter().zip(&self.looks).enumerate() {
            let Some(look) = look else { continue };
            let (column, row) = ((cell % self.columns) as u16, (cell / self.columns) as u16);
            let symbol =
                if theme.ascii { look.ascii() } else { char::from_u32(0x2800 + u32::from(*dots)).unwrap_or(' ') };
            if *look != last {
                (last, style) = (*look, look.style(theme));
            }
            buffer[(plot.x + column, plot.y + row)].set_char(symbol).set_style(style);
        }
    }
}
