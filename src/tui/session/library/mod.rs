//! Saved runs: checkpoint files grouped by run. Computed off the screen's thread, since there may be thousands.

pub(crate) mod background;
pub(crate) mod readings;
pub(crate) mod run;
pub(crate) mod widths;

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use crate::tui::session::library::{
    background::BackgroundStates,
    readings::Reading,
    run::{Entry, SavedRun},
    widths::Widths,
};

/// Every run with a checkpoint, intact or damaged.
#[derive(Clone, Debug, Default)]
pub struct Library {
    pub(crate) runs: Vec<SavedRun>,
    /// Indices of the runs, by their folders.
    places: HashMap<PathBuf, usize>,
    pub(crate) widths: Widths,
}

impl Library {
    /// Groups files by folder, in the order of each folder's first file.
    pub fn of(entries: Vec<Entry>) -> Self {
        let mut library = Self::default();
        for entry in entries {
            let path = entry.path.parent().unwrap_or(Path::new(""));
            let place = library.place(path).unwrap_or_else(|| {
                library.places.insert(path.to_owned(), library.runs.len());
                library.runs.push(SavedRun::new(path.to_owned(), entry.run.clone()));
                library.runs.len() - 1
            });
            library.runs[place].files.push(entry);
        }
        library.runs.iter_mut().for_each(SavedRun::complete);
        library.widths = Widths::of(&library.runs);
        library
    }

    /// Returns the index of the run in this folder.
    pub(crate) fn place(&self, path: &Path) -> Option<usize> {
        self.places.get(path).copied()
    }

    /// Updates a run that has moved to another folder.
    pub(crate) fn moved(&mut self, from: &Path, to: &Path) {
        if let Some(place) = self.places.remove(from) {
            self.places.insert(to.to_owned(), place);
            self.runs[place].move_to(to);
            self.widths = Widths::of(&self.runs);
        }
    }
}

/// The saved runs as last read, and the user's selections among them.
#[derive(Clone, Debug, Default)]
pub struct SavedRuns {
    /// Result of the last reading; `None` before the first.
    library: Option<Result<Library, String>>,
    /// Time of the last request to read it, in seconds since 1970.
    pub requested_at: u64,
    /// Folders of the runs that are overlaid on the charts and compared.
    pub marked: BTreeSet<PathBuf>,
    /// Evaluations of runs that were compared, by their folders.
    readings: HashMap<PathBuf, Reading>,
    /// States of the runs that train in the background.
    pub(crate) background: BackgroundStates,
}

/// Reason why there are no runs to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread<'a> {
    /// They are being read for the first time.
    Reading,
    /// The folder cannot be read.
    Failed(&'a str),
}

impl SavedRuns {
    /// Returns every run with a checkpoint, intact or damaged; none if the folder was not read yet, or could not be.
    pub fn runs(&self) -> &[SavedRun] {
        self.library().map_or(&[], |library| &library.runs)
    }

    fn library(&self) -> Option<&Library> {
        self.library.as_ref()?.as_ref().ok()
    }

    pub(crate) fn widths(&self) -> Widths {
        self.library().map(|library| library.widths).unwrap_or_default()
    }

    /// Returns why there are no runs, unless the folder was read.
    pub fn unread(&self) -> Option<Unread<'_>> {
        match &self.library {
            None => Some(Unread::Reading),
            Some(Err(reason)) => Some(Unread::Failed(reason)),
            Some(Ok(_)) => None,
        }
    }

    /// Stores what was read. Selections are kept if their runs still exist.
    pub fn fill(&mut self, library: Result<Library, String>) {
        self.library = Some(library);
        let Some(Ok(library)) = &self.library else { return };
        self.marked.retain(|path| library.place(path).is_some());
        self.background.list(&library.runs);
    }

    /// Updates a run that has moved to another folder.
    pub fn moved(&mut self, from: &Path, to: &Path) {
        if self.marked.remove(from) {
            self.marked.insert(to.to_owned());
        }
        if let Some(Ok(library)) = &mut self.library {
            library.moved(from, to);
        }
    }

    pub fn find(&self, path: &Path) -> Option<&SavedRun> {
        self.library()?.place(path).map(|place| &self.runs()[place])
    }
}
