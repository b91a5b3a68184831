//! The teacher of a run: saved runs whose answers it learns beside the labels.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use super::run_of;
use crate::{
    data::Fingerprint,
    disk,
    format::{listed, sanitized},
};

/// Saved runs whose mean answer a run learns beside the labels (distillation).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Teacher {
    /// Checkpoints of the runs, one or more.
    pub paths: Vec<PathBuf>,
    /// Folder with the file of the soft targets.
    pub folder: PathBuf,
    /// Fingerprint of the soft targets: of the networks and the data set. `None` until a run with them begins.
    pub fingerprint: Option<Fingerprint>,
}

impl Teacher {
    /// Describes a teacher whose soft targets are to be kept in `folder`.
    pub fn new(paths: &[PathBuf], folder: &Path) -> Self {
        let paths = paths.iter().map(|path| disk::absolute(path)).collect();
        Self { paths, folder: disk::absolute(folder), fingerprint: None }
    }

    /// Returns the file of the soft targets with this fingerprint.
    pub fn file(&self, fingerprint: Fingerprint) -> PathBuf {
        self.folder.join(format!("{PREFIX}{fingerprint}.bin"))
    }

    /// Takes one of these folders for the soft targets if they are there and not where they were kept, since the folder
    /// of runs may have been moved.
    pub(in crate::train) fn look_in(&mut self, folders: &[&Path]) {
        let Some(fingerprint) = self.fingerprint else { return };
        let found = |folder: &&&Path| Self { folder: folder.to_path_buf(), ..self.clone() }.file(fingerprint).is_file();
        if self.file(fingerprint).is_file() {
            return;
        }
        if let Some(folder) = folders.iter().find(found) {
            self.folder = folder.to_path_buf();
        }
    }

    /// Returns the runs by their folders' names: `RUN`, or `RUN1, RUN2 and RUN3`.
    fn runs(&self) -> String {
        let names: Vec<String> = self.paths.iter().map(|path| sanitized(&run_of(path))).collect();
        listed(&names, "and")
    }

    /// Returns the text of a checkpoint: what [`Teacher::from_text`] reads, tabs between the parts. `None` without a
    /// fingerprint.
    pub(in crate::train) fn to_text(&self) -> Option<String> {
        let shown = |path: &PathBuf| sanitized(&path.to_string_lossy());
        let digits: String = self.fingerprint?.0.iter().map(|byte| format!("{byte:02x}")).collect();
        let paths = std::iter::once(&self.folder).chain(&self.paths).map(shown);
        Some(std::iter::once(digits).chain(paths).collect::<Vec<_>>().join("\t"))
    }

    /// Reads what [`Teacher::to_text`] returns. Its texts are safe to show. `None` if anything is wrong.
    pub(in crate::train) fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split('\t');
        let digits = parts.next().filter(|digits| digits.len() == 64 && digits.is_ascii())?;
        let mut fingerprint = [0; 32];
        for (byte, pair) in fingerprint.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        let mut paths = parts.map(|path| PathBuf::from(sanitized(path)));
        let folder = paths.next()?;
        let paths: Vec<_> = paths.collect();
        let fingerprint = Some(Fingerprint(fingerprint));
        (!paths.is_empty()).then_some(Self { paths, folder, fingerprint })
    }
}

/// Beginning of the name of a file of soft targets.
pub(in crate::train) const PREFIX: &str = "soft-targets-";

impl fmt::Display for Teacher {
    /// Writes `RUN`, or `the mean of RUN1, RUN2 and RUN3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mean = if self.paths.len() > 1 { "the mean of " } else { "" };
        write!(f, "{mean}{}", self.runs())
    }
}
