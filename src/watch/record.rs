//! What readers hand on: rows of numbers, and what they could not read.

use super::json::Numbers;

/// A row of a table, an object or a summary.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Record {
    /// Step that the format itself gives.
    pub step: Option<f64>,
    /// Seconds since 1970 that the format itself gives.
    pub clock: Option<f64>,
    pub numbers: Numbers,
}

impl Record {
    pub(super) fn of(numbers: Numbers) -> Self {
        Self { numbers, ..Self::default() }
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
    /// Number of lines or records that were skipped.
    pub damaged: u64,
    pub waiting: Option<Waiting>,
}

impl<'a> Pass<'a> {
    pub(super) fn new(row: &'a mut dyn FnMut(&Record)) -> Self {
        Self { row, damaged: 0, waiting: None }
    }

    pub(super) fn add(&mut self, record: &Record) {
        if !record.numbers.is_empty() {
            (self.row)(record);
        }
    }
}
