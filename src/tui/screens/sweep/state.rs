//! The board, the rank and the cursor.

use std::path::PathBuf;

use crate::choice::choice;
use crate::tui::{
    screens::sweep::{
        board::{Board, Cell},
        form::SweepForm,
    },
    session::sweep::SweepStatus,
};

choice! {
    /// The pane that the keys act on, and that is shown if there is no room for all.
    #[derive(Default)]
    Pane {
        #[default]
        Map = "map",
        Rank = "rank",
        Effects = "effects",
    }
}

/// The state of the Sweep screen.
#[derive(Debug, Default)]
pub struct SweepScreen {
    pub board: Board,
    /// Cells in the order of [`Survey::ranking`](crate::sweep::survey::Survey::ranking), those without an accuracy
    /// last.
    pub rank: Vec<usize>,
    /// Cell under the cursor.
    pub chosen: usize,
    /// Whether the cursor follows the runs in training.
    pub follows: bool,
    pub pane: Pane,
    pub form: SweepForm,
    /// Whether there is no sweep, and a table was looked for in vain.
    pub(super) has_no_table: bool,
    /// [`SweepStatus::plans`] when the board was created.
    plans: usize,
    /// [`SweepStatus::surveys`] when the rank was computed.
    surveys: usize,
    /// Path of the table on the board.
    table: Option<PathBuf>,
}

impl SweepScreen {
    /// Returns whether the form of a new sweep is shown: it was opened, or there is nothing else.
    pub fn shows_form(&self) -> bool {
        self.form.is_open || self.has_no_table
    }

    /// Returns the cell under the cursor.
    pub fn cell(&self) -> Option<&Cell> {
        self.board.cells.get(self.chosen)
    }

    /// Returns the rank of a cell, from 1, among those with a result, and the number of those.
    pub fn place(&self, cell: usize) -> Option<(usize, usize)> {
        let has_result = |cell: &&usize| self.board.cells.get(**cell).is_some_and(|cell| !cell.accuracies.is_empty());
        let place = self.rank.iter().filter(has_result).position(|&each| each == cell)?;
        Some((place + 1, self.rank.iter().filter(has_result).count()))
    }

    pub(super) fn set_following(&mut self, follows: bool) {
        self.follows = follows;
        if follows {
            self.follow();
        }
    }

    /// Moves to a run in training, unless the cursor is on one.
    fn follow(&mut self) {
        let running = |cell: &Cell| !cell.running.is_empty();
        if self.cell().is_some_and(running) {
            return;
        }
        if let Some(cell) = self.board.cells.iter().position(running) {
            self.chosen = cell;
        }
    }

    /// Shows the current state of this program's sweep.
    pub(super) fn show_snapshot(&mut self, status: &SweepStatus) {
        let Some(snapshot) = &status.snapshot else { return };
        let is_new = self.plans != status.plans;
        if is_new {
            self.board = match &snapshot.methods {
                Some(methods) => Board::of_methods(methods, &snapshot.runs),
                None => Board::of_runs(&snapshot.runs),
            };
            self.chosen = 0;
            self.plans = status.plans;
        } else {
            self.board.refresh(&snapshot.runs);
        }
        if is_new || self.surveys != status.surveys {
            self.rank_cells(status);
        }
        if self.follows && snapshot.is_over {
            self.chosen = self.rank.first().copied().unwrap_or(self.chosen);
        } else if self.follows {
            self.follow();
        }
    }

    /// Shows a table. The cursor stays on its configuration if the table is the same as before, else it moves to the
    /// best one.
    pub(super) fn show_table(&mut self, status: &SweepStatus) {
        self.has_no_table = matches!(status.table, Some(Ok(None)));
        let path = status.reading().map(|table| table.path.clone());
        let is_same = self.table == path;
        self.table = path;
        let Some(table) = status.reading() else {
            (self.board, self.rank) = Default::default();
            return;
        };
        let (arrangement, labels) = (self.board.arrangement(), self.labels());
        self.board = match table.methods.as_slice() {
            [] => Board::of_table(&table.reading.survey),
            rows => Board::of_method_rows(rows),
        };
        self.rank_cells(status);
        self.chosen = if is_same {
            self.board.arrange(arrangement);
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            self.board.find(&labels).unwrap_or(0)
        } else {
            self.rank.first().copied().unwrap_or(0)
        };
    }

    /// Returns the labels of the cell under the cursor.
    fn labels(&self) -> Vec<String> {
        let Some(cell) = self.cell() else { return Vec::new() };
        self.board.axes.iter().zip(&cell.values).map(|(axis, &value)| axis.values[value].clone()).collect()
    }

    fn rank_cells(&mut self, status: &SweepStatus) {
        self.surveys = status.surveys;
        if self.board.is_of_methods {
            // A survey does not know the ways of training.
            let result = |cell: &usize| self.board.cells[*cell].mean_accuracy();
            self.rank = (0..self.board.cells.len()).filter(|cell| self.board.cells[*cell].has_ended()).collect();
            self.rank.sort_by(|a, b| result(b).total_cmp(&result(a)));
            return;
        }
        let Some(survey) = &status.survey else { return };
        let labels = |configuration| {
            let axes = self.board.axes.iter();
            axes.map(|axis| survey.value(configuration, axis.factor)).collect::<Vec<_>>()
        };
        self.rank = survey.ranking().into_iter().filter_map(|each| self.board.find(&labels(each))).collect();
    }
}
