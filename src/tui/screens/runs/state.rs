//! The list: its order, its filter, and what is under the cursor.

use std::path::{Path, PathBuf};

use crate::tui::{
    keys::line_edit::LineEdit,
    message::Export,
    screens::runs::order::{self, Row, Sort},
    session::library::{
        SavedRuns,
        readings::Differences,
        run::{Entry, Removal, SavedRun},
    },
};

/// The list of saved runs.
#[derive(Debug, Default)]
pub struct RunsScreen {
    /// Rows of the list, in order: runs, those without a checkpoint first, then damaged files.
    rows: Vec<Row>,
    /// Index of the chosen row.
    pub place: usize,
    /// Path of the chosen run or damaged file, by which it is found in the next list.
    pub(super) chosen_path: Option<PathBuf>,
    /// Whether the screen has been shown, so that the row may have been chosen by the user.
    pub(super) was_shown: bool,
    /// Index among the readable files of the chosen run, of which the state to resume comes first.
    pub file: usize,
    pub sort: Sort,
    /// Words that every listed run contains.
    pub filter: String,
    /// Whether the marked runs and the chosen one are shown side by side.
    pub comparing: bool,
    /// Place of the chosen image among those that not all compared runs read, while these are shown.
    pub images: Option<usize>,
    pub(super) asked: Option<Asked>,
    /// Run that is being renamed, and the name typed.
    pub(super) renaming: Option<(PathBuf, LineEdit)>,
}

/// Number of letters that identify runs.
pub(super) const LETTERS: usize = 26;

/// A run of the comparison.
#[derive(Clone, Copy)]
pub(super) struct Compared<'a> {
    pub run: &'a SavedRun,
    /// Place that decides its letter: its row in the list, or the next one with a letter that no other run has.
    pub place: usize,
    /// Whether it is under the cursor.
    pub is_chosen: bool,
}

/// An open question of this screen.
#[derive(Debug)]
pub(super) enum Asked {
    /// A new name for the run in this folder.
    Rename(PathBuf),
    Delete(Removal),
    /// Attaching to the background run behind this socket.
    Attach(PathBuf),
    /// Format to export this checkpoint in.
    Format(PathBuf),
    /// Name of an export's file or folder.
    Target(Export),
    /// Whether an export may replace a file.
    Replace(Export),
    /// Words to filter by, and the previous ones.
    Filter {
        before: String,
    },
}

impl RunsScreen {
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Lists the runs after a change of order, filter or contents. Keeps the chosen row if it still exists.
    pub(super) fn list(&mut self, library: &SavedRuns) {
        self.rows = order::rows(library.runs(), self.sort, &self.filter, library.requested_at);
        let chosen_path = self.chosen_path.as_deref();
        let position = chosen_path.and_then(|path| self.rows.iter().position(|&row| path_of(row, library) == path));
        self.file = if position.is_some() { self.file } else { 0 };
        self.place = position.unwrap_or(self.place).min(self.rows.len().saturating_sub(1));
        self.file = self.file.min(self.current_run(library).map_or(0, |run| run.whole().count().saturating_sub(1)));
        self.remember_choice(library);
    }

    /// Remembers which row is chosen.
    pub(super) fn remember_choice(&mut self, library: &SavedRuns) {
        self.chosen_path = self.rows.get(self.place).map(|&row| path_of(row, library).to_owned());
    }

    pub(super) fn sort_by(&mut self, sort: Sort, library: &SavedRuns) {
        self.sort = sort;
        self.list(library);
    }

    pub(super) fn filter_by(&mut self, words: &str, library: &SavedRuns) {
        words.clone_into(&mut self.filter);
        self.list(library);
    }

    /// Returns the chosen run, or the run of the chosen damaged file.
    pub fn current_run<'a>(&self, library: &'a SavedRuns) -> Option<&'a SavedRun> {
        self.rows.get(self.place).and_then(|row| match *row {
            Row::Run(run) | Row::Begun(run) | Row::Damaged(run, _) => library.runs().get(run),
        })
    }

    /// Returns the chosen file.
    pub fn current<'a>(&self, library: &'a SavedRuns) -> Option<&'a Entry> {
        let run = self.current_run(library)?;
        match self.rows[self.place] {
            Row::Run(_) => run.whole().nth(self.file),
            Row::Begun(_) => run.files.first(),
            Row::Damaged(_, file) => run.files.get(file),
        }
    }

    /// Returns the runs to compare, in the order of the list: the marked ones and the chosen one.
    pub(super) fn compared<'a>(&self, library: &'a SavedRuns) -> Vec<Compared<'a>> {
        let chosen = self.current_run(library);
        let is_chosen = |run: &SavedRun| chosen.is_some_and(|chosen| chosen.path == run.path);
        let marked = library.marked.iter().filter_map(|path| library.find(path)).filter(|run| !is_chosen(run));
        let row = |run: &SavedRun| self.rows.iter().position(|&row| path_of(row, library) == run.path);
        let readable = marked.chain(chosen).filter(|run| run.newest().is_some());
        let mut runs: Vec<_> = readable.map(|run| (row(run).unwrap_or(self.rows.len()), run)).collect();
        runs.sort_by_key(|(row, _)| *row);
        let mut compared: Vec<Compared> = Vec::new();
        for (row, run) in runs {
            let is_free = |place: &usize| compared.iter().all(|other| letter(other.place) != letter(*place));
            let place = (row..row + LETTERS).find(is_free).unwrap_or(row);
            compared.push(Compared { run, place, is_chosen: is_chosen(run) });
        }
        compared
    }

    /// Returns how the compared runs differ on the test images, once all of them have been evaluated.
    pub(super) fn differences(&self, library: &SavedRuns) -> Option<Differences> {
        library.differences(&self.compared(library).iter().map(|compared| compared.run).collect::<Vec<_>>())
    }

    pub(super) fn go_to(&mut self, place: usize, library: &SavedRuns) {
        let place = place.min(self.rows.len().saturating_sub(1));
        if place != self.place {
            (self.place, self.file) = (place, 0);
            self.remember_choice(library);
        }
    }

    /// Chooses another readable file of the chosen run.
    pub(super) fn go_file(&mut self, by: isize, library: &SavedRuns) {
        if let Some(Row::Run(run)) = self.rows.get(self.place) {
            let files = library.runs()[*run].whole().count();
            self.file = self.file.saturating_add_signed(by).min(files.saturating_sub(1));
        }
    }
}

/// Returns the letter of the run in a row of the list.
pub(super) fn letter(row: usize) -> char {
    char::from(b'a' + (row % LETTERS) as u8)
}

/// Returns the path of a run, or of a damaged file.
fn path_of(row: Row, library: &SavedRuns) -> &Path {
    match row {
        Row::Run(run) | Row::Begun(run) => &library.runs()[run].path,
        Row::Damaged(run, file) => &library.runs()[run].files[file].path,
    }
}
