//! Cells of the confusion matrix: their texts and colours.

use std::borrow::Cow;

use ratatui::{
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
};

use crate::{
    data::CLASSES,
    format,
    train::{Confusion, Pair},
    tui::{
        theme::{Meaning, Theme},
        widgets::{
            area::rows,
            surface::{Surface, Target},
            text::{put, span},
        },
    },
};

/// Number of columns before the first cell, for the true digit.
pub(crate) const MARGIN: u16 = 2;
/// Smallest width in which any count of MNIST fits, with a gap before it.
pub(crate) const CELL: u16 = 5;
/// Smallest width in which a count and its change fit.
pub(crate) const WITH_CHANGE: u16 = CELL + CHANGE as u16;
/// Width of a change, with the gap before it.
const CHANGE: usize = 5;

/// Contents and display options of the cells.
pub(crate) struct Cells<'a> {
    pub confusion: &'a Confusion,
    /// Matrix of the previous evaluation.
    pub before: Option<&'a Confusion>,
    /// Whether to show shares of the true digit's images, not counts.
    pub percent: bool,
    /// Whether to show changes, not the current values.
    pub changes: bool,
    /// Highlighted cell.
    pub cursor: Option<Pair>,
    /// Whether the highlighted cell is in reverse, not in brackets.
    pub quiet: bool,
    /// Width of a cell in columns.
    pub width: u16,
    /// Height of a cell in rows.
    pub height: u16,
}

impl Cells<'_> {
    /// Draws the column heads and as many of the ten rows as fit, including the cursor's.
    pub(crate) fn draw(&self, theme: Theme, area: Rect, surface: &mut Surface) {
        let Some(head) = rows(area).next() else { return };
        put(surface, head, &self.heads(theme));
        let room = usize::from((area.height - 1) / self.height).min(CLASSES);
        let label = self.cursor.map_or(0, |cursor| usize::from(cursor.label));
        let first = (label + 1).saturating_sub(room).min(CLASSES - room);
        let max_heat = all().map(|cell| self.heat(cell)).max().unwrap_or(0);
        let bad = heats(theme, Meaning::Bad);
        let good = if self.changes { heats(theme, Meaning::Good) } else { bad };
        let colours = Colours { theme, good, bad, max_heat };
        for (label, place) in (first as u8..CLASSES as u8).zip(0..room as u16) {
            let block = Rect { y: head.bottom() + place * self.height, height: self.height, ..head };
            for (line, row) in rows(block).enumerate() {
                put(surface, row, &self.row(&colours, label, line == usize::from(self.height / 2)));
            }
            for digit in 0..CLASSES as u8 {
                let x = block.x + MARGIN + u16::from(digit) * self.width;
                let place = Rect { x, width: self.width, ..block };
                surface.target(place.intersection(block), Target::Pair(Pair { label, digit }));
            }
            if let Some(cursor) = self.cursor.filter(|cursor| cursor.label == label && !self.quiet) {
                self.bracket(theme, cursor, Rect { y: block.y + self.height / 2, height: 1, ..block }, surface);
            }
        }
    }

    fn heads(&self, theme: Theme) -> Line<'static> {
        let mut heads = vec![Span::raw(" ".repeat(usize::from(MARGIN)))];
        for digit in 0..CLASSES as u8 {
            let width = self.count_width();
            heads.push(span(format!("{digit:>width$}"), self.head_style(theme, |cursor| cursor.digit == digit)));
            heads.push(Span::raw(" ".repeat(usize::from(self.width) - width)));
        }
        Line::from(heads)
    }

    fn head_style(&self, theme: Theme, is_of: impl Fn(Pair) -> bool) -> Style {
        if self.cursor.is_some_and(is_of) && !self.quiet { theme.accent() } else { theme.dim() }
    }

    /// Returns a line of a row of cells: the one with the numbers, or one of those above and below it.
    fn row(&self, colours: &Colours, label: u8, has_numbers: bool) -> Line<'static> {
        let theme = colours.theme;
        let style = self.head_style(theme, |cursor| cursor.label == label);
        let name = if has_numbers { label.to_string() } else { String::new() };
        let mut spans = vec![span(format!("{name:>margin$}", margin = usize::from(MARGIN)), style)];
        for digit in 0..CLASSES as u8 {
            let cell = Pair { label, digit };
            let mut style = self.style(colours, cell);
            if self.cursor == Some(cell) && self.quiet {
                style = style.add_modifier(Modifier::REVERSED);
            }
            let text = match (has_numbers, self.changes) {
                (false, _) => "".into(),
                (true, true) => self.change(cell),
                (true, false) => self.state(cell),
            };
            spans.push(Span::raw(" "));
            spans.push(span(format!("{text:>width$}", width = self.count_width() - 1), style));
            if has_numbers {
                spans.push(self.change_beside(theme, cell));
            } else {
                spans.push(Span::raw(" ".repeat(usize::from(self.width) - self.count_width())));
            }
        }
        Line::from(spans)
    }

    /// Returns the width of the count alone, including the gap before it.
    fn count_width(&self) -> usize {
        let width = usize::from(self.width);
        if self.width >= WITH_CHANGE { width - CHANGE } else { width }
    }

    /// Returns the change beside the count, in wide cells.
    fn change_beside(&self, theme: Theme, cell: Pair) -> Span<'static> {
        let width = usize::from(self.width) - self.count_width();
        let change = self.difference(cell);
        if width == 0 || change == 0 || self.changes {
            return Span::raw(" ".repeat(width));
        }
        let style = if (change > 0) == cell.is_correct() { theme.good() } else { theme.bad() };
        let text = cut_to(format!("{change:+}"), CHANGE - 1);
        span(format!(" {text:<width$}", width = width - 1), style.remove_modifier(Modifier::BOLD))
    }

    fn state(&self, cell: Pair) -> Cow<'static, str> {
        match cell.count(self.confusion) {
            0 => "·".into(),
            count if self.percent => format::percent(share(count, self.confusion, cell.label), 1).into(),
            count => cut_to(count.to_string(), self.count_width() - 1).into(),
        }
    }

    fn change(&self, cell: Pair) -> Cow<'static, str> {
        let (change, Some(before)) = (self.difference(cell), self.before) else { return "·".into() };
        if change == 0 {
            return "·".into();
        }
        let room = self.count_width() - 1;
        if !self.percent {
            return cut_to(format!("{change:+}"), room).into();
        }
        let [now, then] = [self.confusion, before].map(|matrix| 100.0 * share(cell.count(matrix), matrix, cell.label));
        let exact = format!("{:+.1}", now - then);
        if exact.len() <= room { exact.into() } else { cut_to(format!("{:+.0}", now - then), room).into() }
    }

    fn difference(&self, cell: Pair) -> i64 {
        let before = self.before.map(|before| i64::from(cell.count(before)));
        before.map_or(0, |before| i64::from(cell.count(self.confusion)) - before)
    }

    /// Returns the quantity that determines a cell's colour.
    fn heat(&self, cell: Pair) -> u64 {
        match (self.changes, cell.is_correct()) {
            (true, _) => self.difference(cell).unsigned_abs(),
            (false, true) => 0,
            (false, false) => u64::from(cell.count(self.confusion)),
        }
    }

    fn style(&self, colours: &Colours, cell: Pair) -> Style {
        if cell.is_correct() && !self.changes {
            let theme = colours.theme;
            return if cell.count(self.confusion) == 0 { theme.dim() } else { theme.good() };
        }
        let good = self.changes && (self.difference(cell) > 0) == cell.is_correct();
        let step = (self.heat(cell) * u64::from(Theme::HEATS)).div_ceil(colours.max_heat.max(1));
        if good { colours.good[step as usize] } else { colours.bad[step as usize] }
    }

    fn bracket(&self, theme: Theme, cursor: Pair, row: Rect, surface: &mut Surface) {
        let left = row.x + MARGIN + u16::from(cursor.digit) * self.width;
        // The column before a number is free, and so is the one before the next cell's number or the change.
        for (x, mark) in [(left, "["), (left + self.count_width() as u16, "]")] {
            if x < row.right() {
                surface[(x, row.y)].set_symbol(mark).set_style(theme.accent());
            }
        }
    }
}

/// Styles of all cells, and the heat of the hottest one.
struct Colours {
    theme: Theme,
    good: Heats,
    bad: Heats,
    max_heat: u64,
}

/// Styles from no heat to the highest.
type Heats = [Style; Theme::HEATS as usize + 1];

fn heats(theme: Theme, meaning: Meaning) -> Heats {
    std::array::from_fn(|step| theme.heat(meaning, step as u8))
}

fn all() -> impl Iterator<Item = Pair> {
    let digits = 0..CLASSES as u8;
    digits.clone().flat_map(move |label| digits.clone().map(move |digit| Pair { label, digit }))
}

/// Returns the share of a count among the images that show `label`.
pub(crate) fn share(count: u32, confusion: &Confusion, label: u8) -> f64 {
    let all: u32 = confusion.0[usize::from(label)].iter().sum();
    f64::from(count) / f64::from(all.max(1))
}

/// Returns a number, or if it does not fit a text that says that it is large: `99+`.
fn cut_to(number: String, room: usize) -> String {
    if number.len() <= room {
        return number;
    }
    let sign = if number.starts_with('-') { "-" } else { "" };
    format!("{sign}{}+", "9".repeat(room.saturating_sub(1 + sign.len())))
}
