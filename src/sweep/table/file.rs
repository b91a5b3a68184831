//! The table on the disk under a sweep's hands. Others may replace it, change it or remove it meanwhile (an editor, `mv`,
//! `rm`): that is noticed before the next row, and no row is lost by it.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{Columns, Contents, Ending, HEADER, Row, TableError, lock, table};
use crate::disk::{self, folder_of, open_own, sync_folder, write_atomically};

/// A table on the disk, held against other sweeps as long as this lives.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    file: File,
    rows: Vec<Row>,
    /// Columns of the file
    columns: Columns,
    /// How the file was left: whatever differs, somebody else did
    left: Option<(u64, SystemTime)>,
    notes: Vec<String>,
}

/// What is at the table's path.
enum Found {
    Ours,
    /// Another file
    Another,
    Nothing,
    Obstacle(String),
}

impl Table {
    /// Opens the table in `path`, or makes it. A last line that was cut short is cut off: its run will be trained again. A
    /// symbolic link is followed once, with a note.
    ///
    /// # Errors
    /// If it cannot be opened, another sweep writes it, or what is in it is not a sweep's table without faults. The file is
    /// left as it is then.
    pub fn open(named: &Path) -> Result<Self, TableError> {
        let path = resolved(named)?;
        let io = |error| TableError::of(&path, error);
        fs::create_dir_all(folder_of(&path)).map_err(io)?;
        let file = held(&path)?;
        let mut table = Self {
            path: path.clone(),
            file,
            rows: Vec::new(),
            columns: Columns::default(),
            left: None,
            notes: Vec::new(),
        };
        if path != named {
            table.notes.push(format!("{} is a link: the rows go to {}", named.display(), path.display()));
        }
        let contents = table.contents()?;
        table.mend(&contents).map_err(io)?;
        (table.rows, table.columns) = (contents.rows, contents.columns);
        if contents.whole == 0 {
            sync_folder(&path).map_err(io)?;
        }
        Ok(table)
    }

    /// Where the rows are.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Takes what there is to say of the file: how it was found, and what others did to it.
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Adds a row, and comes back when it is on the disk, in the file that is at the table's path then.
    ///
    /// # Errors
    /// If it cannot be written; the file is as it was before then, as far as that is possible.
    pub fn append(&mut self, row: Row) -> Result<(), TableError> {
        self.check()?;
        // A table that was put in this one's place may have it already.
        if self.rows.iter().any(|known| known.key == row.key) {
            return Ok(());
        }
        let present = std::mem::take(&mut self.rows);
        let added = self.add(&present, std::slice::from_ref(&row));
        self.rows = present;
        added?;
        self.rows.push(row);
        // Replaced in this very moment.
        if matches!(self.found(), Found::Ours) { Ok(()) } else { self.check() }
    }

    /// Writes rows behind those that are present in the file. Where it has no column for something in them, it is replaced
    /// by one that has.
    fn add(&mut self, present: &[Row], rows: &[Row]) -> Result<(), TableError> {
        let io = |error| TableError::of(&self.path, error);
        if self.columns.fit(rows) {
            let lines: Vec<u8> = rows.iter().flat_map(|row| row.line(&self.columns)).collect();
            return self.write(&lines).map_err(|error| TableError::of(&self.path, error));
        }
        let all = [present, rows].concat();
        write_atomically(&self.path, &table(&all)).map_err(io)?;
        self.file = held(&self.path)?;
        self.columns = Columns::of(&all);
        self.stamp_left();
        Ok(())
    }

    /// Makes sure that the file at the table's path has all rows, and returns the keys of those that are really there.
    ///
    /// # Errors
    /// If it has not, and cannot be mended.
    pub fn settle(&mut self) -> Result<Vec<String>, TableError> {
        self.left = None;
        self.check()?;
        Ok(self.contents()?.rows.into_iter().map(|row| row.key).collect())
    }

    fn check(&mut self) -> Result<(), TableError> {
        match self.found() {
            Found::Ours if self.left.is_some() && self.stamp() == self.left => Ok(()),
            Found::Ours => self.put_back("was changed"),
            Found::Another => self.move_in(),
            Found::Nothing => self.make_again(),
            Found::Obstacle(found) => self.move_out(&found),
        }
    }

    fn found(&self) -> Found {
        match fs::symlink_metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Found::Nothing,
            Err(error) => Found::Obstacle(error.to_string()),
            Ok(metadata) if metadata.is_symlink() => Found::Obstacle("a link".into()),
            Ok(metadata) if !metadata.is_file() => {
                Found::Obstacle(disk::obstacle(&self.path).unwrap_or("no file").to_owned())
            }
            Ok(metadata) if is_same(&self.file, &metadata) => Found::Ours,
            Ok(_) => Found::Another,
        }
    }

    fn contents(&mut self) -> Result<Contents, TableError> {
        let mut bytes = Vec::new();
        let read = self.file.seek(SeekFrom::Start(0)).and_then(|_| self.file.read_to_end(&mut bytes));
        read.map_err(|error| TableError::of(&self.path, error))?;
        Contents::read(&self.path, &bytes)
    }

    /// Brings the file to a line's end, with a header.
    fn mend(&mut self, contents: &Contents) -> io::Result<()> {
        let name = self.path.display();
        match contents.ending {
            Ending::Whole => {}
            Ending::NoLineFeed => {
                self.notes.push(format!("the last line of {name} was cut short by its line feed: its row is kept"));
                self.write(b"\n")?;
            }
            Ending::CutShort => {
                self.notes
                    .push(format!("the last line of {name} was cut short, and is gone: its run is trained again"));
                self.file.set_len(contents.whole as u64)?;
            }
        }
        if contents.whole == 0 { self.write(format!("{HEADER}\n").as_bytes()) } else { Ok(()) }
    }

    /// Puts those of our rows into the file that it has not, whatever became of it.
    fn put_back(&mut self, fate: &str) -> Result<(), TableError> {
        let contents = match self.contents() {
            Err(TableError::Io { path, error }) => return Err(TableError::Io { path, error }),
            Err(_) => return self.move_out("no sweep's table any more"),
            Ok(contents) => contents,
        };
        let notes = self.notes.len();
        self.mend(&contents).map_err(|error| TableError::of(&self.path, error))?;
        // A line that was cut short is one of ours, and comes back.
        self.notes.truncate(notes);
        let keys = contents.keys();
        let missing: Vec<Row> = self.rows.iter().filter(|row| !keys.contains(row.key.as_str())).cloned().collect();
        self.columns.clone_from(&contents.columns);
        if !missing.is_empty() {
            self.add(&contents.rows, &missing)?;
            let (name, rows_are) = (self.path.display(), rows_are(missing.len()));
            self.notes.push(format!("{name} {fate} while the sweep was running: {rows_are} put back"));
        }
        let ours: std::collections::HashSet<String> = self.rows.iter().map(|row| row.key.clone()).collect();
        self.rows.extend(contents.rows.into_iter().filter(|row| !ours.contains(&row.key)));
        self.stamp_left();
        Ok(())
    }

    /// Goes over to another file that is at the table's path now.
    fn move_in(&mut self) -> Result<(), TableError> {
        match held(&self.path) {
            Ok(file) => {
                self.file = file;
                self.put_back("was replaced")
            }
            Err(TableError::Busy { .. }) => self.move_out("another sweep's table"),
            Err(error) => self.move_out(&error.to_string()),
        }
    }

    fn make_again(&mut self) -> Result<(), TableError> {
        let io = |error| TableError::of(&self.path, error);
        fs::create_dir_all(folder_of(&self.path)).map_err(io)?;
        self.make(self.path.clone())?;
        self.stamp_left();
        let name = self.path.display();
        self.notes.push(format!(
            "{name} was removed while the sweep was running: {} written again",
            rows_are(self.rows.len())
        ));
        Ok(())
    }

    /// Leaves alone what is at the table's path, and writes everything to a new file beside it.
    fn move_out(&mut self, found: &str) -> Result<(), TableError> {
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let beside = |number: u32| self.path.with_file_name(format!("{stem}-{number}.csv"));
        let path = (2..).map(beside).find(|path| fs::symlink_metadata(path).is_err()).expect("there is no last number");
        let before = self.path.clone();
        self.make(path)?;
        let count = rows_are(self.rows.len());
        self.stamp_left();
        self.notes.push(format!("{} is now {found}: {count} in {}", before.display(), self.path.display()));
        Ok(())
    }

    /// Makes a new file with all rows.
    fn make(&mut self, path: PathBuf) -> Result<(), TableError> {
        let make = || {
            let mut file = open_own(&path, File::options().read(true).append(true).create_new(true))?;
            let _ = file.try_lock();
            file.write_all(&table(&self.rows))?;
            file.sync_data()?;
            sync_folder(&path)?;
            Ok(file)
        };
        self.file = make().map_err(|error| TableError::of(&path, error))?;
        self.columns = Columns::of(&self.rows);
        self.path = path;
        Ok(())
    }

    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        let end = self.file.seek(SeekFrom::End(0))?;
        let written =
            disk::count_step(self.file.write_all(lines)).and_then(|()| disk::count_step(self.file.sync_data()));
        if written.is_err() {
            let _ = self.file.set_len(end);
        }
        self.stamp_left();
        written
    }

    fn stamp(&self) -> Option<(u64, SystemTime)> {
        let metadata = self.file.metadata().ok()?;
        Some((metadata.len(), metadata.modified().ok()?))
    }

    fn stamp_left(&mut self) {
        self.left = self.stamp();
    }
}

fn rows_are(count: usize) -> String {
    if count == 1 { "1 row is".into() } else { format!("{count} rows are") }
}

/// Follows a symbolic link once, so that what was seen at its end is what is written.
///
/// # Errors
/// If it leads nowhere.
pub fn resolved(path: &Path) -> Result<PathBuf, TableError> {
    if !fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        return Ok(path.to_owned());
    }
    let found = |error| format!("expected a file, found a link that leads to none ({error})");
    path.canonicalize().map_err(|error| TableError::Obstacle { path: path.to_owned(), found: found(error) })
}

/// Opens the file at `path`, made if need be, and holds it against others.
fn held(path: &Path) -> Result<File, TableError> {
    let io = |error| TableError::of(path, error);
    // Not for ever, since not every file system knows a file again.
    for is_last in [false, false, true] {
        let file = open_own(path, File::options().read(true).append(true).create(true)).map_err(io)?;
        lock(&file, path)?;
        // Between the two it may have been replaced, by a merge.
        if is_last || fs::symlink_metadata(path).is_ok_and(|metadata| is_same(&file, &metadata)) {
            return Ok(file);
        }
    }
    unreachable!("the last one was taken")
}

#[cfg(unix)]
fn is_same(file: &File, found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.metadata().is_ok_and(|own| (own.dev(), own.ino()) == (found.dev(), found.ino()))
}

/// What is open cannot be replaced there.
#[cfg(not(unix))]
fn is_same(_: &File, _: &Metadata) -> bool {
    true
}
