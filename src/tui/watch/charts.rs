//! The charts, side by side where there is room.

use ratatui::{layout::Rect, text::Span};

use super::{
    Board,
    figure::{Figure, Line, Measure, look_of},
};
use crate::{
    format::{cut, sanitized},
    tui::{
        format,
        widgets::{
            chart::{
                Chart, Curve, Look,
                axis::{Axis, accuracy, round_up},
                gutter_of,
            },
            panel::panel,
            surface::{Surface, Target},
            text::{span, spans_width},
        },
    },
    watch::{Column, is_accuracy},
};

/// Minimum columns for charts side by side.
const WIDE: u16 = 100;
/// Minimum rows of a chart, with its frame.
const LOW: u16 = 8;
/// Number of values above which a few at either end may lie outside the chart.
const NOISY: usize = 40;
/// Part of noisy values, at either end, that may lie outside.
const TRIMMED: f64 = 0.025;

/// Returns the number of charts that fit, in columns and rows.
fn grid(charts: usize, area: Rect) -> (usize, usize) {
    let columns = if area.width >= WIDE && charts > 1 { 2 } else { 1 };
    let rows = usize::from((area.height / LOW).max(1));
    (columns, rows.min(charts.div_ceil(columns)).max(1))
}

/// Returns the number of charts that are shown, and of all.
pub(super) fn counts(board: &Board, figure: &Figure, area: Rect) -> (usize, usize) {
    let charts = figure.charts(board).len();
    let (columns, rows) = grid(charts, area);
    (charts.min(columns * rows), charts)
}

pub(super) fn draw(board: &Board, figure: &Figure, area: Rect, surface: &mut Surface) {
    let charts = figure.charts(board);
    let (columns, rows) = grid(charts.len(), area);
    let shown = &charts[..charts.len().min(columns * rows)];
    let (mut top, mut left) = (area.y, area.x);
    for (place, measure) in shown.iter().enumerate() {
        let (row, column) = (place / columns, place % columns);
        let is_last = place + 1 == shown.len();
        let height = (area.bottom() - top) / (rows - row) as u16;
        let width = if is_last { area.right() - left } else { (area.right() - left) / (columns - column) as u16 };
        one(board, figure, measure, Rect { x: left, y: top, width, height }, surface);
        left += width;
        if column + 1 == columns {
            (left, top) = (area.x, top + height);
        }
    }
}

/// Draws the chart of a measure.
fn one(board: &Board, figure: &Figure, measure: &Measure, area: Rect, surface: &mut Surface) {
    let theme = board.theme;
    let (whole, (low, high)) = (figure.whole(board), figure.range(board));
    let drawn: Vec<(&Line, &Column)> = figure.drawn(measure).collect();
    let smooth: Vec<Vec<(f64, f64)>> =
        drawn.iter().map(|(_, column)| figure.smoothed(column, whole, board.smoothing())).collect();
    let mut curves: Vec<Curve> = Vec::new();
    // Behind many curves, the measured values of all would be one cloud.
    if drawn.iter().all(|(line, _)| line.tag.is_none()) {
        let is_smooth =
            |column: &Column| board.smoothing() == 0.0 && column.series.bins().iter().all(|bin| bin.values <= 1);
        let noisy = drawn.iter().filter(|(_, column)| !is_smooth(column));
        curves.extend(noisy.map(|(_, column)| Curve::new(Look::Raw, figure.raw(column))));
    }
    curves.extend(drawn.iter().zip(&smooth).map(|((line, _), points)| Curve {
        look: look_of(line.look, points.len()),
        points: points.clone(),
        tag: line.tag,
    }));
    let y = vertical(board, measure, &smooth, (low, high));
    let name = sanitized(&measure.name);
    let mut title = vec![span(cut(&name, usize::from(area.width) / 2), theme.title())];
    if y.logarithmic {
        title.push(span(" log scale", theme.dim()));
    }
    let room = usize::from(area.width).saturating_sub(8 + spans_width(&title));
    let inner = panel(surface, area, theme, title, reading(board, measure, &drawn, &smooth, room));
    let chart = Chart {
        curves: &curves,
        x: Axis::linear(low, high),
        unit: figure.x,
        gutter: gutter_of(&y, inner.height).max(7),
        y,
        cursor: board.cursor,
        events: &[],
    };
    let plot = chart.draw(inner, theme, surface);
    surface.target(plot, Target::Chart);
}

/// Returns the axis of the values that lie within the range.
fn vertical(board: &Board, measure: &Measure, curves: &[Vec<(f64, f64)>], (low, high): (f64, f64)) -> Axis {
    let seen = |points: &Vec<(f64, f64)>| {
        let inside = points.iter().filter(|(at, value)| (low..=high).contains(at) && value.is_finite());
        trimmed(inside.map(|(_, value)| *value).collect())
    };
    let values: Vec<f64> = curves.iter().flat_map(seen).collect();
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if least > most {
        return Axis::linear(0.0, 1.0);
    }
    if is_accuracy(&measure.name) && least >= 0.0 && most <= 1.0 {
        return accuracy(least, most);
    }
    let positive = values.iter().copied().filter(|value| *value > 0.0).reduce(f64::min);
    match positive {
        Some(positive) if board.log_scale => Axis::logarithmic(positive, most),
        _ if least == most => around(most),
        _ if least >= 0.0 && least <= most / 2.0 => Axis::linear(0.0, round_up(most)),
        _ => close(least, most),
    }
}

/// Returns an axis with a constant in the middle, and zero at one end.
fn around(value: f64) -> Axis {
    match value {
        0.0 => Axis::linear(0.0, 1.0),
        value => Axis::linear(value.min(0.0) * 2.0, value.max(0.0) * 2.0),
    }
}

/// Returns an axis closely around values, which need not begin at zero.
fn close(low: f64, high: f64) -> Axis {
    let span = round_up((high - low).max(high.abs().max(low.abs()) * 1e-6).max(1e-9));
    let low = (low / (span / 2.0)).floor() * (span / 2.0);
    Axis::linear(low, if low + span >= high { low + span } else { low + span * 1.5 })
}

/// Returns the lowest and the highest of values, without a few at either end if there are many.
fn trimmed(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    let cut = if values.len() > NOISY { (values.len() as f64 * TRIMMED) as usize } else { 0 };
    let kept = &values[cut..values.len() - cut];
    kept.first().into_iter().chain(kept.last()).copied().collect()
}

/// Returns the values at the cursor, or the newest, of as many curves as there is room for.
fn reading(
    board: &Board,
    measure: &Measure,
    drawn: &[(&Line, &Column)],
    curves: &[Vec<(f64, f64)>],
    mut room: usize,
) -> Vec<Span<'static>> {
    let theme = board.theme;
    let mut spans: Vec<Span> = Vec::new();
    for ((line, _), points) in drawn.iter().zip(curves) {
        let style = line.look.style(theme);
        let name = match line.tag {
            Some(tag) => format!("{tag} "),
            None => format!("{} {} ", line.look.mark(theme), sanitized(&line.label)),
        };
        let value = value_at(points, board.cursor);
        let text = value.map_or_else(|| "-".into(), |value| number(&measure.name, value));
        let gap = if spans.is_empty() { "" } else { "  " };
        let entry = [Span::raw(gap), span(name, style), span(text, style.patch(theme.bold()))];
        let width = spans_width(&entry);
        if width > room {
            break;
        }
        room -= width;
        spans.extend(entry);
    }
    spans
}

/// Returns the last finite value up to the cursor.
fn value_at(points: &[(f64, f64)], cursor: Option<f64>) -> Option<f64> {
    let until = cursor.unwrap_or(f64::INFINITY);
    points.iter().rfind(|(at, value)| *at <= until && value.is_finite()).map(|(_, value)| *value)
}

fn number(measure: &str, value: f64) -> String {
    match value.abs() {
        _ if is_accuracy(measure) => format!("{value:.4}"),
        0.0 => "0".into(),
        ..1e-3 | 1e5.. => format!("{value:.2e}"),
        _ => format::loss(value).trim().to_owned(),
    }
}
