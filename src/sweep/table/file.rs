//! The table file that a sweep writes. Other programs (an editor, `mv`, `rm`) may replace, change or remove it
//! meanwhile: the sweep notices that before the next row, and no row is lost.

use std::{
    fs::{self, File, Metadata, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{Columns, Contents, Ending, Format, Row, TableError, lock, read_table, table};
use crate::disk::{self, folder_of, open_own, sync_folder, write_atomically};

/// Table on disk, locked against other sweeps until this is released or dropped.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    file: File,
    rows: Vec<Row>,
    /// Columns of the file.
    columns: Columns,
    /// Length and time of the file after the last write here, to detect changes by others.
    last_stamp: Option<(u64, SystemTime)>,
    is_released: bool,
    notes: Vec<String>,
}

/// What is found at the table's path.
enum Found {
    Ours,
    /// A file other than the open one.
    Another,
    Nothing,
    Obstacle(String),
}

impl Table {
    /// Opens or creates a sweep's table, see [`Table::open_as`].
    ///
    /// # Errors
    /// As [`Table::open_as`].
    pub fn open(named: &Path) -> Result<Self, TableError> {
        Self::open_as(named, Format::Sweep)
    }

    /// Opens or creates the table in `path`. A truncated last line is removed; its run will be trained again. A
    /// symbolic link is followed once, with a note.
    ///
    /// # Errors
    /// If it cannot be opened, another sweep is writing it, or it is not a valid table of this format. The file is then
    /// unchanged.
    pub fn open_as(named: &Path, format: Format) -> Result<Self, TableError> {
        let path = resolved(named)?;
        let io = |error| TableError::of(&path, error);
        fs::create_dir_all(folder_of(&path)).map_err(io)?;
        let file = open_locked(&path)?;
        let mut table = Self {
            path: path.clone(),
            file,
            rows: Vec::new(),
            columns: Columns::of(format, &[]),
            last_stamp: None,
            is_released: false,
            notes: Vec::new(),
        };
        if path != named {
            table.notes.push(format!("{} is a symbolic link; rows are written to {}", named.display(), path.display()));
        }
        let contents = table.contents()?;
        table.repair_end(&contents).map_err(io)?;
        (table.rows, table.columns) = (contents.rows, contents.columns);
        if contents.complete_bytes == 0 {
            sync_folder(&path).map_err(io)?;
        }
        Ok(table)
    }

    /// Returns the path of the file with the rows.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Takes the messages about the file: its state when opened, and changes by others.
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Adds a row, and returns when it is on disk, in the file that is at the table's path.
    ///
    /// # Errors
    /// If it cannot be written. The file is then unchanged, as far as possible.
    pub fn append(&mut self, row: Row) -> Result<(), TableError> {
        self.check()?;
        // A table that replaced this one may already contain the row.
        if self.rows.iter().any(|known| known.key == row.key) {
            return Ok(());
        }
        let present = std::mem::take(&mut self.rows);
        let added = self.add(&present, std::slice::from_ref(&row));
        self.rows = present;
        added?;
        self.rows.push(row);
        // The file may have been replaced during the write.
        if matches!(self.found(), Found::Ours) { Ok(()) } else { self.check() }
    }

    /// Writes rows after those that are present in the file. If it lacks a column for them, it is replaced by a file
    /// that has one.
    fn add(&mut self, present: &[Row], rows: &[Row]) -> Result<(), TableError> {
        let io = |error| TableError::of(&self.path, error);
        if self.columns.fit(rows) {
            let lines: Vec<u8> = rows.iter().flat_map(|row| row.line(&self.columns)).collect();
            return self.write(&lines).map_err(|error| TableError::of(&self.path, error));
        }
        let all = [present, rows].concat();
        let columns = Columns::of(self.columns.format, &all);
        write_atomically(&self.path, &table(&columns, &all)).map_err(io)?;
        self.file = open_locked(&self.path)?;
        self.columns = columns;
        self.update_stamp();
        Ok(())
    }

    /// Restores rows that are missing from the file at the table's path, and returns the keys of all rows read from it.
    /// A released table that another sweep continues is only read.
    ///
    /// # Errors
    /// If they cannot be restored or read.
    pub fn restore(&mut self) -> Result<Vec<String>, TableError> {
        let rows = if self.is_released && self.is_busy() {
            read_table(&self.path, self.columns.format)?.0
        } else {
            self.last_stamp = None;
            let restored = self.check();
            self.unlock_released();
            restored?;
            self.contents()?.rows
        };
        Ok(rows.into_iter().map(|row| row.key).collect())
    }

    /// Unlocks the table after the last row, so that another sweep can continue it.
    pub fn release(&mut self) {
        self.is_released = true;
        self.unlock_released();
    }

    fn unlock_released(&self) {
        if self.is_released {
            let _ = self.file.unlock();
        }
    }

    /// Returns whether another sweep has locked the file at the table's path.
    fn is_busy(&self) -> bool {
        disk::open(&self.path).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    fn check(&mut self) -> Result<(), TableError> {
        match self.found() {
            Found::Ours if self.last_stamp.is_some() && self.stamp() == self.last_stamp => Ok(()),
            Found::Ours => self.restore_rows("was changed"),
            Found::Another => self.adopt(),
            Found::Nothing => self.recreate(),
            Found::Obstacle(found) => self.move_aside(&found),
        }
    }

    fn found(&self) -> Found {
        match fs::symlink_metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Found::Nothing,
            Err(error) => Found::Obstacle(error.to_string()),
            Ok(metadata) if metadata.is_symlink() => Found::Obstacle("a symbolic link".into()),
            Ok(metadata) if !metadata.is_file() => {
                Found::Obstacle(disk::obstacle(&self.path).unwrap_or("not a regular file").to_owned())
            }
            Ok(metadata) if is_same(&self.file, &metadata) => Found::Ours,
            Ok(_) => Found::Another,
        }
    }

    fn contents(&mut self) -> Result<Contents, TableError> {
        let mut bytes = Vec::new();
        let read = self.file.seek(SeekFrom::Start(0)).and_then(|_| self.file.read_to_end(&mut bytes));
        read.map_err(|error| TableError::of(&self.path, error))?;
        let mut contents = Contents::read(&self.path, &bytes)?;
        contents.check_format(&self.path, self.columns.format)?;
        if contents.complete_bytes == 0 {
            contents.columns = Columns::of(self.columns.format, &[]);
        }
        Ok(contents)
    }

    /// Makes the file end with a newline and begin with a header.
    fn repair_end(&mut self, contents: &Contents) -> io::Result<()> {
        let name = self.path.display();
        match contents.ending {
            Ending::Complete => {}
            Ending::NoNewline => {
                self.notes.push(format!("the last line of {name} lacked its newline; its row was kept"));
                self.write(b"\n")?;
            }
            Ending::Truncated => {
                self.notes.push(format!(
                    "the last line of {name} was truncated and has been removed; its run is trained again"
                ));
                self.file.set_len(contents.complete_bytes as u64)?;
            }
        }
        if contents.complete_bytes == 0 { self.write(contents.columns.header().as_bytes()) } else { Ok(()) }
    }

    /// Adds the known rows that the file lacks. `change` says what happened to the file.
    fn restore_rows(&mut self, change: &str) -> Result<(), TableError> {
        let contents = match self.contents() {
            Err(TableError::Io { path, error }) => return Err(TableError::Io { path, error }),
            Err(_) => return self.move_aside("something other than a sweep's table"),
            Ok(contents) => contents,
        };
        let notes = self.notes.len();
        self.repair_end(&contents).map_err(|error| TableError::of(&self.path, error))?;
        // A truncated line is one of the known rows, and is restored.
        self.notes.truncate(notes);
        let keys = contents.keys();
        let missing: Vec<Row> = self.rows.iter().filter(|row| !keys.contains(row.key.as_str())).cloned().collect();
        self.columns.clone_from(&contents.columns);
        if !missing.is_empty() {
            self.add(&contents.rows, &missing)?;
            let (name, rows_are) = (self.path.display(), rows_are(missing.len()));
            self.notes.push(format!("{name} {change} while the sweep was running: {rows_are} put back"));
        }
        let known: std::collections::HashSet<String> = self.rows.iter().map(|row| row.key.clone()).collect();
        self.rows.extend(contents.rows.into_iter().filter(|row| !known.contains(&row.key)));
        self.update_stamp();
        Ok(())
    }

    /// Continues in the file that has replaced the table.
    fn adopt(&mut self) -> Result<(), TableError> {
        match open_locked(&self.path) {
            Ok(file) => {
                self.file = file;
                self.restore_rows("was replaced")
            }
            Err(TableError::Busy { .. }) => self.move_aside("another sweep's table"),
            Err(error) => self.move_aside(&error.to_string()),
        }
    }

    fn recreate(&mut self) -> Result<(), TableError> {
        let io = |error| TableError::of(&self.path, error);
        fs::create_dir_all(folder_of(&self.path)).map_err(io)?;
        self.create(self.path.clone())?;
        self.update_stamp();
        let name = self.path.display();
        self.notes.push(format!(
            "{name} was removed while the sweep was running: {} written again",
            rows_are(self.rows.len())
        ));
        Ok(())
    }

    /// Leaves alone what is at the table's path, and writes all rows to a new file beside it.
    fn move_aside(&mut self, found: &str) -> Result<(), TableError> {
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let beside = |number: u32| self.path.with_file_name(format!("{stem}-{number}.csv"));
        let path = (2..).map(beside).find(|path| fs::symlink_metadata(path).is_err()).expect("numbers do not end");
        let before = self.path.clone();
        self.create(path)?;
        let count = rows_are(self.rows.len());
        self.update_stamp();
        self.notes.push(format!("{} is now {found}; {count} in {}", before.display(), self.path.display()));
        Ok(())
    }

    /// Creates a new file with all rows.
    fn create(&mut self, path: PathBuf) -> Result<(), TableError> {
        let columns = Columns::of(self.columns.format, &self.rows);
        let create = || {
            let mut file = open_own(&path, File::options().read(true).append(true).create_new(true))?;
            let _ = file.try_lock();
            file.write_all(&table(&columns, &self.rows))?;
            file.sync_data()?;
            sync_folder(&path)?;
            Ok(file)
        };
        self.file = create().map_err(|error| TableError::of(&path, error))?;
        (self.columns, self.path) = (columns, path);
        Ok(())
    }

    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        let end = self.file.seek(SeekFrom::End(0))?;
        let written =
            disk::count_step(self.file.write_all(lines)).and_then(|()| disk::count_step(self.file.sync_data()));
        if written.is_err() {
            let _ = self.file.set_len(end);
        }
        self.update_stamp();
        written
    }

    fn stamp(&self) -> Option<(u64, SystemTime)> {
        let metadata = self.file.metadata().ok()?;
        Some((metadata.len(), metadata.modified().ok()?))
    }

    fn update_stamp(&mut self) {
        self.last_stamp = self.stamp();
    }
}

fn rows_are(count: usize) -> String {
    if count == 1 { "1 row is".into() } else { format!("{count} rows are") }
}

/// Resolves a symbolic link once, so that the file that was checked is the one that is written.
///
/// # Errors
/// If it is broken.
pub fn resolved(path: &Path) -> Result<PathBuf, TableError> {
    if !fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        return Ok(path.to_owned());
    }
    let found = |error| format!("expected a file, found a broken symbolic link ({error})");
    path.canonicalize().map_err(|error| TableError::Obstacle { path: path.to_owned(), found: found(error) })
}

/// Opens or creates the file at `path`, and locks it against other sweeps.
fn open_locked(path: &Path) -> Result<File, TableError> {
    let io = |error| TableError::of(path, error);
    // The last attempt accepts any file, since not every file system can identify files.
    for is_last in [false, false, true] {
        let file = open_own(path, File::options().read(true).append(true).create(true)).map_err(io)?;
        lock(&file, path)?;
        // Between opening and locking, a merge may have replaced it.
        if is_last || fs::symlink_metadata(path).is_ok_and(|metadata| is_same(&file, &metadata)) {
            return Ok(file);
        }
    }
    unreachable!("the last attempt returns")
}

#[cfg(unix)]
fn is_same(file: &File, found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.metadata().is_ok_and(|own| (own.dev(), own.ino()) == (found.dev(), found.ino()))
}

/// Returns `true`: an open file cannot be replaced on these systems.
#[cfg(not(unix))]
fn is_same(_: &File, _: &Metadata) -> bool {
    true
}
