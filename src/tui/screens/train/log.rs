//! The newest log lines.

use crate::tui::session::Session;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    format::{cut, width as text_width},
    tui::{
        format,
        session::log::{Entry, Level},
        widgets::{
            area::rows,
            panel::panel,
            text::{put, span},
        },
    },
};

pub(super) fn draw(session: &Session, area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let inner = panel(buffer, area, theme, vec![span("log", theme.title())], Vec::new());
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(1), ..inner };
    let entries = &session.log.entries;
    let shown = entries.len().min(usize::from(inner.height));
    for (row, (place, entry)) in rows(inner).zip(entries.iter().enumerate().skip(entries.len() - shown)) {
        let newest = place + 1 == entries.len();
        put(buffer, row, &line(session, entry, newest, usize::from(row.width)));
    }
}

fn line<'a>(session: &Session, entry: &'a Entry, newest: bool, width: usize) -> Line<'a> {
    let theme = session.theme;
    let style = match entry.level {
        Level::Plain if newest => theme.text(),
        Level::Plain => theme.dim(),
        Level::Good => theme.good(),
        Level::Warn => theme.warn(),
        Level::Bad => theme.bad(),
    };
    let time = format!("{:>5}  ", format::clock(entry.at as f64));
    let room = width.saturating_sub(time.len());
    let saved = if entry.saved.is_empty() { String::new() } else { format!("  saved {}", entry.saved.join("+")) };
    let texts = || std::iter::once(&entry.text).chain(&entry.shorter);
    let fitting = |room: usize| texts().find(|text| text_width(text) <= room);
    let with_saved = room.checked_sub(saved.len()).and_then(fitting);
    let text = with_saved.or_else(|| fitting(room)).or(entry.shorter.last()).unwrap_or(&entry.text);
    let mut spans = vec![span(time, theme.dim()), span(cut(text, room), style)];
    if with_saved.is_some() {
        spans.push(Span::styled(saved, theme.dim()));
    }
    Line::from(spans)
}
