//! Tables as input: a sweep, a comparison of methods, or a run's history.

use super::{History, Methods};
use crate::{
    sheet::Sheet,
    sweep::survey::{NotASweep, Reading, Survey, TableKind},
};

/// Contents of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// One row per run
    Sweep(Box<Reading>),
    /// One row per run of a comparison of methods
    Methods(Methods),
    /// One or more rows per epoch
    History(History),
}

/// Error for a table that is none of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}; or a run's history with a column `epoch` and a loss or an accuracy")]
pub struct SourceError(#[from] NotASweep);

impl Source {
    /// Reads a table written by any program, see [`Survey::read`]. `name` is the file's name.
    ///
    /// # Errors
    /// If it is of no kind that can be reported.
    pub fn read(bytes: &[u8], name: &str) -> Result<Self, SourceError> {
        let sheet = Sheet::read(bytes).map_err(NotASweep::from)?;
        if let Some(methods) = Methods::of(&sheet) {
            return Ok(Self::Methods(methods));
        }
        match TableKind::of(&sheet) {
            Some(TableKind::Sweep) => Ok(Self::Sweep(Box::new(Survey::of_sheet(&sheet)))),
            Some(TableKind::History) => Ok(Self::History(History::read(&sheet, name))),
            None => Err(NotASweep::header(&sheet).into()),
        }
    }
}
