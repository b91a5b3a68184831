//! The table of results: a CSV file that gets a row whenever a run ends, and that stays valid if the program is killed.

mod columns;
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
    train::{Hyperparameters, RunSpec},
};

use columns::{Columns, HEADER};
pub(super) use contents::Contents;
pub use contents::{Ending, read_rows, read_table};
pub use file::{Table, resolved};

choice! {
    /// State in which a run ended.
    RunState {
        Done = "done",
        /// A NaN or an infinity was computed; this is a result too.
        Diverged = "diverged",
        /// The run failed because of an error in the program.
        Failed = "failed",
    }
}

choice! {
    /// Set of images that accuracy and loss were measured on.
    MeasuredOn {
        /// The test set, as in the report, which calls it "validation".
        Test = "test",
        /// The training images held out with `--holdout`.
        Validation = "validation",
    }
}

/// Result of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub hyper: Hyperparameters,
    /// Accuracy after the last epoch, 0 to 1. Like the loss, `None` unless the run is done.
    pub accuracy: Option<f64>,
    pub loss: Option<f64>,
    /// Seconds of training and evaluation.
    pub seconds: f64,
    pub state: RunState,
    pub dataset: String,
    /// Identifier of the run, see [`key()`].
    pub key: String,
    pub measured_on: MeasuredOn,
    pub training_images: u32,
    pub test_images: u32,
}

impl Row {
    /// Creates the row of a run without a result.
    pub fn without_result(spec: &RunSpec, state: RunState, seconds: f64, images: (u32, u32)) -> Self {
        let validated = spec.limits.holdout > 0;
        Self {
            hyper: spec.hyper.clone(),
            accuracy: None,
            loss: None,
            seconds: (seconds * 1e3).round() / 1e3,
            state,
            dataset: spec.dataset.name.clone(),
            key: key(spec),
            measured_on: if validated { MeasuredOn::Validation } else { MeasuredOn::Test },
            training_images: images.0,
            test_images: images.1,
        }
    }

    /// Returns the part of the key that identifies the data set.
    pub(super) fn fingerprint(&self) -> &str {
        self.key.split('-').next().unwrap_or_default()
    }

    fn line(&self, columns: &Columns) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(columns.names().map(|column| self.cell(column))).expect("writing to memory cannot fail");
        writer.into_inner().expect("writing to memory cannot fail")
    }

    fn cell(&self, column: &str) -> String {
        let optional = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        match column {
            "Validation Accuracy" => optional(self.accuracy),
            "Loss" => optional(self.loss),
            "Seconds" => self.seconds.to_string(),
            "State" => self.state.to_string(),
            "Data Set" => guarded(&self.dataset).into_owned(),
            "Key" => self.key.clone(),
            "Measured On" => self.measured_on.to_string(),
            "Training Images" => self.training_images.to_string(),
            "Test Images" => self.test_images.to_string(),
            column => {
                columns::hyperparameter(column).map_or_else(String::new, |which| self.hyper.get(which).to_string())
            }
        }
    }

    /// Parses a line.
    ///
    /// # Errors
    /// Returns the column and its error.
    fn parse(columns: &Columns, record: &csv::StringRecord) -> Result<Self, String> {
        let cells = Cells(columns.names().zip(record).collect());
        let mut hyper = Hyperparameters::default();
        for which in columns.hyperparameters() {
            hyper.set(which, cells.read(which.column(), |text| which.parse(text))?);
        }
        Ok(Self {
            hyper,
            accuracy: cells.read("Validation Accuracy", optional)?,
            loss: cells.read("Loss", optional)?,
            seconds: cells.read("Seconds", number)?,
            state: cells.read("State", named)?,
            dataset: plain(&cells.read("Data Set", named::<String>)?).to_owned(),
            key: cells.read("Key", named)?,
            measured_on: cells.read("Measured On", named)?,
            training_images: cells.read("Training Images", number)?,
            test_images: cells.read("Test Images", number)?,
        })
    }
}

/// Cells of a line, with the names of their columns.
struct Cells<'a>(Vec<(&'static str, &'a str)>);

impl Cells<'_> {
    fn read<T>(&self, column: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<T, String> {
        let text = self.0.iter().find(|(name, _)| *name == column).map_or("", |(_, text)| text);
        read(text).map_err(|error| format!("{column}: {error}"))
    }
}

fn named<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

fn number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("expected a number, found `{text}`"))
}

fn optional(text: &str) -> Result<Option<f64>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.map(Some).ok_or_else(|| format!("expected a number, found `{text}`"))
}

/// Error of a table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    #[error("{}: {found}; name another file", path.display())]
    Obstacle { path: PathBuf, found: String },
    #[error("{} is being written by another sweep; wait for it, or name another file", path.display())]
    Busy { path: PathBuf },
    #[error(
        "{}: expected a sweep's table, whose first line begins with `{}`, found `{found}`; name another file",
        path.display(),
        &HEADER[..51]
    )]
    Foreign { path: PathBuf, found: String },
    #[error("{}, line {line}: {reason}; fix the line or delete it (its run is then trained again)", path.display())]
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

    /// Accepts a damaged table as one to be replaced, but not a foreign file.
    fn unless_foreign(self) -> Result<Contents, Self> {
        if matches!(self, Self::Foreign { .. }) { Err(self) } else { Ok(Contents::default()) }
    }
}

/// Writes a table with these rows to `path`, atomically replacing an existing one.
///
/// # Errors
/// If a sweep is writing the table, `path` is anything but a sweep's table, or it cannot be written. The previous file
/// is then intact.
pub fn write_rows(path: &Path, rows: &[Row]) -> Result<(), TableError> {
    let io = |error| TableError::of(path, error);
    // Locked until the new table is in place, so that no sweep writes rows into the old one meanwhile.
    let _lock = match disk::open(path) {
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

/// Returns the text of a complete table.
fn table(rows: &[Row]) -> Vec<u8> {
    let columns = Columns::of(rows);
    let header = columns.names().collect::<Vec<_>>().join(",") + "\n";
    let lines = rows.iter().flat_map(|row| row.line(&columns));
    header.into_bytes().into_iter().chain(lines).collect()
}

/// Locks a table against other sweeps, if the file system supports locks.
fn lock(file: &File, path: &Path) -> Result<(), TableError> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(TableError::Busy { path: path.to_owned() }),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}
