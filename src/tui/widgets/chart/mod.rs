//! Charts of curves in braille dots, two by four per cell, or in one ASCII character per cell.

pub(crate) mod axis;
mod canvas;
mod look;

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::tui::{
    axis_unit::X,
    theme::Theme,
    widgets::{chart::canvas::Canvas, text::put_right},
};

pub(crate) use self::{axis::Axis, look::Look};

/// A curve, with points from left to right. A value that is not finite, or not positive on a logarithmic axis,
/// interrupts it.
#[derive(Clone, Debug)]
pub(crate) struct Curve {
    pub look: Look,
    pub points: Vec<(f64, f64)>,
    /// Letter at the end of its visible part.
    pub tag: Option<char>,
}

impl Curve {
    pub(crate) fn new(look: Look, points: Vec<(f64, f64)>) -> Self {
        Self { look, points, tag: None }
    }
}

/// A chart, with curves from back to front.
pub(crate) struct Chart<'a> {
    pub curves: &'a [Curve],
    pub x: Axis,
    pub unit: X,
    pub y: Axis,
    /// Minimum number of columns left of the curves, for the labels of `y`.
    pub gutter: u16,
    /// Place of a vertical line.
    pub cursor: Option<f64>,
}

impl Chart<'_> {
    /// Draws curves and axes, and returns the area of the curves. The gutter holds the labels of `y`, the last row
    /// those of `x`.
    pub(crate) fn draw(&self, area: Rect, theme: Theme, buffer: &mut Buffer) -> Rect {
        let labels = self.y.labels(area.height.saturating_sub(1));
        let gutter = gutter(&labels).max(self.gutter);
        if area.width < gutter + 6 || area.height < 3 {
            return Rect::ZERO;
        }
        let plot = Rect { x: area.x + gutter, y: area.y, width: area.width - gutter, height: area.height - 1 };
        for (row, text) in labels {
            let row = Rect { y: area.y + row, width: gutter - 1, height: 1, ..area };
            put_right(buffer, row, &Line::styled(text, theme.dim()));
        }
        self.x.draw_labels(buffer, Rect { y: plot.bottom(), height: 1, ..plot }, theme, self.unit);
        self.draw_cursor(plot, theme, buffer);
        self.plotted(plot).draw(buffer, plot, theme);
        self.draw_tags(plot, theme, buffer);
        plot
    }

    fn draw_cursor(&self, plot: Rect, theme: Theme, buffer: &mut Buffer) {
        let place = self.cursor.map(|at| self.x.place(at)).filter(|place| (0.0..=1.0).contains(place));
        let Some(place) = place else { return };
        let x = plot.x + (place * (f64::from(plot.width) * 2.0 - 1.0)).round() as u16 / 2;
        for y in plot.y..plot.bottom() {
            buffer[(x, y)].set_symbol("│").set_style(theme.accent());
        }
    }

    fn plotted(&self, plot: Rect) -> Canvas {
        let mut canvas = Canvas::new(plot);
        let (width, height) = (f64::from(plot.width) * 2.0 - 1.0, f64::from(plot.height) * 4.0 - 1.0);
        for curve in self.curves {
            let dots = curve.points.iter().map(|&(at, value)| (self.x.place(at) * width, self.y.place(value) * height));
            let dots: Vec<_> = dots.collect();
            let is_there = |dot: &(f64, f64)| dot.0.is_finite() && dot.1.is_finite();
            for (place, dot) in dots.iter().enumerate().filter(|(_, dot)| is_there(dot)) {
                let before = place.checked_sub(1).map(|before| dots[before]).filter(is_there);
                let is_alone = before.is_none() && !dots.get(place + 1).is_some_and(is_there);
                if let Some(before) = before.filter(|_| curve.look != Look::TestMarks) {
                    canvas.line(before, *dot, curve.look);
                }
                if is_alone || matches!(curve.look, Look::Test | Look::TestMarks) {
                    canvas.mark(*dot, curve.look);
                }
            }
        }
        canvas
    }

    /// Draws tags at each curve's last visible point, or at the chart's edge with an arrow if that lies beyond it. Tags
    /// of curves that end together are drawn side by side.
    fn draw_tags(&self, plot: Rect, theme: Theme, buffer: &mut Buffer) {
        let mut taken: Vec<(u16, u16)> = Vec::new();
        for curve in self.curves {
            let Some(tag) = curve.tag else { continue };
            let places = curve.points.iter().map(|&(at, value)| (self.x.place(at), self.y.place(value)));
            let is_visible = |(at, value): &(f64, f64)| (0.0..=1.0).contains(at) && value.is_finite();
            let Some((at, value)) = places.rev().find(is_visible) else { continue };
            let arrow = match value {
                value if value < 0.0 => "▼",
                value if value > 1.0 => "▲",
                _ => "",
            };
            let width = if arrow.is_empty() { 1 } else { 2 };
            let y = plot.y + row_of_dot(value, plot.height);
            let mut x = plot.x + (at * f64::from(plot.width - 1)).round() as u16;
            while x >= plot.x + width && taken.iter().any(|&(other, row)| row == y && x.abs_diff(other) < width) {
                x -= 1;
            }
            let style = curve.look.style(theme).patch(theme.bold());
            buffer[(x, y)].set_char(tag).set_style(style);
            if !arrow.is_empty() && x > plot.x {
                buffer[(x - 1, y)].set_symbol(arrow).set_style(style);
            }
            taken.push((x, y));
        }
    }
}

/// Returns the row, from the top, of the dot at a place on the axis (0 to 1).
fn row_of_dot(place: f64, rows: u16) -> u16 {
    let dot = (place.clamp(0.0, 1.0) * (f64::from(rows) * 4.0 - 1.0)).round() as u16;
    rows - 1 - dot / 4
}

fn gutter(labels: &[(u16, String)]) -> u16 {
    labels.iter().map(|(_, text)| text.len()).max().unwrap_or(0) as u16 + 1
}

/// Returns the number of columns that the labels of `y` need in a chart of `rows` rows.
pub(crate) fn gutter_of(y: &Axis, rows: u16) -> u16 {
    gutter(&y.labels(rows.saturating_sub(1)))
}
