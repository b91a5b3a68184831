//! Tables as text, from any source: commas, semicolons or tabs between cells, whatever ends a line, cells of several lines in
//! quotation marks, a byte order mark, UTF-16, Excel's `sep=;`, decimal commas, and JSON lines.
//!
//! Nothing is dropped here: rows with too many or too few cells are kept, for the reader to account for.

mod json;
mod lines;

use std::{borrow::Cow, collections::HashSet};

use lines::{Line, cells, lines, separator};

/// A header and the rows below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sheet {
    /// Number of the header's line, from 1
    pub line: usize,
    /// Names of the columns, trimmed
    pub names: Vec<String>,
    pub rows: Vec<Row>,
    /// Lines that are no rows at all, and why
    pub faults: Vec<(usize, String)>,
    /// The header as it stands in the file
    pub header: String,
    pub is_json: bool,
    has_decimal_commas: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// Number of its first line, from 1
    pub line: usize,
    pub cells: Vec<String>,
    /// Whether its line has an end: it was not cut short
    pub is_whole: bool,
}

/// Why there is no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    NoText,
    Empty,
}

/// Lines that a quoted cell may span
const MOST_JOINED: usize = 200;

impl Sheet {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let text = decode(bytes)?;
        if text.trim_ascii_start().starts_with(b"{") {
            return Ok(json::read(&text));
        }
        let lines: Vec<Line> = lines(&text).filter(|line| !text[line.text()].trim_ascii().is_empty()).collect();
        let mut rest = lines.as_slice();
        let told = rest.first().and_then(|line| told_separator(&text[line.text()]));
        if told.is_some() {
            rest = &rest[1..];
        }
        let Some(first) = rest.first() else { return Err(Unreadable::Empty) };
        let separator = told.unwrap_or_else(|| separator(&text[first.text()]));
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

    /// Drops what only the form brings along: empty rows, empty cells at a row's end, the header once more.
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
        // Row names without a head of their own.
        let shifted = self.rows.iter().filter(|row| row.cells.len() == columns + 1).count();
        if columns > 1 && shifted * 2 > self.rows.len() {
            self.names.insert(0, String::new());
        }
        self.has_decimal_commas = self.count_decimals(',') > self.count_decimals('.');
    }

    fn count_decimals(&self, mark: char) -> usize {
        self.rows.iter().flat_map(|row| &row.cells).filter(|cell| is_decimal(cell, mark)).count()
    }

    /// Returns a cell's number: `0.97`, `0,97`, `97 %`, `1,024`, `1.024,5`.
    pub(crate) fn number(&self, cell: &str) -> Option<f64> {
        let cell = cell.trim();
        let (cell, parts) = match cell.strip_suffix('%') {
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
        plain.parse::<f64>().ok().map(|number| number / parts)
    }

    /// Returns the values of a column that are not empty, each once.
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

    /// The number of the line, from 0, in which a quoted cell ends that the first line begins; `None` where there is none.
    fn closing(&self, lines: &[Line]) -> Option<usize> {
        let mut is_quoted = self.is_open(lines.first()?, false);
        for (number, line) in lines.iter().enumerate().skip(1).take(MOST_JOINED) {
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

    /// The first row, over as many lines as its quotation marks span.
    fn header<'l>(&self, lines: &'l [Line]) -> (Line, &'l [Line]) {
        let last = self.closing(lines).unwrap_or(0);
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

    /// Joins the lines of a quoted cell. A stray quotation mark is to spoil no other row: what is joined must make a row of
    /// the right length, and no line of it one by itself.
    fn joined(&self, lines: &[Line], columns: usize) -> Option<(Line, usize)> {
        let last = self.closing(lines)?;
        let is_row = |line: &Line| self.cells(line).len() == columns;
        let is_spoiled = |line: &Line| columns > 1 && !self.is_open(line, false) && is_row(line);
        let line = lines[0].to(&lines[last]);
        (is_row(&line) && !lines[1..=last].iter().any(is_spoiled)).then_some((line, last + 1))
    }
}

/// UTF-8 without a byte order mark.
fn decode(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Unreadable> {
    let text: Cow<[u8]> = match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes).into(),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes).into(),
        [0xef, 0xbb, 0xbf, rest @ ..] => rest.into(),
        _ => bytes.into(),
    };
    let first_line = text.iter().take_while(|&&byte| byte != b'\n');
    if first_line.into_iter().any(|&byte| byte == 0) { Err(Unreadable::NoText) } else { Ok(text) }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.into_bytes()
}

/// The separator that Excel's first line `sep=;` tells.
fn told_separator(line: &[u8]) -> Option<u8> {
    // A separator may be white space itself.
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let (start, rest) = line.split_at_checked(4)?;
    let rest = rest.strip_suffix(b"\"").unwrap_or(rest);
    match rest {
        [separator] if start.eq_ignore_ascii_case(b"sep=") => Some(*separator),
        _ => None,
    }
}

/// `12<mark>5`, `0<mark>97`, `1<mark>5e-3`, with a sign or a per cent sign.
fn is_decimal(cell: &str, mark: char) -> bool {
    let cell = cell.trim().trim_start_matches(['-', '+']).trim_end_matches(['%', ' ']);
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((whole, rest)) = cell.split_once(mark) else { return false };
    let digits = rest.split(['e', 'E']).next().unwrap_or_default();
    is_digits(whole) && !digits.is_empty() && is_digits(digits)
}

/// Whether commas part thousands: `12,345`, `1,234,567.5`.
fn is_grouped(cell: &str) -> bool {
    let whole = cell.split('.').next().unwrap_or_default();
    let mut groups = whole.trim_start_matches(['-', '+']).split(',');
    let is_digits = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    groups.next().is_some_and(|first| is_digits(first) && first.len() <= 3)
        && groups.all(|group| is_digits(group) && group.len() == 3)
}

/// Writes a name so that a spreadsheet does not run it as a formula: an apostrophe before it makes it text. [`plain`] takes
/// that off.
pub(crate) fn guarded(text: &str) -> Cow<'_, str> {
    if is_formula(text.trim_start_matches('\'')) { format!("'{text}").into() } else { text.into() }
}

/// Takes off what [`guarded`] put on.
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
    fn names_survive_the_guard() {
        for name in ["MNIST", "=1+1", "'=1+1", "-data", "+", "@x", "\tx", "\rx", "'quoted'", "''@", "", "'"] {
            let written = guarded(name);
            assert!(!is_formula(&written), "{name:?}");
            assert_eq!(plain(&written), name);
        }
    }

    #[test]
    fn numbers_are_read_as_their_table_writes_them() {
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
