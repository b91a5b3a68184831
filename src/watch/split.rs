//! Several runs in one file: a column names the run of each row.

use std::{collections::HashMap, sync::Arc};

use super::{
    curves::Curves,
    names::{Set, run_rank},
    record::{Needs, Record},
};
use crate::train::Place;

/// Maximum number of runs in a file.
const MAX_RUNS: usize = 100;
/// Maximum number of columns of all runs in a file.
const MAX_COLUMNS: usize = 2_000;
/// Number of first rows that show which columns there are, and whether each row is a run of its own.
const FIRST: usize = 12;
/// Maximum number of columns that may tell runs apart.
const MAX_CHOICES: usize = 16;

/// The column that tells a file's runs apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Split {
    /// One with a usual name, such as `run` or `trial_id`.
    #[default]
    Usual,
    Column(String),
    /// None: a file is one run.
    Off,
}

/// The curves of the runs in a file, in the order in which they appear.
#[derive(Debug)]
pub(super) struct Members {
    /// Set of the columns whose names say nothing about one.
    set: Set,
    split: Split,
    /// Name of the column in force, once a row has it.
    column: Option<Arc<str>>,
    pub curves: Vec<Curves>,
    places: HashMap<String, usize>,
    /// Place of the run of the last row, which often has the next one, too.
    last: usize,
    /// First rows, until it is known whether each is a run of its own.
    first: Option<Vec<Record>>,
    /// Columns that may tell runs apart.
    pub choices: Vec<Arc<str>>,
    pub rows: u64,
    pub newest: Place,
    /// Number of columns of all runs.
    pub columns: usize,
    pub has_too_many_columns: bool,
    pub has_too_many_runs: bool,
}

impl Members {
    /// Returns no curves yet, of runs whose columns were measured on `set` unless their names say otherwise.
    pub(super) fn new(set: Set, split: Split) -> Self {
        Self {
            set,
            first: (split == Split::Usual).then(Vec::new),
            split,
            column: None,
            curves: Vec::new(),
            places: HashMap::new(),
            last: 0,
            choices: Vec::new(),
            rows: 0,
            newest: Place { epochs: f64::NAN, steps: f64::NAN, seconds: f64::NAN },
            columns: 0,
            has_too_many_columns: false,
            has_too_many_runs: false,
        }
    }

    /// Returns no curves yet, of the same file.
    pub(super) fn emptied(&self) -> Self {
        Self::new(self.set, self.split.clone())
    }

    /// Removes all curves, since the file is to be read again.
    pub(super) fn clear(&mut self) {
        *self = self.emptied();
    }

    pub(super) fn split_by(&mut self, split: Split) {
        *self = Self::new(self.set, split);
    }

    /// Returns the column that tells the runs apart, if there are several.
    pub(super) fn column(&self) -> Option<&str> {
        self.column.as_deref().filter(|_| self.curves.len() > 1)
    }

    /// Returns which texts are needed.
    pub(super) fn needs(&self) -> Needs {
        let column = if let Split::Column(column) = &self.split { Some(column.clone()) } else { None };
        Needs { column, is_all: self.rows < FIRST as u64 }
    }

    /// Adds a row, of which each curve keeps at most `most` points, and returns its place.
    pub(super) fn add(&mut self, record: &Record, most: usize) -> Place {
        self.look_at_columns(record);
        self.rows += 1;
        let run = self.column.as_ref().and_then(|column| record.text(column)).unwrap_or_default();
        if let Some(place) = self.place_of(&run) {
            self.add_to(place, record, most);
        }
        if let Some(mut first) = self.first.take() {
            first.push(record.clone());
            self.first = self.reconsidered(first, most);
        }
        self.newest
    }

    fn add_to(&mut self, place: usize, record: &Record, most: usize) {
        let curves = &mut self.curves[place];
        let before = curves.columns.len();
        let room = MAX_COLUMNS - self.columns;
        self.newest = curves.add(record, self.column.as_deref(), most, before + room);
        self.columns += curves.columns.len() - before;
        self.has_too_many_columns |= curves.has_too_many;
    }

    /// Notes which columns may tell runs apart, and takes the first one that is to.
    fn look_at_columns(&mut self, record: &Record) {
        if self.rows < FIRST as u64 {
            for name in record.names().filter(|name| run_rank(name).is_some() || record.has_text(name)) {
                if self.choices.len() < MAX_CHOICES && !self.choices.contains(name) {
                    self.choices.push(Arc::clone(name));
                }
            }
        }
        let column = match &self.split {
            _ if self.column.is_some() => return,
            Split::Off => None,
            Split::Column(column) => record.names().find(|name| name[..] == column[..]),
            // Of a table with a row for each run, `first` has been dropped.
            Split::Usual if self.rows >= FIRST as u64 => None,
            Split::Usual => {
                let usual = record.names().filter_map(|name| Some((run_rank(name)?, name)));
                usual.min_by_key(|(rank, _)| *rank).map(|(_, name)| name)
            }
        };
        self.column = column.cloned();
    }

    /// Returns the index of a run's curves; `None` if there are too many runs.
    fn place_of(&mut self, run: &str) -> Option<usize> {
        // The usual file has one run without a name.
        if run.is_empty() && self.curves.first().is_some_and(|curves| curves.name.is_empty()) {
            return Some(0);
        }
        let last = self.curves.get(self.last).filter(|curves| curves.name == run);
        if let Some(place) = last.map(|_| self.last).or_else(|| self.places.get(run).copied()) {
            self.last = place;
            return Some(place);
        }
        if self.curves.len() == MAX_RUNS {
            self.has_too_many_runs = true;
            return None;
        }
        self.last = self.curves.len();
        self.curves.push(Curves::new(self.set, run.to_owned()));
        self.places.insert(run.to_owned(), self.last);
        Some(self.last)
    }

    /// Joins the rows again if each is a run of its own and nothing counts: then the table lists runs and has no curves.
    /// Returns the rows if that is not known yet.
    fn reconsidered(&mut self, first: Vec<Record>, most: usize) -> Option<Vec<Record>> {
        let is_list = self.curves.len() == first.len() && !self.curves.iter().any(Curves::is_counted);
        if first.len() < FIRST && is_list {
            return Some(first);
        }
        if is_list && self.column.take().is_some() {
            (self.curves, self.places, self.columns) = (Vec::new(), HashMap::new(), 0);
            let place = self.place_of("")?;
            first.iter().for_each(|record| self.add_to(place, record, most));
        }
        None
    }
}
