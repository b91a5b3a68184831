//! Checking which rows of a sweep are really in its table on disk.

use std::{collections::HashSet, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::table::{Table, read_rows};

/// Rows of a sweep that are in its table on disk, found by reading the table again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TableStatus {
    /// Path of the table; another file than at the start if that one was replaced.
    #[serde(with = "crate::train::path_bytes")]
    pub path: PathBuf,
    /// Number of runs of the sweep that have a row in the table.
    pub runs: usize,
    /// Reason that rows are missing, if any are.
    pub fault: Option<String>,
    /// Messages about changes to the table by others.
    pub notes: Vec<String>,
}

impl TableStatus {
    /// Restores rows that others removed, then counts the runs of `keys` that have a row, out of `ended` expected ones.
    pub(super) fn check(table: &mut Table, keys: &[String], ended: usize) -> Self {
        let restored = table.restore();
        let (path, notes) = (table.path().to_owned(), table.take_notes());
        let reason = restored.as_ref().err().map(ToString::to_string);
        // After an error, count the rows that can be read.
        let found: HashSet<String> = restored
            .unwrap_or_else(|_| read_rows(&path).unwrap_or_default().into_iter().map(|row| row.key).collect())
            .into_iter()
            .collect();
        let runs = keys.iter().filter(|key| found.contains(*key)).count();
        let lost = ended.saturating_sub(runs);
        let fault =
            reason.map(|reason| format!("{lost} of {ended} rows are missing from {}: {reason}", path.display()));
        Self { path, runs, fault, notes }
    }
}
