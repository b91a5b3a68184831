//! The types of numbers in files from other sources, and their conversion to labels.

use std::fmt;

use super::{CLASSES, error::IdxFault};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    Unsigned,
    Signed,
    Float,
}

/// The stored type of an array's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element {
    pub number: Number,
    pub bytes: usize,
    pub big_endian: bool,
}

impl Element {
    pub(super) const BYTE: Self = Self { number: Number::Unsigned, bytes: 1, big_endian: true };

    /// Returns the element that an IDX file's third byte stands for.
    pub(super) fn of_idx(code: u8) -> Option<Self> {
        let (number, bytes) = match code {
            0x08 => return Some(Self::BYTE),
            0x09 => (Number::Signed, 1),
            0x0b => (Number::Signed, 2),
            0x0c => (Number::Signed, 4),
            0x0d => (Number::Float, 4),
            0x0e => (Number::Float, 8),
            _ => return None,
        };
        Some(Self { number, bytes, big_endian: true })
    }

    /// Returns the element that NumPy's `descr` stands for: `|u1`, `<i8`, `>f4`.
    pub(super) fn of_numpy(descr: &str) -> Option<Self> {
        let (order, rest) = descr.split_at_checked(1)?;
        let (letter, size) = rest.split_at_checked(1)?;
        let number = match letter {
            "u" => Number::Unsigned,
            "i" => Number::Signed,
            "f" => Number::Float,
            _ => return None,
        };
        let bytes = size.parse().ok().filter(|bytes| [1, 2, 4, 8].contains(bytes))?;
        let big_endian = match order {
            ">" => true,
            "<" | "|" | "=" => false,
            _ => return None,
        };
        Some(Self { number, bytes, big_endian })
    }

    pub(super) fn is_byte(self) -> bool {
        self.number == Number::Unsigned && self.bytes == 1
    }

    pub(super) fn is_integer(self) -> bool {
        self.number != Number::Float
    }

    /// Returns the integer at the start of `bytes`. An unsigned one that exceeds `i64` wraps, which is no label either.
    fn integer(self, bytes: &[u8]) -> i64 {
        let bytes = &bytes[..self.bytes];
        let negative = self.number == Number::Signed && bytes[if self.big_endian { 0 } else { self.bytes - 1 }] >= 0x80;
        let mut wide = [if negative { 0xff } else { 0 }; 8];
        if self.big_endian {
            wide[8 - self.bytes..].copy_from_slice(bytes);
            i64::from_be_bytes(wide)
        } else {
            wide[..self.bytes].copy_from_slice(bytes);
            i64::from_le_bytes(wide)
        }
    }

    /// Converts `body` to labels. The first of every `columns` numbers is the class.
    ///
    /// # Errors
    /// If a label is not a digit.
    pub(super) fn labels(self, body: &[u8], columns: usize) -> Result<Vec<u8>, IdxFault> {
        let rows = body.chunks_exact(self.bytes * columns).map(|row| self.integer(row));
        let is_digit = |&label: &i64| (0..CLASSES as i64).contains(&label);
        if let Some((index, found)) = rows.clone().enumerate().find(|(_, label)| !is_digit(label)) {
            let highest = rows.max().unwrap_or(found);
            let set = usize::try_from(highest).ok().and_then(classes_up_to);
            return Err(set.map_or(IdxFault::Label { index, found }, |set| IdxFault::Classes { highest, set }));
        }
        Ok(rows.map(|label| label as u8).collect())
    }
}

/// Names the well-known data sets whose highest label this is.
fn classes_up_to(highest: usize) -> Option<&'static str> {
    Some(match highest {
        26 => "26 classes, as in EMNIST letters",
        46 => "47 classes, as in EMNIST balanced and bymerge",
        48 => "49 classes, as in Kuzushiji-49",
        61 => "62 classes, as in EMNIST byclass",
        _ => return None,
    })
}

impl fmt::Display for Element {
    /// Writes `32-bit float `, with a trailing space; nothing for bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.bytes * 8;
        match self.number {
            _ if self.is_byte() => Ok(()),
            Number::Float => write!(f, "{bits}-bit float "),
            Number::Signed if self.bytes == 1 => f.write_str("signed 8-bit "),
            _ => write!(f, "{bits}-bit "),
        }
    }
}

/// Returns the element and the number of dimensions from an IDX file's first four bytes.
pub(super) fn idx_magic(start: &[u8]) -> Option<(Element, usize)> {
    match start {
        [0, 0, code, dimensions @ 1..=8, ..] => Some((Element::of_idx(*code)?, usize::from(*dimensions))),
        _ => None,
    }
}

/// Describes the array in an IDX file that begins with `start`: `32-bit labels, 20x8`.
pub(super) fn idx_array(start: &[u8]) -> Option<String> {
    let (element, dimensions) = idx_magic(start)?;
    let noun = if dimensions < 3 { "labels" } else { "images" };
    let lengths: Vec<String> =
        start[4..].as_chunks().0.iter().take(dimensions).map(|&bytes| u32::from_be_bytes(bytes).to_string()).collect();
    Some(format!("{element}{noun}, {}", lengths.join("x")))
}
