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
    let columns = Columns::of(body_of(scene, size));
    (help_lines(scene, help, &columns).len(), columns.count * columns.rows)
}

/// The columns of keys.
struct Columns {
    count: usize,
    width: usize,
    rows: usize,
}

impl Columns {
    fn of(area: Rect) -> Self {
        let count = if area.width >= WIDE { 2 } else { 1 };
        let (width, rows) =
            (usize::from(area.width.saturating_sub(4)) / count, usize::from(area.height.saturating_sub(2)));
        Self { count, width, rows }
    }

    /// Returns the number of blank lines between `before` lines and a group of `lines`. With several columns, a group
    /// that does not fit in the rest of a column begins the next one.
    fn gap(&self, before: usize, lines: usize) -> usize {
        let left = (self.rows - before % self.rows.max(1)) % self.rows.max(1);
        let begins_column = self.count > 1 && left < lines + 1;
        if begins_column { left } else { usize::from(before > 0) }
    }
}

pub(crate) fn draw(scene: &Scene, help: &Help, area: Rect, buffer: &mut Buffer) {
    let theme = scene.session.theme;
    let columns = Columns::of(area);
    let lines = help_lines(scene, help, &columns);
    let page = columns.count * columns.rows;
    let scroll = help.scroll.min(lines.len().saturating_sub(page));
    let right = match lines.len().saturating_sub(scroll + page) {
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
    for column in 0..columns.count {
        let x = inner.x + 1 + (column * columns.width) as u16;
        let area = Rect { x, width: columns.width as u16, ..inner };
        for (row, line) in rows(area).zip(lines.iter().skip(scroll + column * columns.rows)) {
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

/// Returns the lines in these columns: the keys of the screen shown, those of every screen, then the others.
fn help_lines<'a>(scene: &Scene<'a>, help: &Help, columns: &Columns) -> Vec<HelpLine<'a>> {
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
        let group = group.filter(|binding| contains(binding, title, &words));
        let group: Vec<_> =
            group.flat_map(|binding| key_lines(binding, columns.width.saturating_sub(KEYS + GAPS))).collect();
        if !group.is_empty() {
            let gap = columns.gap(lines.len(), group.len() + 1);
            lines.extend((0..gap).map(|_| HelpLine::Blank));
            lines.push(HelpLine::Title(title));
            lines.extend(group);
        }
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
