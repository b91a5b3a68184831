//! Files brought together as runs, and what holds of all of them: worked out beside the screen's thread where they are thousands.

pub(crate) mod run;
pub(crate) mod widths;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use crate::tui::session::library::{
    run::{Entry, Run},
    widths::Widths,
};

/// Every run with a whole checkpoint or a damaged one.
#[derive(Clone, Debug, Default)]
pub struct Library {
    pub(crate) runs: Vec<Run>,
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
                library.runs.push(Run::new(path.to_owned(), entry.run.clone()));
                library.runs.len() - 1
            });
            library.runs[place].files.push(entry);
        }
        library.runs.iter_mut().for_each(Run::complete);
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
