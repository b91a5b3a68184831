//! Precision, recall and F1 of each digit, and their changes.

use crate::tui::screens::confusion::state::ConfusionScreen;
use crate::tui::session::Session;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    data::CLASSES,
    train::Confusion,
    tui::{
        format,
        theme::Theme,
        widgets::{
            area::rows,
            panel::panel,
            text::{put, span},
        },
    },
};

/// Minimum columns for changes as numbers, not only arrows.
const WIDE: u16 = 46;

/// Draws a line per digit, each level with the matrix's row of `height` rows.
pub(super) fn draw(confusion: &ConfusionScreen, session: &Session, height: u16, area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let inner = panel(buffer, area, theme, vec![span("each digit", theme.title())], Vec::new());
    let Some(evaluation) = &session.live.evaluation else { return };
    let before = session.live.evaluation_before.as_ref().map(|(_, before)| &before.confusion);
    let wide = inner.width >= WIDE;
    let cursor = confusion.cursor(Some(evaluation));
    let mut rows = rows(inner);
    let Some(head) = rows.next() else { return };
    let heads = if wide { "    precision         recall            F1" } else { "   prec  recall  F1" };
    put(buffer, head, &Line::styled(heads, theme.dim()));
    let level = rows.skip(usize::from(height / 2)).step_by(usize::from(height));
    for (class, row) in (0..CLASSES).zip(level) {
        let chosen = class == usize::from(cursor.label);
        put(buffer, row, &line(theme, class, chosen, &evaluation.confusion, before, wide));
    }
}

fn line(
    theme: Theme,
    class: usize,
    chosen: bool,
    now: &Confusion,
    before: Option<&Confusion>,
    wide: bool,
) -> Line<'static> {
    let style = if chosen { theme.accent() } else { theme.dim() };
    let mut spans = vec![span(format!("{class:>2}"), style)];
    for measure in [Confusion::precision, Confusion::recall, Confusion::f1] {
        let value = measure(now, class);
        let change = value.zip(before.and_then(|before| measure(before, class))).map_or(0.0, |(now, then)| now - then);
        spans.push(span(value_text(value, wide), theme.test()));
        spans.push(change_span(theme, change, wide));
    }
    Line::from(spans)
}

fn value_text(value: Option<f64>, wide: bool) -> String {
    match (value, wide) {
        (None, true) => "       -".into(),
        (None, false) => "     -".into(),
        (Some(value), true) => format!("  {}", format::share(value)),
        (Some(value), false) => format!(" {value:>5.3}"),
    }
}

/// Returns a change as `▲0.0012`, or only its arrow.
fn change_span(theme: Theme, change: f64, wide: bool) -> Span<'static> {
    let (arrow, style) = match change {
        change if change >= 0.000_05 => ("▲", theme.good()),
        change if change <= -0.000_05 => ("▼", theme.warn()),
        _ => return Span::raw(if wide { "        " } else { " " }),
    };
    if wide { span(format!(" {arrow}{:.4}", change.abs()), style) } else { span(arrow, style) }
}
