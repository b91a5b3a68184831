//! What readers hand on: rows of numbers, and what they could not read.

use std::{borrow::Cow, sync::Arc};

use super::names::run_rank;

/// Names and numbers of an object, nested ones as `outer/inner`.
pub(super) type Numbers = Vec<(Arc<str>, f64)>;

/// Longest text that can be a run's name, in bytes.
const LONGEST_TEXT: usize = 200;

/// A row of a table, an object or a summary.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Record {
    /// Step that the format itself gives.
    pub step: Option<f64>,
    /// Seconds since 1970 that the format itself gives.
    pub clock: Option<f64>,
    pub numbers: Numbers,
    /// Cells that are no numbers, with the names of their columns.
    pub texts: Vec<(Arc<str>, String)>,
}

impl Record {
    /// Removes all cells.
    pub(super) fn clear(&mut self) {
        self.numbers.clear();
        self.texts.clear();
    }

    pub(super) fn add_text(&mut self, name: &Arc<str>, text: &str) {
        if !text.is_empty() && text.len() <= LONGEST_TEXT {
            self.texts.push((Arc::clone(name), text.to_owned()));
        }
    }

    /// Returns the names of all columns.
    pub(super) fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.texts.iter().map(|(name, _)| name).chain(self.numbers.iter().map(|(name, _)| name))
    }

    pub(super) fn has_text(&self, name: &str) -> bool {
        self.texts.iter().any(|(found, _)| **found == *name)
    }

    /// Returns what is in a column, if anything is.
    pub(super) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        let text = self.texts.iter().find(|(found, _)| **found == *name).map(|(_, text)| text.into());
        text.or_else(|| {
            let (_, number) = self.numbers.iter().find(|(found, number)| **found == *name && !number.is_nan())?;
            Some(number.to_string().into())
        })
    }
}

/// Columns whose texts are needed.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// Column that was chosen to tell runs apart.
    pub column: Option<String>,
    pub is_all: bool,
}

impl Needs {
    pub(super) fn has(&self, name: &str) -> bool {
        self.is_all || self.column.as_deref() == Some(name) || run_rank(name).is_some()
    }
}

/// Reason why the end of a file cannot be read yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    Missing,
    Unreadable,
    Empty,
    HalfLine,
    HalfRecord,
    DamagedEnd,
    HalfDocument,
}

impl Waiting {
    pub fn text(self) -> &'static str {
        match self {
            Self::Missing => "not there; waiting for it",
            Self::Unreadable => "cannot be read; trying again",
            Self::Empty => "empty; waiting for its first row",
            Self::HalfLine => "ends in half a line; waiting for the rest",
            Self::HalfRecord => "ends in half a record; waiting for the rest",
            Self::DamagedEnd => "damaged at its end; waiting for more",
            Self::HalfDocument => "no whole JSON document; waiting for the rest",
        }
    }
}

/// One pass over a part of a file.
pub(super) struct Pass<'a> {
    row: &'a mut dyn FnMut(&Record),
    pub needs: Needs,
    /// Number of lines or records that were skipped.
    pub damaged: u64,
    pub waiting: Option<Waiting>,
}

impl<'a> Pass<'a> {
    pub(super) fn new(row: &'a mut dyn FnMut(&Record), needs: Needs) -> Self {
        Self { row, needs, damaged: 0, waiting: None }
    }

    pub(super) fn add(&mut self, record: &Record) {
        if !record.numbers.is_empty() {
            (self.row)(record);
        }
    }
}
