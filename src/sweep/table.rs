//! The table of results: a CSV file that grows by a row whenever a run ends, and outlives whatever happens to the program.

mod contents;
mod file;

use std::{
    fmt::Display,
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    str::FromStr,
};

use super::grid::key;
use crate::{
    choice::choice,
    disk::{self, write_atomically},
    sheet::{guarded, plain},
    train::{Activation, Hyperparameters, OptimizerKind, Pooling, RunSpec},
};

pub(super) use contents::Contents;
pub use contents::{Ending, read_rows, read_table};
pub use file::{Table, resolved};

/// The report's five columns come first, as it named them.
pub(crate) const HEADER: &str = "Activation,Learning Rate,Optimizer,Batch Size,Validation Accuracy,Loss,Seed,Epochs,Seconds,State,\
                          Data Set,Key,Pooling,Measured On,Training Images,Test Images";

choice! {
    /// How a run ended.
    RunState {
        Done = "done",
        /// A NaN or an infinity came up: a result like any other.
        Diverged = "diverged",
        /// The program is at fault.
        Failed = "failed",
    }
}

choice! {
    /// The images that accuracy and loss were measured on.
    MeasuredOn {
        /// The test set, as in the report, which calls it "validation".
        Test = "test",
        /// The training images set apart with `--holdout`.
        Validation = "validation",
    }
}

/// A run's result.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub activation: Activation,
    pub learning_rate: f32,
    pub optimizer: OptimizerKind,
    pub batch_size: u32,
    /// After the last epoch, 0 to 1. `None` unless the run is done; so is the loss.
    pub accuracy: Option<f64>,
    pub loss: Option<f64>,
    pub seed: u64,
    /// That it was to have.
    pub epochs: u32,
    /// Of training and evaluation.
    pub seconds: f64,
    pub state: RunState,
    pub dataset: String,
    /// See [`key()`].
    pub key: String,
    pub pooling: Pooling,
    pub measured_on: MeasuredOn,
    pub training_images: u32,
    pub test_images: u32,
}

impl Row {
    /// The row of a run that did not come to a result.
    pub fn without_result(spec: &RunSpec, state: RunState, seconds: f64, images: (u32, u32)) -> Self {
        let Hyperparameters { activation, pooling, optimizer, learning_rate, batch_size, epochs, seed } = spec.hyper;
        let validated = spec.limits.holdout > 0;
        Self {
            activation,
            learning_rate,
            optimizer,
            batch_size,
            accuracy: None,
            loss: None,
            seed,
            epochs,
            seconds: (seconds * 1e3).round() / 1e3,
            state,
            dataset: spec.dataset.name.clone(),
            key: key(spec),
            pooling,
            measured_on: if validated { MeasuredOn::Validation } else { MeasuredOn::Test },
            training_images: images.0,
            test_images: images.1,
        }
    }

    /// The part of the key that tells data sets apart.
    pub(super) fn fingerprint(&self) -> &str {
        self.key.split('-').next().unwrap_or_default()
    }

    /// In the columns of [`HEADER`].
    fn line(&self) -> Vec<u8> {
        let optional = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let cells = [
            self.activation.to_string(),
            self.learning_rate.to_string(),
            self.optimizer.to_string(),
            self.batch_size.to_string(),
            optional(self.accuracy),
            optional(self.loss),
            self.seed.to_string(),
            self.epochs.to_string(),
            self.seconds.to_string(),
            self.state.to_string(),
            guarded(&self.dataset).into_owned(),
            self.key.clone(),
            self.pooling.to_string(),
            self.measured_on.to_string(),
            self.training_images.to_string(),
            self.test_images.to_string(),
        ];
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(cells).expect("memory takes all");
        writer.into_inner().expect("memory takes all")
    }

    /// # Errors
    /// What is wrong with which column.
    fn parse(record: &csv::StringRecord) -> Result<Self, String> {
        let mut cells = Cells(HEADER.split(',').zip(record));
        Ok(Self {
            activation: cells.named()?,
            learning_rate: cells.number()?,
            optimizer: cells.named()?,
            batch_size: cells.number()?,
            accuracy: cells.optional()?,
            loss: cells.optional()?,
            seed: cells.number()?,
            epochs: cells.number()?,
            seconds: cells.number()?,
            state: cells.named()?,
            dataset: plain(&cells.named::<String>()?).to_owned(),
            key: cells.named()?,
            pooling: cells.named()?,
            measured_on: cells.named()?,
            training_images: cells.number()?,
            test_images: cells.number()?,
        })
    }
}

/// A line's cells, each with its column's name.
struct Cells<I>(I);

impl<'a, I: Iterator<Item = (&'a str, &'a str)>> Cells<I> {
    fn named<T: FromStr<Err: Display>>(&mut self) -> Result<T, String> {
        let (column, text) = self.0.next().unwrap_or_default();
        text.parse().map_err(|error| format!("{column}: {error}"))
    }

    fn number<T: FromStr>(&mut self) -> Result<T, String> {
        let (column, text) = self.0.next().unwrap_or_default();
        text.parse().map_err(|_| format!("{column}: expected a number, found `{text}`"))
    }

    fn optional(&mut self) -> Result<Option<f64>, String> {
        let (column, text) = self.0.next().unwrap_or_default();
        let number = text.parse().map(Some).ok().filter(|number: &Option<f64>| number.is_some_and(f64::is_finite));
        if text.is_empty() {
            Ok(None)
        } else {
            number.ok_or_else(|| format!("{column}: expected a number, found `{text}`"))
        }
    }
}

/// What is wrong with a table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    #[error("{}: {found}; name another file", path.display())]
    Obstacle { path: PathBuf, found: String },
    #[error("{} is being written by another sweep; wait for it, or name another file with --out", path.display())]
    Busy { path: PathBuf },
    #[error("{}: expected a sweep's table, whose first line begins with `{}`, found `{found}`; name another file", path.display(), &HEADER[..51])]
    Foreign { path: PathBuf, found: String },
    #[error("{}, line {line}: {reason}; mend the line or delete it (its run is trained again then)", path.display())]
    Damaged { path: PathBuf, line: u64, reason: String },
    #[error("{}, line {line}: a second row with the key {key}; delete one of them", path.display())]
    Twice { path: PathBuf, line: u64, key: String },
}

impl TableError {
    fn of(path: &Path, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidInput => Self::Obstacle { path: path.to_owned(), found: error.to_string() },
            _ => Self::Io { path: path.to_owned(), error },
        }
    }

    /// Lets a damaged table be replaced, and nothing else.
    fn unless_foreign(self) -> Result<Contents, Self> {
        if matches!(self, Self::Foreign { .. }) { Err(self) } else { Ok(Contents::default()) }
    }
}

/// Writes a new table with these rows in place of the one in `path`, if there is one: whole, or not at all.
///
/// # Errors
/// If a sweep is writing the table, `path` is anything but a sweep's table, or it cannot be written; what was there is
/// whole then.
pub fn write_rows(path: &Path, rows: &[Row]) -> Result<(), TableError> {
    let io = |error| TableError::of(path, error);
    // Held until the new table is in place: nobody is to write rows into the old one meanwhile.
    let _old = match disk::open(path) {
        Ok(file) => {
            lock(&file, path)?;
            Contents::read(path, &disk::read(path).map_err(io)?).or_else(TableError::unless_foreign)?;
            Some(file)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(io(error)),
    };
    write_atomically(path, &table(rows)).map_err(io)
}

/// A whole table.
fn table(rows: &[Row]) -> Vec<u8> {
    let mut bytes = format!("{HEADER}\n").into_bytes();
    rows.iter().for_each(|row| bytes.extend(row.line()));
    bytes
}

/// Holds a table against others. A file system without locks is used without.
fn lock(file: &File, path: &Path) -> Result<(), TableError> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(TableError::Busy { path: path.to_owned() }),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}
