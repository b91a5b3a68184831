//! The checkpoints on the disk.

use std::path::PathBuf;

use super::live::file_name;
use crate::{
    data::Kind,
    train::{Checkpoint, RunSpec},
};

/// What a line of the list tells of a checkpoint: not its weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub path: PathBuf,
    /// The folder's name.
    pub run: String,
    /// The file's, without its ending: `last`, `best`.
    pub name: String,
    pub contents: Result<Contents, String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Contents {
    /// Seconds since 1970.
    pub saved_at: u64,
    pub spec: RunSpec,
    pub learning_rate: f32,
    pub epochs_done: u32,
    /// Steps done in the epoch under way.
    pub step: u32,
    pub test_accuracy: Option<f64>,
    pub test_loss: Option<f64>,
}

impl Contents {
    pub fn is_synthetic(&self) -> bool {
        self.spec.dataset.kind == Kind::Synthetic
    }
}

impl Entry {
    /// Of a file, and what reading it gave.
    pub fn new(path: PathBuf, checkpoint: Result<Checkpoint, String>) -> Self {
        let run = path.parent().map(file_name).unwrap_or_default();
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        Self { run, name, contents: checkpoint.map(Contents::from), path }
    }
}

impl From<Checkpoint> for Contents {
    fn from(checkpoint: Checkpoint) -> Self {
        let last = checkpoint.history.last();
        Self {
            saved_at: checkpoint.saved_at,
            learning_rate: checkpoint.learning_rate,
            epochs_done: checkpoint.position.epoch,
            step: checkpoint.position.step,
            test_accuracy: last.map(|record| record.test_accuracy),
            test_loss: last.map(|record| record.test_loss),
            spec: checkpoint.spec,
        }
    }
}

/// The list, as last read.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// `None` until it was read once.
    pub entries: Option<Result<Vec<Entry>, String>>,
    pub place: usize,
    /// When it was last asked for, in seconds since 1970.
    pub asked_at: u64,
}

impl Shelf {
    pub fn entries(&self) -> &[Entry] {
        match &self.entries {
            Some(Ok(entries)) => entries,
            _ => &[],
        }
    }

    /// Takes a new list; the entry looked at stays, where it is still there.
    pub fn fill(&mut self, entries: Result<Vec<Entry>, String>) {
        let looked_at = self.current().map(|entry| entry.path.clone());
        self.entries = Some(entries);
        let again = looked_at.and_then(|path| self.entries().iter().position(|entry| entry.path == path));
        self.place = again.unwrap_or(self.place);
        self.go(0);
    }

    pub fn current(&self) -> Option<&Entry> {
        self.entries().get(self.place)
    }

    pub fn go(&mut self, by: isize) {
        self.place = self.place.saturating_add_signed(by).min(self.entries().len().saturating_sub(1));
    }
}
