//! A run's saves: what is written where, and what the disk holds of it.

use std::{mem, path::Path};

use super::{
    Event, Kept, Outbox, SaveKind,
    checkpoint::{BEST, Checkpoint, LAST},
    run::{Run, new_folder},
};

impl Run {
    /// Writes the present state, one file for each of `kinds`, and posts what came of it.
    pub(super) fn save(&mut self, kinds: &[SaveKind], outbox: &Outbox) {
        let checkpoint = self.trainer.checkpoint();
        let encoded = checkpoint.encode().map_err(|fault| fault.to_string());
        if kinds.iter().any(|kind| !matches!(kind, SaveKind::Best(_))) {
            self.unsaved = None;
        }
        for &kind in kinds {
            let made = self.ensure_folder(outbox);
            let path = self.folder.path().join(if let SaveKind::Best(_) = kind { BEST } else { LAST });
            let bytes = encoded.as_ref().map_err(Clone::clone);
            let written = made.and(bytes).and_then(|bytes| bytes.write(&path).map_err(|error| error.fault.to_string()));
            match written {
                Ok(()) => {
                    if let SaveKind::Best(_) = kind {
                        self.best_due = None;
                    } else {
                        self.is_dirty = false;
                        self.saved = Some(Kept::of(path.clone(), &checkpoint.position));
                    }
                    outbox.post(Event::Saved { kind, path });
                }
                Err(reason) => {
                    if let SaveKind::Best(_) = kind {
                        self.best_due = Some((checkpoint.position, reason.clone()));
                    } else {
                        self.is_dirty = true;
                        self.unsaved = Some(reason.clone());
                    }
                    outbox.post(Event::SaveFailed { path, reason, kept: self.kept() });
                }
            }
        }
    }

    /// A run whose folder was removed, renamed or replaced gets another one.
    fn ensure_folder(&mut self, outbox: &Outbox) -> Result<(), String> {
        let (before, is_lost) = (self.folder.path().to_owned(), self.folder.is_lost());
        self.folder.ensure().map_err(|error| error.to_string())?;
        let now = self.folder.path();
        if is_lost {
            outbox.post(Event::Note(format!(
                "the run's folder {} was removed, renamed or replaced; the run is saved in {} from now on",
                before.display(),
                now.display()
            )));
        }
        if now != before {
            outbox.post(Event::FolderChanged(now.to_owned()));
        }
        Ok(())
    }

    /// Writes the present state into a new run folder in `checkpoint_dir`, and stays there if that succeeds. Returns whether it
    /// did.
    pub(super) fn save_in(&mut self, checkpoint_dir: &Path, outbox: &Outbox) -> bool {
        let (folder, made) = new_folder(&self.trainer, checkpoint_dir);
        if let Err(error) = made {
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

    /// Saves unless the disk holds the present state. Where the run has diverged, what the disk holds is the last good state.
    pub(super) fn settle(&mut self, outbox: &Outbox) {
        if self.trainer.has_diverged() {
            return;
        }
        if self.is_dirty || !self.is_in_place() {
            self.save(&[SaveKind::Last], outbox);
        }
        // A best state that could not be saved is lost only once the run has moved on.
        if self.best_due.as_ref().is_some_and(|(position, _)| *position == self.trainer.position()) {
            self.save(&[SaveKind::Best(self.trainer.chosen_by())], outbox);
        }
    }

    /// Returns whether the newest checkpoint that was written is where it was written.
    pub(super) fn is_in_place(&self) -> bool {
        !self.folder.is_lost() && self.saved.as_ref().is_some_and(|kept| kept.path.is_file())
    }

    /// Returns what the disk holds of the run: not what was written, but what is there.
    pub(super) fn kept(&self) -> Option<Kept> {
        let path = &self.saved.as_ref()?.path;
        let checkpoint = Checkpoint::read(path).ok().filter(|_| !self.folder.is_lost())?;
        Some(Kept::of(path.clone(), &checkpoint.position))
    }

    /// Returns why the disk does not hold the run's newest state.
    pub(super) fn save_error(&self, kept: Option<&Kept>) -> Option<String> {
        let gone = || {
            let path = self.saved.as_ref().filter(|_| kept.is_none())?.path.display();
            Some(format!("{path} is not there any more, or is damaged"))
        };
        let best = || self.best_due.as_ref().map(|(_, reason)| format!("{BEST}: {reason}"));
        self.unsaved.clone().or_else(gone).or_else(best)
    }
}
