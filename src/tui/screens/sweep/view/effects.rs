//! What each value of each factor comes to on average, and between which extremes.

use crate::tui::session::Session;
use crate::tui::screens::sweep::SweepScreen;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    format::{cut, padded, sanitized},
    sweep::survey::{Effect, Survey},
    tui::{
                format,
        screens::sweep::board::Axis,
        session::sweep::{Pane, Watch},
        theme::Theme,
        widgets::{
            area::rows,
            panel::panel,
            text::{put, span},
        },
    },
};

const LABEL: u16 = 12;
/// `0.9872   27  `: the mean, and of how many configurations.
const NUMBERS: u16 = 6 + 7;
/// Columns in which a factor's lines have room with something of a bar.
const COLUMN: u16 = LABEL + NUMBERS + 10;

/// Rows it fills with its frame, a factor under the other.
pub fn height(watch: &Watch) -> u16 {
    let lines: usize = watch.board.varying().map(|axis| axis.values.len() + 1).sum();
    (lines as u16).saturating_add(3)
}

pub fn draw(sweep: &SweepScreen, session: &Session, area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let watch = &session.sweep;
    let style = if watch.pane == Pane::Effects { theme.accent() } else { theme.title() };
    let title = vec![span("effects", style), span(" mean accuracy, and its range", theme.dim())];
    let inner = panel(buffer, area, theme, title, Vec::new());
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let Some(survey) = watch.survey.as_ref().filter(|survey| survey.best().is_some()) else {
        put(buffer, inside, &Line::styled("no run has ended yet", theme.dim()));
        return;
    };
    let axes: Vec<&Axis> = watch.board.varying().collect();
    if axes.is_empty() {
        put(buffer, inside, &Line::styled("no factor has more than one value", theme.dim()));
        return;
    }
    // Two beside each other where one under the other has no room.
    let lines = |axes: &[&Axis]| axes.iter().map(|axis| axis.values.len() + 1).sum::<usize>();
    let side_by_side = lines(&axes) + 1 > usize::from(inside.height) && inside.width >= 2 * COLUMN + 2;
    let columns = if side_by_side { 2 } else { 1 };
    let width = (inside.width - 2 * (columns - 1)) / columns;
    for (place, axes) in axes.chunks(axes.len().div_ceil(usize::from(columns))).enumerate() {
        let column = Rect { x: inside.x + place as u16 * (width + 2), width, ..inside };
        draw_column(sweep, session, survey, axes, column, buffer);
    }
}

fn draw_column(sweep: &SweepScreen, session: &Session, survey: &Survey, axes: &[&Axis], area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let mut rows = rows(area);
    let bar = area.width.saturating_sub(LABEL + NUMBERS);
    for (place, axis) in axes.iter().enumerate() {
        let Some(row) = rows.next() else { return };
        let mut head =
            vec![span(format!("{:<width$}", axis.factor.name(), width = usize::from(LABEL) + 2), theme.bold())];
        if place == 0 {
            head.push(span("mean   of  ", theme.dim()));
        }
        if place == 0 && bar >= 4 {
            head.push(span(format!("0{:>width$}", 1, width = usize::from(bar) - 1), theme.dim()));
        }
        put(buffer, row, &Line::from(head));
        for effect in survey.effects(axis.factor) {
            let Some(row) = rows.next() else { return };
            put(buffer, row, &line(sweep, session, survey, axis, &effect, bar));
        }
    }
}

fn line(sweep: &SweepScreen, session: &Session, survey: &Survey, axis: &Axis, effect: &Effect, bar: u16) -> Line<'static> {
    let theme = session.theme;
    let watch = &session.sweep;
    let value = &survey.values(axis.factor)[effect.value];
    let (label, chosen) =
        (sanitized(value), watch.cell().and_then(|cell| watch.board.label(cell, axis.factor)) == Some(value));
    let style = if chosen { theme.accent() } else { theme.text() };
    let width = usize::from(LABEL) - 2;
    let label = format!("{} {}", if chosen { "▸" } else { " " }, padded(&cut(&label, width), width));
    let Some(accuracy) = effect.accuracy else {
        return Line::from(vec![span(label, style), span("      -  no result", theme.dim())]);
    };
    let count = format!("{:>5}  ", accuracy.count);
    let mut spans =
        vec![span(label, style), span(format::share(accuracy.mean), theme.test()), span(count, theme.dim())];
    spans.extend(range(theme, accuracy.min, accuracy.mean, accuracy.max, bar));
    Line::from(spans)
}

/// `  ╶──●──╴`: a line from the least to the largest, a mark at the mean, on an axis from 0 to 1.
fn range(theme: Theme, min: f64, mean: f64, max: f64, width: u16) -> Vec<Span<'static>> {
    if width < 4 {
        return Vec::new();
    }
    let place = |value: f64| (value.clamp(0.0, 1.0) * f64::from(width - 1)).round() as usize;
    let (min, mean, max) = (place(min), place(mean), place(max));
    vec![
        Span::raw(" ".repeat(min)),
        span("─".repeat(mean.saturating_sub(min)), theme.dim()),
        span("●", theme.test()),
        span("─".repeat(max.saturating_sub(mean)), theme.dim()),
    ]
}
