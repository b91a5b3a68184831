//! The measures of each layer, if there is room.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::{
    session::Session,
    widgets::{
        area::rows,
        health::{self, table},
        panel::panel,
        text::{put, span},
    },
};

/// Returns the rows of the table in its panel.
pub(super) fn height(session: &Session) -> u16 {
    health::height(session.live.network()) + 2
}

pub(super) fn draw(session: &Session, area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let verdict = match session.live.health.as_ref().map(|health| &health.stall) {
        Some(Some(_)) => vec![span("learns nothing", theme.warn())],
        Some(None) => vec![span("learns", theme.good())],
        None => Vec::new(),
    };
    let inner = panel(buffer, area, theme, vec![span("health", theme.title())], verdict);
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let Some(health) = &session.live.health else { return };
    rows(inside).zip(table(theme, health, inside.width)).for_each(|(row, line)| put(buffer, row, &line));
}
