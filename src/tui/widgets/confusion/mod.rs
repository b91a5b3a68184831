//! The confusion matrix as a pane.

pub(crate) mod cells;

use ratatui::{layout::Rect, text::Line};

use crate::{
    train::{Evaluation, Pair, Prediction},
    tui::{
        theme::Theme,
        widgets::{
            confusion::cells::Cells,
            panel::panel,
            surface::Surface,
            text::{put, span},
        },
    },
};

/// Columns that the pane needs, including its frame.
pub(crate) const WIDTH: u16 = 54;
/// Rows that the pane needs, including its frame.
pub(crate) const HEIGHT: u16 = 13;

/// Draws the pane, with the cell of the selected image highlighted.
pub(crate) fn draw(
    theme: Theme,
    evaluation: Option<&Evaluation>,
    selected: Option<&Prediction>,
    area: Rect,
    surface: &mut Surface,
) {
    let title = vec![span("confusion", theme.title()), span(" true ↓ predicted →", theme.dim())];
    let inner = panel(surface, area, theme, title, vec![span("test", theme.test())]);
    let Some(evaluation) = evaluation else {
        put(surface, Rect { x: inner.x + 1, ..inner }, &Line::styled("after the first epoch", theme.dim()));
        return;
    };
    let cells = Cells {
        confusion: &evaluation.confusion,
        before: None,
        percent: false,
        changes: false,
        cursor: selected.map(|at| Pair { label: at.label, digit: at.digit }),
        quiet: true,
        width: cells::CELL,
        height: 1,
    };
    cells.draw(theme, inner, surface);
}
