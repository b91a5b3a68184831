//! Sparklines of the newest batches.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    format::width,
    tui::{
        format,
        theme::Theme,
        widgets::{
            chart::axis::round_up,
            panel::{foot, panel},
            text::span,
        },
    },
};

const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Draws the loss of the newest batches, with `note` below.
pub(crate) fn loss(theme: Theme, values: &[f64], note: &str, area: Rect, buffer: &mut Buffer) {
    let newest = values.last().map_or_else(|| "     -".into(), |&value| format::loss(value));
    let high = ceiling(visible(values, area));
    let range = format!("0–{}", format::loss(high).trim());
    let title = [if area.width < 34 { "loss" } else { "recent loss" }, &newest];
    pane(theme, area, buffer, title, [&range, note], values, (0.0, high));
}

/// Draws the accuracy of the newest batches, with `note` below.
pub(crate) fn accuracy(theme: Theme, values: &[f64], note: &str, area: Rect, buffer: &mut Buffer) {
    let newest = values.last().map_or_else(|| "     -".into(), |&value| format::share(value));
    let lowest = visible(values, area).iter().copied().filter(|value| value.is_finite()).fold(0.98, f64::min);
    // Rounded coarsely, so that the scale rarely changes.
    let low = (1.0 - round_up(1.0 - lowest)).max(0.0);
    let title = [if area.width < 34 { "accuracy" } else { "recent accuracy" }, &newest];
    pane(theme, area, buffer, title, [&format!("{low:.2}–1"), note], values, (low, 1.0));
}

/// Returns the largest value, but at most three times the median, so that the high loss of the first batches does not
/// flatten the rest.
fn ceiling(values: &[f64]) -> f64 {
    let mut finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    finite.sort_by(f64::total_cmp);
    let (Some(&largest), Some(&median)) = (finite.last(), finite.get(finite.len() / 2)) else { return 1.0 };
    largest.min(median * 3.0).max(1e-4)
}

/// Returns the newest values, as many as fit into the pane.
fn visible(values: &[f64], area: Rect) -> &[f64] {
    &values[values.len().saturating_sub(usize::from(area.width.saturating_sub(2)))..]
}

fn pane(
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
    title: [&str; 2],
    [range, note]: [&str; 2],
    values: &[f64],
    (low, high): (f64, f64),
) {
    // The range is more than the newest value, which the last bar shows.
    let has_room = width(title[0]) + width(title[1]) + width(range) + 8 <= usize::from(area.width);
    let newest = if has_room { format!(" {}", title[1]) } else { String::new() };
    let title = vec![span(title[0], theme.title()), span(newest, theme.train().patch(theme.bold()))];
    let inner = panel(buffer, area, theme, title, vec![span(range, theme.dim())]);
    if !note.is_empty() {
        foot(buffer, area, vec![span(note, theme.dim())]);
    }
    let values = visible(values, area);
    let left = inner.right().saturating_sub(values.len() as u16);
    let levels = usize::from(inner.height) * 8;
    let (finite, broken) = (theme.train(), theme.bad());
    for (x, value) in (left..inner.right()).zip(values) {
        let part = if value.is_finite() { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { 1.0 };
        let style = if value.is_finite() { finite } else { broken };
        // Even the lowest value is visible.
        let level = ((part * levels as f64).round() as usize).max(1);
        for (up, y) in (inner.y..inner.bottom()).rev().enumerate() {
            let eighths = level.saturating_sub(up * 8).min(8);
            buffer[(x, y)].set_symbol(EIGHTHS[eighths]).set_style(style);
        }
    }
}
