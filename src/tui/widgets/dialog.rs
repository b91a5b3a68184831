//! Boxes over the screen.

use ratatui::{layout::Rect, text::Line};

use crate::tui::{
    theme::Theme,
    widgets::{
        area::rows,
        buttons::Buttons,
        panel::panel,
        surface::Surface,
        text::{clear, put, span},
    },
};

/// Draws a box in the middle of `body`, with lines of text and rows of buttons. The buttons come first if there is
/// little room.
pub(crate) fn dialog(
    theme: Theme,
    title: &'static str,
    lines: &[Line],
    answers: Vec<Buttons>,
    body: Rect,
    surface: &mut Surface,
) {
    let widths = lines.iter().map(Line::width).chain(answers.iter().map(Buttons::width));
    let wide = widths.max().unwrap_or(0).max(36) as u16 + 6;
    let (width, height) = (wide.min(body.width), ((lines.len() + answers.len()) as u16 + 2).min(body.height));
    let area = Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 2, width, height };
    // A clear column on either side separates the box from the panes under it.
    clear(surface, Rect { x: area.x.saturating_sub(1), width: area.width + 2, ..area }.intersection(body));
    let inner = panel(surface, area, theme, vec![span(title, theme.accent())], Vec::new());
    let mut rows = rows(inner).map(|row| Rect { x: row.x + 2, width: row.width.saturating_sub(3), ..row });
    let room = usize::from(inner.height).saturating_sub(answers.len());
    for (line, row) in lines.iter().take(room).zip(&mut rows) {
        put(surface, row, line);
    }
    for (answers, row) in answers.into_iter().zip(rows) {
        answers.draw(row, surface);
    }
}
