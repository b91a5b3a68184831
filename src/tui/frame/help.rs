//! The help screen: every key binding.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    format::{cut, padded},
    tui::{
        frame::{body::body_of, scene::Scene},
        keys::Binding,
        theme::Theme,
        widgets::{
            area::rows,
            panel::panel,
            text::{put, span},
        },
    },
};

/// Columns of the names of keys.
const KEYS: usize = 12;
/// Minimum columns for two columns of keys.
const WIDE: u16 = 130;

/// Returns the number of lines on a terminal of `size`, and how many are visible at a time.
pub(crate) fn lines(scene: &Scene, size: (u16, u16)) -> (usize, usize) {
    let body = body_of(scene, size);
    let room = usize::from(body.height.saturating_sub(2));
    let columns = if body.width >= WIDE { 2 } else { 1 };
    (groups(scene, usize::from(body.width) / columns).len().div_ceil(columns), room)
}

pub(crate) fn draw(scene: &Scene, area: Rect, buffer: &mut Buffer) {
    let theme = scene.session.theme;
    let columns = if area.width >= WIDE { 2 } else { 1 };
    let each = (area.width - 4) / columns;
    let lines = groups(scene, usize::from(each));
    let room = usize::from(area.height.saturating_sub(2));
    let column_lines = lines.len().div_ceil(usize::from(columns));
    let scroll = scene.help.unwrap_or(0).min(column_lines.saturating_sub(room));
    let right = match column_lines.saturating_sub(scroll + room) {
        0 if column_lines > room => vec![span("↑", theme.accent())],
        0 => Vec::new(),
        more => vec![span(format!("↓ {more} more"), theme.accent())],
    };
    let mut title = vec![span("keys", theme.title())];
    if scene.session.mouse && area.width >= 78 {
        title.push(span("   the mouse clicks and scrolls, and selects text with Shift", theme.dim()));
    }
    let inner = panel(buffer, area, theme, title, right);
    for column in 0..columns {
        let area = Rect { x: inner.x + 1 + column * each, width: each, ..inner };
        let lines = lines.iter().skip(usize::from(column) * column_lines).take(column_lines);
        for (row, line) in rows(area).zip(lines.skip(scroll)) {
            put(buffer, row, line);
        }
    }
}

/// Returns the lines of the table, grouped by where the keys are active.
fn groups(scene: &Scene, width: usize) -> Vec<Line<'static>> {
    let bindings = scene.session.keymap.bindings();
    let mut places: Vec<String> = Vec::new();
    for binding in bindings {
        let place = binding.places();
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let mut lines = Vec::new();
    for place in places {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::styled(place.clone(), scene.session.theme.bold()));
        lines.extend(
            bindings
                .iter()
                .filter(|binding| binding.places() == place)
                .map(|each| line(scene.session.theme, each, width)),
        );
    }
    lines
}

fn line(theme: Theme, binding: &Binding, width: usize) -> Line<'static> {
    let names = binding.key_names();
    let doc = cut(binding.doc, width.saturating_sub(KEYS + 4));
    Line::from(vec![Span::raw("  "), span(padded(&names, KEYS), theme.accent()), span(doc, theme.text())])
}
