//! Tables as text, from any source: cells separated by commas, semicolons or tabs, any line ending, quoted cells of
//! several lines, a byte order mark, UTF-16, Excel's `sep=;`, decimal commas, and JSON lines.
//!
//! No row is dropped for having too many or too few cells: the caller has to account for it.

mod json;
mod lines;

use std::{borrow::Cow, collections::HashSet};

pub(crate) use lines::separator;
use lines::{Line, cells, lines};

/// Table with a header and the rows below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sheet {
    /// Line number of the header, from 1
    pub line: usize,
    /// Column names, trimmed
    pub names: Vec<String>,
    pub rows: Vec<Row>,
    /// Line numbers and reasons of lines that are not rows
    pub faults: Vec<(usize, String)>,
    /// Header as it is in the file
    pub header: String,
    pub is_json: bool,
    has_decimal_commas: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// Line number of its first line, from 1
    pub line: usize,
    pub cells: Vec<String>,
    /// Whether its line is terminated, which a truncated one is not
    pub is_whole: bool,
}

/// Reason why there is no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    NotText,
    Empty,
}

/// Number of lines that a quoted cell may span
const MAX_JOINED: usize = 200;

impl Sheet {
    /// Reads a table from a file's bytes.
    ///
    /// # Errors
    /// If the bytes are not text, or there is no header.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let text = decode(bytes)?;
        if text.trim_ascii_start().starts_with(b"{") {
            return Ok(json::read(&text));
        }
        let lines: Vec<Line> = lines(&text).filter(|line| !text[line.text()].trim_ascii().is_empty()).collect();
        let mut rest = lines.as_slice();
        let declared = rest.first().and_then(|line| declared_separator(&text[line.text()]));
        if declared.is_some() {
            rest = &rest[1..];
        }
        let Some(first) = rest.first() else { return Err(Unreadable::Empty) };
        let separator = declared.unwrap_or_else(|| separator(&text[first.text()]));
        let reader = Reader { text: &text, separator };
        let (header, rest) = reader.header(rest);
        let names = reader.cells(&header).iter().map(|name| name.trim().to_owned()).collect::<Vec<_>>();
        let mut sheet = Self {
            line: header.number,
            rows: reader.rows(rest, names.len()),
            names,
            header: String::from_utf8_lossy(&text[header.text()]).into_owned(),
            ..Self::default()
        };
        sheet.finish();
        Ok(sheet)
    }

    /// Removes artefacts of the format: empty rows, empty cells at the end of a row, repeated headers.
    fn finish(&mut self) {
        let columns = self.names.len();
        for row in &mut self.rows {
            while row.cells.len() > columns && row.cells.last().is_some_and(|cell| cell.trim().is_empty()) {
                row.cells.pop();
            }
        }
        let names = &self.names;
        let is_empty = |row: &Row| row.cells.len() > 1 && row.cells.iter().all(|cell| cell.trim().is_empty());
        self.rows.retain(|row| !is_empty(row) && !row.cells.iter().map(|cell| cell.trim()).eq(names));
        // A column of row names often has no header.
        let shifted = self.rows.iter().filter(|row| row.cells.len() == columns + 1).count();
        if columns > 1 && shifted * 2 > self.rows.len() {
            self.names.insert(0, String::new());
        }
        self.has_decimal_commas = self.count_decimals(',') > self.count_decimals('.');
    }

    fn count_decimals(&self, mark: char) -> usize {
        self.rows.iter().flat_map(|row| &row.cells).filter(|cell| is_decimal(cell, mark)).count()
    }

    /// Returns the number in a cell: `0.97`, `0,97`, `97 %`, `1,024`, `1.024,5`.
    pub(crate) fn number(&self, cell: &str) -> Option<f64> {
        let cell = cell.trim();
        let (cell, divisor) = match cell.strip_suffix('%') {
            Some(cell) => (cell.trim(), 100.0),
            None => (cell, 1.0),
        };
        let plain: Cow<str> = match (cell.rfind(','), cell.rfind('.')) {
            (None, _) => cell.into(),
            (Some(comma), Some(point)) if comma > point => cell.replace('.', "").replace(',', ".").into(),
            (Some(_), None) if self.has_decimal_commas => cell.replace(',', ".").into(),
            (Some(_), _) if is_grouped(cell) => cell.replace(',', "").into(),
            (Some(_), _) => return None,
        };
        plain.parse::<f64>().ok().map(|number| number / divisor)
    }

    /// Returns the distinct non-empty values of a column.
    pub(crate) fn distinct(&self, column: usize) -> HashSet<&str> {
        let cells = self.rows.iter().filter_map(|row| row.cells.get(column));
        cells.map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect()
    }
}

struct Reader<'a> {
    text: &'a [u8],
    separator: u8,
}

impl Reader<'_> {
    fn cells(&self, line: &Line) -> Vec<String> {
        cells(&self.text[line.text()], self.separator)
    }

    fn is_open(&self, line: &Line, is_quoted: bool) -> bool {
        lines::is_open(&self.text[line.text()], self.separator, is_quoted)
    }

    /// Returns the index of the line in which the quoted cell ends that the first line opens; `None` if it opens none.
    fn closing_line(&self, lines: &[Line]) -> Option<usize> {
        let mut is_quoted = self.is_open(lines.first()?, false);
        for (number, line) in lines.iter().enumerate().skip(1).take(MAX_JOINED) {
            if !is_quoted {
                break;
            }
            is_quoted = self.is_open(line, true);
            if !is_quoted {
                return Some(number);
            }
        }
        None
    }

    /// Returns the first row, which may span several lines, and the lines after it.
    fn header<'l>(&self, lines: &'l [Line]) -> (Line, &'l [Line]) {
        let last = self.closing_line(lines).unwrap_or(0);
        (lines[0].to(&lines[last]), &lines[last + 1..])
    }

    fn rows(&self, mut lines: &[Line], columns: usize) -> Vec<Row> {
        let mut rows = Vec::new();
        while let Some(first) = lines.first() {
            let (line, count) = self.joined(lines, columns).unwrap_or((*first, 1));
            rows.push(Row { line: line.number, cells: self.cells(&line), is_whole: line.is_whole });
            lines = &lines[count..];
        }
        rows
    }

    /// Joins the lines of a quoted cell. So that a stray quotation mark spoils no other row, the joined lines must form
    /// a row of the right length, and none of them alone may be such a row.
    fn joined(&self, lines: &[Line], columns: usize) -> Option<(Line, usize)> {
        let last = self.closing_line(lines)?;
        let is_row = |line: &Line| self.cells(line).len() == columns;
        let is_row_itself = |line: &Line| columns > 1 && !self.is_open(line, false) && is_row(line);
        let line = lines[0].to(&lines[last]);
        (is_row(&line) && !lines[1..=last].iter().any(is_row_itself)).then_some((line, last + 1))
    }
}

/// Decodes text to UTF-8 without a byte order mark.
fn decode(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Unreadable> {
    let text: Cow<[u8]> = match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes).into(),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes).into(),
        [0xef, 0xbb, 0xbf, rest @ ..] => rest.into(),
        _ => bytes.into(),
    };
    let first_line = text.iter().take_while(|&&byte| byte != b'\n');
    if first_line.into_iter().any(|&byte| byte == 0) { Err(Unreadable::NotText) } else { Ok(text) }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.into_bytes()
}

/// Returns the separator that Excel's first line `sep=;` declares.
fn declared_separator(line: &[u8]) -> Option<u8> {
    // No trimming: the separator may be white space itself.
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let (start, rest) = line.split_at_checked(4)?;
    let rest = rest.strip_suffix(b"\"").unwrap_or(rest);
    match rest {
        [separator] if start.eq_ignore_ascii_case(b"sep=") => Some(*separator),
        _ => None,
    }
}

/// Returns whether a cell is a number with the decimal mark `mark`: `12.5`, `0.97`, `1.5e-3`, also with a sign or per
/// cent sign.
fn is_decimal(cell: &str, mark: char) -> bool {
    let cell = cell.trim().trim_start_matches(['-', '+']).trim_end_matches(['%', ' ']);
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((whole, rest)) = cell.split_once(mark) else { return false };
    let digits = rest.split(['e', 'E']).next().unwrap_or_default();
    is_digits(whole) && !digits.is_empty() && is_digits(digits)
}

/// Returns whether a cell is a number with commas between thousands: `12,345`, `1,234,567.5`.
fn is_grouped(cell: &str) -> bool {
    let whole = cell.split('.').next().unwrap_or_default();
    let mut groups = whole.trim_start_matches(['-', '+']).split(',');
    let is_digits = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    groups.next().is_some_and(|first| is_digits(first) && first.len() <= 3)
        && groups.all(|group| is_digits(group) && group.len() == 3)
}

/// Returns a name with an apostrophe in front if a spreadsheet would otherwise run it as a formula. [`plain`] removes
/// it.
pub(crate) fn guarded(text: &str) -> Cow<'_, str> {
    if is_formula(text.trim_start_matches('\'')) { format!("'{text}").into() } else { text.into() }
}

/// Removes the apostrophe that [`guarded`] added.
pub(crate) fn plain(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_formula(rest.trim_start_matches('\'')) => rest,
        _ => text,
    }
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        Sheet::read(text.as_bytes()).unwrap().rows.into_iter().map(|row| row.cells).collect()
    }

    #[test]
    fn a_stray_quotation_mark_spoils_its_own_line_alone() {
        let text = "a,b,c\n1,2,3\n4,\"5,6\n7,8,9\n1,\"2,3\n4,5,6\n";
        let expected: [&[&str]; 5] =
            [&["1", "2", "3"], &["4", "5,6"], &["7", "8", "9"], &["1", "2,3"], &["4", "5", "6"]];
        assert_eq!(rows(text), expected);
    }

    #[test]
    fn a_quoted_cell_may_have_several_lines() {
        let expected = [["1", "first\nsecond, \"third\"\n\nfourth", "x"], ["2", "y", "z"]];
        assert_eq!(rows("a,b,c\n1,\"first\nsecond, \"\"third\"\"\n\nfourth\",x\n2,y,z\n"), expected);
        assert_eq!(rows("\"a\nb\",c\n1,2\n"), [["1", "2"]]);
    }

    #[test]
    fn guarded_names_read_back_unchanged() {
        for name in ["MNIST", "=1+1", "'=1+1", "-data", "+", "@x", "\tx", "\rx", "'quoted'", "''@", "", "'"] {
            let written = guarded(name);
            assert!(!is_formula(&written), "{name:?}");
            assert_eq!(plain(&written), name);
        }
    }

    #[test]
    fn numbers_are_read_in_the_notation_of_their_table() {
        let sheet = |text: &str| Sheet::read(text.as_bytes()).unwrap();
        let german = sheet("a;b\n0,5;1e-3\n0,25;2\n");
        assert_eq!(
            ["0,5", "1.024,5", "0.001", "97,5 %"].map(|text| german.number(text)),
            [0.5, 1024.5, 0.001, 0.975].map(Some)
        );
        let english = sheet("a,b\n0.5,\"1,024\"\n");
        assert_eq!(
            ["1,024", "1,234,567.5", "0.5", "x", "1,2"].map(|text| english.number(text)),
            [Some(1024.0), Some(1_234_567.5), Some(0.5), None, None]
        );
    }
}
