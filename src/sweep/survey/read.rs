//! Reading a sweep's table by the names of its columns. What is missing or invalid is reported line by line.

use std::collections::HashMap;

use super::{
    Factor, Labels, Observation, Outcome, Survey,
    column::{Column, Metric, Set},
    kind::TableKind,
};
use crate::{
    sheet::{Row, Sheet, Unreadable},
    sweep::methods::measurements::COLUMNS,
};

/// Something missing or invalid in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line number, from 1. 0: the file as a whole.
    pub line: usize,
    pub reason: String,
}

/// Contents of a file and its faults.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    pub survey: Survey,
    pub faults: Vec<Fault>,
}

/// Error for a file that is not a sweep's table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASweep {
    #[error("expected a table in UTF-8 or UTF-16, found {0}; save it as CSV in UTF-8")]
    Encoding(&'static str),
    #[error(
        "expected a header with `Validation Accuracy` and one or more of `Activation`, `Optimizer`, `Learning Rate` \
         and `Batch Size`, found {found}; name the CSV of a sweep, or restore the header"
    )]
    Header { found: String },
    #[error(
        "expected a sweep with one row per run, found the history of a run with one row per epoch (the header is \
         {found}); `lenet-monitor report FILE --out DIR` draws it"
    )]
    History { found: String },
}

impl NotASweep {
    pub(crate) fn header(sheet: &Sheet) -> Self {
        Self::Header { found: format!("`{}`", clipped(&sheet.header)) }
    }
}

impl From<Unreadable> for NotASweep {
    fn from(error: Unreadable) -> Self {
        match error {
            Unreadable::NotText => Self::Encoding("binary data"),
            Unreadable::Empty => Self::Header { found: "an empty file".into() },
        }
    }
}

impl Survey {
    /// Reads a sweep's table: this program's, the report's with five columns, or another one with these columns.
    ///
    /// # Errors
    /// If there is no header with an accuracy and a factor, or the table has one row per epoch instead of one per run.
    pub fn read(bytes: &[u8]) -> Result<Reading, NotASweep> {
        let sheet = Sheet::read(bytes)?;
        match TableKind::of(&sheet) {
            Some(TableKind::Sweep) => Ok(Self::of_sheet(&sheet)),
            Some(TableKind::History) if sheet.names.iter().any(|name| Column::of(name) == Some(Column::Epoch)) => {
                Err(NotASweep::History { found: format!("`{}`", clipped(&sheet.header)) })
            }
            _ => Err(NotASweep::header(&sheet)),
        }
    }

    /// Reads a table that is known to be a sweep.
    pub(crate) fn of_sheet(sheet: &Sheet) -> Reading {
        let mut reader = Reader::new(sheet);
        sheet.rows.iter().for_each(|row| reader.add(row));
        reader.finish()
    }
}

/// Use of a column.
#[derive(Clone, Debug, PartialEq)]
enum Use {
    Factor(Factor),
    Accuracy,
    Loss,
    Seconds,
    Seed,
    State,
    /// Epoch of the row, where runs have several rows.
    Epoch,
    /// Name of the run, where runs have several rows.
    Run,
    /// None, which needs no report.
    Silent,
    /// None, with the reason to report.
    Ignored(String),
}

struct Reader<'a> {
    sheet: &'a Sheet,
    uses: Vec<Use>,
    observations: Vec<Observation>,
    /// Line and outcome by labels and seed.
    known: HashMap<(Labels, String), (usize, Outcome)>,
    /// Line, epoch and index of the last row of each run, by its labels, seed and name.
    last: HashMap<(Labels, String, String), (usize, f64, usize)>,
    /// Indices in `observations` of rows that a later epoch replaced.
    replaced: Vec<usize>,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    fn new(sheet: &'a Sheet) -> Self {
        let faults = sheet.faults.iter().map(|(line, reason)| Fault { line: *line, reason: reason.clone() }).collect();
        let (observations, replaced) = (Vec::new(), Vec::new());
        let (known, last) = (HashMap::new(), HashMap::new());
        let mut reader = Self { sheet, uses: uses(sheet), observations, known, last, replaced, faults };
        reader.check_columns();
        reader
    }

    fn has(&self, wanted: &Use) -> bool {
        self.uses.contains(wanted)
    }

    fn check_columns(&mut self) {
        let line = self.sheet.line;
        for factor in Factor::SWEPT {
            if !self.has(&Use::Factor(factor)) {
                self.fault(line, format!("no column `{}`", factor.column()));
            }
        }
        let reasons = self.uses.iter().filter_map(|each| match each {
            Use::Ignored(reason) => Some(reason.clone()),
            _ => None,
        });
        reasons.collect::<Vec<_>>().into_iter().for_each(|reason| self.fault(line, reason));
    }

    fn fault(&mut self, line: usize, reason: impl Into<String>) {
        self.faults.push(Fault { line, reason: reason.into() });
    }

    fn add(&mut self, row: &Row) {
        match self.check_cells(row) {
            Ok(()) => {
                if !row.is_whole && self.uses.last() == Some(&Use::Accuracy) {
                    self.fault(row.line, "the line has no newline; its accuracy may be truncated");
                }
                self.add_cells(row.line, &row.cells);
            }
            Err(reason) => self.fault(row.line, format!("{reason}; ignored")),
        }
    }

    fn check_cells(&self, row: &Row) -> Result<(), String> {
        let (expected, found) = (self.sheet.names.len(), row.cells.len());
        if found != expected {
            let end = if row.is_whole { "" } else { ": the line is truncated" };
            return Err(format!("expected {expected} cells, found {found}{end}"));
        }
        if !row.is_whole && self.has(&Use::State) && !self.ends_as_others(row) {
            return Err("the line is truncated".into());
        }
        let is_not_text = |c: char| c == char::REPLACEMENT_CHARACTER || (c.is_control() && !c.is_whitespace());
        let used = row.cells.iter().zip(&self.uses).filter(|(_, each)| !matches!(each, Use::Silent | Use::Ignored(_)));
        if used.into_iter().any(|(cell, _)| cell.contains(is_not_text)) {
            return Err("it contains bytes that are not UTF-8".into());
        }
        Ok(())
    }

    /// Returns whether the last line, which has no newline, ends with a value that another row has. A truncated name or
    /// number would make a configuration of its own.
    fn ends_as_others(&self, row: &Row) -> bool {
        let is_value = matches!(self.uses.last(), Some(Use::State | Use::Factor(_)));
        let mut others = self.sheet.rows.iter().filter(|other| other.is_whole).peekable();
        !is_value || others.peek().is_none() || others.any(|other| other.cells.last() == row.cells.last())
    }

    fn add_cells(&mut self, line: usize, cells: &[String]) {
        let cell = |wanted: &Use| {
            let place = self.uses.iter().position(|each| each == wanted);
            place.map_or("", |place| cells[place].trim())
        };
        let mut remarks = Vec::new();
        let accuracy = self.sheet.number(cell(&Use::Accuracy));
        let outcome = match outcome(cell(&Use::State), cell(&Use::Accuracy), accuracy, &mut remarks) {
            Ok(outcome) => outcome,
            Err(reason) => return self.fault(line, format!("{reason}; ignored")),
        };
        let mut observation = Observation::new(outcome);
        observation.seed = Some(cell(&Use::Seed).to_owned()).filter(|seed| !seed.is_empty());
        let number = |wanted| self.sheet.number(cell(wanted)).filter(|number| number.is_finite());
        observation.loss = number(&Use::Loss);
        observation.seconds = number(&Use::Seconds).filter(|seconds| *seconds >= 0.0);
        for factor in Factor::ALL {
            let value = cell(&Use::Factor(factor));
            // `0,001` and `0.001` are the same.
            let plain =
                if factor.is_number() { self.sheet.number(value).map(|number| number.to_string()) } else { None };
            observation = observation.with(factor, plain.as_deref().unwrap_or(value));
            if observation.labels[factor.place()].is_none() && self.has(&Use::Factor(factor)) {
                remarks.push(format!("{} is {}", factor.column(), if value.is_empty() { "empty" } else { value }));
            }
        }
        let (epoch, run) = (number(&Use::Epoch), cell(&Use::Run).to_owned());
        remarks.into_iter().for_each(|remark| self.fault(line, remark));
        if let Some(epoch) = epoch {
            self.add_epoch(line, epoch, run, observation);
        } else if self.is_new(line, &observation) {
            self.observations.push(observation);
        }
    }

    /// Adds a row of a run with a row per epoch. The last epoch is the result of the run.
    fn add_epoch(&mut self, line: usize, epoch: f64, run: String, observation: Observation) {
        let key = (observation.labels.clone(), observation.seed.clone().unwrap_or_default(), run);
        let Some(&(first, last, place)) = self.last.get(&key).filter(|before| before.1 != epoch) else {
            if self.is_new(line, &observation) {
                self.last.insert(key, (line, epoch, self.observations.len()));
                self.observations.push(observation);
            }
            return;
        };
        const REASON: &str = "not the last epoch of its run; ignored";
        if epoch < last {
            return self.fault(line, REASON);
        }
        self.fault(first, REASON);
        self.replaced.push(place);
        self.known.insert((key.0.clone(), key.1.clone()), (line, observation.outcome));
        self.last.insert(key, (line, epoch, self.observations.len()));
        self.observations.push(observation);
    }

    /// Returns `false` if an earlier line has the same configuration, seed and result.
    fn is_new(&mut self, line: usize, observation: &Observation) -> bool {
        let Some(seed) = observation.seed.clone() else { return true };
        let first = *self.known.entry((observation.labels.clone(), seed)).or_insert((line, observation.outcome));
        if first.0 == line {
            return true;
        }
        let is_new = first.1 != observation.outcome;
        let what = if is_new { " with another result; both are kept" } else { "; ignored" };
        self.fault(line, format!("repeats the configuration and seed of line {}{what}", first.0));
        is_new
    }

    fn finish(mut self) -> Reading {
        self.replaced.sort_unstable();
        let kept = self.observations.into_iter().enumerate();
        let kept = kept.filter(|(place, _)| self.replaced.binary_search(place).is_err()).map(|(_, it)| it);
        let survey = Survey::of(kept.collect::<Vec<_>>());
        self.faults.sort_by_key(|fault| fault.line);
        Reading { survey, faults: self.faults }
    }
}

/// Returns the use of each column.
fn uses(sheet: &Sheet) -> Vec<Use> {
    let columns: Vec<Option<Column>> = sheet.names.iter().map(|name| Column::of(name)).collect();
    let result = result(&columns, Metric::Accuracy, None);
    let set = result.and_then(|place| measured_set(columns[place]));
    let loss = self::result(&columns, Metric::Loss, set);
    let mut uses: Vec<Use> = Vec::new();
    for (place, column) in columns.iter().enumerate() {
        let name = &sheet.names[place];
        let ignored = |why: &str| Use::Ignored(format!("column `{}` is ignored{why}", clipped(name)));
        let in_favour_of = |other: usize| format!(" in favour of `{}`", clipped(&sheet.names[other]));
        let wanted = match column {
            Some(Column::Factor(factor)) => Use::Factor(*factor),
            Some(Column::Measure(..)) if Some(place) == result => Use::Accuracy,
            Some(Column::Measure(..)) if Some(place) == loss => Use::Loss,
            Some(Column::Seed) => Use::Seed,
            Some(Column::State) => Use::State,
            Some(Column::Seconds) => Use::Seconds,
            Some(Column::Epoch) => Use::Epoch,
            Some(Column::Run) => Use::Run,
            Some(Column::Ignored) => Use::Silent,
            Some(Column::Measure(_, what)) => {
                let instead = if *what == Metric::Accuracy { result } else { loss };
                ignored(&instead.map_or_else(String::new, in_favour_of))
            }
            Some(Column::Step | Column::Value) => ignored(""),
            None if name.is_empty() && (place == 0 || sheet.distinct(place).is_empty()) => Use::Silent,
            None if name.is_empty() => Use::Ignored(format!("column {} has no name and is ignored", place + 1)),
            None if name.starts_with("Unnamed: ") || COLUMNS.contains(&name.as_str()) => Use::Silent,
            None => ignored(""),
        };
        let first = uses.iter().position(|each| *each == wanted && *each != Use::Silent);
        uses.push(match first {
            Some(first) => ignored(&in_favour_of(first)),
            None => wanted,
        });
    }
    uses
}

fn measured_set(column: Option<Column>) -> Option<Set> {
    if let Some(Column::Measure(set, _)) = column { Some(set) } else { None }
}

/// Returns the column with the result: of the wanted set, else of validation, test or any other set, in this order.
fn result(columns: &[Option<Column>], wanted: Metric, set: Option<Set>) -> Option<usize> {
    let rank = |column: &Option<Column>| match column {
        Some(Column::Measure(Set::Training, _)) => None,
        Some(Column::Measure(found, what)) if *what == wanted => Some((set != Some(*found), *found)),
        _ => None,
    };
    let ranked = columns.iter().enumerate().filter_map(|(place, column)| Some((rank(column)?, place)));
    ranked.min().map(|(_, place)| place)
}

/// Returns the outcome of a run, or why it is unknown.
fn outcome(state: &str, text: &str, accuracy: Option<f64>, remarks: &mut Vec<String>) -> Result<Outcome, String> {
    match state.to_lowercase().as_str() {
        "diverged" => return Ok(Outcome::Diverged),
        "failed" | "crashed" | "killed" | "error" => {
            let words = if text.is_empty() { "has no result" } else { "its accuracy is ignored" };
            remarks.push(format!(
                "the run {} and {words}",
                if state.eq_ignore_ascii_case("error") { "failed" } else { state }.to_lowercase()
            ));
            return Ok(Outcome::Failed);
        }
        "done" | "" | "finished" | "complete" | "completed" | "success" | "succeeded" => {}
        _ => remarks.push(format!("expected done, diverged or failed as State, found `{}`", clipped(state))),
    }
    match accuracy {
        _ if text.is_empty() => Err("no accuracy".into()),
        Some(value) if value.is_nan() => Err("the accuracy is NaN".into()),
        Some(value) if (0.0..=1.0).contains(&value) => Ok(Outcome::Accuracy(value)),
        Some(_) => Err(format!("expected an accuracy from 0 to 1, found {}", clipped(text))),
        None => Err(format!("expected an accuracy from 0 to 1, found `{}`", clipped(text))),
    }
}

/// Shortens a text for a message.
pub(crate) fn clipped(text: &str) -> String {
    let mut clipped: String = text.chars().take(60).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().count() > 60 {
        clipped.push('…');
    }
    clipped
}
