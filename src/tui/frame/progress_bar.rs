//! A progress bar between two texts.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use crate::tui::{
    theme::Theme,
    widgets::{
        progress::progress,
        text::{put, put_right, span, spans_width},
    },
};

/// Draws a progress bar between two texts, the left one in a fixed width so that the bar does not move.
pub(super) fn bar(theme: Theme, row: Rect, buffer: &mut Buffer, left: Line, part: f64, right: &Line, style: Style) {
    const LEFT: u16 = 17;
    let left_width = LEFT.max(spans_width(&left.spans) as u16 + 2).min(row.width);
    put(buffer, Rect { width: left_width, ..row }, &left);
    let right_width = (spans_width(&right.spans) as u16).min(row.width - left_width);
    let bar = Rect { x: row.x + left_width, width: (row.width - left_width).saturating_sub(right_width + 2), ..row };
    put_right(buffer, Rect { x: row.x + left_width, width: row.width - left_width, ..row }, right);
    if bar.width < 4 {
        return;
    }
    let (done, rest) = progress(part, usize::from(bar.width));
    let line = Line::from(vec![span(done, style), span(rest, theme.dim())]);
    put(buffer, bar, &line);
}
