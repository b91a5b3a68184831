//! Runs of other programs, read from the files that those write while they train: JSON lines, tables, the Trainer's
//! state of Hugging Face, and TensorBoard's event files.
//!
//! [`Watch::poll`] looks at each file and reads what is new: a part at a time, so that whoever shows the curves never
//! waits long. A curve keeps a bounded number of points, whatever the file's size. Floors, from the top: `run` (files
//! and their readers), `split` (runs in a file), `find`, `curves`, `text` and `events` (readers), `tail` (files that
//! grow), the rest.

mod curves;
mod events;
mod find;
mod json;
mod names;
mod proto;
mod record;
mod run;
mod series;
mod split;
mod tail;
mod text;

use std::path::{Path, PathBuf};

pub use self::{
    curves::{Column, Curves},
    names::{Set, is_accuracy, is_usual, rank},
    record::Waiting,
    run::{Row, Run},
    series::{Bin, Series},
    split::Split,
};

/// Number of points that all curves have together.
const POINTS: usize = 400_000;
/// Fewest and most points of a curve.
const PER_CURVE: (usize, usize) = (64, 4_096);

/// Runs of other programs, in files and folders.
#[derive(Debug)]
pub struct Watch {
    roots: Vec<PathBuf>,
    runs: Vec<Run>,
    split: Split,
}

/// Files found by a search, which can take long on a network file system.
#[derive(Debug)]
pub struct Found(Vec<find::Found>);

impl Found {
    /// Searches these files and folders.
    pub fn below(roots: &[PathBuf]) -> Self {
        Self(roots.iter().flat_map(|root| find::runs(root)).collect())
    }
}

/// Result of a look at all files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Polled {
    /// Whether anything has changed.
    pub changed: bool,
    /// Whether there is more to read at once.
    pub more: bool,
}

impl Watch {
    /// Watches these files, and the logs in these folders. They need not be there yet.
    pub fn new(roots: Vec<PathBuf>) -> Self {
        let mut watch = Self { roots, runs: Vec::new(), split: Split::default() };
        watch.search();
        watch
    }

    pub fn roots(&self) -> &[PathBuf] {
        &self.roots
    }

    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Returns what tells the runs in a file apart.
    pub fn split(&self) -> &Split {
        &self.split
    }

    /// Reads all files again, split into runs by another column.
    pub fn split_by(&mut self, split: Split) {
        self.split = split;
        self.runs.iter_mut().for_each(|run| run.split_by(&self.split));
    }

    /// Looks for new files in the folders. Returns whether there are any.
    pub fn search(&mut self) -> bool {
        let found = Found::below(&self.roots);
        self.take(found)
    }

    /// Takes in the files that were found. Returns whether there are new ones.
    pub fn take(&mut self, Found(found): Found) -> bool {
        let before: Vec<PathBuf> = self.runs.iter().map(|run| run.path.clone()).collect();
        self.runs.retain(|run| run.rows() > 0 || found.iter().any(|found| found.path == run.path));
        for found in found {
            match self.runs.iter_mut().find(|run| run.path == found.path) {
                Some(run) => run.set_files(&found.files),
                None => self.runs.push(Run::new(&found.path, &found.files, &self.split)),
            }
        }
        let paths: Vec<&Path> = self.runs.iter().map(|run| run.path.as_path()).collect();
        let labels = find::labels(&paths);
        let changed = paths != before;
        for (run, label) in self.runs.iter_mut().zip(labels) {
            run.label = label;
        }
        changed
    }

    /// Reads a limited number of new bytes of each run, and calls `row` for each new row.
    pub fn poll(&mut self, row: &mut dyn FnMut(Row)) -> Polled {
        let curves: usize = self.runs.iter().map(|run| run.columns().len()).sum();
        let most = (POINTS / curves.max(1)).clamp(PER_CURVE.0, PER_CURVE.1);
        let mut polled = Polled::default();
        for (index, run) in self.runs.iter_mut().enumerate() {
            let step = run.step(most, &mut |place, record| {
                row(Row { run: index, place, texts: &record.texts, step: record.step, numbers: &record.numbers });
            });
            polled.changed |= step.changed;
            polled.more |= step.more;
        }
        polled
    }

    /// Reads everything that is there.
    pub fn read(&mut self) {
        while self.poll(&mut |_| {}).more {}
    }
}
