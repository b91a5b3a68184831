//! Rows of buttons.

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

use crate::tui::{
    keys::Action,
    theme::Theme,
    widgets::{
        surface::{Surface, Target},
        text::{put, span, spans_width},
    },
};

/// A row of texts, some of which can be clicked.
#[derive(Default)]
pub(crate) struct Buttons(Vec<(Option<Action>, Vec<Span<'static>>)>);

impl Buttons {
    /// Adds a text that triggers an action.
    pub(crate) fn push(&mut self, action: Action, spans: Vec<Span<'static>>) {
        self.0.push((Some(action), spans));
    }

    /// Adds an action's key and description.
    pub(crate) fn key(&mut self, theme: Theme, action: Action, key: String, text: &'static str) {
        self.push(action, vec![span(key, theme.accent()), span(text, theme.text())]);
    }

    /// Adds a text without an action.
    pub(crate) fn text(&mut self, span: Span<'static>) {
        self.0.push((None, vec![span]));
    }

    pub(crate) fn width(&self) -> usize {
        self.0.iter().map(|(_, spans)| spans_width(spans)).sum()
    }

    pub(crate) fn draw(self, row: Rect, surface: &mut Surface) {
        let mut left = row;
        for (action, spans) in self.0 {
            let width = (spans_width(&spans) as u16).min(left.width);
            put(surface, left, &Line::from(spans));
            if let Some(action) = action {
                surface.target(Rect { width, height: 1.min(left.height), ..left }, Target::Action(action));
            }
            left = Rect { x: left.x + width, width: left.width - width, ..left };
        }
    }
}
