//! A saved run, and the contents of its files except for the weights.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    data::Kind,
    format::file_name,
    train::{
        BackgroundRun, EpochRecord, Holder, RunSpec,
        checkpoint::{Best, Summary},
        short_name,
    },
    tui::format,
};

/// Why a run that has just begun in the background cannot be read.
pub(crate) const NO_CHECKPOINT: &str = "no checkpoint yet";

/// A checkpoint file.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub path: PathBuf,
    /// Name of the run's folder.
    pub run: String,
    /// Name of the file without its extension: `last`, `best`.
    pub name: String,
    /// Contents, or why the file cannot be read.
    pub contents: Result<Contents, String>,
    /// Other program that is using the run.
    pub holder: Option<Holder>,
}

/// Contents of a checkpoint file, without the weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Contents {
    /// Time of saving, in seconds since 1970.
    pub saved_at: u64,
    pub spec: RunSpec,
    /// Learning rate in force when it was saved.
    pub learning_rate: f32,
    pub epochs_done: u32,
    /// Number of steps done in the current epoch.
    pub step: u32,
    pub history: Arc<[EpochRecord]>,
    pub best: Option<Best>,
    /// Seconds of training and evaluation, without pauses.
    pub seconds: f64,
}

impl Contents {
    pub fn is_synthetic(&self) -> bool {
        self.spec.dataset.kind == Kind::Synthetic
    }

    pub fn is_finished(&self) -> bool {
        self.epochs_done >= self.spec.hyper.epochs
    }

    pub fn last(&self) -> Option<&EpochRecord> {
        self.history.last()
    }

    /// Returns the best epoch, on the validation set or, without one, on the test set.
    pub fn best_epoch(&self) -> Option<&EpochRecord> {
        let best = self.best?;
        // Epochs are usually consecutive, so that the index gives the record.
        let in_order = self.history.get((best.epoch as usize).wrapping_sub(1));
        let here = |record: &&EpochRecord| record.epoch == best.epoch;
        in_order.filter(here).or_else(|| self.history.iter().find(here))
    }
}

impl Entry {
    /// Returns the entry of a file, from the result of reading it.
    pub fn new(path: PathBuf, summary: Result<Summary, String>) -> Self {
        let run = path.parent().map(file_name).unwrap_or_default();
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        Self { run, name, contents: summary.map(Contents::from), holder: None, path }
    }
}

impl From<Summary> for Contents {
    fn from(summary: Summary) -> Self {
        Self {
            saved_at: summary.saved_at,
            learning_rate: summary.learning_rate,
            epochs_done: summary.position.epoch,
            step: summary.position.step,
            seconds: summary.position.elapsed,
            history: summary.history.into(),
            best: summary.best,
            spec: summary.spec,
        }
    }
}

/// A run with checkpoints in its folder.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedRun {
    pub path: PathBuf,
    /// Name of the run's folder.
    pub name: String,
    /// `last` first, then `best`, then others by name.
    pub files: Vec<Entry>,
    /// Text that filters search, in lower case.
    pub(crate) words: String,
}

impl SavedRun {
    /// Returns the other program that is using the run.
    pub fn holder(&self) -> Option<&Holder> {
        self.files.iter().find_map(|file| file.holder.as_ref())
    }

    /// Returns the process that trains the run in the background.
    pub fn background(&self) -> Option<&BackgroundRun> {
        self.holder()?.background.as_ref()
    }

    /// Returns whether the run trains in the background and has no checkpoint yet.
    pub fn is_begun(&self) -> bool {
        let has_none = |file: &Entry| file.contents.as_ref().is_err_and(|reason| reason == NO_CHECKPOINT);
        self.background().is_some() && self.files.iter().all(has_none)
    }

    /// Returns the run's name without the hyperparameters that this program appends to the time.
    pub fn short_name(&self) -> String {
        self.newest().map_or_else(|| self.name.clone(), |contents| short_name(&self.name, &contents.spec.hyper))
    }

    /// Returns the readable files, the one to resume from first.
    pub fn whole(&self) -> impl Iterator<Item = &Entry> {
        self.files.iter().filter(|file| file.contents.is_ok())
    }

    pub fn damaged(&self) -> impl Iterator<Item = &Entry> {
        self.files.iter().filter(|file| file.contents.is_err())
    }

    /// Returns the contents of the file with the most training.
    pub fn newest(&self) -> Option<&Contents> {
        self.newest_file()?.contents.as_ref().ok()
    }

    /// Returns the readable file with the most training.
    pub(crate) fn newest_file(&self) -> Option<&Entry> {
        let place = |file: &&Entry| file.contents.as_ref().ok().map(|contents| (contents.epochs_done, contents.step));
        self.whole().max_by_key(place)
    }

    pub(crate) fn new(path: PathBuf, name: String) -> Self {
        Self { path, name, files: Vec::new(), words: String::new() }
    }

    /// Sorts the files, once all have been added.
    pub(crate) fn complete(&mut self) {
        let rank = |name: &str| ["last", "best"].iter().position(|known| *known == name).unwrap_or(2);
        self.files.sort_by(|a, b| (rank(&a.name), &a.name).cmp(&(rank(&b.name), &b.name)));
        self.words = self.to_words();
    }

    pub(crate) fn move_to(&mut self, path: &Path) {
        self.path = path.to_owned();
        self.name = file_name(path);
        for file in &mut self.files {
            file.run.clone_from(&self.name);
            if let Some(name) = file.path.file_name() {
                file.path = path.join(name);
            }
        }
        self.words = self.to_words();
    }

    fn to_words(&self) -> String {
        let mut text = self.name.clone();
        if let Some(contents) = self.newest() {
            text.push(' ');
            text.push_str(&contents.spec.dataset.name);
            text.push(' ');
            text.push_str(&format::hyperparameters(&contents.spec.hyper, contents.learning_rate));
            text.extend(contents.spec.origins().map(|origin| format!(" {origin}")));
            text.push_str(if contents.is_finished() { " finished" } else { " unfinished" });
        }
        if self.damaged().next().is_some() && !self.is_begun() {
            text.push_str(" damaged");
        }
        if self.holder().is_some() {
            text.push_str(" in use");
        }
        if self.background().is_some() {
            text.push_str(" in the background");
        }
        text.to_lowercase()
    }
}

/// A run or file to be permanently removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// A run's folder.
    Run(PathBuf),
    /// One checkpoint of a run that has others.
    File(PathBuf),
}

impl Removal {
    pub fn path(&self) -> &Path {
        match self {
            Self::Run(path) | Self::File(path) => path,
        }
    }
}

/// A change to the saved runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LibraryChange {
    Renamed {
        from: PathBuf,
        to: PathBuf,
    },
    Removed {
        removal: Removal,
        /// Number of other files in the run's folder, which is therefore kept.
        left: usize,
    },
}
