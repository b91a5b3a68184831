//! Lines of text in a buffer.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Clear, Widget},
};

use crate::{
    format::{is_safe, pieces, visible, width as text_width},
    tui::theme::to_ascii,
};

/// Clears `area`, and a wide character that reaches into it, which would hide what is drawn there.
pub(crate) fn clear(buffer: &mut Buffer, area: Rect) {
    let area = area.intersection(buffer.area);
    Clear.render(area, buffer);
    for y in area.y..area.bottom() {
        if let Some(before) = area.x.checked_sub(1).and_then(|x| buffer.cell_mut((x, y)))
            && text_width(before.symbol()) > 1
        {
            before.set_symbol(" ");
        }
    }
}

/// Writes a line at the top of `area`, cut off at the right edge.
pub(crate) fn put(buffer: &mut Buffer, area: Rect, line: &Line) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let mut x = area.x;
    for span in line {
        let room = usize::from(area.right() - x);
        x = put_text(buffer, (x, area.y), room, &span.content, line.style.patch(span.style));
    }
}

/// Writes at most `room` columns of a text, and returns the column after them.
fn put_text(buffer: &mut Buffer, (x, y): (u16, u16), room: usize, text: &str, style: Style) -> u16 {
    let ascii = ascii_graphemes(text);
    let width = ascii.len().min(room);
    if width > 0 {
        let first = buffer.index_of(x, y);
        for (cell, byte) in buffer.content[first..first + width].iter_mut().zip(ascii.bytes()) {
            cell.set_char(char::from(byte)).set_style(style);
        }
    }
    let (after, rest) = (x + width as u16, &text[ascii.len()..]);
    if rest.is_empty() || width == room {
        return after;
    }
    let (end, _) = buffer.set_stringn(after, y, rest, room - width, style);
    if !rest.chars().all(is_safe) {
        hide_invisible(buffer, Rect { x: after, y, width: end - after, height: 1 });
    }
    end
}

/// Removes control and invisible characters from the cells: a text may come from any source.
fn hide_invisible(buffer: &mut Buffer, area: Rect) {
    for place in area.positions() {
        let safe = visible(buffer[place].symbol());
        if safe.len() < buffer[place].symbol().len() {
            buffer[place].set_symbol(if safe.is_empty() { "?" } else { &safe });
        }
    }
}

/// Replaces all characters that are not ASCII.
pub(crate) fn make_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let symbol = to_ascii(cell.symbol());
            cell.set_symbol(symbol);
        }
    }
}

/// Returns the beginning of a text that consists of printable ASCII characters, without those that belong to the rest.
fn ascii_graphemes(text: &str) -> &str {
    match text.bytes().position(|byte| !matches!(byte, b' '..=b'~')) {
        // A character after it may combine with the last one.
        Some(length) => &text[..length.saturating_sub(1)],
        None => text,
    }
}

/// Returns the number of columns of a line's parts.
pub(crate) fn spans_width(spans: &[Span]) -> usize {
    spans.iter().map(|span| text_width(&span.content)).sum()
}

/// Writes a line at the top of `area`, aligned with the right edge.
pub(crate) fn put_right(buffer: &mut Buffer, area: Rect, line: &Line) {
    let width = (spans_width(&line.spans) as u16).min(area.width);
    put(buffer, Rect { x: area.right() - width, width, ..area }, line);
}

/// Returns a line of the first parts that fit completely.
pub(crate) fn fitting(parts: Vec<Vec<Span>>, width: u16) -> Line {
    let mut room = usize::from(width);
    let fitting = parts.into_iter().take_while(|part| {
        let wide = spans_width(part);
        let fits = wide <= room;
        room = room.saturating_sub(wide);
        fits
    });
    Line::from(fitting.flatten().collect::<Vec<_>>())
}

/// Wraps text at spaces into lines of at most `width` columns. A longer word, such as Chinese text or a path, is broken
/// at the end of the line.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace().flat_map(|word| pieces(word, width)) {
        match lines.last_mut() {
            Some(line) if text_width(line) + 1 + text_width(&word) <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

pub(crate) fn span<'a>(text: impl Into<std::borrow::Cow<'a, str>>, style: Style) -> Span<'a> {
    Span::styled(text, style)
}
