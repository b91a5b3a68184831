//! Help: every key, those of the screen below it first.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    format::{padded, width},
    tui::{
        frame::{
            body::body_of,
            scene::{Help, Scene},
        },
        keys::{Binding, Context, On},
        theme::Theme,
        widgets::{
            area::rows,
            panel::panel,
            text::{put, span, wrap},
        },
    },
};

/// Columns of the names of keys.
const KEYS: usize = 12;
/// Columns between the frame, the keys and the texts.
const GAPS: usize = 4;
/// Minimum columns for two columns of keys.
const WIDE: u16 = 100;
/// Title of the keys that are the same on every screen.
const COMMON: &str = "every screen";

/// A line of help; only those in view are turned into text.
enum HelpLine<'a> {
    Blank,
    Title(&'static str),
    Key(&'a Binding, String),
    /// Another line of the text above.
    More(String),
}

/// Returns the number of lines on a terminal of `size`, and how many are visible at a time.
pub(crate) fn lines(scene: &Scene, help: &Help, size: (u16, u16)) -> (usize, usize) {
    let body = body_of(scene, size);
    let (columns, each) = columns(body.width);
    (help_lines(scene, help, each).len(), columns * usize::from(body.height.saturating_sub(2)))
}

/// Returns the number of columns of keys and the width of each.
fn columns(width: u16) -> (usize, usize) {
    let columns = if width >= WIDE { 2 } else { 1 };
    (columns, usize::from(width.saturating_sub(4)) / columns)
}

pub(crate) fn draw(scene: &Scene, help: &Help, area: Rect, buffer: &mut Buffer) {
    let theme = scene.session.theme;
    let (columns, each) = columns(area.width);
    let lines = help_lines(scene, help, each);
    let room = usize::from(area.height.saturating_sub(2));
    let scroll = help.scroll.min(lines.len().saturating_sub(room * columns));
    let right = match lines.len().saturating_sub(scroll + room * columns) {
        0 if scroll > 0 => vec![span("↑", theme.accent())],
        0 => Vec::new(),
        more => vec![span(format!("↓ {more} more"), theme.accent())],
    };
    let mut title = vec![span("keys", theme.title())];
    if !help.words.is_empty() {
        title.push(span(format!(" with \"{}\"", help.words), theme.text()));
    } else if scene.session.mouse && area.width >= 90 {
        title.push(span("   the mouse clicks and scrolls, and selects text with Shift", theme.dim()));
    }
    let inner = panel(buffer, area, theme, title, right);
    if lines.is_empty() {
        put(buffer, Rect { x: inner.x + 1, ..inner }, &Line::styled("no key matches", theme.dim()));
    }
    for column in 0..columns {
        let area = Rect { x: inner.x + 1 + (column * each) as u16, width: each as u16, ..inner };
        for (row, line) in rows(area).zip(lines.iter().skip(scroll + column * room)) {
            put(buffer, row, &text_of(line, theme));
        }
    }
}

fn text_of<'a>(line: &'a HelpLine, theme: Theme) -> Line<'a> {
    match line {
        HelpLine::Blank => Line::default(),
        HelpLine::Title(title) => Line::styled(*title, theme.bold()),
        HelpLine::Key(binding, doc) => {
            let names = padded(&binding.key_names(), KEYS);
            Line::from(vec![Span::raw("  "), span(names, theme.accent()), span(doc, theme.text())])
        }
        HelpLine::More(doc) => Line::from(vec![Span::raw(" ".repeat(KEYS + 2)), span(doc, theme.text())]),
    }
}

/// Returns the lines in columns of `width`: the keys of the screen shown, those of every screen, then the others.
fn help_lines<'a>(scene: &Scene<'a>, help: &Help, width: usize) -> Vec<HelpLine<'a>> {
    let here = scene.screen().context();
    let others = Context::all().filter(|&context| context != here).map(Some);
    let words = help.words.to_lowercase();
    let mut lines = Vec::new();
    for context in [Some(here), None].into_iter().chain(others) {
        let title = context.map_or(COMMON, Context::name);
        let group = scene
            .session
            .keymap
            .bindings()
            .iter()
            .filter(|binding| !binding.keys.is_empty() && belongs(binding, context));
        let mut group = group.filter(|binding| contains(binding, title, &words)).peekable();
        if group.peek().is_none() {
            continue;
        }
        if !lines.is_empty() {
            lines.push(HelpLine::Blank);
        }
        lines.push(HelpLine::Title(title));
        group.for_each(|binding| lines.extend(key_lines(binding, width.saturating_sub(KEYS + GAPS))));
    }
    lines
}

/// Returns whether a key is listed for this context; `None` stands for every screen.
fn belongs(binding: &Binding, context: Option<Context>) -> bool {
    matches!(binding.on, On::Only(_)) == context.is_some() && context.is_none_or(|context| binding.holds(context))
}

fn contains(binding: &Binding, title: &str, words: &str) -> bool {
    if words.is_empty() {
        return true;
    }
    let text = format!("{title} {} {}", binding.key_names(), binding.doc).to_lowercase();
    words.split_whitespace().all(|word| text.contains(word))
}

/// Returns the lines of a key, whose text is wrapped to `room` columns.
fn key_lines(binding: &Binding, room: usize) -> impl Iterator<Item = HelpLine<'_>> {
    let doc = if width(binding.doc) <= room { vec![binding.doc.to_owned()] } else { wrap(binding.doc, room) };
    let mut parts = doc.into_iter();
    let first = HelpLine::Key(binding, parts.next().unwrap_or_default());
    std::iter::once(first).chain(parts.map(HelpLine::More))
}
