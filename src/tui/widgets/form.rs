//! Lines of a form: fields below each other, of which one is chosen, some of them in groups that can be folded.

use std::ops::Range;

use ratatui::{
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::{
    format::{cut, padded, width},
    tui::{
        theme::Theme,
        widgets::{
            area::rows,
            surface::{Surface, Target},
            text::{put, put_right, span},
        },
    },
};

/// Columns of a field's name, with its mark.
pub(crate) const NAME: u16 = 18;

/// A line, with the index of its field if it has one.
pub(crate) type FormLine = (Option<usize>, Line<'static>);

/// Returns the name of a field, marked if it is the chosen one, or else by a line beside the fields of a group.
pub(crate) fn name(theme: Theme, name: &str, is_chosen: bool, is_in_group: bool) -> Vec<Span<'static>> {
    named(theme, name, is_chosen, if is_in_group { "│ " } else { "  " }, usize::from(NAME) - 2)
}

/// Returns the name of a group, with a mark that says whether it is open.
pub(crate) fn group_name(theme: Theme, name: &str, is_chosen: bool, is_open: bool) -> Vec<Span<'static>> {
    let mut spans = named(theme, name, is_chosen, "  ", usize::from(NAME) - 4);
    spans.push(span(if is_open { "▾ " } else { "▸ " }, theme.dim()));
    spans
}

fn named(theme: Theme, name: &str, is_chosen: bool, mark: &'static str, columns: usize) -> Vec<Span<'static>> {
    let (mark, style) = if is_chosen {
        (span("▸ ", theme.accent()), theme.accent())
    } else {
        (span(mark, theme.dim()), theme.text())
    };
    vec![mark, span(padded(name, columns), style)]
}

/// Returns what a folded group says of its values: `words` as far as they fit, or `none` if there are none.
pub(crate) fn folded(words: &[String], none: &str, columns: usize) -> String {
    let all = if words.is_empty() { none.to_owned() } else { words.join(", ") };
    if width(&all) <= columns {
        return all;
    }
    let fits = |count: &usize| width(&words[..*count].join(", ")) + width(", …") <= columns;
    match (1..words.len()).rev().find(fits) {
        Some(count) => words[..count].join(", ") + ", …",
        None => cut(&all, columns),
    }
}

/// Columns for the choices of a field.
pub(crate) const CHOICES: u16 = 23;

/// Returns whether there is room for all choices side by side.
pub(crate) fn fit(names: &[&str]) -> bool {
    names.iter().map(|name| name.len() + 2).sum::<usize>() <= usize::from(CHOICES)
}

/// Returns the choices of a field side by side, the chosen one in `style`; without room for all, the chosen one and its
/// number.
pub(crate) fn choices(theme: Theme, names: &[&'static str], chosen: &str, style: Style) -> Vec<Span<'static>> {
    let choice = |name: &'static str| {
        let is_chosen = name == chosen;
        let (before, after) = if is_chosen { ("‹", "›") } else { (" ", " ") };
        let style = if is_chosen { style } else { theme.dim() };
        [span(before, style), span(name, style), span(after, style)]
    };
    if fit(names) {
        return names.iter().copied().flat_map(choice).collect();
    }
    let Some(place) = names.iter().position(|&name| name == chosen) else { return Vec::new() };
    let mut spans = Vec::from(choice(names[place]));
    spans.push(span(format!("  {} of {}", place + 1, names.len()), theme.dim()));
    spans
}

/// Draws lines, scrolled so far that those of the `chosen` field are visible, and how many fields are above and below.
/// Returns the number of rows used.
pub(crate) fn draw(
    theme: Theme,
    lines: &[FormLine],
    chosen: Range<usize>,
    names: impl Fn(usize) -> Option<&'static [&'static str]>,
    area: Rect,
    surface: &mut Surface,
) -> u16 {
    let first = chosen.end.saturating_sub(usize::from(area.height)).min(chosen.start);
    let mut before = None;
    for (row, (field, line)) in rows(area).zip(lines.iter().skip(first)) {
        put(surface, row, line);
        let Some(place) = *field else { continue };
        surface.target(row, Target::Field(place));
        if before.replace(place) != Some(place) {
            choice_targets(place, names(place).filter(|names| fit(names)).unwrap_or_default(), row, surface);
        }
    }
    let last = lines.len().min(first + usize::from(area.height));
    more(theme, &lines[..first], "↑^", Rect { height: area.height.min(1), ..area }, surface);
    let bottom = Rect { y: area.bottom().saturating_sub(1), height: area.height.min(1), ..area };
    more(theme, &lines[last..], "↓v", bottom, surface);
    (lines.len() as u16).min(area.height)
}

/// Says at the right end of a row, if that is free, how many fields are hidden beyond it; `arrows` are for this in
/// Unicode and in ASCII.
fn more(theme: Theme, hidden: &[FormLine], arrows: &str, row: Rect, surface: &mut Surface) {
    let mut fields: Vec<usize> = hidden.iter().filter_map(|(field, _)| *field).collect();
    fields.dedup();
    let Some(arrow) = arrows.chars().nth(usize::from(theme.ascii)).filter(|_| !fields.is_empty()) else { return };
    let text = Line::styled(format!(" {arrow} {} more", fields.len()), theme.dim());
    let width = (text.width() as u16).min(row.width);
    let end = Rect { x: row.right() - width, width, ..row };
    if end.positions().all(|at| surface[at].symbol() == " ") {
        put_right(surface, row, &text);
    }
}

/// Registers the choices on the first line of a field as targets of clicks.
fn choice_targets(place: usize, names: &[&'static str], row: Rect, surface: &mut Surface) {
    let mut x = row.x + NAME;
    for name in names {
        let width = name.len() as u16 + 2;
        surface.target(Rect { x, width, ..row }.intersection(row), Target::Choice(place, name));
        x += width;
    }
}
