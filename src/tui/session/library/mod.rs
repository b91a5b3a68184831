//! Files brought together as runs, and what holds of all of them: worked out beside the screen's thread where they are thousands.

pub(crate) mod run;
pub(crate) mod widths;

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use crate::tui::session::library::{
    run::{Entry, SavedRun},
    widths::Widths,
};

/// Every run with a whole checkpoint or a damaged one.
#[derive(Clone, Debug, Default)]
pub struct Library {
    pub(crate) runs: Vec<SavedRun>,
    /// Places of the runs, by their folders.
    places: HashMap<PathBuf, usize>,
    pub(crate) widths: Widths,
}

impl Library {
    /// Brings files together by their folders, in the order in which these come first.
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

    pub(crate) fn place(&self, path: &Path) -> Option<usize> {
        self.places.get(path).copied()
    }

    /// A run has another folder now.
    pub(crate) fn moved(&mut self, from: &Path, to: &Path) {
        if let Some(place) = self.places.remove(from) {
            self.places.insert(to.to_owned(), place);
            self.runs[place].move_to(to);
            self.widths = Widths::of(&self.runs);
        }
    }
}

/// The runs on the disk, as last read, and what the user has picked of them.
#[derive(Clone, Debug, Default)]
pub struct SavedRuns {
    /// `None` until it was read once.
    library: Option<Result<Library, String>>,
    /// When it was last asked for, in seconds since 1970.
    pub asked_at: u64,
    /// Folders of the runs that are laid over the charts.
    pub marked: BTreeSet<PathBuf>,
    /// The run that the chosen one is compared with.
    pub pinned: Option<PathBuf>,
}

/// Why there are no runs to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread<'a> {
    /// They are being read for the first time.
    Reading,
    /// The folder cannot be read.
    Failed(&'a str),
}

impl SavedRuns {
    /// Every run with a whole checkpoint or a damaged one. Empty where the folder was not read yet, or could not be.
    pub fn runs(&self) -> &[SavedRun] {
        self.library().map_or(&[], |library| &library.runs)
    }

    fn library(&self) -> Option<&Library> {
        self.library.as_ref()?.as_ref().ok()
    }

    pub(crate) fn widths(&self) -> Widths {
        self.library().map(|library| library.widths).unwrap_or_default()
    }

    /// Returns why there is nothing, unless the folder was read.
    pub fn unread(&self) -> Option<Unread<'_>> {
        match &self.library {
            None => Some(Unread::Reading),
            Some(Err(reason)) => Some(Unread::Failed(reason)),
            Some(Ok(_)) => None,
        }
    }

    /// Takes what was read; picks stay where their runs are still there.
    pub fn fill(&mut self, library: Result<Library, String>) {
        self.library = Some(library);
        let Some(Ok(library)) = &self.library else { return };
        self.marked.retain(|path| library.place(path).is_some());
        self.pinned = self.pinned.take().filter(|path| library.place(path).is_some());
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

    pub fn find(&self, path: &Path) -> Option<&SavedRun> {
        self.library()?.place(path).map(|place| &self.runs()[place])
    }
}
