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

use serde::{Deserialize, Serialize};

use super::{Measurements, Pixels, SweepRun};
use crate::{
    choice::choice,
    disk::{self, write_atomically},
    sheet::{guarded, plain},
    train::Hyperparameters,
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

choice! {
    /// Format of a table, by the command that writes it.
    #[derive(Default)]
    Format {
        #[default]
        Sweep = "sweep",
        /// With [`Measurements`] in each row.
        Methods = "methods",
    }
}

/// Result of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    #[serde(with = "crate::train::hyper_by_name")]
    pub hyper: Hyperparameters,
    /// Accuracy after the last epoch, 0 to 1. Like the loss, `None` unless the run is done.
    pub accuracy: Option<f64>,
    pub loss: Option<f64>,
    /// Seconds of training and evaluation.
    pub seconds: f64,
    pub state: RunState,
    pub dataset: String,
    /// Identifier of the run, see [`key()`](super::key()).
    pub key: String,
    pub measured_on: MeasuredOn,
    pub training_images: u32,
    pub test_images: u32,
    /// Measurements of a comparison of methods; `None` in a sweep.
    pub measurements: Option<Box<Measurements>>,
}

impl Row {
    /// Creates the row of a run without a result.
    pub fn without_result(run: &SweepRun, state: RunState, seconds: f64, images: (u32, u32)) -> Self {
        let validated = run.limits.holdout > 0;
        Self {
            hyper: run.hyper.clone(),
            accuracy: None,
            loss: None,
            seconds: (seconds * 1e3).round() / 1e3,
            state,
            dataset: run.dataset.id.name.clone(),
            key: run.key(),
            measured_on: if validated { MeasuredOn::Validation } else { MeasuredOn::Test },
            training_images: images.0,
            test_images: images.1,
            measurements: run.pixels.map(|pixels| Box::new(Measurements::before(&run.hyper, pixels))),
        }
    }

    /// Returns the arrangement of pixels in a comparison of methods.
    pub fn pixels(&self) -> Option<Pixels> {
        Some(self.measurements.as_ref()?.pixels)
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
            column => match columns::hyperparameter(column) {
                Some(which) => self.hyper.get(which).to_string(),
                None => self.measurements.as_ref().and_then(|all| all.cell(column)).unwrap_or_default(),
            },
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
            measurements: match columns.format {
                Format::Sweep => None,
                Format::Methods => Some(Box::new(Measurements::parse(|column| cells.text(column))?)),
            },
        })
    }
}

/// Cells of a line, with the names of their columns.
struct Cells<'a>(Vec<(&'static str, &'a str)>);

impl<'a> Cells<'a> {
    fn text(&self, column: &str) -> &'a str {
        self.0.iter().find(|(name, _)| *name == column).map_or("", |(_, text)| text)
    }

    fn read<T>(&self, column: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<T, String> {
        read(self.text(column)).map_err(|error| format!("{column}: {error}"))
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
    #[error(
        "{}: expected a table of `lenet-monitor {expected}`, found one of `lenet-monitor {found}`; name another file",
        path.display()
    )]
    OtherFormat { path: PathBuf, expected: Format, found: Format },
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
        if matches!(self, Self::Foreign { .. } | Self::OtherFormat { .. }) {
            Err(self)
        } else {
            Ok(Contents::default())
        }
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
            let contents = Contents::read(path, &disk::read(path).map_err(io)?);
            contents.or_else(TableError::unless_foreign)?.check_format(path, Format::of(rows))?;
            Some(file)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(io(error)),
    };
    write_atomically(path, &table(&Columns::of(Format::of(rows), rows), rows)).map_err(io)
}

impl Format {
    /// Returns the format that rows need.
    fn of(rows: &[Row]) -> Self {
        if rows.iter().any(|row| row.measurements.is_some()) { Self::Methods } else { Self::Sweep }
    }
}

/// Returns the text of a complete table.
fn table(columns: &Columns, rows: &[Row]) -> Vec<u8> {
    let lines = rows.iter().flat_map(|row| row.line(columns));
    columns.header().into_bytes().into_iter().chain(lines).collect()
}

/// Locks a table against other sweeps, if the file system supports locks.
fn lock(file: &File, path: &Path) -> Result<(), TableError> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(TableError::Busy { path: path.to_owned() }),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}
