//! The epochs as a table, one line each.

use crate::tui::session::Session;
use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::{
    train::EpochRecord,
    tui::{
        format,
        widgets::{
            area::rows,
            panel::panel,
            text::{put, span},
        },
    },
};

pub(super) fn draw(session: &Session, area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let inner = panel(buffer, area, theme, vec![span("epochs", theme.title())], Vec::new());
    let mut rows = rows(Rect { x: inner.x + 1, width: inner.width.saturating_sub(1), ..inner });
    let Some(head) = rows.next() else { return };
    put(buffer, head, &Line::styled("epoch    loss  accuracy   test loss  accuracy     time", theme.dim()));
    let history = &session.live.curves.history;
    let best = session.live.best().map(|record| record.epoch);
    let room = usize::from(inner.height.saturating_sub(1));
    for (row, record) in rows.zip(&history[history.len().saturating_sub(room)..]) {
        put(buffer, row, &line(session, record, best == Some(record.epoch)));
    }
}

fn line(session: &Session, record: &EpochRecord, best: bool) -> Line<'static> {
    let theme = session.theme;
    let test = if best { theme.test().patch(theme.bold()) } else { theme.test() };
    Line::from(vec![
        span(format!("{:>5}", record.epoch), theme.text()),
        span(
            format!("  {}    {}", format::loss(record.train_loss), format::share(record.train_accuracy)),
            theme.train(),
        ),
        span(format!("      {}    {}", format::loss(record.test_loss), format::share(record.test_accuracy)), test),
        span(format!("  {:>5.1} s", record.seconds), theme.dim()),
        span(if best { " best" } else { "" }, theme.good()),
    ])
}
