//! The list of columns and runs, to choose what is drawn.

use ratatui::{
    layout::Rect,
    text::{Line as Text, Span},
};

use super::{
    Board,
    figure::{Figure, Line, Measure},
};
use crate::{
    format::{cut, sanitized, width},
    tui::{
        format,
        theme::Theme,
        widgets::{
            area::rows,
            panel::panel,
            surface::{Surface, Target},
            text::{put, span},
        },
    },
};

/// A line of the list.
pub(super) enum Item<'a> {
    Measure(&'a Measure<'a>),
    Line(&'a Line),
}

impl Item<'_> {
    fn is_shown(&self) -> bool {
        match self {
            Self::Measure(measure) => measure.is_shown,
            Self::Line(line) => line.is_shown,
        }
    }

    fn text(&self, figure: &Figure, room: usize) -> String {
        match self {
            Self::Measure(measure) => {
                let mut names: Vec<&str> = measure.columns.iter().map(|(_, column)| column.name.as_str()).collect();
                names.dedup();
                let values = format::counted(measure.count(), "value");
                format!("chart  {}: {values} of {}", measure.name, names.join(", "))
            }
            Self::Line(line) => {
                let tag = line.tag.map_or_else(String::new, |tag| format!("{tag} "));
                let measured = figure.measures.iter().filter(|measure| {
                    measure.columns.iter().any(|(place, _)| std::ptr::eq(&raw const figure.lines[*place], *line))
                });
                let columns = format::counted(measured.count() as u64, "column");
                let text = |label: &str| format!("curve  {tag}{label}: {columns}");
                let full = text(&line.full_label);
                if width(&full) <= room { full } else { text(&line.label) }
            }
        }
    }
}

/// Returns the lines of the list: measures, then runs.
pub(super) fn items<'a>(figure: &'a Figure<'a>) -> Vec<Item<'a>> {
    figure.measures.iter().map(Item::Measure).chain(figure.lines.iter().map(Item::Line)).collect()
}

pub(super) fn draw(board: &Board, figure: &Figure, selected: usize, area: Rect, buffer: &mut Surface) {
    let theme = board.theme;
    let items = items(figure);
    let title = vec![span("columns and runs", theme.title())];
    let inner = panel(buffer, area, theme, title, Vec::new());
    let page = usize::from(inner.height).max(1);
    let selected = selected.min(items.len().saturating_sub(1));
    let first = (selected + 1).saturating_sub(page);
    for ((place, item), row) in items.iter().enumerate().skip(first).zip(rows(inner)) {
        buffer.target(row, Target::Row(place));
        put(buffer, row, &line(item, figure, place == selected, usize::from(row.width), theme));
    }
    if items.is_empty() {
        put(buffer, inner, &Text::styled(" no column yet", theme.dim()));
    }
}

fn line(item: &Item, figure: &Figure, is_selected: bool, room: usize, theme: Theme) -> Text<'static> {
    let mark = if item.is_shown() { " [x] " } else { " [ ] " };
    let room = room.saturating_sub(width(mark) + 1);
    let text = cut(&sanitized(&item.text(figure, room)), room);
    let style = match (is_selected, item.is_shown()) {
        (true, _) => theme.chosen(),
        (false, true) => theme.text(),
        (false, false) => theme.dim(),
    };
    Text::from(vec![Span::styled(mark, theme.accent()), span(text, style)])
}
