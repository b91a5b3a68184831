//! A run of another program: its files, and the curves read from them.

use std::{
    fs::File,
    io::{self, BufReader},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    curves::{Column, Curves},
    events::Events,
    json,
    names::{Set, run_rank, set_of_folder},
    record::{Pass, Record, Waiting},
    split::{Members, Split},
    tail::{Look, Tail, Why},
    text::{JsonLines, Table},
};
use crate::{disk, format::counted, train::Place};

/// What a file is read as.
#[derive(Debug)]
enum Reader {
    /// Not decided yet.
    Unknown,
    Json(JsonLines),
    Table(Table),
    Events(Events),
    /// A whole JSON document, which is read again whenever it changes.
    Document,
}

/// A file of a run.
#[derive(Debug)]
struct Part {
    tail: Tail,
    reader: Reader,
    waiting: Option<Waiting>,
    /// Number of lines or records that were skipped.
    damaged: u64,
}

impl Part {
    fn new(path: &Path) -> Self {
        Self { tail: Tail::new(path), reader: Reader::Unknown, waiting: None, damaged: 0 }
    }

    fn begin_again(&mut self) {
        *self = Self::new(self.tail.path());
    }
}

/// A run of another program.
#[derive(Debug)]
pub struct Run {
    /// The file or folder that it is known by.
    pub path: PathBuf,
    /// What distinguishes it from the other runs.
    pub label: String,
    /// Its files, oldest first.
    parts: Vec<Part>,
    members: Members,
    /// Why it was read again last, and how often it was.
    again: Option<(Why, u64)>,
}

/// A row that was read.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Index of the run.
    pub run: usize,
    pub place: Place,
    pub(super) texts: &'a [(Arc<str>, String)],
    /// Step that the format itself gives, beside the numbers.
    pub step: Option<f64>,
    /// Names and numbers, as they are in the file.
    pub numbers: &'a [(Arc<str>, f64)],
}

impl Row<'_> {
    /// Returns the name of its run, if a column with a usual name has it and it is not among the numbers.
    pub fn name(&self) -> Option<&str> {
        let texts = self.texts.iter().filter(|(_, text)| text.parse::<f64>().is_err());
        let ranked = texts.filter_map(|(name, text)| Some((run_rank(name)?, text)));
        ranked.min_by_key(|(rank, _)| *rank).map(|(_, text)| text.as_str())
    }
}

/// Result of a look at a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    /// Whether anything has changed.
    pub changed: bool,
    /// Whether there is more to read.
    pub more: bool,
}

impl Run {
    pub(super) fn new(path: &Path, files: &[PathBuf], split: &Split) -> Self {
        let parts = files.iter().map(|file| Part::new(file)).collect();
        let folder = path.file_name().unwrap_or_default().to_string_lossy();
        let is_folder = files.iter().all(|file| file != path);
        let set = set_of_folder(&folder).filter(|_| is_folder).unwrap_or(Set::Training);
        Self {
            path: path.to_owned(),
            label: String::new(),
            parts,
            members: Members::new(set, split.clone()),
            again: None,
        }
    }

    /// Returns the curves of each run in its files.
    pub fn curves(&self) -> &[Curves] {
        &self.members.curves
    }

    /// Returns the columns of all runs in its files.
    pub fn columns(&self) -> Vec<&Column> {
        self.curves().iter().flat_map(|curves| &curves.columns).collect()
    }

    /// Returns the column that tells its runs apart, if there are several.
    pub fn split(&self) -> Option<&str> {
        self.members.column()
    }

    /// Returns the columns that may tell runs apart.
    pub fn choices(&self) -> &[Arc<str>] {
        &self.members.choices
    }

    /// Reads its files again, split by another column.
    pub(super) fn split_by(&mut self, split: &Split) {
        self.members.split_by(split.clone());
        self.parts.iter_mut().for_each(Part::begin_again);
    }

    /// Returns the number of rows read.
    pub fn rows(&self) -> u64 {
        self.members.rows
    }

    /// Returns the place of the newest row.
    pub fn newest(&self) -> Place {
        self.members.newest
    }

    /// Returns the part of its files that has been read, 0 to 1.
    pub fn part(&self) -> f64 {
        self.parts.iter().map(|part| part.tail.part()).sum::<f64>() / self.parts.len().max(1) as f64
    }

    /// Returns what it is waiting for, if its newest file cannot be read to the end.
    pub fn waiting(&self) -> Option<Waiting> {
        self.parts.last().and_then(|part| part.waiting)
    }

    /// Returns what there is to know about its files: what is waited for, skipped or read again.
    pub fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = self.waiting().map(|waiting| waiting.text().to_owned()).into_iter().collect();
        let damaged: u64 = self.parts.iter().map(|part| part.damaged).sum();
        if damaged > 0 {
            notes.push(format!("{} skipped", counted(damaged, "damaged row")));
        }
        if let Some((why, count)) = self.again {
            let what = if why == Why::Shorter { "cut short" } else { "replaced" };
            let times = if count > 1 { format!(" {count} times") } else { String::new() };
            notes.push(format!("{what}{times}, and read from its beginning"));
        }
        if self.curves().iter().any(|curves| curves.returns > 0) {
            notes.push("went back to an earlier step: what came after it then is left out".into());
        }
        if self.members.has_too_many_columns {
            notes.push(format!("more than {} columns: the rest are ignored", self.members.columns));
        }
        if self.members.has_too_many_runs {
            notes.push(format!("more than {} runs: the rest are left out", self.curves().len()));
        }
        notes
    }

    /// Sets its files. Those that it has keep their order; new ones come after them.
    pub(super) fn set_files(&mut self, files: &[PathBuf]) {
        if self.parts.len() == 1 && files.len() == 1 && self.parts[0].tail.path() != files[0] {
            // A later checkpoint of the same run.
            self.parts = vec![Part::new(&files[0])];
        }
        for file in files {
            if self.parts.iter().all(|part| part.tail.path() != file) {
                self.parts.push(Part::new(file));
            }
        }
    }

    /// Reads a limited number of bytes. `most` limits the points of a curve.
    pub(super) fn step(&mut self, most: usize, row: &mut dyn FnMut(Place, &Record)) -> Step {
        let mut step = Step::default();
        for part in &mut self.parts {
            let result = part.step(&mut self.members, most, row);
            if let Err(why) = result {
                // Files of one run are read in order, so all are read again.
                let count = self.again.map_or(0, |(_, count)| count);
                self.again = Some((why, count + 1));
                self.members.clear();
                self.parts.iter_mut().for_each(Part::begin_again);
                return Step { changed: true, more: true };
            }
            let part_step = result.unwrap_or_default();
            step.changed |= part_step.changed;
            if part_step.more {
                return Step { more: true, ..step };
            }
        }
        step
    }
}

impl Part {
    /// Reads a limited number of bytes.
    ///
    /// # Errors
    /// If the file has to be read from its beginning.
    fn step(&mut self, members: &mut Members, most: usize, row: &mut dyn FnMut(Place, &Record)) -> Result<Step, Why> {
        let before = self.waiting;
        match self.tail.look() {
            Ok(Look::Unchanged) => return Ok(Step::default()),
            Ok(Look::Read) => {}
            // A document is always written again.
            Ok(Look::Again(_)) if matches!(self.reader, Reader::Document) => {
                self.tail.rewind();
                return Ok(Step { changed: false, more: true });
            }
            // Nothing was read of it.
            Ok(Look::Again(_)) if matches!(self.reader, Reader::Unknown) => {
                self.tail.rewind();
                return Ok(Step { changed: false, more: true });
            }
            Ok(Look::Again(why)) => return Err(why),
            Err(error) => {
                self.tail.lose();
                let is_missing = error.kind() == io::ErrorKind::NotFound;
                self.waiting = Some(if is_missing { Waiting::Missing } else { Waiting::Unreadable });
                return Ok(Step { changed: self.waiting != before, more: false });
            }
        }
        let is_end = self.tail.is_at_end();
        if matches!(self.reader, Reader::Unknown | Reader::Document) {
            match reader_for(self.tail.path(), self.tail.bytes(), is_end) {
                Ok(reader) if matches!((&self.reader, &reader), (Reader::Document, Reader::Document)) => {}
                Ok(_) if matches!(self.reader, Reader::Document) => return Err(Why::Replaced),
                Ok(reader) => self.reader = reader,
                Err(waiting) => {
                    self.waiting = Some(waiting);
                    return Ok(Step { changed: self.waiting != before, more: !is_end });
                }
            }
        }
        if matches!(self.reader, Reader::Document) {
            self.read_document(members, most, row);
            return Ok(Step { changed: true, more: false });
        }
        let needs = members.needs();
        let mut add = |record: &Record| {
            let place = members.add(record, most);
            row(place, record);
        };
        let mut pass = Pass::new(&mut add, needs);
        let bytes = self.tail.bytes();
        let used = match &mut self.reader {
            Reader::Json(lines) => lines.read(bytes, is_end, &mut pass),
            Reader::Table(table) => table.read(bytes, is_end, &mut pass),
            Reader::Events(events) => events.read(bytes, is_end, &mut pass),
            Reader::Unknown | Reader::Document => 0,
        };
        self.damaged += pass.damaged;
        self.waiting = pass.waiting;
        self.tail.advance(used);
        Ok(Step { changed: true, more: !is_end })
    }

    /// Reads the whole document, and keeps what was read before if it is not whole.
    fn read_document(&mut self, members: &mut Members, most: usize, row: &mut dyn FnMut(Place, &Record)) {
        let mut new = members.emptied();
        let needs = new.needs();
        let known = members.rows;
        let read = disk::open(self.tail.path()).map_err(serde_json::Error::io).and_then(|file: File| {
            json::document(BufReader::new(file), &needs, &mut |record| {
                let place = new.add(record, most);
                if new.rows > known {
                    row(place, record);
                }
            })
        });
        self.waiting = read.is_err().then_some(Waiting::HalfDocument);
        if read.is_ok() {
            *members = new;
        }
        self.tail.forget();
    }
}

/// Chooses a reader by a file's name, or else by its first line.
///
/// # Errors
/// What to wait for.
fn reader_for(path: &Path, bytes: &[u8], is_end: bool) -> Result<Reader, Waiting> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    if name.contains("tfevents") {
        return if bytes.is_empty() { Err(Waiting::Empty) } else { Ok(Reader::Events(Events::default())) };
    }
    let text = bytes.trim_ascii_start();
    if text.is_empty() {
        return Err(Waiting::Empty);
    }
    let is_table = name.ends_with(".csv") || name.ends_with(".tsv");
    match text[0] {
        b'[' if !is_table => Ok(Reader::Document),
        b'{' if !is_table => {
            let length = text.iter().position(|&byte| byte == b'\n');
            let line = &text[..length.unwrap_or(text.len())];
            let is_document = match json::is_object(line) {
                true => has_history(line),
                // `{` alone begins a document on several lines; half an object begins one on a single line.
                false => length.is_some() || name.ends_with(".json"),
            };
            match (is_document, length) {
                (true, _) => Ok(Reader::Document),
                (false, None) if is_end && !json::is_object(line) => Err(Waiting::HalfLine),
                (false, _) => Ok(Reader::Json(JsonLines::default())),
            }
        }
        _ if !text.contains(&b'\n') => Err(Waiting::HalfLine),
        _ => Ok(Reader::Table(Table::default())),
    }
}

fn has_history(line: &[u8]) -> bool {
    let name = json::HISTORY.as_bytes();
    line.windows(name.len()).any(|part| part == name)
}
