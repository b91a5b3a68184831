//! How the matrix is looked at: which cell, as what.

use crate::{
    data::CLASSES,
    train::{Confusion, Evaluation, Pair},
    tui::keys::motion::Motion,
};

/// How the matrix is looked at.
#[derive(Debug, Default)]
pub struct ConfusionScreen {
    /// `None` until it was moved: the most frequent mistake, whichever that is.
    cursor: Option<Pair>,
    /// Cells are shares of the true digit's images, not counts.
    pub percent: bool,
    /// Cells are what changed since the evaluation before.
    pub changes: bool,
}

impl ConfusionScreen {
    pub fn cursor(&self, evaluation: Option<&Evaluation>) -> Pair {
        let worst = || evaluation.and_then(|evaluation| mistakes(&evaluation.confusion).first().copied());
        self.cursor.or_else(worst).unwrap_or(Pair { label: 0, digit: 0 })
    }

    pub(crate) fn choose(&mut self, cell: Pair) {
        self.cursor = Some(cell);
    }

    pub(super) fn go(&mut self, evaluation: Option<&Evaluation>, motion: Motion) {
        let from = self.cursor(evaluation);
        match motion {
            Motion::Left => self.step(from, 0, -1),
            Motion::Right => self.step(from, 0, 1),
            Motion::Up => self.step(from, -1, 0),
            Motion::Down => self.step(from, 1, 0),
            Motion::PageUp => self.go_by_count(evaluation, -1),
            Motion::PageDown => self.go_by_count(evaluation, 1),
            Motion::First => self.step(from, 0, -isize::MAX),
            Motion::Last => self.step(from, 0, isize::MAX),
        }
    }

    fn step(&mut self, from: Pair, down: isize, right: isize) {
        let moved = |place: u8, by: isize| usize::from(place).saturating_add_signed(by).min(CLASSES - 1) as u8;
        self.cursor = Some(Pair { label: moved(from.label, down), digit: moved(from.digit, right) });
    }

    /// To the next mistake in the order of their counts, or to the one before.
    fn go_by_count(&mut self, evaluation: Option<&Evaluation>, by: isize) {
        let mistakes = evaluation.map(|evaluation| mistakes(&evaluation.confusion)).unwrap_or_default();
        let now = self.cursor(evaluation);
        let place = mistakes.iter().position(|&cell| cell == now);
        let next = place.map_or(0, |place| place.saturating_add_signed(by).min(mistakes.len() - 1));
        self.cursor = mistakes.get(next).copied().or(self.cursor);
    }
}

/// The cells that have mistakes, the most frequent first.
pub(super) fn mistakes(confusion: &Confusion) -> Vec<Pair> {
    let digits = 0..CLASSES as u8;
    let cells = digits.clone().flat_map(|label| digits.clone().map(move |digit| Pair { label, digit }));
    let mut cells: Vec<Pair> = cells.filter(|cell| !cell.is_correct() && cell.count(confusion) > 0).collect();
    cells.sort_by_key(|cell| std::cmp::Reverse(cell.count(confusion)));
    cells
}
