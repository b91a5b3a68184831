//! A sweep's CSV, read by its columns' names. What is there is kept; what is not is told, line by line.
//!
//! Each line is taken by itself, so that one with a stray quotation mark spoils no other.

use std::collections::HashMap;

use super::{Factor, Labels, Observation, Outcome, Survey};

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
    #[error("expected a sweep's CSV in UTF-8, found {0}; save it as CSV in UTF-8")]
    Encoding(&'static str),
    #[error(
        "expected a header with `Validation Accuracy` and one or more of `Activation`, `Optimizer`, `Learning Rate` and \
         `Batch Size`, found {found}; name a sweep's CSV, or put the header back"
    )]
    Header { found: String },
}

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Factor(Factor),
    Accuracy,
    Loss,
    Seconds,
    Seed,
    State,
    /// Of our own CSV, and of no use here.
    PassedOver,
}

const ACCURACIES: [&str; 4] = ["validationaccuracy", "valaccuracy", "testaccuracy", "accuracy"];

impl Column {
    /// By a name in its [`normal`] form. Which column is the accuracy depends on the others.
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "activation" | "activationfunction" => Self::Factor(Factor::Activation),
            "learningrate" | "lr" => Self::Factor(Factor::LearningRate),
            "optimizer" | "optimiser" => Self::Factor(Factor::Optimizer),
            "batchsize" | "batch" => Self::Factor(Factor::BatchSize),
            "pooling" => Self::Factor(Factor::Pooling),
            "epochs" => Self::Factor(Factor::Epochs),
            "dataset" => Self::Factor(Factor::DataSet),
            "measuredon" => Self::Factor(Factor::MeasuredOn),
            "trainingimages" => Self::Factor(Factor::TrainingImages),
            "testimages" => Self::Factor(Factor::TestImages),
            "loss" | "validationloss" | "valloss" | "testloss" => Self::Loss,
            "seed" => Self::Seed,
            "state" => Self::State,
            "seconds" => Self::Seconds,
            "key" => Self::PassedOver,
            _ => return None,
        })
    }
}

impl Survey {
    /// Reads a sweep's CSV: this program's, the report's with five columns, or another with such columns in any order.
    /// Separators may be commas, semicolons or tabs.
    ///
    /// # Errors
    /// If there is no header with an accuracy and a factor.
    pub fn read(bytes: &[u8]) -> Result<Reading, NotASweep> {
        let text = decode(bytes)?;
        let mut lines = lines(text).filter(|line| !line.text.trim_ascii().is_empty());
        let Some(header) = lines.next() else { return Err(NotASweep::Header { found: "an empty file".into() }) };
        let mut reader = Reader::new(&header)?;
        for line in lines {
            reader.take(&line);
        }
        Ok(reader.finish())
    }
}

/// Without a byte order mark.
fn decode(bytes: &[u8]) -> Result<&[u8], NotASweep> {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Err(NotASweep::Encoding("UTF-16")),
        [0xef, 0xbb, 0xbf, rest @ ..] => Ok(rest),
        _ if bytes.iter().take_while(|&&byte| byte != b'\n').any(|&byte| byte == 0) => {
            Err(NotASweep::Encoding("bytes that are no text"))
        }
        _ => Ok(bytes),
    }
}

struct Line<'a> {
    number: usize,
    text: &'a [u8],
    /// It has an end: it was not cut short.
    is_whole: bool,
}

fn lines(text: &[u8]) -> impl Iterator<Item = Line<'_>> {
    // Old Macs ended lines with a carriage return alone.
    let end = if text.contains(&b'\n') { b'\n' } else { b'\r' };
    let lines = text.split_inclusive(move |&byte| byte == end);
    lines.zip(1..).map(move |(line, number)| Line {
        number,
        text: without_end(line),
        is_whole: line.last() == Some(&end),
    })
}

fn without_end(mut line: &[u8]) -> &[u8] {
    while let [rest @ .., b'\n' | b'\r'] = line {
        line = rest;
    }
    line
}

struct Reader {
    separator: u8,
    names: Vec<String>,
    columns: Vec<Option<Column>>,
    observations: Vec<Observation>,
    /// By labels and seed: in which line, and with which result.
    known: HashMap<(Labels, String), (usize, Outcome)>,
    faults: Vec<Fault>,
}

impl Reader {
    fn new(header: &Line) -> Result<Self, NotASweep> {
        let separator = separator(header.text);
        let names: Vec<String> = cells(header.text, separator).iter().map(|cell| cell.trim().to_owned()).collect();
        let columns = columns(&names);
        let is_swept = |column: &Column| matches!(column, Column::Factor(factor) if Factor::SWEPT.contains(factor));
        if !columns.contains(&Some(Column::Accuracy)) || !columns.iter().flatten().any(is_swept) {
            return Err(NotASweep::Header { found: format!("`{}`", clipped(&String::from_utf8_lossy(header.text))) });
        }
        let mut reader =
            Self { separator, names, columns, observations: Vec::new(), known: HashMap::new(), faults: Vec::new() };
        reader.check_columns(header.number);
        Ok(reader)
    }

    fn check_columns(&mut self, line: usize) {
        for factor in Factor::SWEPT {
            if !self.columns.contains(&Some(Column::Factor(factor))) {
                self.fault(line, format!("there is no column `{}`", factor.column()));
            }
        }
        for place in 0..self.names.len() {
            if self.columns[place].is_none() && !self.names[place].is_empty() {
                self.fault(line, format!("the column `{}` is passed over", clipped(&self.names[place])));
            }
        }
    }

    fn fault(&mut self, line: usize, reason: impl Into<String>) {
        self.faults.push(Fault { line, reason: reason.into() });
    }

    fn take(&mut self, line: &Line) {
        let mut cells = cells(line.text, self.separator);
        while cells.len() > self.names.len() && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            cells.pop();
        }
        if cells.iter().map(|cell| cell.trim()).eq(&self.names) {
            // The header again: tables were put one after another.
            return;
        }
        match self.check_cells(line, &cells) {
            Ok(()) => {
                if !line.is_whole && self.columns.last() == Some(&Some(Column::Accuracy)) {
                    self.fault(line.number, "the line has no end: its accuracy may have been cut short");
                }
                self.take_cells(line.number, &cells);
            }
            Err(reason) => self.fault(line.number, format!("{reason}: left out")),
        }
    }

    fn check_cells(&self, line: &Line, cells: &[String]) -> Result<(), String> {
        let (expected, found) = (self.names.len(), cells.len());
        if found != expected {
            let end = if line.is_whole { "" } else { ", for the line was cut short" };
            return Err(format!("expected {expected} cells, found {found}{end}"));
        }
        // A sweep ends each line, so one without an end was not whole when the sweep broke off.
        if !line.is_whole && self.columns.contains(&Some(Column::State)) {
            return Err("the line was cut short".into());
        }
        let is_no_text = |c: char| c == char::REPLACEMENT_CHARACTER || c.is_control();
        if cells.iter().any(|cell| cell.contains(is_no_text)) {
            return Err("it holds bytes that are no UTF-8 text".into());
        }
        Ok(())
    }

    fn take_cells(&mut self, line: usize, cells: &[String]) {
        let cell = |wanted| {
            let place = self.columns.iter().position(|column| *column == Some(wanted));
            place.map_or("", |place| cells[place].trim())
        };
        let mut remarks = Vec::new();
        let outcome = match outcome(cell(Column::State), cell(Column::Accuracy), &mut remarks) {
            Ok(outcome) => outcome,
            Err(reason) => return self.fault(line, format!("{reason}: left out")),
        };
        let mut observation = Observation::new(outcome);
        observation.seed = Some(cell(Column::Seed).to_owned()).filter(|seed| !seed.is_empty());
        let number = |column| cell(column).parse().ok().filter(|number: &f64| number.is_finite());
        observation.loss = number(Column::Loss);
        observation.seconds = number(Column::Seconds).filter(|seconds| *seconds >= 0.0);
        for factor in Factor::ALL {
            let value = cell(Column::Factor(factor));
            observation = observation.with(factor, value);
            if observation.labels[factor as usize].is_none() && self.columns.contains(&Some(Column::Factor(factor))) {
                remarks.push(format!("{} is {}", factor.column(), if value.is_empty() { "empty" } else { value }));
            }
        }
        remarks.into_iter().for_each(|remark| self.fault(line, remark));
        if self.is_new(line, &observation) {
            self.observations.push(observation);
        }
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

    fn finish(self) -> Reading {
        Reading { survey: Survey::of(self.observations), faults: self.faults }
    }
}

/// The one that the header has most of.
fn separator(header: &[u8]) -> u8 {
    let counted = |separator: u8| header.iter().filter(|&&byte| byte == separator).count();
    let others = [b';', b'\t'].into_iter().filter(|&separator| counted(separator) > counted(b','));
    others.max_by_key(|&separator| counted(separator)).unwrap_or(b',')
}

fn cells(line: &[u8], separator: u8) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(separator).from_reader(line);
    let mut record = csv::ByteRecord::new();
    // Memory cannot fail to be read.
    let _ = reader.read_byte_record(&mut record);
    record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
}

/// What each column is for. Of several for the same, the first counts; of several accuracies, the one that says it best.
fn columns(names: &[String]) -> Vec<Option<Column>> {
    let normal: Vec<String> = names.iter().map(|name| normal(name)).collect();
    let accuracy = ACCURACIES.iter().find_map(|known| normal.iter().position(|name| name == known));
    let mut columns: Vec<Option<Column>> = Vec::new();
    for (place, name) in normal.iter().enumerate() {
        let column = if Some(place) == accuracy { Some(Column::Accuracy) } else { Column::of(name) };
        let is_taken = column.is_some_and(|column| column != Column::PassedOver && columns.contains(&Some(column)));
        columns.push(column.filter(|_| !is_taken));
    }
    columns
}

/// Case, spaces and punctuation do not matter.
fn normal(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How the run ended, or why that cannot be told.
fn outcome(state: &str, accuracy: &str, remarks: &mut Vec<String>) -> Result<Outcome, String> {
    match state.to_lowercase().as_str() {
        "diverged" => return Ok(Outcome::Diverged),
        "failed" => {
            remarks.push("the run failed and has no result".into());
            return Ok(Outcome::Failed);
        }
        "done" | "" => {}
        _ => remarks.push(format!("expected done, diverged or failed as State, found `{}`", clipped(state))),
    }
    match accuracy.parse::<f64>() {
        _ if accuracy.is_empty() => Err("there is no accuracy".into()),
        Ok(value) if value.is_nan() => Err("the accuracy is NaN".into()),
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(Outcome::Accuracy(value)),
        Ok(_) => Err(format!("expected an accuracy from 0 to 1, found {}", clipped(accuracy))),
        Err(_) => Err(format!("expected an accuracy from 0 to 1, found `{}`", clipped(accuracy))),
    }
}

/// Not more than fits a line.
fn clipped(text: &str) -> String {
    let mut clipped: String = text.chars().take(60).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().count() > 60 {
        clipped.push('…');
    }
    clipped
}
