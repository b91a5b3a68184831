//! A run on the disk, and what its files tell: not their weights.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    data::Kind,
    format::file_name,
    train::{
        EpochRecord, Holder, RunSpec,
        checkpoint::{Best, Summary},
        short_name,
    },
    tui::format,
};

/// A checkpoint's file.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub path: PathBuf,
    /// The folder's name.
    pub run: String,
    /// The file's, without its ending: `last`, `best`.
    pub name: String,
    /// Or why it cannot be read.
    pub contents: Result<Contents, String>,
    /// The other program that holds the run.
    pub holder: Option<Holder>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Contents {
    /// Seconds since 1970.
    pub saved_at: u64,
    pub spec: RunSpec,
    /// In force when it was saved.
    pub learning_rate: f32,
    pub epochs_done: u32,
    /// Steps done in the epoch under way.
    pub step: u32,
    pub history: Arc<[EpochRecord]>,
    pub best: Option<Best>,
    /// Trained and evaluated, pauses left out.
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

    /// The epoch that was chosen as the best one, by whichever set.
    pub fn best_epoch(&self) -> Option<&EpochRecord> {
        let best = self.best?;
        // They are in order, so that the first look mostly finds it.
        let in_order = self.history.get((best.epoch as usize).wrapping_sub(1));
        let here = |record: &&EpochRecord| record.epoch == best.epoch;
        in_order.filter(here).or_else(|| self.history.iter().find(here))
    }
}

impl Entry {
    /// Of a file, and what reading it gave.
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

/// A folder with checkpoints.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedRun {
    pub path: PathBuf,
    /// The folder's name.
    pub name: String,
    /// `last` first, then `best`, then others by name.
    pub files: Vec<Entry>,
    /// All that a filter's words may be found in, in lower case.
    pub(crate) words: String,
}

impl SavedRun {
    /// The other program that holds it.
    pub fn holder(&self) -> Option<Holder> {
        self.files.iter().find_map(|file| file.holder)
    }

    /// Its name without the parameters that this program puts behind the time.
    pub fn short_name(&self) -> String {
        self.newest().map_or_else(|| self.name.clone(), |contents| short_name(&self.name, &contents.spec.hyper))
    }

    /// The files that can be read, the one to go on from first.
    pub fn whole(&self) -> impl Iterator<Item = &Entry> {
        self.files.iter().filter(|file| file.contents.is_ok())
    }

    pub fn damaged(&self) -> impl Iterator<Item = &Entry> {
        self.files.iter().filter(|file| file.contents.is_err())
    }

    /// What its furthest state tells.
    pub fn newest(&self) -> Option<&Contents> {
        let contents = self.files.iter().filter_map(|file| file.contents.as_ref().ok());
        contents.max_by_key(|contents| (contents.epochs_done, contents.step))
    }

    pub(crate) fn new(path: PathBuf, name: String) -> Self {
        Self { path, name, files: Vec::new(), words: String::new() }
    }

    /// Brings its files into their order, once all are there.
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
            text.push_str(if contents.is_finished() { " finished" } else { " unfinished" });
        }
        if self.damaged().next().is_some() {
            text.push_str(" damaged");
        }
        if self.holder().is_some() {
            text.push_str(" in use");
        }
        text.to_lowercase()
    }
}

/// What is to be removed for good.
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

/// What was done to the runs on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tidied {
    Renamed {
        from: PathBuf,
        to: PathBuf,
    },
    Removed {
        removal: Removal,
        /// Other files in the run's folder, which therefore stays.
        left: usize,
    },
}
