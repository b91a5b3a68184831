//! The columns of a table.

use super::{Format, Row};
use crate::{sweep::methods::measurements::COLUMNS, train::Hyperparameter};

/// Columns of every table. The report's five come first, under their names in the report.
pub(super) const HEADER: &str = "Activation,Learning Rate,Optimizer,Batch Size,Validation Accuracy,Loss,Seed,Epochs,Seconds,State,\
                          Data Set,Key,Pooling,Measured On,Training Images,Test Images";

/// Columns of a table after [`HEADER`]: one for each later hyperparameter that is not at its default in some row, then
/// those of its format.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::sweep) struct Columns {
    pub(super) format: Format,
    later: Vec<Hyperparameter>,
}

impl Columns {
    /// Returns the columns that `rows` need.
    pub(super) fn of(format: Format, rows: &[Row]) -> Self {
        let is_needed = |which: &Hyperparameter| {
            let is_shown = format == Format::Methods && *which == Hyperparameter::Network;
            which.is_later() && (is_shown || rows.iter().any(|row| row.hyper.mentions(*which)))
        };
        Self { format, later: Hyperparameter::ALL.iter().copied().filter(is_needed).collect() }
    }

    /// Reads a header; `None` if it is not that of a table.
    pub(super) fn read(header: &csv::StringRecord) -> Option<Self> {
        let names: Vec<&str> = header.iter().collect();
        let is_of = |format: &&Format| names.ends_with(format.columns());
        let format = Format::ALL.iter().rev().copied().find(|format| is_of(&format))?;
        let mut names = names[..names.len() - format.columns().len()].iter();
        let begins_as_all = HEADER.split(',').all(|name| names.next() == Some(&name));
        let later = |name: &&str| Hyperparameter::ALL.iter().find(|which| which.is_later() && which.column() == *name);
        let later: Vec<_> = names.map(|name| later(name).copied()).collect::<Option<_>>()?;
        let differ = later.iter().enumerate().all(|(place, which)| !later[..place].contains(which));
        (begins_as_all && differ).then_some(Self { format, later })
    }

    /// Returns whether there is a column for everything in `rows`.
    pub(super) fn fit(&self, rows: &[Row]) -> bool {
        Self::of(self.format, rows).later.iter().all(|which| self.later.contains(which))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        let later = self.later.iter().map(|which| which.column());
        HEADER.split(',').chain(later).chain(self.format.columns().iter().copied())
    }

    /// Returns the first line, with its newline.
    pub(super) fn header(&self) -> String {
        self.names().collect::<Vec<_>>().join(",") + "\n"
    }

    /// Returns the hyperparameters that have a column.
    pub(super) fn hyperparameters(&self) -> impl Iterator<Item = Hyperparameter> {
        self.names().filter_map(hyperparameter)
    }
}

impl Format {
    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Sweep => &[],
            Self::Methods => &COLUMNS,
        }
    }
}

/// Returns the hyperparameter in a column, if it contains one.
pub(super) fn hyperparameter(column: &str) -> Option<Hyperparameter> {
    Hyperparameter::ALL.iter().copied().find(|which| which.column() == column)
}
