//! The curves of a run, by the names of its columns.

use std::{collections::HashMap, sync::Arc};

use super::{
    names::{Meaning, Set, meaning},
    record::Record,
    series::Series,
};
use crate::train::Place;

/// A time above this is since 1970, not since the start of the run.
const SINCE_1970: f64 = 1e8;
/// Beginning of the names that Keras's callback counts by epochs.
const BY_EPOCH: &str = "epoch_";

/// A measured column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Name in the file.
    pub name: String,
    /// What was measured, such as `loss`.
    pub metric: String,
    pub set: Set,
    pub series: Series,
}

#[derive(Clone, Copy, Debug)]
enum Role {
    Epoch,
    Step,
    Clock,
    Duration,
    Measure(usize),
    Ignored,
}

/// The curves of a run.
#[derive(Debug)]
pub struct Curves {
    /// Name of the run in the file; empty if the file names none.
    pub name: String,
    pub columns: Vec<Column>,
    roles: HashMap<Arc<str>, Role>,
    /// Set of the columns whose names say nothing about one.
    set: Set,
    /// Whether a column counts epochs or steps.
    is_counted: bool,
    /// Number of rows.
    rows: u64,
    newest: Place,
    /// Time of the first row, in seconds since 1970.
    start: Option<f64>,
    /// Number of times that a column went back to an earlier place.
    pub(super) returns: u64,
    pub(super) has_too_many: bool,
}

impl Curves {
    /// Returns no curves yet, of a run whose columns were measured on `set` unless their names say otherwise.
    pub(super) fn new(set: Set, name: String) -> Self {
        let newest = Place { epochs: f64::NAN, steps: f64::NAN, seconds: f64::NAN };
        Self {
            name,
            columns: Vec::new(),
            roles: HashMap::new(),
            set,
            is_counted: false,
            rows: 0,
            newest,
            start: None,
            returns: 0,
            has_too_many: false,
        }
    }

    /// Returns whether something counts epochs or steps.
    pub(super) fn is_counted(&self) -> bool {
        self.is_counted
    }

    /// Adds a row, of which each curve keeps at most `most` points, and returns its place. The column `ignored` is no
    /// curve, nor is any beyond the first `most_columns`.
    pub(super) fn add(&mut self, record: &Record, ignored: Option<&str>, most: usize, most_columns: usize) -> Place {
        let role = |(name, _): &(Arc<str>, f64)| match ignored {
            Some(ignored) if **name == *ignored => Role::Ignored,
            _ => self.role(name, most_columns),
        };
        let roles: Vec<Role> = record.numbers.iter().map(role).collect();
        self.is_counted |= record.step.is_some();
        let place = self.place(record, &roles);
        let mut goes_back = false;
        for ((name, value), role) in record.numbers.iter().zip(roles) {
            if let Role::Measure(index) = role {
                let place = match record.step {
                    Some(step) if name.starts_with(BY_EPOCH) => Place { epochs: step, steps: f64::NAN, ..place },
                    _ => place,
                };
                goes_back |= self.columns[index].series.push(place, *value, most);
            }
        }
        self.rows += 1;
        self.returns += u64::from(goes_back);
        self.newest = place;
        place
    }

    /// Returns the place of a row: what it counts itself, or else what the rows before it count, or else its number.
    fn place(&mut self, record: &Record, roles: &[Role]) -> Place {
        let mut place = self.newest;
        let mut clock = record.clock;
        place.steps = record.step.unwrap_or(place.steps);
        for ((_, value), role) in record.numbers.iter().zip(roles) {
            match role {
                _ if !value.is_finite() => {}
                Role::Epoch => place.epochs = *value,
                Role::Step => place.steps = *value,
                Role::Clock => clock = Some(*value),
                Role::Duration => place.seconds = if place.seconds.is_nan() { 0.0 } else { place.seconds } + value,
                _ => {}
            }
        }
        if let Some(clock) = clock {
            let start = if clock > SINCE_1970 { *self.start.get_or_insert(clock) } else { 0.0 };
            place.seconds = clock - start;
        }
        if record.step.is_none() && !self.is_counted {
            place.steps = self.rows as f64 + 1.0;
        }
        place
    }

    fn role(&mut self, name: &Arc<str>, most_columns: usize) -> Role {
        if let Some(role) = self.roles.get(name) {
            return *role;
        }
        let role = match meaning(name, self.set) {
            Meaning::Epoch => Role::Epoch,
            Meaning::Step => Role::Step,
            Meaning::Clock => Role::Clock,
            Meaning::Duration => Role::Duration,
            Meaning::Measure(..) if self.columns.len() >= most_columns => {
                self.has_too_many = true;
                // Not kept: there may be any number of further names.
                return Role::Ignored;
            }
            Meaning::Measure(metric, set) => {
                let is_taken = |column: &Column| (&column.metric, column.set) == (&metric, set);
                let metric = if self.columns.iter().any(is_taken) { name.to_string() } else { metric };
                self.columns.push(Column { name: name.to_string(), metric, set, series: Series::default() });
                Role::Measure(self.columns.len() - 1)
            }
        };
        self.is_counted |= matches!(role, Role::Epoch | Role::Step);
        self.roles.insert(Arc::clone(name), role);
        role
    }
}
