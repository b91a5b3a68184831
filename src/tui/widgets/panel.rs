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

/// Draws a text at the right of a frame's lower edge, if it fits.
pub(crate) fn foot(buffer: &mut Buffer, area: Rect, text: Vec<Span>) {
    let text = padded(text);
    let (width, height) = (text.width() as u16, 1);
    if width > 0 && width + 2 <= area.width {
        let edge = Rect { x: area.right() - width - 1, y: area.bottom() - 1, width, height };
        text.render(edge.intersection(buffer.area), buffer);
    }
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
