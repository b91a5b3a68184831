//! The columns of a table.

use super::Row;
use crate::train::Hyperparameter;

/// The columns of every table. The report's five come first, as it named them.
pub(super) const HEADER: &str = "Activation,Learning Rate,Optimizer,Batch Size,Validation Accuracy,Loss,Seed,Epochs,Seconds,State,\
                          Data Set,Key,Pooling,Measured On,Training Images,Test Images";

/// What a table has beyond [`HEADER`]: a column for each later hyperparameter that is not the default in some row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::sweep) struct Columns(Vec<Hyperparameter>);

impl Columns {
    /// Returns what rows need.
    pub(super) fn of(rows: &[Row]) -> Self {
        let is_needed = |which: &Hyperparameter| which.is_later() && rows.iter().any(|row| row.hyper.mentions(*which));
        Self(Hyperparameter::ALL.iter().copied().filter(is_needed).collect())
    }

    /// Reads a header; `None` where it is not a table's.
    pub(super) fn read(header: &csv::StringRecord) -> Option<Self> {
        let mut names = header.iter();
        let begins_as_all = HEADER.split(',').all(|name| names.next() == Some(name));
        let later = |name: &str| Hyperparameter::ALL.iter().find(|which| which.is_later() && which.column() == name);
        let columns: Vec<_> = names.map(|name| later(name).copied()).collect::<Option<_>>()?;
        let differ = columns.iter().enumerate().all(|(place, which)| !columns[..place].contains(which));
        (begins_as_all && differ).then_some(Self(columns))
    }

    /// Whether there is a column for all that the rows need.
    pub(super) fn fit(&self, rows: &[Row]) -> bool {
        Self::of(rows).0.iter().all(|which| self.0.contains(which))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        HEADER.split(',').chain(self.0.iter().map(|which| which.column()))
    }

    /// Returns the hyperparameters that have a column.
    pub(super) fn hyperparameters(&self) -> impl Iterator<Item = Hyperparameter> {
        self.names().filter_map(hyperparameter)
    }
}

/// Returns the hyperparameter that a column is of, if it is of one.
pub(super) fn hyperparameter(column: &str) -> Option<Hyperparameter> {
    Hyperparameter::ALL.iter().copied().find(|which| which.column() == column)
}
