//! IDX files, the format MNIST is published in: a header of big-endian words, then one byte a pixel or a label.
//!
//! A file may be gzipped; its first bytes tell, not its name. What a header claims is believed only once the length of the
//! file, or of what it unpacks to, agrees: a raw file's length is compared before its body is read, a gzip is unpacked
//! piece by piece and no further than one byte past the claim.
//!
//! Labels may also be wider integers, and lie in rows of eight whose first number is the class, as QMNIST's do. They are
//! handed on as MNIST has them.

use std::{
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use super::{
    PIXELS, SIDE,
    element::Element,
    foreign::{self, Foreign},
    gzip::{self, Members},
};
use crate::{disk, format::fetch_command};

/// The most images a file may hold: far above any set of this kind, and under a gigabyte.
pub const MAX_COUNT: u32 = 1_000_000;

/// Numbers a label takes in QMNIST: the class, then who wrote it and where.
const QMNIST_COLUMNS: usize = 8;

/// What an IDX file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Images of [`SIDE`] x [`SIDE`] pixels, one byte each.
    Images,
    /// Labels under [`CLASSES`](super::CLASSES), one byte each.
    Labels,
}

impl Content {
    fn magic(self) -> u32 {
        match self {
            Self::Images => 0x0000_0803,
            Self::Labels => 0x0000_0801,
        }
    }

    fn header_bytes(self) -> usize {
        match self {
            Self::Images => 16,
            Self::Labels => 8,
        }
    }

    /// What can be used, for a message.
    fn kinds(self) -> &'static str {
        match self {
            Self::Images => "; images have to be bytes (0 to 255), Nx28x28",
            Self::Labels => "; labels have to be integers, N or as QMNIST's Nx8",
        }
    }

    /// The header that MNIST's format gives `count` of these.
    pub(super) fn header(self, count: u32) -> Vec<u8> {
        let words = [self.magic(), count, SIDE as u32, SIDE as u32];
        words.map(u32::to_be_bytes).as_flattened()[..self.header_bytes()].to_vec()
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Images => "images",
            Self::Labels => "labels",
        })
    }
}

/// A file that cannot be used, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}: {fault}{}", path.display(), fault.advice(path))]
pub struct IdxError {
    pub path: PathBuf,
    pub fault: IdxFault,
}

/// What is wrong with a file: what was expected and what was found. What to do is the business of [`IdxError`], which
/// knows the file.
#[derive(Debug, thiserror::Error)]
pub enum IdxFault {
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    #[error("expected a file, found {0}; move it away")]
    NotAFile(&'static str),
    #[error("expected {0} in IDX format, found an empty file")]
    Empty(Content),
    #[error("expected {0} in IDX format, found a web page (some site's answer in place of the file it was asked for)")]
    WebPage(Content),
    /// Another format, or an array of another kind.
    #[error("expected {content} in IDX format (magic number {expected:#010x}), found {what}{advice}")]
    Magic { content: Content, expected: u32, found: u32, what: String, advice: String },
    #[error("expected images of {SIDE}x{SIDE} pixels, found {rows}x{columns}; other sizes cannot be used")]
    Dimension { rows: u32, columns: u32 },
    #[error("expected a count of 1 to {MAX_COUNT}, found {found}; check where the file comes from")]
    Count { found: u32 },
    #[error("expected {expected} bytes unpacked, by its header, found only {found}")]
    TooShort { expected: u64, found: u64 },
    #[error("expected {expected} bytes unpacked, by its header, found {found} or more")]
    TooLong { expected: u64, found: u64 },
    #[error("expected a whole gzip file, found one that ends early, after unpacking to {unpacked} bytes")]
    GzipEndsEarly { unpacked: u64 },
    #[error("expected a sound gzip file, found a damaged one ({0})")]
    GzipDamaged(io::Error),
    #[error("expected labels of 0 to 9, found {found} as label {index} (from 0); only sets of ten classes can be used")]
    Label { index: usize, found: i64 },
    #[error("expected labels of 0 to 9, found labels up to {highest} ({set}); only sets of ten classes can be used")]
    Classes { highest: i64, set: &'static str },
    #[error("expected NumPy arrays x_train, y_train, x_test and y_test, {0}")]
    Arrays(String),
}

impl IdxFault {
    /// What to do where the file is MNIST's by its name and nothing but another copy will do.
    fn advice(&self, path: &Path) -> String {
        let replaceable = match self {
            Self::Empty(_) | Self::WebPage(_) | Self::TooShort { .. } | Self::TooLong { .. } => true,
            Self::Magic { advice, .. } => advice.is_empty(),
            fault => matches!(fault, Self::GzipEndsEarly { .. } | Self::GzipDamaged(_)),
        };
        match replaceable {
            true if super::files::is_mnists(path) => {
                let fetch = fetch_command(disk::folder_of(path));
                format!("; replace it, or let `{fetch}` set it aside and download MNIST")
            }
            true => "; replace it".to_owned(),
            false => String::new(),
        }
    }
}

/// A file's bytes, unpacked, checked, and as MNIST's format has them.
#[derive(Debug)]
pub struct Unpacked {
    /// The header, of big-endian words.
    pub header: Vec<u8>,
    /// Pixels, image after image, or labels.
    pub body: Vec<u8>,
}

/// Reads a whole IDX file of the given content.
///
/// # Errors
/// Every deviation from the format, see [`IdxFault`].
pub fn read(path: &Path, content: Content) -> Result<Unpacked, IdxError> {
    read_checked(path, content).map_err(|fault| IdxError { path: path.to_owned(), fault })
}

fn read_checked(path: &Path, content: Content) -> Result<Unpacked, IdxFault> {
    let file = open(path)?;
    let bytes = file.metadata().map_err(IdxFault::Unreadable)?.len();
    let mut file = BufReader::with_capacity(1 << 16, file);
    let start = file.fill_buf().map_err(IdxFault::Unreadable)?;
    let source = if start.starts_with(&gzip::MAGIC) {
        Source::Gzip(BufReader::with_capacity(1 << 16, Members::new(file)))
    } else {
        Source::Raw { file, bytes }
    };
    source.unpack(content)
}

/// Opens a file of a data set, and nothing else.
pub(super) fn open(path: &Path) -> Result<File, IdxFault> {
    if let Some(found) = disk::obstacle(path) {
        return Err(IdxFault::NotAFile(found));
    }
    disk::open(path).map_err(IdxFault::Unreadable)
}

enum Source {
    Raw { file: BufReader<File>, bytes: u64 },
    Gzip(BufReader<Members<BufReader<File>>>),
}

impl Source {
    fn unpack(mut self, content: Content) -> Result<Unpacked, IdxFault> {
        let shape = self.shape(content)?;
        let length = u64::from(shape.count) * shape.item_bytes(content);
        let expected = shape.header_bytes() + length;
        let mut body = Vec::new();
        if let Self::Raw { bytes, .. } = self {
            check_length(expected, bytes)?;
            body.reserve_exact(length as usize);
        }
        self.append(&mut body, length, shape.header_bytes())?;
        // One byte more than expected tells a file that is too long, and takes a gzip to its checksum.
        let mut rest = Vec::new();
        self.append(&mut rest, 1, expected)?;
        check_length(expected, shape.header_bytes() + (body.len() + rest.len()) as u64)?;

        if content == Content::Labels {
            body = shape.element.labels(&body, shape.columns)?;
        }
        Ok(Unpacked { header: content.header(shape.count), body })
    }

    fn shape(&mut self, content: Content) -> Result<Shape, IdxFault> {
        let mut header = Vec::new();
        self.append(&mut header, 4, 0)?;
        let Some((element, dimensions)) = acceptable(&header, content) else {
            header.extend(self.peek());
            return Err(refusal(&header, content));
        };
        self.append(&mut header, 4 * dimensions as u64, 4)?;
        check_header(&header, content, element, dimensions)
    }

    /// Some of what comes next, for a message.
    fn peek(&mut self) -> Vec<u8> {
        let next = match self {
            Self::Raw { file, .. } => file.fill_buf(),
            Self::Gzip(gzip) => gzip.fill_buf(),
        };
        next.map_or_else(|_| Vec::new(), |next| next[..next.len().min(foreign::LOOK)].to_vec())
    }

    /// Reads up to `limit` bytes more; `before` bytes were read already.
    fn append(&mut self, bytes: &mut Vec<u8>, limit: u64, before: u64) -> Result<(), IdxFault> {
        match self {
            Self::Raw { file, .. } => file.take(limit).read_to_end(bytes).map_err(IdxFault::Unreadable)?,
            Self::Gzip(gzip) => gzip.take(limit).read_to_end(bytes).map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => IdxFault::GzipEndsEarly { unpacked: before + bytes.len() as u64 },
                io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => IdxFault::GzipDamaged(error),
                _ => IdxFault::Unreadable(error),
            })?,
        };
        Ok(())
    }
}

/// What a header claims, once everything in it is as it should be.
struct Shape {
    element: Element,
    dimensions: usize,
    count: u32,
    /// Numbers to a label.
    columns: usize,
}

impl Shape {
    fn header_bytes(&self) -> u64 {
        4 + 4 * self.dimensions as u64
    }

    fn item_bytes(&self, content: Content) -> u64 {
        match content {
            Content::Images => PIXELS as u64,
            Content::Labels => (self.element.bytes * self.columns) as u64,
        }
    }
}

/// Element and number of dimensions by an IDX file's first four bytes.
fn magic(start: &[u8]) -> Option<(Element, usize)> {
    match start {
        [0, 0, code, dimensions @ 1..=8, ..] => Some((Element::of_idx(*code)?, usize::from(*dimensions))),
        _ => None,
    }
}

/// As [`magic`], if the content may be stored like that.
fn acceptable(start: &[u8], content: Content) -> Option<(Element, usize)> {
    magic(start).filter(|&(element, dimensions)| match content {
        Content::Images => element.is_byte() && dimensions == 3,
        Content::Labels => element.is_integer() && (dimensions == 1 || dimensions == 2 && !element.is_byte()),
    })
}

fn check_header(header: &[u8], content: Content, element: Element, dimensions: usize) -> Result<Shape, IdxFault> {
    let expected = 4 + 4 * dimensions;
    if header.len() < expected {
        return Err(IdxFault::TooShort { expected: expected as u64, found: header.len() as u64 });
    }
    let words: Vec<u32> = header.as_chunks().0.iter().map(|&bytes| u32::from_be_bytes(bytes)).collect();
    if content == Content::Images && words[2..] != [SIDE as u32; 2] {
        return Err(IdxFault::Dimension { rows: words[2], columns: words[3] });
    }
    let columns = if content == Content::Labels && dimensions == 2 { words[2] as usize } else { 1 };
    if ![1, QMNIST_COLUMNS].contains(&columns) {
        return Err(refusal(header, content));
    }
    let count = words[1];
    if !(1..=MAX_COUNT).contains(&count) {
        return Err(IdxFault::Count { found: count });
    }
    Ok(Shape { element, dimensions, count, columns })
}

/// Why what begins with `start` is not the content.
fn refusal(start: &[u8], content: Content) -> IdxFault {
    if start.is_empty() {
        return IdxFault::Empty(content);
    }
    if foreign::looks_like_a_web_page(start) {
        return IdxFault::WebPage(content);
    }
    let Some(&word) = start.first_chunk() else {
        return IdxFault::TooShort { expected: content.header_bytes() as u64, found: start.len() as u64 };
    };
    let (expected, found) = (content.magic(), u32::from_be_bytes(word));
    let (what, advice) = match describe(start) {
        Some(what) => (format!("{what} (magic number {found:#010x})"), content.kinds().to_owned()),
        None if start.starts_with(&gzip::MAGIC) => ("gzip in gzip".to_owned(), "; unpack it once".to_owned()),
        None => {
            let Foreign { what, advice } = foreign::of(start);
            (what, format!("; {advice}"))
        }
    };
    IdxFault::Magic { content, expected, found, what, advice }
}

/// Element and shape of the array in an IDX file that begins with `start`: `32-bit labels, 20x8`.
pub(super) fn describe(start: &[u8]) -> Option<String> {
    let (element, dimensions) = magic(start)?;
    let noun = if dimensions < 3 { "labels" } else { "images" };
    let lengths: Vec<String> =
        start[4..].as_chunks().0.iter().take(dimensions).map(|&bytes| u32::from_be_bytes(bytes).to_string()).collect();
    Some(format!("{element}{noun}, {}", lengths.join("x")))
}

fn check_length(expected: u64, found: u64) -> Result<(), IdxFault> {
    if found < expected {
        Err(IdxFault::TooShort { expected, found })
    } else if found > expected {
        Err(IdxFault::TooLong { expected, found })
    } else {
        Ok(())
    }
}
