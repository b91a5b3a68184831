//! Telling tables with a row per run from tables with a row per epoch.

use std::collections::HashSet;

use super::{
    Factor,
    column::{Column, Metric, Set},
};
use crate::sheet::Sheet;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TableKind {
    /// Table with a row per run.
    Sweep,
    /// Table with one or more rows per epoch of a run.
    History,
}

impl TableKind {
    /// Returns the kind of a table, judging by all its columns; `None` if it is neither.
    pub(crate) fn of(sheet: &Sheet) -> Option<Self> {
        let table = Table { sheet, columns: sheet.names.iter().map(|name| Column::of(name)).collect() };
        let measures = table.count(|column| matches!(column, Column::Measure(..)));
        let has_result =
            table.has(|column| matches!(column, Column::Measure(set, Metric::Accuracy) if set != Set::Training));
        let is_swept = table.has(|column| matches!(column, Column::Factor(factor) if Factor::SWEPT.contains(&factor)));
        let counter = table.place(Column::Epoch).or_else(|| table.place(Column::Step));
        match counter {
            None if has_result && is_swept => Some(Self::Sweep),
            Some(counter) if has_result && is_swept && table.is_of_runs(counter) => Some(Self::Sweep),
            Some(_) if measures > 0 || table.has(|column| column == Column::Value) => Some(Self::History),
            // pandas writes Keras's history with an unnamed index instead of a column of epochs, or without any.
            None if !is_swept && measures >= 2 => Some(Self::History),
            _ if sheet.is_json => Some(Self::History),
            _ => None,
        }
    }
}

struct Table<'a> {
    sheet: &'a Sheet,
    columns: Vec<Option<Column>>,
}

impl Table<'_> {
    fn count(&self, which: impl Fn(Column) -> bool) -> usize {
        self.columns.iter().flatten().filter(|column| which(**column)).count()
    }

    fn has(&self, which: impl Fn(Column) -> bool) -> bool {
        self.count(which) > 0
    }

    fn place(&self, wanted: Column) -> Option<usize> {
        self.columns.iter().position(|column| *column == Some(wanted))
    }

    /// Returns whether the rows are runs. A table of runs may have an epoch column too, for the last epoch of each.
    fn is_of_runs(&self, counter: usize) -> bool {
        if self.configurations() > 1 {
            return true;
        }
        let epochs: Vec<f64> = self.numbers(counter);
        let is_single = epochs.windows(2).all(|pair| pair[0] == pair[1]);
        let is_ordered = epochs.windows(2).all(|pair| pair[0] <= pair[1]);
        let rates =
            self.place(Column::Factor(Factor::LEARNING_RATE)).map_or(0, |place| self.sheet.distinct(place).len());
        let has_own_rates = rates > 1 && rates == epochs.len();
        match (is_single, is_ordered) {
            // With a single row, a factor that histories do not have decides.
            (true, _) => {
                if epochs.len() > 1 {
                    has_own_rates
                } else {
                    self.has(is_sweep_factor)
                }
            }
            (false, true) => has_own_rates && epochs.first().is_some_and(|&first| first > 1.0),
            (false, false) => has_own_rates,
        }
    }

    /// Counts the distinct configurations, ignoring the learning rate, which may change within a history.
    fn configurations(&self) -> usize {
        let has_epoch = self.place(Column::Epoch).is_some();
        let is_identity = |place: &usize| match self.columns[*place] {
            // In a history, `batch` is the number of the batch.
            Some(Column::Factor(Factor::BATCH_SIZE)) => {
                !(has_epoch && self.sheet.names[*place].eq_ignore_ascii_case("batch"))
            }
            Some(Column::Factor(factor)) => !matches!(factor, Factor::LEARNING_RATE | Factor::EPOCHS),
            Some(Column::Seed) => true,
            _ => false,
        };
        let places: Vec<usize> = (0..self.columns.len()).filter(is_identity).collect();
        let named: Vec<usize> =
            (0..self.columns.len()).filter(|&place| self.columns[place] == Some(Column::Run)).collect();
        let distinct = |places: &[usize]| {
            let cells = |row: &crate::sheet::Row| -> Vec<String> {
                places
                    .iter()
                    .map(|&place| row.cells.get(place).map_or_else(String::new, |cell| cell.trim().to_owned()))
                    .collect()
            };
            let all: HashSet<_> = self.sheet.rows.iter().map(cells).collect();
            all.into_iter().filter(|cells| cells.iter().any(|cell| !cell.is_empty())).count()
        };
        distinct(&places).max(distinct(&named))
    }

    fn numbers(&self, place: usize) -> Vec<f64> {
        let cells = self.sheet.rows.iter().filter_map(|row| row.cells.get(place));
        cells.filter_map(|cell| self.sheet.number(cell)).filter(|number| number.is_finite()).collect()
    }
}

fn is_sweep_factor(column: Column) -> bool {
    matches!(column, Column::Factor(Factor::ACTIVATION | Factor::OPTIMIZER | Factor::BATCH_SIZE))
}
