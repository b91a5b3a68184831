//! Splitting text into lines and lines into cells.

use std::ops::Range;

use super::plain;

#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// Line number, from 1
    pub number: usize,
    start: usize,
    end: usize,
    /// Whether it is terminated
    pub is_whole: bool,
}

impl Line {
    /// Returns the range of its text, without the line ending.
    pub(crate) fn text(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Returns this line extended to the end of `last`.
    pub(crate) fn to(&self, last: &Self) -> Self {
        Self { end: last.end, is_whole: last.is_whole, ..*self }
    }
}

/// Returns the lines of `text`, which may end with a newline, a carriage return (old Macs), or both, even mixed.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = Line> {
    let mut start = 0;
    let next = move |number| {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let end = start + length.unwrap_or(rest.len());
        let line = Line { number, start, end, is_whole: length.is_some() };
        start = end + if text[end..].starts_with(b"\r\n") { 2 } else { 1 };
        Some(line)
    };
    (1..).map_while(next)
}

/// Returns the separator that occurs most often in the header.
pub(crate) fn separator(header: &[u8]) -> u8 {
    let count = |separator: u8| header.iter().filter(|&&byte| byte == separator).count();
    let others = [b';', b'\t'].into_iter().filter(|&separator| count(separator) > count(b','));
    others.max_by_key(|&separator| count(separator)).unwrap_or(b',')
}

/// Returns whether a quoted cell is still open at the end of `text`. `is_quoted` says whether one is open at its start.
pub(super) fn is_open(text: &[u8], separator: u8, mut is_quoted: bool) -> bool {
    let mut is_start = !is_quoted;
    let mut bytes = text.iter().peekable();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'"' if is_quoted && bytes.peek() == Some(&&b'"') => drop(bytes.next()),
            b'"' if is_quoted => is_quoted = false,
            b'"' if is_start => is_quoted = true,
            _ => {}
        }
        is_start = byte == separator && !is_quoted;
    }
    is_quoted
}

pub(super) fn cells(line: &[u8], separator: u8) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(separator).from_reader(line);
    let mut record = csv::ByteRecord::new();
    // Reading from memory cannot fail.
    let _ = reader.read_byte_record(&mut record);
    record.iter().map(|cell| plain(&String::from_utf8_lossy(cell)).to_owned()).collect()
}
