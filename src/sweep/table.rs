//! The table of results: a CSV file that grows by a row whenever a run ends, and outlives whatever happens to the program.

use std::{
    fmt::Display,
    fs::{self, File, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    str::FromStr,
};

use super::grid::key;
use crate::{
    disk::{sync_folder, write_atomically},
    nn::choice,
    train::{Activation, Hyperparameters, OptimizerKind, Pooling, RunSpec},
};

/// The report's five columns come first, as it named them.
pub const HEADER: &str = "Activation,Learning Rate,Optimizer,Batch Size,Validation Accuracy,Loss,Seed,Epochs,Seconds,State,\
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
            self.dataset.clone(),
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
            dataset: cells.named()?,
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
    #[error("{} is being written by another sweep; wait for it, or name another file with --out", path.display())]
    Busy { path: PathBuf },
    #[error("{}: expected a sweep's table, whose first line begins with `{}`, found `{found}`; name another file", path.display(), &HEADER[..51])]
    Foreign { path: PathBuf, found: String },
    #[error("{}, line {line}: {reason}; mend the line or delete it (its run is trained again then)", path.display())]
    Damaged { path: PathBuf, line: u64, reason: String },
    #[error("{}, line {line}: a second row with the key {key}; delete one of them", path.display())]
    Twice { path: PathBuf, line: u64, key: String },
}

/// A table on the disk, held against other sweeps as long as this lives.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    file: File,
    rows: Vec<Row>,
    was_cut_short: bool,
}

impl Table {
    /// Opens the table in `path`, or makes it. A last line that was cut short is cut off: its run will be trained again.
    ///
    /// # Errors
    /// If it cannot be opened, another sweep writes it, or what is in it is not a sweep's table without faults. The file is
    /// left as it is then.
    pub fn open(path: &Path) -> Result<Self, TableError> {
        let io = |error| TableError::Io { path: path.to_owned(), error };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(io)?;
        let mut file = File::options().read(true).write(true).create(true).truncate(false).open(path).map_err(io)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(TableError::Busy { path: path.to_owned() }),
            // A file system without locks is used without.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        let whole = whole_lines(&bytes);
        let rows = parse(path, whole)?;
        let was_cut_short = whole.len() < bytes.len();
        if was_cut_short {
            file.set_len(whole.len() as u64).map_err(io)?;
        }
        let mut table = Self { path: path.to_owned(), file, rows, was_cut_short };
        if whole.is_empty() {
            table.write(format!("{HEADER}\n").as_bytes()).map_err(io)?;
            sync_folder(path).map_err(io)?;
        }
        Ok(table)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The last line was not whole, and is gone.
    pub fn was_cut_short(&self) -> bool {
        self.was_cut_short
    }

    /// Adds a row, and comes back when it is on the disk.
    ///
    /// # Errors
    /// If it cannot be written; the file is as it was before then, as far as that is possible.
    pub fn append(&mut self, row: Row) -> Result<(), TableError> {
        self.write(&row.line()).map_err(|error| TableError::Io { path: self.path.clone(), error })?;
        self.rows.push(row);
        Ok(())
    }

    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let end = self.file.seek(SeekFrom::End(0))?;
        let written = self.file.write_all(line).and_then(|()| self.file.sync_data());
        if written.is_err() {
            let _ = self.file.set_len(end);
        }
        written
    }
}

/// The rows of a finished table, or of one under way; a last line that is not whole is passed over.
///
/// # Errors
/// If it cannot be read, or is not a sweep's table without faults.
pub fn read_rows(path: &Path) -> Result<Vec<Row>, TableError> {
    let bytes = fs::read(path).map_err(|error| TableError::Io { path: path.to_owned(), error })?;
    parse(path, whole_lines(&bytes))
}

/// A new table with these rows, in place of whatever is in `path`: whole, or not at all.
///
/// # Errors
/// If it cannot be written; what was there is whole then.
pub fn write_rows(path: &Path, rows: &[Row]) -> Result<(), TableError> {
    let mut bytes = format!("{HEADER}\n").into_bytes();
    rows.iter().for_each(|row| bytes.extend(row.line()));
    write_atomically(path, &bytes).map_err(|error| TableError::Io { path: path.to_owned(), error })
}

/// All up to the last line's end. A header that was cut short counts for nothing.
fn whole_lines(bytes: &[u8]) -> &[u8] {
    match bytes.iter().rposition(|&byte| byte == b'\n') {
        Some(end) => &bytes[..=end],
        None if HEADER.as_bytes().starts_with(bytes) => &[],
        // Something else: to be refused as a whole.
        None => bytes,
    }
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Vec<Row>, TableError> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let foreign = |found: String| TableError::Foreign { path: path.to_owned(), found };
    let header = reader.headers().map_err(|error| foreign(error.to_string()))?.clone();
    if !HEADER.split(',').eq(&header) {
        let found: String = header.iter().collect::<Vec<_>>().join(",").chars().take(60).collect();
        return Err(foreign(found));
    }
    let mut rows: Vec<Row> = Vec::new();
    for record in reader.into_records() {
        let damaged = |line, reason| TableError::Damaged { path: path.to_owned(), line, reason };
        let record =
            record.map_err(|error| damaged(error.position().map_or(0, csv::Position::line), error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != header.len() {
            return Err(damaged(line, format!("expected {} columns, found {}", header.len(), record.len())));
        }
        let row = Row::parse(&record).map_err(|reason| damaged(line, reason))?;
        if rows.iter().any(|known| known.key == row.key) {
            return Err(TableError::Twice { path: path.to_owned(), line, key: row.key });
        }
        rows.push(row);
    }
    Ok(rows)
}
