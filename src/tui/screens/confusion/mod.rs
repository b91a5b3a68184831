//! The confusion matrix under the cursor: how its cells are told, which one is looked at, and what changed in it.

pub(crate) mod classes;
pub(crate) mod told;
pub(crate) mod view;

use crate::{
    data::CLASSES,
    train::{Confusion, Evaluation},
    tui::{app::App, keys::Action, message::Effect, screen::Screen, session::browse::Filter},
};

/// A place in the matrix: the true digit and the predicted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    pub label: u8,
    pub digit: u8,
}

impl Cell {
    pub fn is_correct(self) -> bool {
        self.label == self.digit
    }

    pub fn count(self, confusion: &Confusion) -> u32 {
        confusion.0[usize::from(self.label)][usize::from(self.digit)]
    }
}

/// How the matrix is looked at.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    /// `None` until it was moved: the most frequent mistake, whichever that is.
    cursor: Option<Cell>,
    /// Cells are shares of the true digit's images, not counts.
    pub percent: bool,
    /// Cells are what changed since the evaluation before.
    pub changes: bool,
}

impl Matrix {
    pub fn cursor(&self, evaluation: Option<&Evaluation>) -> Cell {
        let worst = || evaluation.and_then(|evaluation| mistakes(&evaluation.confusion).first().copied());
        self.cursor.or_else(worst).unwrap_or(Cell { label: 0, digit: 0 })
    }

    pub(crate) fn choose(&mut self, cell: Cell) {
        self.cursor = Some(cell);
    }

    pub(crate) fn go(&mut self, from: Cell, down: isize, right: isize) {
        let moved = |place: u8, by: isize| usize::from(place).saturating_add_signed(by).min(CLASSES - 1) as u8;
        self.cursor = Some(Cell { label: moved(from.label, down), digit: moved(from.digit, right) });
    }

    /// To the next mistake in the order of their counts, or to the one before.
    pub(crate) fn go_by_count(&mut self, evaluation: Option<&Evaluation>, by: isize) {
        let mistakes = evaluation.map(|evaluation| mistakes(&evaluation.confusion)).unwrap_or_default();
        let now = self.cursor(evaluation);
        let place = mistakes.iter().position(|&cell| cell == now);
        let next = place.map_or(0, |place| place.saturating_add_signed(by).min(mistakes.len() - 1));
        self.cursor = mistakes.get(next).copied().or(self.cursor);
    }
}

/// The cells that have mistakes, the most frequent first.
pub fn mistakes(confusion: &Confusion) -> Vec<Cell> {
    let digits = 0..CLASSES as u8;
    let cells = digits.clone().flat_map(|label| digits.clone().map(move |digit| Cell { label, digit }));
    let mut cells: Vec<Cell> = cells.filter(|cell| !cell.is_correct() && cell.count(confusion) > 0).collect();
    cells.sort_by_key(|cell| std::cmp::Reverse(cell.count(confusion)));
    cells
}

pub(crate) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Percent => app.matrix.percent = !app.matrix.percent,
        Action::Changes => app.matrix.changes = !app.matrix.changes,
        Action::OpenCell => open(app),
        _ => {}
    }
    Vec::new()
}

/// Exactly the images of the cell, on the Mistakes screen.
fn open(app: &mut App) {
    let Cell { label, digit } = app.matrix.cursor(app.live.evaluation.as_deref());
    app.browser.filter = Filter { label: Some(label), digit: Some(digit) };
    app.browser.correct_ones = label == digit;
    app.browser.list(app.live.evaluation.as_deref());
    app.browser.listing_mut().go_first();
    app.screen = Screen::Mistakes;
}
