//! Reading the checkpoint folder for the screen.

use std::{
    cmp::Reverse,
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::{
    train::{RunFolder, checkpoint},
    tui::session::library::run::Entry,
};

/// Bytes of the newest checkpoints that are read whole.
const CHECKED: u64 = 128 << 20;

/// A folder may have thousands of checkpoints: of each only what the list shows is read, and only after it has changed.
pub(crate) struct Reader {
    folder: PathBuf,
    known: HashMap<PathBuf, Known>,
}

struct Known {
    stamp: Option<Stamp>,
    entry: Entry,
    /// It was read whole.
    is_checked: bool,
}

/// What a file shows from outside. A checkpoint is always written anew, never changed in place.
type Stamp = (SystemTime, u64);

impl Reader {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, known: HashMap::new() }
    }

    /// Every checkpoint, in the order of names. Damage to weights is not looked for, see [`Reader::check`].
    pub(crate) fn read(&mut self) -> Result<Vec<Entry>, String> {
        let files = checkpoint::files(&self.folder).map_err(|error| error.to_string())?;
        let mut before = std::mem::take(&mut self.known);
        let mut changed = Vec::new();
        for path in &files {
            let stamp = stamp(path);
            match before.remove(path) {
                Some(known) if known.stamp == stamp && stamp.is_some() => drop(self.known.insert(path.clone(), known)),
                _ => changed.push((path, stamp)),
            }
        }
        let summaries = checkpoint::summaries(&changed.iter().map(|(path, _)| path).collect::<Vec<_>>());
        for ((path, stamp), summary) in changed.into_iter().zip(summaries) {
            let is_checked = summary.is_err();
            let entry = Entry::new(path.clone(), summary.map_err(|error| error.fault.to_string()));
            self.known.insert(path.clone(), Known { stamp, entry, is_checked });
        }
        Ok(self.entries(&files))
    }

    fn entries(&self, files: &[PathBuf]) -> Vec<Entry> {
        // Not by the stamps: a folder is taken and left without a change of its files.
        let mut holders = HashMap::new();
        let entries = files.iter().filter_map(|path| {
            let mut entry = self.known.get(path)?.entry.clone();
            let run = path.parent().unwrap_or(Path::new(""));
            entry.holder = *holders.entry(run).or_insert_with(|| RunFolder::holder(run));
            Some(entry)
        });
        entries.collect()
    }

    /// Reads the newest ones whole. Returns every checkpoint again if any of them proves damaged.
    pub(crate) fn check(&mut self) -> Option<Vec<Entry>> {
        let newest = self.newest();
        let faults = checkpoint::check(&newest, u64::MAX);
        let mut is_news = false;
        for (path, fault) in newest.iter().zip(faults) {
            let Some(known) = self.known.get_mut(path) else { continue };
            known.is_checked = true;
            if let Some(error) = fault {
                known.entry.contents = Err(error.fault.to_string());
                is_news = true;
            }
        }
        is_news.then(|| {
            let mut files: Vec<PathBuf> = self.known.keys().cloned().collect();
            files.sort();
            self.entries(&files)
        })
    }

    /// The most recently saved ones, as far as they may be read whole and were not yet.
    fn newest(&self) -> Vec<PathBuf> {
        let saved_at = |known: &Known| known.entry.contents.as_ref().map_or(0, |contents| contents.saved_at);
        let mut all: Vec<(&PathBuf, &Known)> = self.known.iter().collect();
        all.sort_by_key(|(path, known)| (Reverse(saved_at(known)), *path));
        let mut left = CHECKED;
        let affordable = all.into_iter().take_while(|(_, known)| {
            let length = known.stamp.map_or(0, |(_, length)| length);
            let fits = length <= left;
            left = left.saturating_sub(length);
            fits
        });
        affordable.filter(|(_, known)| !known.is_checked).map(|(path, _)| path.clone()).collect()
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
