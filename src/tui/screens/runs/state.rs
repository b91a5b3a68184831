//! The list: its order, its filter, and what is under the cursor.

use std::path::{Path, PathBuf};

use crate::tui::{
    screens::runs::order::{self, Row, Sort},
    session::library::{
        SavedRuns,
        run::{Entry, Removal, SavedRun},
    },
};

/// A list of the runs on the disk.
#[derive(Debug, Default)]
pub struct RunsScreen {
    /// What is listed, in order: runs, then damaged files.
    rows: Vec<Row>,
    /// Place of the chosen row.
    pub place: usize,
    /// Path of the chosen row's run or damaged file, by which it is found again in the next list.
    pub(super) looked_at: Option<PathBuf>,
    /// Place among the chosen run's whole files, of which the state to resume comes first.
    pub file: usize,
    pub sort: Sort,
    /// Words that every listed run has.
    pub filter: String,
    /// Whether the chosen run and the pinned one are shown side by side.
    pub comparing: bool,
    pub(super) asked: Option<Asked>,
}

/// A question that waits for its answer.
#[derive(Debug)]
pub(super) enum Asked {
    /// Another name for the run in this folder.
    Rename(PathBuf),
    Delete(Removal),
    /// Words to filter by, in place of those before.
    Filter {
        before: String,
    },
}

impl RunsScreen {
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Lists the runs after a change of order, filter or contents. The chosen row stays so where it is still there.
    pub(super) fn list(&mut self, library: &SavedRuns) {
        self.rows = order::rows(library.runs(), self.sort, &self.filter, library.requested_at);
        let looked_at = self.looked_at.as_deref();
        let again = looked_at.and_then(|path| self.rows.iter().position(|&row| path_of(row, library) == path));
        self.file = if again.is_some() { self.file } else { 0 };
        self.place = again.unwrap_or(self.place).min(self.rows.len().saturating_sub(1));
        self.file = self.file.min(self.current_run(library).map_or(0, |run| run.whole().count().saturating_sub(1)));
        self.look(library);
    }

    /// Remembers which row is chosen.
    pub(super) fn look(&mut self, library: &SavedRuns) {
        self.looked_at = self.rows.get(self.place).map(|&row| path_of(row, library).to_owned());
    }

    pub(super) fn sort_by(&mut self, sort: Sort, library: &SavedRuns) {
        self.sort = sort;
        self.list(library);
    }

    pub(super) fn filter_by(&mut self, words: &str, library: &SavedRuns) {
        words.clone_into(&mut self.filter);
        self.list(library);
    }

    /// Returns the chosen run; where a damaged file is chosen, the run that it belongs to.
    pub fn current_run<'a>(&self, library: &'a SavedRuns) -> Option<&'a SavedRun> {
        self.rows.get(self.place).and_then(|row| match *row {
            Row::Run(run) | Row::Damaged(run, _) => library.runs().get(run),
        })
    }

    /// Returns the chosen file.
    pub fn current<'a>(&self, library: &'a SavedRuns) -> Option<&'a Entry> {
        let run = self.current_run(library)?;
        match self.rows[self.place] {
            Row::Run(_) => run.whole().nth(self.file),
            Row::Damaged(_, file) => run.files.get(file),
        }
    }

    pub(super) fn go_to(&mut self, place: usize, library: &SavedRuns) {
        let place = place.min(self.rows.len().saturating_sub(1));
        if place != self.place {
            (self.place, self.file) = (place, 0);
            self.look(library);
        }
    }

    /// Chooses another whole file of the chosen run.
    pub(super) fn go_file(&mut self, by: isize, library: &SavedRuns) {
        if let Some(Row::Run(run)) = self.rows.get(self.place) {
            let files = library.runs()[*run].whole().count();
            self.file = self.file.saturating_add_signed(by).min(files.saturating_sub(1));
        }
    }
}

/// Returns the path of a run, or of a damaged file.
fn path_of(row: Row, library: &SavedRuns) -> &Path {
    match row {
        Row::Run(run) => &library.runs()[run].path,
        Row::Damaged(run, file) => &library.runs()[run].files[file].path,
    }
}
