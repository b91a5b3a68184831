//! The runs on the disk: which there are, which are looked at and in what order, and the one under the cursor.

pub(crate) mod order;
pub(crate) mod update;
pub(crate) mod view;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use crate::tui::session::library::widths::Widths;

pub use crate::tui::{
    screens::runs::order::{Row, Sort},
    session::library::{
        Library,
        run::{Entry, Run},
    },
};

/// The list, as last read.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// `None` until it was read once.
    library: Option<Result<Library, String>>,
    /// What is listed, in order: runs, then damaged files.
    rows: Vec<Row>,
    pub place: usize,
    /// Which of the chosen run's whole files; the state to go on from comes first.
    pub file: usize,
    pub sort: Sort,
    /// Only runs that have all of these words.
    pub filter: String,
    /// When it was last asked for, in seconds since 1970.
    pub asked_at: u64,
    /// Runs that are laid over the charts.
    pub marked: BTreeSet<PathBuf>,
    /// The run that the chosen one is compared with.
    pub pinned: Option<PathBuf>,
    /// The two are shown side by side.
    pub comparing: bool,
}

impl Shelf {
    /// Every run with a whole checkpoint or a damaged one. Empty where the folder was not read yet, or could not be.
    pub fn runs(&self) -> &[Run] {
        self.library().map_or(&[], |library| &library.runs)
    }

    fn library(&self) -> Option<&Library> {
        self.library.as_ref()?.as_ref().ok()
    }

    pub(crate) fn widths(&self) -> Widths {
        self.library().map(|library| library.widths).unwrap_or_default()
    }

    /// Why there is nothing; `None` within for "not read yet".
    pub fn unread(&self) -> Option<Option<&str>> {
        match &self.library {
            None => Some(None),
            Some(Err(reason)) => Some(Some(reason)),
            Some(Ok(_)) => None,
        }
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Takes a new list; what is looked at stays so, where it is still there.
    pub fn fill(&mut self, library: Result<Library, String>) {
        let looked_at = self.current_path().map(Path::to_owned);
        self.library = Some(library);
        self.list(looked_at.as_deref());
        let Some(Ok(library)) = &self.library else { return };
        self.marked.retain(|path| library.place(path).is_some());
        self.pinned = self.pinned.take().filter(|path| library.place(path).is_some());
        self.comparing &= self.pinned.is_some();
    }

    /// Lists anew after a change of order, filter or contents.
    fn list(&mut self, looked_at: Option<&Path>) {
        self.rows = order::rows(self.runs(), self.sort, &self.filter, self.asked_at);
        let again = looked_at.and_then(|path| self.rows.iter().position(|&row| self.path(row) == path));
        self.file = if again.is_some() { self.file } else { 0 };
        self.place = again.unwrap_or(self.place).min(self.rows.len().saturating_sub(1));
        self.file = self.file.min(self.current_run().map_or(0, |run| run.whole().count().saturating_sub(1)));
    }

    pub fn sort_by(&mut self, sort: Sort) {
        let looked_at = self.current_path().map(Path::to_owned);
        self.sort = sort;
        self.list(looked_at.as_deref());
    }

    pub fn filter_by(&mut self, filter: &str) {
        let looked_at = self.current_path().map(Path::to_owned);
        filter.clone_into(&mut self.filter);
        self.list(looked_at.as_deref());
    }

    /// A run has another folder now.
    pub fn moved(&mut self, from: &Path, to: &Path) {
        if self.marked.remove(from) {
            self.marked.insert(to.to_owned());
        }
        if self.pinned.as_deref() == Some(from) {
            self.pinned = Some(to.to_owned());
        }
        if let Some(Ok(library)) = &mut self.library {
            library.moved(from, to);
        }
    }

    /// Of the run, or of the damaged file.
    fn path(&self, row: Row) -> &Path {
        match row {
            Row::Run(run) => &self.runs()[run].path,
            Row::Damaged(run, file) => &self.runs()[run].files[file].path,
        }
    }

    fn current_path(&self) -> Option<&Path> {
        self.rows.get(self.place).map(|&row| self.path(row))
    }

    /// The chosen run; also that of the damaged file, where one is chosen.
    pub fn current_run(&self) -> Option<&Run> {
        self.rows.get(self.place).and_then(|row| match *row {
            Row::Run(run) | Row::Damaged(run, _) => self.runs().get(run),
        })
    }

    /// The chosen file.
    pub fn current(&self) -> Option<&Entry> {
        let run = self.current_run()?;
        match self.rows[self.place] {
            Row::Run(_) => run.whole().nth(self.file),
            Row::Damaged(_, file) => run.files.get(file),
        }
    }

    pub fn find(&self, path: &Path) -> Option<&Run> {
        self.library()?.place(path).map(|place| &self.runs()[place])
    }

    pub fn go(&mut self, by: isize) {
        self.go_to(self.place.saturating_add_signed(by));
    }

    pub fn go_to(&mut self, place: usize) {
        let place = place.min(self.rows.len().saturating_sub(1));
        if place != self.place {
            (self.place, self.file) = (place, 0);
        }
    }

    /// To another whole file of the chosen run.
    pub fn go_file(&mut self, by: isize) {
        if let Some(Row::Run(run)) = self.rows.get(self.place) {
            let files = self.runs()[*run].whole().count();
            self.file = self.file.saturating_add_signed(by).min(files.saturating_sub(1));
        }
    }
}
