//! The columns of a table.

use super::Row;
use crate::train::Hyperparameter;

/// Columns of every table. The report's five come first, under their names in the report.
pub(super) const HEADER: &str = "Activation,Learning Rate,Optimizer,Batch Size,Validation Accuracy,Loss,Seed,Epochs,Seconds,State,\
                          Data Set,Key,Pooling,Measured On,Training Images,Test Images";

/// Columns of a table after [`HEADER`]: one for each later hyperparameter that is not at its default in some row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::sweep) struct Columns(Vec<Hyperparameter>);

impl Columns {
    /// Returns the columns that `rows` need.
    pub(super) fn of(rows: &[Row]) -> Self {
        let is_needed = |which: &Hyperparameter| which.is_later() && rows.iter().any(|row| row.hyper.mentions(*which));
        Self(Hyperparameter::ALL.iter().copied().filter(is_needed).collect())
    }

    /// Reads a header; `None` if it is not that of a sweep's table.
    pub(super) fn read(header: &csv::StringRecord) -> Option<Self> {
        let mut names = header.iter();
        let begins_as_all = HEADER.split(',').all(|name| names.next() == Some(name));
        let later = |name: &str| Hyperparameter::ALL.iter().find(|which| which.is_later() && which.column() == name);
        let columns: Vec<_> = names.map(|name| later(name).copied()).collect::<Option<_>>()?;
        let differ = columns.iter().enumerate().all(|(place, which)| !columns[..place].contains(which));
        (begins_as_all && differ).then_some(Self(columns))
    }

    /// Returns whether there is a column for everything in `rows`.
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

/// Returns the hyperparameter in a column, if it contains one.
pub(super) fn hyperparameter(column: &str) -> Option<Hyperparameter> {
    Hyperparameter::ALL.iter().copied().find(|which| which.column() == column)
}
