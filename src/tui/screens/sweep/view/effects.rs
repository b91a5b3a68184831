//! The mean accuracy of each value of each factor, and its range.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    format::{cut, padded, sanitized},
    sweep::survey::{Effect, Summary, Survey},
    tui::{
        format,
        screens::sweep::{
            board::{Axis, Board},
            state::{Pane, SweepScreen},
        },
        session::Session,
        theme::Theme,
        widgets::{
            area::rows,
            chart::axis::{self, Axis as Scale},
            panel::panel,
            text::{put, span},
        },
    },
};

const LABEL: u16 = 12;
/// Columns of `0.9872   27  `: the mean, and the number of configurations.
const NUMBERS: u16 = 6 + 7;
/// Minimum columns of a factor's lines, with a short bar.
const COLUMN: u16 = LABEL + NUMBERS + 10;

/// Returns the rows of the pane with its frame, with all factors below each other.
pub(super) fn height(board: &Board) -> u16 {
    let lines: usize = board.varying().map(|axis| axis.values.len() + 1).sum();
    (lines as u16).saturating_add(3)
}

pub(super) fn draw(sweep: &SweepScreen, session: &Session, area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let style = if sweep.pane == Pane::Effects { theme.accent() } else { theme.title() };
    let title = vec![span("effects", style), span(" mean accuracy and its range", theme.dim())];
    let inner = panel(buffer, area, theme, title, Vec::new());
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let Some(survey) = session.sweep.survey.as_ref().filter(|survey| survey.best().is_some()) else {
        put(buffer, inside, &Line::styled("no run has ended yet", theme.dim()));
        return;
    };
    let axes: Vec<&Axis> = sweep.board.varying().collect();
    if axes.is_empty() {
        put(buffer, inside, &Line::styled("no factor has more than one value", theme.dim()));
        return;
    }
    // Two columns of factors if there is no room for one.
    let lines = |axes: &[&Axis]| axes.iter().map(|axis| axis.values.len() + 1).sum::<usize>();
    let side_by_side = lines(&axes) + 1 > usize::from(inside.height) && inside.width >= 2 * COLUMN + 2;
    let columns = if side_by_side { 2 } else { 1 };
    let width = (inside.width - 2 * (columns - 1)) / columns;
    let results = axes.iter().flat_map(|axis| survey.effects(axis.factor)).filter_map(|effect| effect.accuracy);
    let ends = |(low, high): (f64, f64), each: Summary| (low.min(each.min), high.max(each.max));
    let (low, high) = results.fold((f64::INFINITY, f64::NEG_INFINITY), ends);
    let scale = axis::accuracy(low, high);
    for (place, axes) in axes.chunks(axes.len().div_ceil(usize::from(columns))).enumerate() {
        let column = Rect { x: inside.x + place as u16 * (width + 2), width, ..inside };
        draw_column(theme, sweep, survey, &scale, axes, column, buffer);
    }
}

fn draw_column(
    theme: Theme,
    sweep: &SweepScreen,
    survey: &Survey,
    scale: &Scale,
    axes: &[&Axis],
    area: Rect,
    buffer: &mut Buffer,
) {
    let mut rows = rows(area);
    let bar = area.width.saturating_sub(LABEL + NUMBERS);
    for (place, axis) in axes.iter().enumerate() {
        let Some(row) = rows.next() else { return };
        let mut head =
            vec![span(format!("{:<width$}", axis.factor.name(), width = usize::from(LABEL) + 2), theme.bold())];
        if place == 0 {
            head.push(span("mean    n  ", theme.dim()));
        }
        if place == 0 {
            let ends: Vec<String> = scale.labels(2).into_iter().map(|(_, end)| end).collect();
            let gap = usize::from(bar).saturating_sub(ends.concat().len());
            head.extend((gap > 0).then(|| span(ends.join(&" ".repeat(gap)), theme.dim())));
        }
        put(buffer, row, &Line::from(head));
        for effect in survey.effects(axis.factor) {
            let Some(row) = rows.next() else { return };
            put(buffer, row, &line(theme, sweep, survey, scale, axis, &effect, bar));
        }
    }
}

fn line(
    theme: Theme,
    sweep: &SweepScreen,
    survey: &Survey,
    scale: &Scale,
    axis: &Axis,
    effect: &Effect,
    bar: u16,
) -> Line<'static> {
    let value = &survey.values(axis.factor)[effect.value];
    let (label, chosen) =
        (sanitized(value), sweep.cell().and_then(|cell| sweep.board.label(cell, axis.factor)) == Some(value));
    let style = if chosen { theme.accent() } else { theme.text() };
    let width = usize::from(LABEL) - 2;
    let label = format!("{} {}", if chosen { "▸" } else { " " }, padded(&cut(&label, width), width));
    let Some(accuracy) = effect.accuracy else {
        return Line::from(vec![span(label, style), span("      -  no result", theme.dim())]);
    };
    let count = format!("{:>5}  ", accuracy.count);
    let mut spans =
        vec![span(label, style), span(format::share(accuracy.mean), theme.test()), span(count, theme.dim())];
    spans.extend(range(theme, scale, &accuracy, bar));
    Line::from(spans)
}

/// Returns `  ───●──`: a line from the lowest to the highest, with a mark at the mean.
fn range(theme: Theme, scale: &Scale, accuracy: &Summary, width: u16) -> Vec<Span<'static>> {
    if width < 4 {
        return Vec::new();
    }
    let place = |value: f64| (scale.place(value).clamp(0.0, 1.0) * f64::from(width - 1)).round() as usize;
    let (min, mean, max) = (place(accuracy.min), place(accuracy.mean), place(accuracy.max));
    vec![
        Span::raw(" ".repeat(min)),
        span("─".repeat(mean.saturating_sub(min)), theme.dim()),
        span("●", theme.test()),
        span("─".repeat(max.saturating_sub(mean)), theme.dim()),
    ]
}
