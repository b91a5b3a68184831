//! Facts about the run, if there is room.

use crate::tui::session::Session;
use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::{
    format::{cut, file_name, sanitized},
    train::Hyperparameter,
    tui::{
        format,
        widgets::{
            area::rows,
            panel::panel,
            text::{put, span},
        },
    },
};

pub(super) const HEIGHT: u16 = 10;

pub(super) fn draw(session: &Session, area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let inner = panel(buffer, area, theme, vec![span("run", theme.title())], Vec::new());
    let Some(started) = &session.live.started else { return };
    let hyper = &started.spec.hyper;
    let images = format!(
        "{} + {} held out + {} test",
        format::grouped(started.train_images),
        format::grouped(started.validation_images),
        format::grouped(started.test_images)
    );
    let parameters = format::grouped(started.spec.hyper.network.parameters() as u64);
    let saved = session.live.saved.as_ref().map_or_else(|| "-".into(), |path| file_name(path));
    let best = session.live.best().map_or_else(
        || "-".to_owned(),
        |best| match best.validation {
            Some((_, accuracy)) => format!("epoch {}, validation accuracy {}", best.epoch, format::share(accuracy)),
            None => format!("epoch {}, test accuracy {}", best.epoch, format::share(best.test_accuracy)),
        },
    );
    let facts = [
        ("folder", session.live.run_name()),
        ("data", format!("{} {}", started.spec.dataset.name, started.spec.dataset.fingerprint)),
        ("images", images),
        ("network", format!("{parameters} parameters, {}", Hyperparameter::Pooling.words(hyper.pooling.into()))),
        ("computed by", format!("{} threads, {}", started.threads, started.simd)),
        ("current rate", format::rate(format::rounded(session.live.current_rate()))),
        ("best", best),
        ("saved", saved),
    ];
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    for (row, (name, value)) in rows(inside).zip(facts) {
        let value = cut(&sanitized(&value), usize::from(row.width).saturating_sub(13));
        put(buffer, row, &Line::from(vec![span(format!("{name:<13}"), theme.dim()), span(value, theme.text())]));
    }
}
