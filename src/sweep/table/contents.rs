//! Parsing the bytes of a table.

use std::{collections::HashSet, path::Path};

use super::{Columns, Format, HEADER, Row, TableError};
use crate::disk;

/// State of the last line of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    #[default]
    Complete,
    /// The last row is complete but lacks its newline.
    NoNewline,
    /// The last line is truncated and ignored.
    Truncated,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::sweep) struct Contents {
    pub rows: Vec<Row>,
    pub columns: Columns,
    pub ending: Ending,
    /// Length up to the end of the last line with a newline.
    pub complete_bytes: usize,
}

/// Returns the rows of a table of any format, see [`read_table`].
///
/// # Errors
/// If it cannot be read, or is not a valid table.
pub fn read_rows(path: &Path) -> Result<Vec<Row>, TableError> {
    Ok(read(path)?.rows)
}

/// Returns the rows of a table, which may be incomplete, and the state of its last line. A sweep's last row that lacks
/// only its newline is included.
///
/// # Errors
/// If it cannot be read, or is not a valid table of this format.
pub fn read_table(path: &Path, format: Format) -> Result<(Vec<Row>, Ending), TableError> {
    let contents = read(path)?;
    contents.check_format(path, format)?;
    Ok((contents.rows, contents.ending))
}

fn read(path: &Path) -> Result<Contents, TableError> {
    let bytes = disk::read(path).map_err(|error| TableError::of(path, error))?;
    Contents::read(path, &bytes)
}

impl Contents {
    /// Parses a table; `path` is for errors.
    pub(crate) fn read(path: &Path, bytes: &[u8]) -> Result<Self, TableError> {
        let (complete, rest) = bytes.split_at(complete_lines(bytes));
        let (columns, mut rows) = parse(path, complete)?;
        let ending = match (rest.is_empty(), last_row(rest, &columns, &rows)) {
            (true, _) => Ending::Complete,
            (false, None) => Ending::Truncated,
            (false, Some(row)) => {
                rows.push(row);
                Ending::NoNewline
            }
        };
        Ok(Self { rows, columns, ending, complete_bytes: complete.len() })
    }

    /// Rejects the table of another command. An empty one has no format.
    pub(super) fn check_format(&self, path: &Path, format: Format) -> Result<(), TableError> {
        let found = self.columns.format;
        if self.complete_bytes == 0 || found == format {
            return Ok(());
        }
        Err(TableError::OtherFormat { path: path.to_owned(), expected: format, found })
    }

    pub(crate) fn keys(&self) -> HashSet<&str> {
        self.rows.iter().map(|row| row.key.as_str()).collect()
    }
}

/// Returns the length up to the last newline. A truncated header is ignored.
fn complete_lines(bytes: &[u8]) -> usize {
    match bytes.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')) {
        Some(end) => end + 1,
        None if bytes.starts_with(HEADER.as_bytes()) || HEADER.as_bytes().starts_with(bytes) => 0,
        // Something else, to be rejected as a whole.
        None => bytes.len(),
    }
}

/// Parses a line without a newline, if it is a row. Since its last number may be truncated, it has to agree with a row
/// of the same data, if there is one. In other formats, nothing shows whether the last cell is complete.
fn last_row(line: &[u8], columns: &Columns, rows: &[Row]) -> Option<Row> {
    if columns.format != Format::Sweep {
        return None;
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(line);
    let record = reader.records().next()?.ok().filter(|record| record.len() == columns.names().count())?;
    let row = Row::parse(columns, &record).ok()?;
    let has_same_data = |other: &&Row| other.fingerprint() == row.fingerprint();
    let mut others = rows.iter().filter(has_same_data).peekable();
    let is_new = rows.iter().all(|other| other.key != row.key);
    let agrees = others.peek().is_none() || others.any(|other| other.test_images == row.test_images);
    (is_new && agrees).then_some(row)
}

fn parse(path: &Path, bytes: &[u8]) -> Result<(Columns, Vec<Row>), TableError> {
    if bytes.is_empty() {
        return Ok(Default::default());
    }
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let foreign = |found: String| TableError::Foreign { path: path.to_owned(), found };
    let header = reader.headers().map_err(|error| foreign(error.to_string()))?.clone();
    let Some(columns) = Columns::read(&header) else {
        let found: String = header.iter().collect::<Vec<_>>().join(",").chars().take(60).collect();
        return Err(foreign(found));
    };
    let mut rows: Vec<Row> = Vec::new();
    let mut keys = HashSet::new();
    for record in reader.into_records() {
        let damaged = |line, reason| TableError::Damaged { path: path.to_owned(), line, reason };
        let record =
            record.map_err(|error| damaged(error.position().map_or(0, csv::Position::line), error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != header.len() {
            return Err(damaged(line, format!("expected {} columns, found {}", header.len(), record.len())));
        }
        let row = Row::parse(&columns, &record).map_err(|reason| damaged(line, reason))?;
        if !keys.insert(row.key.clone()) {
            return Err(TableError::Twice { path: path.to_owned(), line, key: row.key });
        }
        rows.push(row);
    }
    Ok((columns, rows))
}
