//! The reliability curve as a table: the accuracy of answers by their confidence.
//!
//! ```text
//! ╭ reliability ─────────── expected error 0.0041 ╮
//! │ confidence  images    mean  accuracy          │
//! │ 0.9 to 1.0   9,812  0.9981   0.9932  ███████┃ │
//! ```

use ratatui::{
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::{
    train::{BINS, Bin, bin_range},
    tui::{
        format,
        session::Session,
        theme::Theme,
        widgets::{
            area::rows,
            panel::panel,
            surface::Surface,
            text::{put, span, wrap},
        },
    },
};

/// Minimum columns for whole numbers and a bar.
const WIDE: u16 = 46;
/// Columns before the bar.
const NUMBERS: u16 = 37;
/// Distance of accuracy and confidence that stands out.
const FAR: f64 = 0.05;

/// Draws a line for each bin of `height` rows, the highest confidence first.
pub(super) fn draw(session: &Session, height: u16, area: Rect, surface: &mut Surface) {
    let theme = session.theme;
    let calibration = session.live.calibration.as_ref();
    let error = calibration.map_or_else(Vec::new, |calibration| {
        let error = format::share(calibration.expected_error()).trim().to_owned();
        vec![span("expected error ", theme.dim()), span(error, theme.test())]
    });
    let inner = panel(surface, area, theme, vec![span("reliability", theme.title())], error);
    let Some(calibration) = calibration else {
        let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        let words = wrap("appears after an epoch's evaluation", usize::from(inside.width));
        for (row, line) in rows(inside).zip(words) {
            put(surface, row, &Line::styled(line, theme.dim()));
        }
        return;
    };
    let wide = inner.width >= WIDE;
    let mut rows = rows(inner);
    let Some(head) = rows.next() else { return };
    let heads = if wide { " confidence  images    mean  accuracy" } else { ">    images  mean  acc." };
    put(surface, head, &Line::styled(heads, theme.dim()));
    let level = rows.skip(usize::from(height / 2)).step_by(usize::from(height));
    for (place, row) in (0..BINS).rev().zip(level) {
        let bin = &calibration.bins[place];
        put(surface, row, &if wide { long(theme, place, bin, row.width) } else { short(theme, place, bin) });
    }
}

/// Returns ` 0.9 to 1.0   9,812  0.9981   0.9932  ████████┃`.
fn long(theme: Theme, place: usize, bin: &Bin, width: u16) -> Line<'static> {
    let (from, to) = bin_range(place);
    let range = span(format!(" {from:.1} to {to:.1}"), theme.dim());
    let images = span(format!("{:>8}", format::grouped(bin.images)), theme.text());
    let (Some(confidence), Some(accuracy)) = (bin.confidence(), bin.accuracy()) else {
        return Line::from(vec![range, span(format!("{:>8}", "·"), theme.dim())]);
    };
    let numbers = [
        span(format!("  {}", format::share(confidence)), theme.text()),
        span(format!("   {}  ", format::share(accuracy)), style(theme, confidence, accuracy)),
    ];
    let bar = bar(theme, confidence, accuracy, width.saturating_sub(NUMBERS + 2));
    Line::from_iter([range, images].into_iter().chain(numbers).chain(bar))
}

/// Returns `>0.9  9,812 0.998 0.993`.
fn short(theme: Theme, place: usize, bin: &Bin) -> Line<'static> {
    let range = span(format!(">{:.1}", bin_range(place).0), theme.dim());
    let (Some(confidence), Some(accuracy)) = (bin.confidence(), bin.accuracy()) else {
        return Line::from(vec![range, span(format!("{:>7}", "·"), theme.dim())]);
    };
    Line::from(vec![
        range,
        span(format!("{:>7}", format::grouped(bin.images)), theme.text()),
        span(format!(" {confidence:.3}"), theme.text()),
        span(format!(" {accuracy:.3}"), style(theme, confidence, accuracy)),
    ])
}

/// Returns the style of an accuracy: a warning where the network is much surer than it is right.
fn style(theme: Theme, confidence: f64, accuracy: f64) -> Style {
    match confidence - accuracy {
        gap if gap > FAR => theme.warn(),
        gap if gap < -FAR => theme.good(),
        _ => theme.test(),
    }
}

/// Returns a bar as long as the accuracy, with a mark at the confidence.
fn bar(theme: Theme, confidence: f64, accuracy: f64, room: u16) -> Vec<Span<'static>> {
    let room = usize::from(room);
    let filled = (accuracy * room as f64).round() as usize;
    let mark = ((confidence * room as f64).round() as usize).min(room);
    let part = |columns: std::ops::Range<usize>| -> String {
        columns.map(|column| if column < filled { "█" } else { " " }).collect()
    };
    let style = style(theme, confidence, accuracy);
    vec![span(part(0..mark), style), span("┃", theme.accent()), span(part(mark + 1..room + 1), style)]
}
