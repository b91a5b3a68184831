//! Text that grows: JSON lines, and tables with a header.

use std::sync::Arc;

use super::{
    json,
    names::run_rank,
    record::{Pass, Record, Waiting},
};
use crate::sheet::{Sheet, separator};

/// Longest line that is read, in bytes.
const LONGEST: usize = 8 << 20;

/// Reader of one JSON object per line.
#[derive(Debug, Default)]
pub(super) struct JsonLines {
    /// Whether the rest of a line that is too long is being skipped.
    skipping: bool,
}

impl JsonLines {
    /// Reads the lines in `bytes`, and returns the number of bytes used.
    pub(super) fn read(&mut self, bytes: &[u8], is_end: bool, pass: &mut Pass) -> usize {
        let mut used = 0;
        while let Some(length) = bytes[used..].iter().position(|&byte| byte == b'\n') {
            let line = &bytes[used..used + length];
            used += length + 1;
            if !std::mem::take(&mut self.skipping) {
                read_line(line, pass);
            }
        }
        let rest = &bytes[used..];
        if self.skipping || rest.len() > LONGEST {
            pass.damaged += u64::from(!self.skipping);
            self.skipping = true;
            return bytes.len();
        }
        if rest.trim_ascii().is_empty() {
            return bytes.len();
        }
        // An object is whole even if its line has no end yet.
        if is_end && let Some(record) = json::line(rest, &pass.needs) {
            pass.add(&record);
            return bytes.len();
        }
        if is_end {
            pass.waiting = Some(Waiting::HalfLine);
        }
        used
    }
}

fn read_line(line: &[u8], pass: &mut Pass) {
    let line = line.trim_ascii();
    match json::line(line, &pass.needs) {
        Some(record) => pass.add(&record),
        None if line.is_empty() => {}
        None => pass.damaged += 1,
    }
}

/// Reader of a table whose first line names the columns.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// First line, with its end.
    header: Vec<u8>,
    names: Vec<Arc<str>>,
    separator: u8,
    skipping: bool,
}

impl Table {
    /// Reads the lines in `bytes`, and returns the number of bytes used.
    pub(super) fn read(&mut self, bytes: &[u8], is_end: bool, pass: &mut Pass) -> usize {
        let Some(end) = bytes.iter().rposition(|&byte| byte == b'\n').map(|last| last + 1) else {
            if bytes.len() > LONGEST {
                pass.damaged += u64::from(!self.skipping);
                self.skipping = true;
                return bytes.len();
            }
            pass.waiting = (is_end && !bytes.is_empty()).then_some(Waiting::HalfLine);
            return 0;
        };
        let mut begin = 0;
        if std::mem::take(&mut self.skipping) {
            begin = first_line(bytes);
        }
        if self.header.is_empty() {
            let lines = bytes[begin..end].split_inclusive(|&byte| byte == b'\n');
            let mut header = Vec::new();
            // Excel's first line only declares the separator.
            for line in lines {
                header.extend_from_slice(line);
                if !line.trim_ascii().is_empty() && !line.to_ascii_lowercase().starts_with(b"sep=") {
                    begin += header.len();
                    self.separator = separator(line.trim_ascii_end());
                    let names = String::from_utf8_lossy(line);
                    let names = names.split(char::from(self.separator)).map(|name| name.trim().into());
                    self.names = names.collect();
                    self.header = header;
                    break;
                }
            }
        }
        let lines = &bytes[begin..end];
        if !self.plain_rows(lines, pass) {
            self.rows(lines, pass);
        }
        pass.waiting = (is_end && !bytes[end..].trim_ascii().is_empty()).then_some(Waiting::HalfLine);
        end
    }

    /// Reads rows of plain numbers and words, as programs write them. Returns whether they are, before any is handed
    /// on; otherwise they are for [`Sheet`], which reads everything and takes its time.
    fn plain_rows(&self, lines: &[u8], pass: &mut Pass) -> bool {
        let Ok(text) = std::str::from_utf8(lines) else { return false };
        if self.header.contains(&b'"') || self.header.starts_with(b"\xef\xbb\xbf") || text.contains(['"', '%']) {
            return false;
        }
        let separator = char::from(self.separator);
        let is_plain = |line: &str| {
            line.is_empty()
                || line.split(separator).count() == self.names.len() && (separator == ',' || !line.contains(','))
        };
        if !text.lines().all(is_plain) {
            return false;
        }
        let columns: Vec<TableColumn> = self.names.iter().map(|name| TableColumn::of(name, pass)).collect();
        let mut record = Record::default();
        for line in text.lines() {
            record.clear();
            for (column, cell) in columns.iter().zip(line.split(separator)) {
                let cell = cell.trim();
                column.add(cell, cell.parse().ok(), &mut record);
            }
            pass.add(&record);
        }
        true
    }

    fn rows(&self, lines: &[u8], pass: &mut Pass) {
        let Ok(sheet) = Sheet::read(&[&self.header[..], lines].concat()) else {
            pass.damaged += u64::from(!lines.trim_ascii().is_empty());
            return;
        };
        let names: Vec<Arc<str>> = sheet.names.iter().map(|name| name.as_str().into()).collect();
        let columns: Vec<TableColumn> = names.iter().map(|name| TableColumn::of(name, pass)).collect();
        for row in &sheet.rows {
            if row.cells.len() != sheet.names.len() {
                pass.damaged += 1;
                continue;
            }
            let mut record = Record::default();
            for (column, cell) in columns.iter().zip(&row.cells) {
                column.add(cell.trim(), sheet.number(cell), &mut record);
            }
            pass.add(&record);
        }
    }
}

/// A column of a table.
struct TableColumn<'a> {
    name: &'a Arc<str>,
    /// Whether its texts are needed.
    has_texts: bool,
    /// Whether its cells are texts, too, if they are numbers: a run's name 12e45678 looks like one.
    names_run: bool,
}

impl<'a> TableColumn<'a> {
    fn of(name: &'a Arc<str>, pass: &Pass) -> Self {
        Self { name, has_texts: pass.needs.has(name), names_run: run_rank(name).is_some() }
    }

    fn add(&self, cell: &str, number: Option<f64>, record: &mut Record) {
        if self.name.is_empty() {
            return;
        }
        if self.has_texts && (number.is_none() || self.names_run) {
            record.add_text(self.name, cell);
        }
        record.numbers.extend(number.map(|number| (Arc::clone(self.name), number)));
    }
}

fn first_line(bytes: &[u8]) -> usize {
    bytes.iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |end| end + 1)
}
