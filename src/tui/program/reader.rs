//! Reading the checkpoint folder for the screen.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::{
    train::{
        RunFolder,
        checkpoint::{self, LAST},
    },
    tui::session::library::run::{Entry, NO_CHECKPOINT},
};

/// Number of bytes of the newest checkpoints that are read completely, to find damage.
const CHECKED: u64 = 128 << 20;

/// Reader of the checkpoint folder, which may have thousands of checkpoints: only what the list shows is read of each,
/// and only when the file has changed.
pub(crate) struct Reader {
    folder: PathBuf,
    known: HashMap<PathBuf, Known>,
}

struct Known {
    stamp: Option<Stamp>,
    entry: Entry,
    /// Whether the file was read completely.
    is_checked: bool,
}

/// Modification time and length of a file. They change with its contents, since a checkpoint is always rewritten, never
/// changed in place.
type Stamp = (SystemTime, u64);

impl Reader {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, known: HashMap::new() }
    }

    /// Returns every checkpoint, sorted by path, and then the background runs that have none yet. Does not look for damaged weights, see [`Reader::check`].
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
        // Always read again: a run's holder can change without any change to its files.
        let mut holders = HashMap::new();
        let entries = files.iter().filter_map(|path| {
            let mut entry = self.known.get(path)?.entry.clone();
            let run = path.parent().unwrap_or(Path::new(""));
            entry.holder = holders.entry(run).or_insert_with(|| RunFolder::holder(run)).clone();
            Some(entry)
        });
        let entries: Vec<Entry> = entries.collect();
        let begun = self.begun(&entries);
        entries.into_iter().chain(begun).collect()
    }

    /// Returns the runs that train in the background and have no checkpoint yet, each as the file that it will write.
    fn begun(&self, entries: &[Entry]) -> Vec<Entry> {
        let saved: HashSet<_> = entries.iter().filter_map(|entry| entry.path.parent()).collect();
        let folders = fs::read_dir(&self.folder).into_iter().flatten().flatten().map(|folder| folder.path());
        let begun = folders.filter(|folder| !saved.contains(folder.as_path())).filter_map(|folder| {
            let holder = RunFolder::holder(&folder).filter(|holder| holder.background.is_some())?;
            let entry = Entry::new(folder.join(LAST), Err(NO_CHECKPOINT.to_owned()));
            Some(Entry { holder: Some(holder), ..entry })
        });
        begun.collect()
    }

    /// Reads the newest checkpoints completely. Returns every checkpoint again if one of them is damaged.
    pub(crate) fn check(&mut self) -> Option<Vec<Entry>> {
        let newest = self.newest();
        let faults = checkpoint::check(&newest, u64::MAX);
        let mut found_damage = false;
        for (path, fault) in newest.iter().zip(faults) {
            let Some(known) = self.known.get_mut(path) else { continue };
            known.is_checked = true;
            if let Some(error) = fault {
                known.entry.contents = Err(error.fault.to_string());
                found_damage = true;
            }
        }
        found_damage.then(|| {
            let mut files: Vec<PathBuf> = self.known.keys().cloned().collect();
            files.sort();
            self.entries(&files)
        })
    }

    /// Returns the most recently saved checkpoints that are to be read completely and were not yet.
    fn newest(&self) -> Vec<PathBuf> {
        let saved_at = |known: &Known| known.entry.contents.as_ref().map_or(0, |contents| contents.saved_at);
        let mut all: Vec<(&PathBuf, &Known)> = self.known.iter().collect();
        all.sort_by_key(|(path, known)| (Reverse(saved_at(known)), *path));
        let mut budget = CHECKED;
        let affordable = all.into_iter().take_while(|(_, known)| {
            let length = known.stamp.map_or(0, |(_, length)| length);
            let fits = length <= budget;
            budget = budget.saturating_sub(length);
            fits
        });
        affordable.filter(|(_, known)| !known.is_checked).map(|(path, _)| path.clone()).collect()
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
