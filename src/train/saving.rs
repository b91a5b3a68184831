//! Saving a run, and checking what the disk holds of it.

use std::{mem, path::Path};

use super::{
    Event, Outbox, SaveKind, SavedCheckpoint,
    checkpoint::{BEST, Checkpoint, LAST},
    run::{Run, new_folder},
};

impl Run {
    /// Writes the current state, one file for each of `kinds`, and posts the result.
    pub(super) fn save(&mut self, kinds: &[SaveKind], outbox: &Outbox) {
        let checkpoint = self.trainer.checkpoint();
        let encoded = checkpoint.encode().map_err(|fault| fault.to_string());
        if kinds.iter().any(|kind| !matches!(kind, SaveKind::Best(_))) {
            self.unsaved = None;
        }
        for &kind in kinds {
            let ensured = self.ensure_folder(outbox);
            let path = self.folder.path().join(if let SaveKind::Best(_) = kind { BEST } else { LAST });
            let bytes = encoded.as_ref().map_err(Clone::clone);
            let written =
                ensured.and(bytes).and_then(|bytes| bytes.write(&path).map_err(|error| error.fault.to_string()));
            match written {
                Ok(()) => {
                    if let SaveKind::Best(_) = kind {
                        self.unsaved_best = None;
                    } else {
                        self.is_dirty = false;
                        self.saved = Some(SavedCheckpoint::new(path.clone(), &checkpoint.position));
                    }
                    outbox.post(Event::Saved { kind, path });
                }
                Err(reason) => {
                    if let SaveKind::Best(_) = kind {
                        self.unsaved_best = Some((checkpoint.position, reason.clone()));
                    } else {
                        self.is_dirty = true;
                        self.unsaved = Some(reason.clone());
                    }
                    outbox.post(Event::SaveFailed { path, reason, kept: self.kept() });
                }
            }
        }
    }

    /// Creates a new folder if the run's folder was removed, renamed or replaced.
    fn ensure_folder(&mut self, outbox: &Outbox) -> Result<(), String> {
        let (before, is_lost) = (self.folder.path().to_owned(), self.folder.is_lost());
        self.folder.ensure().map_err(|error| error.to_string())?;
        let now = self.folder.path();
        if is_lost {
            outbox.post(Event::Note(format!(
                "the run's folder {} was removed, renamed or replaced; saving to {} from now on",
                before.display(),
                now.display()
            )));
        }
        if now != before {
            outbox.post(Event::FolderChanged(now.to_owned()));
        }
        Ok(())
    }

    /// Writes the current state into a new run folder in `checkpoint_dir`, and keeps that folder if it succeeds.
    /// Returns whether it did.
    pub(super) fn save_in(&mut self, checkpoint_dir: &Path, outbox: &Outbox) -> bool {
        let (folder, created) = new_folder(&self.trainer, checkpoint_dir);
        if let Err(error) = created {
            let (path, reason) = (folder.path().to_owned(), error.to_string());
            outbox.post(Event::SaveFailed { path, reason, kept: self.kept() });
            return false;
        }
        let before = mem::replace(&mut self.folder, folder);
        self.save(&[SaveKind::ByHand], outbox);
        if self.unsaved.is_some() {
            mem::replace(&mut self.folder, before).abandon();
            return false;
        }
        outbox.post(Event::FolderChanged(self.folder.path().to_owned()));
        true
    }

    /// Saves unless the disk holds the current state, or the run has diverged and the disk holds its last good state.
    pub(super) fn ensure_saved(&mut self, outbox: &Outbox) {
        if self.trainer.has_diverged() {
            return;
        }
        if self.is_dirty || !self.is_on_disk() {
            self.save(&[SaveKind::Last], outbox);
        }
        // A best state that could not be saved can be saved until the run trains on.
        if self.unsaved_best.as_ref().is_some_and(|(position, _)| *position == self.trainer.position()) {
            self.save(&[SaveKind::Best(self.trainer.chosen_by())], outbox);
        }
    }

    /// Returns whether the newest checkpoint is still where it was written.
    pub(super) fn is_on_disk(&self) -> bool {
        !self.folder.is_lost() && self.saved.as_ref().is_some_and(|kept| kept.path.is_file())
    }

    /// Reads the newest checkpoint again, and returns it if it is still there and intact.
    pub(super) fn kept(&self) -> Option<SavedCheckpoint> {
        let path = &self.saved.as_ref()?.path;
        let checkpoint = Checkpoint::read(path).ok().filter(|_| !self.folder.is_lost())?;
        Some(SavedCheckpoint::new(path.clone(), &checkpoint.position))
    }

    /// Returns why the disk does not hold the newest state, if it does not.
    pub(super) fn save_error(&self, kept: Option<&SavedCheckpoint>) -> Option<String> {
        let missing = || {
            let path = self.saved.as_ref().filter(|_| kept.is_none())?.path.display();
            Some(format!("{path} no longer exists or is damaged"))
        };
        let best = || self.unsaved_best.as_ref().map(|(_, reason)| format!("{BEST}: {reason}"));
        self.unsaved.clone().or_else(missing).or_else(best)
    }
}
