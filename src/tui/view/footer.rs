//! Where one is, and which keys do what, from the key table.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{put, put_right, rows, span};
use crate::{
    train::State,
    tui::{
        app::{App, Screen},
        keys::{self, Action, Binding},
    },
};

/// From here on tabs and keys share a row.
const WIDE: u16 = 150;

pub fn height(area: Rect) -> u16 {
    if area.width >= WIDE || area.height < 16 { 1 } else { 2 }
}

pub fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let inside = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let tabs = tabs(app);
    let mut rows = rows(inside);
    let Some(first) = rows.next() else { return };
    if area.width >= WIDE {
        put(buffer, first, &tabs);
        let keys = key_line(app, usize::from(first.width).saturating_sub(tabs.width() + 4));
        put_right(buffer, first, &keys);
        return;
    }
    let keys_row = match rows.next() {
        Some(second) => {
            put(buffer, first, &tabs);
            second
        }
        None => first,
    };
    put(buffer, keys_row, &key_line(app, usize::from(keys_row.width)));
}

fn tabs(app: &App) -> Line<'static> {
    let theme = app.theme;
    let mut spans = Vec::new();
    for (place, screen) in Screen::ALL.into_iter().enumerate() {
        if place > 0 {
            spans.push(span(" ", theme.text()));
        }
        let chosen = app.screen == screen && app.help.is_none();
        if chosen {
            spans.push(span(format!(" {} {} ", place + 1, screen.name()), theme.chosen()));
        } else {
            spans.push(span(format!(" {} ", place + 1), theme.accent()));
            spans.push(span(format!("{} ", screen.name()), theme.dim()));
        }
    }
    Line::from(spans)
}

/// As many keys as fit; help and quit, or what answers a question, always.
fn key_line(app: &App, width: usize) -> Line<'static> {
    let theme = app.theme;
    let shown = keys::footer(app.context());
    let (last, mut first): (Vec<_>, Vec<_>) =
        shown.into_iter().partition(|binding| matches!(binding.action, Action::Help | Action::Quit));
    let wide =
        |binding: &Binding| keys::first_key(binding).chars().count() + 1 + label(app, binding).chars().count() + 2;
    let mut room = width.saturating_sub(last.iter().map(|binding| wide(binding)).sum());
    first.retain(|binding| {
        let fits = wide(binding) <= room;
        if fits {
            room -= wide(binding);
        }
        fits
    });
    let spans = first.into_iter().chain(last).flat_map(|binding| {
        [span(keys::first_key(binding), theme.accent()), span(format!(" {}  ", label(app, binding)), theme.dim())]
    });
    Line::from(spans.collect::<Vec<_>>())
}

fn label(app: &App, binding: &Binding) -> &'static str {
    match binding.action {
        Action::PauseOrResume if app.live.state == Some(State::Paused) => "go on",
        Action::SwitchSet if app.browser.correct_ones => "mistakes",
        Action::LogScale if app.log_scale => "linear",
        Action::Zoom if app.zoom => "whole run",
        _ => binding.label,
    }
}
