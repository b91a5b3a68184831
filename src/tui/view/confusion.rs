//! The confusion matrix: which digit is taken for which.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Modifier,
    text::{Line, Span},
};

use super::{panel, put, rows, span};
use crate::{data::CLASSES, train::Prediction, tui::app::App};

/// Columns and rows it needs, with its frame.
pub const WIDTH: u16 = 54;
pub const HEIGHT: u16 = 13;

/// The cell of the image that is looked at stands out.
pub fn draw(app: &App, area: Rect, looked_at: Option<&Prediction>, buffer: &mut Buffer) {
    let theme = app.theme;
    let title = vec![span("confusion", theme.title()), span(" true ↓ predicted →", theme.dim())];
    let inner = panel(buffer, area, theme, title, vec![span("test", theme.test())]);
    let Some(evaluation) = &app.live.evaluation else {
        put(buffer, Rect { x: inner.x + 1, ..inner }, &Line::styled("after the first epoch", theme.dim()));
        return;
    };
    let matrix = &evaluation.confusion.0;
    let most = (0..CLASSES)
        .flat_map(|row| (0..CLASSES).filter(move |&column| column != row).map(move |column| matrix[row][column]));
    let most = most.max().unwrap_or(0);
    let looked_at = looked_at.map(|at| (usize::from(at.label), usize::from(at.digit)));
    let mut heads = vec![Span::raw("  ")];
    heads.extend((0..CLASSES).map(|digit| span(format!("{digit:>5}"), theme.dim())));
    let mut rows = rows(inner);
    if let Some(row) = rows.next() {
        put(buffer, row, &Line::from(heads));
    }
    for (label, row) in rows.take(CLASSES).enumerate() {
        let mut spans = vec![span(format!("{label:>2}"), theme.dim())];
        for (digit, &count) in matrix[label].iter().enumerate() {
            let style = if label == digit {
                theme.good()
            } else if count == 0 {
                theme.dim()
            } else if count * 2 > most {
                theme.bad()
            } else if count * 5 > most {
                theme.bad().remove_modifier(Modifier::BOLD)
            } else {
                theme.text()
            };
            let text = if count == 0 { "·".to_owned() } else { count.to_string() };
            spans.push(Span::raw(" ".repeat(5usize.saturating_sub(text.chars().count()))));
            let here = looked_at == Some((label, digit));
            spans.push(span(text, if here { style.add_modifier(Modifier::REVERSED) } else { style }));
        }
        put(buffer, row, &Line::from(spans));
    }
}
