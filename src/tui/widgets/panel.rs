//! Frames with a title.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::tui::{
    theme::Theme,
    widgets::text::{put, put_right, spans_width},
};

/// Draws a frame with a title and a text at the top right, and returns the area inside.
pub(crate) fn panel(buffer: &mut Buffer, area: Rect, theme: Theme, title: Vec<Span>, right: Vec<Span>) -> Rect {
    let area = area.intersection(buffer.area);
    frame(buffer, area, theme.dim());
    let (title, right) = (padded(title), padded(right));
    let (x, y) = ((area.x + 1).min(area.right()), (area.y + 1).min(area.bottom()));
    let inner = Rect { x, y, width: area.width.saturating_sub(2), height: area.height.saturating_sub(2) };
    let edge = Rect { y: area.y, height: area.height.min(1), ..inner };
    let room = usize::from(area.width.saturating_sub(3)).saturating_sub(spans_width(&title.spans));
    put(buffer, edge, &title);
    if (3..room).contains(&spans_width(&right.spans)) {
        put_right(buffer, edge, &right);
    }
    inner
}

/// Draws a frame with round corners along the inside of `area`.
fn frame(buffer: &mut Buffer, area: Rect, style: Style) {
    if area.is_empty() {
        return;
    }
    let (right, bottom) = (area.right() - 1, area.bottom() - 1);
    for x in area.x..=right {
        buffer[(x, area.y)].set_symbol("─").set_style(style);
        buffer[(x, bottom)].set_symbol("─").set_style(style);
    }
    for y in area.y..=bottom {
        buffer[(area.x, y)].set_symbol("│").set_style(style);
        buffer[(right, y)].set_symbol("│").set_style(style);
    }
    buffer[(right, bottom)].set_symbol("╯");
    buffer[(right, area.y)].set_symbol("╮");
    buffer[(area.x, bottom)].set_symbol("╰");
    buffer[(area.x, area.y)].set_symbol("╭");
}

/// Draws a text at the right of a frame's lower edge, if it fits.
pub(crate) fn foot(buffer: &mut Buffer, area: Rect, text: Vec<Span>) {
    let text = padded(text);
    let (width, height) = (spans_width(&text.spans) as u16, 1);
    if width > 0 && width + 2 <= area.width {
        let edge = Rect { x: area.right() - width - 1, y: area.bottom() - 1, width, height };
        put(buffer, edge, &text);
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
