//! Frames with a title.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, BorderType, Widget},
};

use crate::tui::theme::Theme;

/// Draws a frame with a title and a text at the top right, and returns the area inside.
pub(crate) fn panel(buffer: &mut Buffer, area: Rect, theme: Theme, title: Vec<Span>, right: Vec<Span>) -> Rect {
    let area = area.intersection(buffer.area);
    let mut block = Block::bordered().border_type(BorderType::Rounded).border_style(theme.dim());
    let title = padded(title);
    let room = usize::from(area.width.saturating_sub(3)).saturating_sub(title.width());
    block = block.title_top(title);
    let right = padded(right);
    if right.width() > 2 && right.width() < room {
        block = block.title_top(right.right_aligned());
    }
    let inner = block.inner(area);
    block.render(area, buffer);
    inner
}

/// Returns a line with a blank at each end, or an empty one if there is nothing to show.
pub(crate) fn padded(spans: Vec<Span>) -> Line {
    if spans.is_empty() {
        return Line::default();
    }
    let mut all = vec![Span::raw(" ")];
    all.extend(spans);
    all.push(Span::raw(" "));
    Line::from(all)
}
