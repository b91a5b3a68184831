//! A run's epochs, from the run itself or from a table: the output of `history` or `train --json`, or another program's
//! log.

use std::collections::HashMap;

use crate::{
    sheet::{Row, Sheet},
    sweep::survey::{Column, Factor, Fault, Metric, Set, clipped},
    train::EpochRecord,
};

/// Loss and accuracy on a set of images.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measure {
    /// Mean cross-entropy.
    pub loss: Option<f64>,
    /// Fraction of correct images, 0 to 1.
    pub accuracy: Option<f64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Epoch {
    /// Number of the epoch, from 1 (from 0 in Keras's logs).
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

/// Unit by which the rows of a history are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counter {
    #[default]
    Epoch,
    Step,
}

impl Counter {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Epoch => "epoch",
            Self::Step => "step",
        }
    }
}

/// Epochs of a table, and the faults found in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Epochs in order, each once.
    pub epochs: Vec<Epoch>,
    pub counter: Counter,
    /// Name of the data set, if known.
    pub dataset: Option<String>,
    pub faults: Vec<Fault>,
}

/// Number of an epoch: the set of images, and loss or accuracy.
type Field = (Target, Metric);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Training,
    Test,
    Validation,
}

impl Epoch {
    fn field(&mut self, (target, what): Field) -> &mut Option<f64> {
        let measure = match target {
            Target::Training => &mut self.training,
            Target::Test => &mut self.test,
            Target::Validation => &mut self.validation,
        };
        if what == Metric::Loss { &mut measure.loss } else { &mut measure.accuracy }
    }
}

const FIELDS: [Field; 6] = [
    (Target::Training, Metric::Loss),
    (Target::Training, Metric::Accuracy),
    (Target::Test, Metric::Loss),
    (Target::Test, Metric::Accuracy),
    (Target::Validation, Metric::Loss),
    (Target::Validation, Metric::Accuracy),
];

impl History {
    /// Reads a table with one or more rows per epoch. `name` is the file's name: only there does TensorBoard say what
    /// the numbers are.
    pub(super) fn read(sheet: &Sheet, name: &str) -> Self {
        let mut reader = Reader::new(sheet, name);
        for row in &sheet.rows {
            reader.read(row);
        }
        reader.finish()
    }
}

struct Reader<'a> {
    sheet: &'a Sheet,
    /// Columns that are drawn.
    fields: Vec<(usize, Field)>,
    /// Column that counts epochs or steps; `None` to number the rows.
    counter: Option<usize>,
    dataset: Option<usize>,
    /// Column that distinguishes runs, and the run that is drawn.
    run: Option<(usize, String)>,
    history: History,
    /// Indices of the epochs by their number.
    places: HashMap<u64, usize>,
}

impl<'a> Reader<'a> {
    fn new(sheet: &'a Sheet, name: &str) -> Self {
        let columns: Vec<Option<Column>> = sheet.names.iter().map(|name| Column::of(name)).collect();
        let place = |wanted| columns.iter().position(|column| *column == Some(wanted));
        let mut reader = Self {
            sheet,
            fields: Vec::new(),
            counter: [Column::Epoch, Column::Factor(Factor::EPOCHS), Column::Step].into_iter().find_map(place),
            dataset: place(Column::Factor(Factor::DataSet)),
            run: None,
            history: History::default(),
            places: HashMap::new(),
        };
        for (line, reason) in &sheet.faults {
            reader.fault(*line, reason.clone());
        }
        if reader.counter.is_some() && reader.counter == place(Column::Step) {
            reader.history.counter = Counter::Step;
        }
        reader.find_counter();
        reader.run =
            place(Column::Run).or_else(|| place(Column::Seed)).and_then(|place| Some((place, reader.first(place)?)));
        reader.assign(&columns, name);
        reader
    }

    /// Uses an unnamed index column, or else numbers the rows, if no column counts epochs.
    fn find_counter(&mut self) {
        if self.counter.is_some() || self.sheet.is_json {
            return;
        }
        let is_unnamed = self.sheet.names.first().is_some_and(|name| name.is_empty() || name.starts_with("Unnamed: "));
        let is_index = is_unnamed
            && self
                .sheet
                .rows
                .iter()
                .all(|row| row.cells.first().is_some_and(|cell| self.sheet.number(cell).is_some()));
        self.counter = is_index.then_some(0);
        let instead = if is_index { "the unnamed first column is used" } else { "rows are numbered instead" };
        self.fault(self.sheet.line, format!("no column `epoch`: {instead}"));
    }

    fn first(&self, column: usize) -> Option<String> {
        let mut cells = self.sheet.rows.iter().filter_map(|row| row.cells.get(column));
        cells.find(|cell| !cell.trim().is_empty()).map(|cell| cell.trim().to_owned())
    }

    /// Assigns a field to each column, or reports why the column is ignored.
    fn assign(&mut self, columns: &[Option<Column>], file: &str) {
        for (place, column) in columns.iter().enumerate() {
            let name = clipped(&self.sheet.names[place]);
            let why = match column {
                Some(Column::Measure(set, what)) => {
                    match self.assign_field(place, (target(*set, *what, columns), *what)) {
                        Ok(()) => continue,
                        Err(first) => format!(" in favour of `{}`", clipped(&self.sheet.names[first])),
                    }
                }
                Some(Column::Value) => match field_of_file(file) {
                    Some(field) => {
                        let _ = self.assign_field(place, field);
                        continue;
                    }
                    None => ": the file name does not say whether it is a loss or an accuracy, as TensorBoard's \
                             `run-NAME-tag-epoch_loss.csv` does"
                        .into(),
                },
                Some(Column::Ignored | Column::Seconds | Column::Seed | Column::Run | Column::Epoch) => continue,
                Some(Column::Factor(Factor::DataSet)) => continue,
                Some(Column::Factor(Factor::LEARNING_RATE)) if name == "learning_rate" => continue,
                Some(Column::Step | Column::Factor(Factor::EPOCHS)) if self.counter == Some(place) => continue,
                None if name.is_empty() || self.counter == Some(place) => continue,
                // Of `train --json`.
                None if self.sheet.is_json && matches!(&*name, "layers" | "learns_nothing") => continue,
                _ => String::new(),
            };
            self.fault(self.sheet.line, format!("column `{name}` is ignored{why}"));
        }
        if is_fastais(columns) {
            let reason = "column `accuracy` is read as validation accuracy, as fastai writes it: \
                          the names of the losses show this";
            self.fault(self.sheet.line, reason);
        }
    }

    /// Assigns a field to a column.
    ///
    /// # Errors
    /// The index of the column that already has this field.
    fn assign_field(&mut self, place: usize, field: Field) -> Result<(), usize> {
        match self.fields.iter().find(|(_, taken)| *taken == field) {
            Some((first, _)) => Err(*first),
            None => {
                self.fields.push((place, field));
                Ok(())
            }
        }
    }

    fn fault(&mut self, line: usize, reason: impl Into<String>) {
        self.history.faults.push(Fault { line, reason: reason.into() });
    }

    fn read(&mut self, row: &Row) {
        let (expected, found) = (self.sheet.names.len(), row.cells.len());
        if found != expected {
            return self.fault(row.line, format!("expected {expected} cells, found {found}; row ignored"));
        }
        if let Some((place, run)) = &self.run
            && !matches!(row.cells[*place].trim(), "")
            && row.cells[*place].trim() != run
        {
            let reason =
                format!("belongs to another run than `{}`; ignored, since a history covers one run", clipped(run));
            return self.fault(row.line, reason);
        }
        let counted = self.history.epochs.len() as f64 + 1.0;
        let number = self.counter.map_or(Some(counted), |place| self.sheet.number(&row.cells[place]));
        let is_counted = self.counter.is_some() || !self.sheet.is_json;
        let Some(number) = number.filter(|number| number.is_finite() && is_counted) else {
            let name = self.history.counter.name();
            return self.fault(row.line, format!("expected a number in `{name}`; row ignored"));
        };
        self.read_dataset(row);
        self.merge(row, number);
    }

    fn read_dataset(&mut self, row: &Row) {
        let name = self.dataset.map_or("", |place| row.cells[place].trim());
        if self.history.dataset.is_none() && !name.is_empty() {
            self.history.dataset = Some(name.to_owned());
        }
    }

    /// Merges the rows of one epoch: Lightning writes one for training and one for validation.
    fn merge(&mut self, row: &Row, number: f64) {
        let mut read = Epoch { epoch: number, ..Epoch::default() };
        for (place, field) in self.fields.clone() {
            let cell = row.cells[place].trim();
            match self.number(cell, field) {
                _ if cell.is_empty() => {}
                Ok(value) => *read.field(field) = Some(value),
                Err(reason) => self.fault(row.line, format!("{} {reason}", self.sheet.names[place])),
            }
        }
        let place = *self.places.entry(number.to_bits()).or_insert_with(|| {
            self.history.epochs.push(Epoch { epoch: number, ..Epoch::default() });
            self.history.epochs.len() - 1
        });
        let epoch = &mut self.history.epochs[place];
        let mut differs = false;
        for field in FIELDS {
            if let Some(value) = *read.field(field) {
                let before = epoch.field(field).replace(value);
                differs |= before.is_some_and(|before| before != value);
            }
        }
        // The run was resumed from an earlier checkpoint.
        if differs {
            let name = self.history.counter.name();
            self.fault(
                row.line,
                format!("repeats the {name} of an earlier line with other numbers; the later line is used"),
            );
        }
    }

    fn number(&self, cell: &str, (_, what): Field) -> Result<f64, String> {
        match self.sheet.number(cell) {
            Some(value) if !value.is_finite() => Err("is not a finite number".into()),
            Some(value) if what == Metric::Accuracy && !(0.0..=1.0).contains(&value) => {
                Err(format!("is not an accuracy from 0 to 1: {}", clipped(cell)))
            }
            Some(value) => Ok(value),
            None => Err("is not a finite number".into()),
        }
    }

    fn finish(self) -> History {
        let Self { mut history, .. } = self;
        let all = history.epochs.len();
        let is_empty = |epoch: &Epoch| FIELDS.into_iter().all(|field| { *epoch }.field(field).is_none());
        history.epochs.retain(|epoch| !is_empty(epoch));
        let empty = all - history.epochs.len();
        if empty > 0 {
            let name = history.counter.name();
            let (plural, have) = if empty == 1 { ("", "has") } else { ("s", "have") };
            let reason = format!("{empty} {name}{plural} {have} neither a loss nor an accuracy; ignored");
            history.faults.push(Fault { line: 0, reason });
        }
        history.epochs.sort_by(|a, b| a.epoch.total_cmp(&b.epoch));
        history
    }
}

/// Returns the set that a column refers to: `val_` means the test set, as in Keras's histories, unless another column
/// is named after the test set.
fn target(set: Set, what: Metric, columns: &[Option<Column>]) -> Target {
    let has_test = columns.iter().flatten().any(|column| matches!(column, Column::Measure(Set::Test, _)));
    let held = if has_test { Target::Validation } else { Target::Test };
    match set {
        Set::Unnamed if what == Metric::Accuracy && is_fastais(columns) => held,
        Set::Training | Set::Unnamed => Target::Training,
        Set::HeldOut => held,
        Set::Test => Target::Test,
        Set::Validation => Target::Validation,
    }
}

/// Returns whether the columns are those of fastai: losses of both sets, and an `accuracy` of the validation set.
fn is_fastais(columns: &[Option<Column>]) -> bool {
    let has = |set, what| columns.contains(&Some(Column::Measure(set, what)));
    has(Set::Training, Metric::Loss)
        && has(Set::HeldOut, Metric::Loss)
        && has(Set::Unnamed, Metric::Accuracy)
        && !has(Set::HeldOut, Metric::Accuracy)
        && !has(Set::Training, Metric::Accuracy)
}

/// Returns the field that TensorBoard exports to a file of this name: `run-fold_validation-tag-epoch_accuracy`.
fn field_of_file(file: &str) -> Option<Field> {
    let (run, tag) = file.rsplit_once("tag-").unwrap_or(("", file));
    let of = |text: &str| {
        text.split(['-', '.', '/', ' ']).rev().find_map(|part| match Column::of(part) {
            Some(Column::Measure(set, what)) => Some((set, what)),
            _ => None,
        })
    };
    let (set, what) = of(tag)?;
    let is_held_out = ["validation", "val", "eval", "test"].iter().any(|word| run.to_lowercase().contains(word));
    let target = match set {
        Set::Unnamed | Set::Training if !is_held_out => Target::Training,
        _ => Target::Test,
    };
    Some((target, what))
}
