//! A run's epochs, from the run itself or from what `history` and `train --json` print.

use serde_json::{Map, Value};

use crate::{sweep::survey::Fault, train::EpochRecord};

/// What was measured on a set of images.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measure {
    /// Mean cross-entropy.
    pub loss: Option<f64>,
    /// 0 to 1.
    pub accuracy: Option<f64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Epoch {
    /// From 1; Keras counts from 0.
    pub epoch: f64,
    pub training: Measure,
    pub test: Measure,
    pub validation: Measure,
}

impl From<&EpochRecord> for Epoch {
    fn from(record: &EpochRecord) -> Self {
        let measure = |loss, accuracy| Measure { loss: Some(loss), accuracy: Some(accuracy) };
        Self {
            epoch: f64::from(record.epoch),
            training: measure(record.train_loss, record.train_accuracy),
            test: measure(record.test_loss, record.test_accuracy),
            validation: record.validation.map_or(Measure::default(), |(loss, accuracy)| measure(loss, accuracy)),
        }
    }
}

/// Epochs that were read, and what could not be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// In order, each once.
    pub epochs: Vec<Epoch>,
    /// The data set's name, where it is told.
    pub dataset: Option<String>,
    pub faults: Vec<Fault>,
}

/// A number of an epoch, by its names: this program's, then that of Keras's CSVLogger.
type Field = ([&'static str; 2], fn(&mut Epoch, f64));

const FIELDS: [Field; 6] = [
    (["train_loss", "loss"], |epoch, number| epoch.training.loss = Some(number)),
    (["train_accuracy", "accuracy"], |epoch, number| epoch.training.accuracy = Some(number)),
    (["test_loss", "val_loss"], |epoch, number| epoch.test.loss = Some(number)),
    (["test_accuracy", "val_accuracy"], |epoch, number| epoch.test.accuracy = Some(number)),
    (["validation_loss", ""], |epoch, number| epoch.validation.loss = Some(number)),
    (["validation_accuracy", ""], |epoch, number| epoch.validation.accuracy = Some(number)),
];

impl History {
    /// Whether the text is a history: JSON lines, or a CSV with a column `epoch`.
    pub fn is_in(text: &str) -> bool {
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let header = text.lines().next().map(cells).unwrap_or_default();
        text.starts_with('{') || header.iter().any(|name| name.eq_ignore_ascii_case("epoch"))
    }

    /// Reads what [`History::is_in`].
    pub fn read(text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}');
        let mut history = if text.trim_start().starts_with('{') { Self::of_json(text) } else { Self::of_csv(text) };
        // Where an epoch is told twice, a run went on from before it: the newer line counts.
        history.epochs.reverse();
        history.epochs.sort_by(|a, b| a.epoch.total_cmp(&b.epoch));
        history.epochs.dedup_by(|next, kept| next.epoch == kept.epoch);
        history
    }

    fn of_json(text: &str) -> Self {
        let mut history = Self::default();
        for (number, line) in numbered(text) {
            let Ok(object) = serde_json::from_str::<Map<String, Value>>(line) else {
                history.fault(number, "expected a JSON object: left out");
                continue;
            };
            // `train --json` tells of other events, too.
            let is_epoch = object.get("event").is_none_or(|event| event == "epoch");
            let Some(epoch) = object.get("epoch").and_then(Value::as_f64).filter(|_| is_epoch) else { continue };
            // No number is null, and so is what was not measured.
            let field = |name: &str| match object.get(name)? {
                Value::Null if name.starts_with("validation") => None,
                value => Some(value.as_f64().unwrap_or(f64::NAN)),
            };
            history.add(number, epoch, field);
            history.named(object.get("dataset").and_then(Value::as_str));
        }
        history
    }

    fn of_csv(text: &str) -> Self {
        let mut history = Self::default();
        let mut lines = numbered(text);
        let header = lines.next().map(|(_, line)| cells(line)).unwrap_or_default();
        for (number, line) in lines {
            let cells = cells(line);
            if cells.len() != header.len() {
                let (expected, found) = (header.len(), cells.len());
                history.fault(number, format!("expected {expected} cells, found {found}: left out"));
                continue;
            }
            let cell = |name: &str| {
                let place = header.iter().position(|column| column.eq_ignore_ascii_case(name))?;
                Some(cells[place].as_str()).filter(|cell| !cell.is_empty())
            };
            let Some(epoch) =
                cell("epoch").and_then(|epoch| epoch.parse().ok()).filter(|epoch: &f64| epoch.is_finite())
            else {
                history.fault(number, "expected a number as epoch: left out");
                continue;
            };
            history.add(number, epoch, |name| Some(cell(name)?.parse().unwrap_or(f64::NAN)));
            history.named(cell("dataset"));
        }
        history
    }

    fn fault(&mut self, line: usize, reason: impl Into<String>) {
        self.faults.push(Fault { line, reason: reason.into() });
    }

    fn named(&mut self, dataset: Option<&str>) {
        if let (None, Some(dataset)) = (&self.dataset, dataset) {
            self.dataset = Some(dataset.to_owned());
        }
    }

    fn add(&mut self, line: usize, number: f64, field: impl Fn(&str) -> Option<f64>) {
        let mut epoch = Epoch { epoch: number, ..Epoch::default() };
        for (names, set) in FIELDS {
            let found = names.iter().filter(|name| !name.is_empty()).find_map(|name| Some((name, field(name)?)));
            match found {
                Some((_, value)) if value.is_finite() => set(&mut epoch, value),
                Some((name, _)) => self.fault(line, format!("{name} is no finite number")),
                None => {}
            }
        }
        self.epochs.push(epoch);
    }
}

/// Lines that are not empty, numbered from 1.
fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty())
}

fn cells(line: &str) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
    let record = reader.records().next().and_then(Result::ok).unwrap_or_default();
    record.iter().map(|cell| cell.trim().to_owned()).collect()
}
