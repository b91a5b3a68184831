//! What the matrix shows: the chosen cell, and counts, shares or changes.

use crate::{
    data::CLASSES,
    train::{Confusion, Evaluation, Pair},
    tui::keys::motion::Motion,
};

/// The state of the Confusion screen.
#[derive(Debug, Default)]
pub struct ConfusionScreen {
    /// Chosen cell. `None` until the cursor is moved: then it is the most frequent mistake at any time.
    cursor: Option<Pair>,
    /// Whether cells show shares of the true digit's images, not counts.
    pub percent: bool,
    /// Whether cells show changes since the previous evaluation.
    pub changes: bool,
    /// Whether the reliability curve is beside the matrix, not the scores of each digit.
    pub reliability: bool,
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

    /// Moves to the next or the previous mistake in order of frequency.
    fn go_by_count(&mut self, evaluation: Option<&Evaluation>, by: isize) {
        let mistakes = evaluation.map(|evaluation| mistakes(&evaluation.confusion)).unwrap_or_default();
        let now = self.cursor(evaluation);
        let place = mistakes.iter().position(|&cell| cell == now);
        let next = place.map_or(0, |place| place.saturating_add_signed(by).min(mistakes.len() - 1));
        self.cursor = mistakes.get(next).copied().or(self.cursor);
    }
}

/// Returns the cells that have mistakes, the most frequent first.
pub(super) fn mistakes(confusion: &Confusion) -> Vec<Pair> {
    let digits = 0..CLASSES as u8;
    let cells = digits.clone().flat_map(|label| digits.clone().map(move |digit| Pair { label, digit }));
    let mut cells: Vec<Pair> = cells.filter(|cell| !cell.is_correct() && cell.count(confusion) > 0).collect();
    cells.sort_by_key(|cell| std::cmp::Reverse(cell.count(confusion)));
    cells
}
