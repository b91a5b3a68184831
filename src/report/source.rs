//! What a table holds: a sweep or a run's history.

use super::History;
use crate::{
    sheet::Sheet,
    sweep::survey::{NotASweep, Reading, Survey, TableKind},
};

/// A table that was read.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A row for each run
    Sweep(Box<Reading>),
    /// A row or more for each epoch
    History(History),
}

/// Why a table is neither.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}; or a run's history with a column `epoch` and a loss or an accuracy")]
pub struct NoSource(#[from] NotASweep);

impl Source {
    /// Reads a table from any source, see [`Survey::read`]. `name` is the file's.
    ///
    /// # Errors
    /// If it is neither a sweep nor a history.
    pub fn read(bytes: &[u8], name: &str) -> Result<Self, NoSource> {
        let sheet = Sheet::read(bytes).map_err(NotASweep::from)?;
        match TableKind::of(&sheet) {
            Some(TableKind::Sweep) => Ok(Self::Sweep(Box::new(Survey::of_sheet(&sheet)))),
            Some(TableKind::History) => Ok(Self::History(History::read(&sheet, name))),
            None => Err(NotASweep::header(&sheet).into()),
        }
    }
}
