//! Reading the checkpoint folder for the screen.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::shelf::Entry;
use crate::train::{Checkpoint, RunFolder, checkpoint};

/// A checkpoint is near a megabyte, and a folder may have hundreds: those that did not change are not read again.
pub struct Reader {
    folder: PathBuf,
    known: HashMap<PathBuf, (Stamp, Entry)>,
}

/// What a file shows from outside. A checkpoint is always written anew, never changed in place.
type Stamp = Option<(SystemTime, u64)>;

impl Reader {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, known: HashMap::new() }
    }

    /// Every checkpoint, whole or not.
    pub fn read(&mut self) -> Result<Vec<Entry>, String> {
        let files = checkpoint::files(&self.folder).map_err(|error| error.to_string())?;
        let mut known = std::mem::take(&mut self.known);
        for path in files {
            let stamp = stamp(&path);
            let entry = match known.remove(&path) {
                Some((before, entry)) if before == stamp && stamp.is_some() => entry,
                _ => read(&path),
            };
            self.known.insert(path, (stamp, entry));
        }
        let mut entries: Vec<Entry> = self.known.values().map(|(_, entry)| entry.clone()).collect();
        // Not by the stamps: a folder is taken and left without a change of its files.
        let mut holders = HashMap::new();
        for entry in &mut entries {
            let run = entry.path.parent().unwrap_or(Path::new(""));
            entry.holder = *holders.entry(run.to_owned()).or_insert_with(|| RunFolder::holder(run));
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(entries)
    }
}

fn stamp(path: &Path) -> Stamp {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

fn read(path: &Path) -> Entry {
    let checkpoint = Checkpoint::read(path).map_err(|error| error.fault.to_string());
    Entry::new(path.to_owned(), checkpoint)
}
