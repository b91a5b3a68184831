//! A sweep's table, read by its columns' names. What is there is kept; what is not is reported, line by line.

use std::collections::HashMap;

use super::{
    Factor, Labels, Observation, Outcome, Survey,
    column::{Column, Set, What},
    kind::Kind,
};
use crate::sheet::{Row, Sheet, Unreadable};

/// Something that a file has not, or not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// From 1. 0: the file as a whole.
    pub line: usize,
    pub reason: String,
}

/// What a file holds, and what it does not.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    pub survey: Survey,
    pub faults: Vec<Fault>,
}

/// Nothing can be made of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASweep {
    #[error("expected a table in UTF-8 or UTF-16, found {0}; save it as CSV in UTF-8")]
    Encoding(&'static str),
    #[error(
        "expected a header with `Validation Accuracy` and one or more of `Activation`, `Optimizer`, `Learning Rate` and \
         `Batch Size`, found {found}; name a sweep's CSV, or put the header back"
    )]
    Header { found: String },
    #[error(
        "expected a sweep with a row for each run, found the history of a run with a row for each epoch (the header is \
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
            Unreadable::NotText => Self::Encoding("bytes that are no text"),
            Unreadable::Empty => Self::Header { found: "an empty file".into() },
        }
    }
}

impl Survey {
    /// Reads a sweep's table: this program's, the report's with five columns, or another with such columns in any order.
    ///
    /// # Errors
    /// If there is no header with an accuracy and a factor, or the table has a row for each epoch instead of each run.
    pub fn read(bytes: &[u8]) -> Result<Reading, NotASweep> {
        let sheet = Sheet::read(bytes)?;
        match Kind::of(&sheet) {
            Some(Kind::Sweep) => Ok(Self::of_sheet(&sheet)),
            Some(Kind::History) if sheet.names.iter().any(|name| Column::of(name) == Some(Column::Epoch)) => {
                Err(NotASweep::History { found: format!("`{}`", clipped(&sheet.header)) })
            }
            _ => Err(NotASweep::header(&sheet)),
        }
    }

    /// Reads a table of which it is known that it is a sweep.
    pub(crate) fn of_sheet(sheet: &Sheet) -> Reading {
        let mut reader = Reader::new(sheet);
        sheet.rows.iter().for_each(|row| reader.take(row));
        reader.finish()
    }
}

/// What a column is used for.
#[derive(Clone, Debug, PartialEq)]
enum Use {
    Factor(Factor),
    Accuracy,
    Loss,
    Seconds,
    Seed,
    State,
    /// The epoch that the row is of, where runs have several rows
    Epoch,
    /// The run's name, where runs have several rows
    Run,
    /// Nothing, and nobody misses it
    Idle,
    /// Nothing, for the reason
    PassedOver(String),
}

struct Reader<'a> {
    sheet: &'a Sheet,
    uses: Vec<Use>,
    observations: Vec<Observation>,
    /// Lines and results by labels and seed
    known: HashMap<(Labels, String), (usize, Outcome)>,
    /// The last row of each run, by its configuration, seed and name: its line, its epoch, its place
    last: HashMap<(Labels, String, String), (usize, f64, usize)>,
    /// Places in `observations` of rows that a later epoch replaced
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
                self.fault(line, format!("there is no column `{}`", factor.column()));
            }
        }
        let reasons = self.uses.iter().filter_map(|each| match each {
            Use::PassedOver(reason) => Some(reason.clone()),
            _ => None,
        });
        reasons.collect::<Vec<_>>().into_iter().for_each(|reason| self.fault(line, reason));
    }

    fn fault(&mut self, line: usize, reason: impl Into<String>) {
        self.faults.push(Fault { line, reason: reason.into() });
    }

    fn take(&mut self, row: &Row) {
        match self.check_cells(row) {
            Ok(()) => {
                if !row.is_whole && self.uses.last() == Some(&Use::Accuracy) {
                    self.fault(row.line, "the line has no end: its accuracy may have been cut short");
                }
                self.take_cells(row.line, &row.cells);
            }
            Err(reason) => self.fault(row.line, format!("{reason}: left out")),
        }
    }

    fn check_cells(&self, row: &Row) -> Result<(), String> {
        let (expected, found) = (self.sheet.names.len(), row.cells.len());
        if found != expected {
            let end = if row.is_whole { "" } else { ", for the line was cut short" };
            return Err(format!("expected {expected} cells, found {found}{end}"));
        }
        if !row.is_whole && self.has(&Use::State) && !self.ends_as_others(row) {
            return Err("the line was cut short".into());
        }
        let is_no_text = |c: char| c == char::REPLACEMENT_CHARACTER || (c.is_control() && !c.is_whitespace());
        let used = row.cells.iter().zip(&self.uses).filter(|(_, each)| !matches!(each, Use::Idle | Use::PassedOver(_)));
        if used.into_iter().any(|(cell, _)| cell.contains(is_no_text)) {
            return Err("it holds bytes that are no UTF-8 text".into());
        }
        Ok(())
    }

    /// Whether the last line, which has no end, ends with a value that another row has, too: half a name, or half a number of
    /// images, would make a configuration of its own.
    fn ends_as_others(&self, row: &Row) -> bool {
        let is_value = matches!(self.uses.last(), Some(Use::State | Use::Factor(_)));
        let mut others = self.sheet.rows.iter().filter(|other| other.is_whole).peekable();
        !is_value || others.peek().is_none() || others.any(|other| other.cells.last() == row.cells.last())
    }

    fn take_cells(&mut self, line: usize, cells: &[String]) {
        let cell = |wanted: &Use| {
            let place = self.uses.iter().position(|each| each == wanted);
            place.map_or("", |place| cells[place].trim())
        };
        let mut remarks = Vec::new();
        let accuracy = self.sheet.number(cell(&Use::Accuracy));
        let outcome = match outcome(cell(&Use::State), cell(&Use::Accuracy), accuracy, &mut remarks) {
            Ok(outcome) => outcome,
            Err(reason) => return self.fault(line, format!("{reason}: left out")),
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
            self.take_epoch(line, epoch, run, observation);
        } else if self.is_new(line, &observation) {
            self.observations.push(observation);
        }
    }

    /// A table of runs may have a row for each epoch of each of them: the last epoch is the run's result.
    fn take_epoch(&mut self, line: usize, epoch: f64, run: String, observation: Observation) {
        let key = (observation.labels.clone(), observation.seed.clone().unwrap_or_default(), run);
        let Some(&(first, last, place)) = self.last.get(&key).filter(|before| before.1 != epoch) else {
            if self.is_new(line, &observation) {
                self.last.insert(key, (line, epoch, self.observations.len()));
                self.observations.push(observation);
            }
            return;
        };
        const REASON: &str = "a row of an earlier epoch than its run's last: left out";
        if epoch < last {
            return self.fault(line, REASON);
        }
        self.fault(first, REASON);
        self.replaced.push(place);
        self.known.insert((key.0.clone(), key.1.clone()), (line, observation.outcome));
        self.last.insert(key, (line, epoch, self.observations.len()));
        self.observations.push(observation);
    }

    /// Not when the same configuration and seed came to the same result in a line before.
    fn is_new(&mut self, line: usize, observation: &Observation) -> bool {
        let Some(seed) = observation.seed.clone() else { return true };
        let first = *self.known.entry((observation.labels.clone(), seed)).or_insert((line, observation.outcome));
        if first.0 == line {
            return true;
        }
        let is_new = first.1 != observation.outcome;
        let what = if is_new { "with another result; both are kept" } else { "left out" };
        self.fault(line, format!("the configuration and seed of line {} again: {what}", first.0));
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

/// What each column is used for, or why it is not.
fn uses(sheet: &Sheet) -> Vec<Use> {
    let columns: Vec<Option<Column>> = sheet.names.iter().map(|name| Column::of(name)).collect();
    let result = result(&columns, What::Accuracy, None);
    let set = result.and_then(|place| measured_set(columns[place]));
    let loss = self::result(&columns, What::Loss, set);
    let mut uses: Vec<Use> = Vec::new();
    for (place, column) in columns.iter().enumerate() {
        let name = &sheet.names[place];
        let passed_over = |why: &str| Use::PassedOver(format!("the column `{}` is passed over{why}", clipped(name)));
        let wanted = match column {
            Some(Column::Factor(factor)) => Use::Factor(*factor),
            Some(Column::Measure(..)) if Some(place) == result => Use::Accuracy,
            Some(Column::Measure(..)) if Some(place) == loss => Use::Loss,
            Some(Column::Seed) => Use::Seed,
            Some(Column::State) => Use::State,
            Some(Column::Seconds) => Use::Seconds,
            Some(Column::Epoch) => Use::Epoch,
            Some(Column::Run) => Use::Run,
            Some(Column::Known) => Use::Idle,
            Some(Column::Measure(_, what)) => {
                let instead = if *what == What::Accuracy { result } else { loss };
                passed_over(&instead.map_or_else(String::new, |it| format!(": `{}` counts", clipped(&sheet.names[it]))))
            }
            Some(Column::Step | Column::Value) => passed_over(""),
            None if name.is_empty() && (place == 0 || sheet.distinct(place).is_empty()) => Use::Idle,
            None if name.is_empty() => Use::PassedOver(format!("column {} has no name: it is passed over", place + 1)),
            None if name.starts_with("Unnamed: ") => Use::Idle,
            None => passed_over(""),
        };
        let first = uses.iter().position(|each| *each == wanted && *each != Use::Idle);
        uses.push(match first {
            Some(first) => passed_over(&format!(": `{}` counts", clipped(&sheet.names[first]))),
            None => wanted,
        });
    }
    uses
}

fn measured_set(column: Option<Column>) -> Option<Set> {
    if let Some(Column::Measure(set, _)) = column { Some(set) } else { None }
}

/// The column that says the result best: of the set that is wanted, of validation, test, or whatever there is, in this order.
fn result(columns: &[Option<Column>], wanted: What, set: Option<Set>) -> Option<usize> {
    let rank = |column: &Option<Column>| match column {
        Some(Column::Measure(Set::Training, _)) => None,
        Some(Column::Measure(found, what)) if *what == wanted => Some((set != Some(*found), *found)),
        _ => None,
    };
    let ranked = columns.iter().enumerate().filter_map(|(place, column)| Some((rank(column)?, place)));
    ranked.min().map(|(_, place)| place)
}

/// How the run ended, or why that cannot be told.
fn outcome(state: &str, text: &str, accuracy: Option<f64>, remarks: &mut Vec<String>) -> Result<Outcome, String> {
    match state.to_lowercase().as_str() {
        "diverged" => return Ok(Outcome::Diverged),
        "failed" | "crashed" | "killed" | "error" => {
            let words = if text.is_empty() { "has no result" } else { "its accuracy does not count" };
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
        _ if text.is_empty() => Err("there is no accuracy".into()),
        Some(value) if value.is_nan() => Err("the accuracy is NaN".into()),
        Some(value) if (0.0..=1.0).contains(&value) => Ok(Outcome::Accuracy(value)),
        Some(_) => Err(format!("expected an accuracy from 0 to 1, found {}", clipped(text))),
        None => Err(format!("expected an accuracy from 0 to 1, found `{}`", clipped(text))),
    }
}

/// Not more than fits a line.
pub(crate) fn clipped(text: &str) -> String {
    let mut clipped: String = text.chars().take(60).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().count() > 60 {
        clipped.push('…');
    }
    clipped
}
