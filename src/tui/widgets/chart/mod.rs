//! Charts of curves in braille dots, two by four per cell, or in one ASCII character per cell.

pub(crate) mod axis;
mod canvas;
mod look;
pub(crate) mod window;

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use crate::tui::{
    axis_unit::X,
    theme::Theme,
    widgets::{
        chart::canvas::Canvas,
        text::{put, put_right},
    },
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
    /// Places of dim vertical lines behind the curves, with their names.
    pub events: &'a [(f64, String)],
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
        for (at, _) in self.events {
            self.draw_vertical(*at, ("┊", theme.dim()), plot, buffer);
        }
        if let Some(at) = self.cursor {
            self.draw_vertical(at, ("│", theme.accent()), plot, buffer);
        }
        self.plotted(plot, theme).draw(buffer, plot);
        self.draw_event_names(plot, theme, buffer);
        self.draw_tags(plot, theme, buffer);
        plot
    }

    /// Returns the column of a place, if it is visible.
    fn column(&self, at: f64, plot: Rect) -> Option<u16> {
        let place = Some(self.x.place(at)).filter(|place| (0.0..=1.0).contains(place))?;
        Some(plot.x + (place * (f64::from(plot.width) * 2.0 - 1.0)).round() as u16 / 2)
    }

    fn draw_vertical(&self, at: f64, (symbol, style): (&str, Style), plot: Rect, buffer: &mut Buffer) {
        let Some(x) = self.column(at, plot) else { return };
        for y in plot.y..plot.bottom() {
            buffer[(x, y)].set_symbol(symbol).set_style(style);
        }
    }

    /// Draws the names of events beside their lines, each in the first row of the chart that is free there.
    fn draw_event_names(&self, plot: Rect, theme: Theme, buffer: &mut Buffer) {
        for (at, name) in self.events {
            let Some(x) = self.column(*at, plot) else { continue };
            let width = name.len() as u16;
            let right = Rect { x: x + 1, width, height: 1, ..plot };
            let left = Rect { x: x.saturating_sub(width), ..right };
            let fits = |area: &Rect| area.x >= plot.x && area.right() <= plot.right();
            let places =
                (plot.y..plot.bottom()).flat_map(|y| [right, left].map(|area| Rect { y, ..area })).filter(fits);
            let is_free = |area: &Rect| area.positions().all(|at| buffer[at].symbol() == " ");
            if let Some(area) = places.into_iter().find(is_free) {
                put(buffer, area, &Line::styled(name.as_str(), theme.dim()));
            }
        }
    }

    fn plotted(&self, plot: Rect, theme: Theme) -> Canvas {
        let mut canvas = Canvas::new(plot, theme);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::{Depth, Palette};

    /// Returns the dots of each cell of a chart with these curves, and the buffer.
    fn dots(palette: Palette, curves: &[Curve]) -> (Vec<u8>, Buffer) {
        let theme = Theme { palette, depth: Depth::True, ascii: false };
        let area = Rect::new(0, 0, 40, 12);
        let mut buffer = Buffer::empty(area);
        let (x, y) = (Axis::linear(0.0, 9.0), Axis::linear(0.0, 1.0));
        let chart = Chart { curves, x, unit: X::Epochs, y, gutter: 0, cursor: None, events: &[] };
        let plot = chart.draw(area, theme, &mut buffer);
        let cell = |at| buffer[at].symbol().chars().next().map_or(0, |char| (char as u32).wrapping_sub(0x2800));
        (plot.positions().map(|at| u8::try_from(cell(at)).unwrap_or(0)).collect(), buffer)
    }

    fn curve(look: Look, value: impl Fn(f64) -> f64) -> Curve {
        Curve::new(look, (0..10).map(f64::from).map(|at| (at, value(at))).collect())
    }

    #[test]
    fn curves_that_cross_keep_all_their_dots() {
        let train = || curve(Look::Train, |at| 0.3 + at / 20.0);
        let test = || curve(Look::Test, |at| 0.7 - at / 20.0);
        let before = || curve(Look::Before, |_| 0.5);
        let all = dots(Palette::Dark, &[before(), train(), test()]).0;
        let each = [before(), train(), test()].map(|curve| dots(Palette::Dark, &[curve]).0);
        let merged: Vec<u8> = (0..all.len()).map(|cell| each.iter().fold(0, |dots, one| dots | one[cell])).collect();
        assert_eq!(all, merged);
        let shared = |cell: &usize| each.iter().filter(|dots| dots[*cell] != 0).count() > 1;
        assert!((0..all.len()).filter(shared).count() > 3, "they cross in some cells");
    }

    #[test]
    fn without_colours_a_test_curve_is_dashed_and_a_training_curve_is_not() {
        let line = |palette, look| {
            let (dots, _) = dots(palette, &[curve(look, |_| 0.5)]);
            dots.iter().map(|dots| dots.count_ones()).sum::<u32>()
        };
        assert_eq!(line(Palette::Mono, Look::Train), line(Palette::Dark, Look::Train));
        assert!(line(Palette::Mono, Look::TestLine) * 10 < line(Palette::Dark, Look::TestLine) * 7);
    }
}
