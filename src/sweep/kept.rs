//! What the table on the disk has of a sweep: the last word on it, for memory may be wrong.

use std::{collections::HashSet, path::PathBuf};

use super::table::{Table, read_rows};

/// What the table on the disk has of a sweep, read again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// The table, which is another than the sweep began with if that was taken away
    pub path: PathBuf,
    /// Runs of the sweep that have a row in it
    pub runs: usize,
    /// Why rows are missing, if they are
    pub fault: Option<String>,
    /// What others did to the table, and what became of its rows
    pub notes: Vec<String>,
}

impl Kept {
    /// Puts rows back that others took away, then counts those of `keys` that are there. `ended` runs should be.
    pub(super) fn of(table: &mut Table, keys: &[String], ended: usize) -> Self {
        let settled = table.settle();
        let (path, notes) = (table.path().to_owned(), table.take_notes());
        let reason = settled.as_ref().err().map(ToString::to_string);
        // What can be read is there, whatever else went wrong.
        let found: HashSet<String> = settled
            .unwrap_or_else(|_| read_rows(&path).unwrap_or_default().into_iter().map(|row| row.key).collect())
            .into_iter()
            .collect();
        let runs = keys.iter().filter(|key| found.contains(*key)).count();
        let lost = ended.saturating_sub(runs);
        let fault = reason.map(|reason| format!("{lost} of {ended} rows are not in {}: {reason}", path.display()));
        Self { path, runs, fault, notes }
    }
}
