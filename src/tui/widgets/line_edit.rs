//! Drawing of a line that is being edited.

use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;

use crate::tui::{keys::line_edit::LineEdit, theme::Theme, widgets::text::span};

/// Returns a line with its cursor as a cell in reverse; a suggestion is all in reverse.
pub(crate) fn typed(theme: Theme, line: &LineEdit) -> Vec<Span<'static>> {
    if line.is_suggested {
        return vec![span(line.text.clone(), theme.chosen())];
    }
    let before = line.text[..line.cursor].to_owned();
    let under = match &line.text[line.cursor..line.after()] {
        "" => " ".to_owned(),
        under => under.to_owned(),
    };
    let after = line.text[line.after()..].to_owned();
    vec![span(before, theme.bold()), span(under, theme.chosen()), span(after, theme.bold())]
}

/// Returns a line like [`typed`], but only the part around the cursor that fits into `room` columns.
pub(crate) fn typed_within(theme: Theme, line: &LineEdit, room: usize) -> Vec<Span<'static>> {
    let mut shown = line.clone();
    while Line::from(typed(theme, &shown)).width() > room {
        // Shortened at the end, unless the cursor is there.
        let first = shown.text.graphemes(true).next().map_or(0, str::len);
        let last = shown.text.graphemes(true).next_back().map_or(0, str::len);
        if shown.cursor >= first && shown.after() + room / 4 >= shown.text.len() {
            shown.text.drain(..first);
            shown.cursor -= first;
        } else {
            shown.text.truncate(shown.text.len() - last);
            shown.cursor = shown.cursor.min(shown.text.len());
        }
        if shown.text.is_empty() {
            break;
        }
    }
    typed(theme, &shown)
}
