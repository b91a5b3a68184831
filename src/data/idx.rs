//! IDX files, the format that MNIST is published in: a header of big-endian words, then one byte per pixel or label.
//!
//! A file may be gzipped, which its first bytes show, not its name. A header's claim is trusted only if the length of
//! the file, or of its unpacked content, agrees: a raw file's length is compared before its body is read, and a gzip
//! file is unpacked piece by piece, not much past the claimed length.
//!
//! Labels may also be wider integers, in rows of eight whose first number is the class, as in QMNIST. They are
//! converted to MNIST's format.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use sha2::{Digest, Sha256};

use super::{
    PIXELS, SIDE,
    element::{Element, idx_array, idx_magic},
    foreign::{self, Foreign},
    gzip::{self, Members},
    read_ahead::ReadAhead,
};
use crate::disk;

pub use super::{
    content::{Content, MAX_COUNT},
    error::{IdxError, IdxFault},
};

/// How many times as long as a gzip file its content may be for memory to be reserved at once. MNIST's are five times as
/// long.
const USUAL_RATIO: u64 = 16;
/// Numbers per label in QMNIST: the class, followed by who wrote the digit and where.
const QMNIST_COLUMNS: usize = 8;

/// A file's bytes, unpacked, checked, and converted to MNIST's format.
#[derive(Debug)]
pub struct Unpacked {
    /// Header of big-endian words.
    pub header: Vec<u8>,
    /// Pixels, image after image, or labels.
    pub body: Vec<u8>,
    /// SHA-256 over header and body, not yet finalized.
    pub sum: Sha256,
}

impl Unpacked {
    /// Computes the checksum.
    pub(super) fn new(header: Vec<u8>, body: Vec<u8>) -> Self {
        let sum = Sha256::new().chain_update(&header).chain_update(&body);
        Self { header, body, sum }
    }
}

/// Reads a whole IDX file of the given content.
///
/// # Errors
/// On any deviation from the format, see [`IdxFault`].
pub fn read(path: &Path, content: Content) -> Result<Unpacked, IdxError> {
    read_checked(path, content).map_err(|fault| IdxError { path: path.to_owned(), fault })
}

fn read_checked(path: &Path, content: Content) -> Result<Unpacked, IdxFault> {
    let file = open(path)?;
    let bytes = file.metadata().map_err(IdxFault::Unreadable)?.len();
    let mut file = BufReader::with_capacity(1 << 16, file);
    let start = file.fill_buf().map_err(IdxFault::Unreadable)?;
    let is_gzip = start.starts_with(&gzip::MAGIC);
    let reading = if is_gzip { ReadAhead::start(Members::new(file)) } else { ReadAhead::start(file) };
    Source { content: reading.map_err(IdxFault::Unreadable)?, is_gzip, bytes }.unpack(content)
}

/// Opens a regular file; anything else is an error.
pub(super) fn open(path: &Path) -> Result<File, IdxFault> {
    if let Some(found) = disk::obstacle(path) {
        return Err(IdxFault::NotAFile(found));
    }
    disk::open(path).map_err(IdxFault::Unreadable)
}

/// A file that is being read.
struct Source {
    content: ReadAhead,
    is_gzip: bool,
    /// Length of the file.
    bytes: u64,
}

impl Source {
    fn unpack(mut self, content: Content) -> Result<Unpacked, IdxFault> {
        let shape = self.shape(content)?;
        let length = u64::from(shape.count) * shape.item_bytes(content);
        let expected = shape.header_bytes() + length;
        if !self.is_gzip {
            check_length(expected, self.bytes)?;
        }
        let header = content.header(shape.count);
        let mut sum = Sha256::new_with_prefix(&header);
        let mut body = Vec::new();
        body.reserve_exact(length.min(USUAL_RATIO * self.bytes) as usize);
        while (body.len() as u64) < length {
            let piece = self.piece(shape.header_bytes() + body.len() as u64)?;
            let used = piece.len().min((length - body.len() as u64) as usize);
            if used == 0 {
                break;
            }
            body.extend_from_slice(&piece[..used]);
            sum.update(&piece[..used]);
            self.content.consume(used);
        }
        // Looking for more detects a file that is too long, and makes gzip verify its checksum.
        let found = shape.header_bytes() + body.len() as u64;
        let more = self.piece(found)?.len().min(1) as u64;
        check_length(expected, found + more)?;
        match content {
            Content::Images => Ok(Unpacked { header, body, sum }),
            Content::Labels => Ok(Unpacked::new(header, shape.element.labels(&body, shape.columns)?)),
        }
    }

    fn shape(&mut self, content: Content) -> Result<Shape, IdxFault> {
        let mut header = Vec::new();
        self.append(&mut header, 4)?;
        let Some((element, dimensions)) = acceptable(&header, content) else {
            // Some of the next bytes, for the message.
            let next = self.content.fill_buf().unwrap_or_default();
            header.extend(&next[..next.len().min(foreign::START_BYTES)]);
            return Err(refusal(&header, content));
        };
        self.append(&mut header, 4 * dimensions)?;
        check_header(&header, content, element, dimensions)
    }

    /// Reads up to `limit` more bytes of the header.
    fn append(&mut self, header: &mut Vec<u8>, limit: usize) -> Result<(), IdxFault> {
        let before = header.len() as u64;
        let read = (&mut self.content).take(limit as u64).read_to_end(header);
        read.map(drop).map_err(|error| fault(error, self.is_gzip, before))
    }

    /// Returns the next bytes, none at the end; `before` bytes have been read already.
    fn piece(&mut self, before: u64) -> Result<&[u8], IdxFault> {
        let is_gzip = self.is_gzip;
        self.content.fill_buf().map_err(|error| fault(error, is_gzip, before))
    }
}

/// Explains why a file cannot be read past its first `unpacked` bytes.
fn fault(error: io::Error, is_gzip: bool, unpacked: u64) -> IdxFault {
    match error.kind() {
        io::ErrorKind::UnexpectedEof if is_gzip => IdxFault::GzipEndsEarly { unpacked },
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData if is_gzip => IdxFault::GzipDamaged(error),
        _ => IdxFault::Unreadable(error),
    }
}

/// The claims of a valid header.
struct Shape {
    element: Element,
    dimensions: usize,
    count: u32,
    /// Numbers per label.
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

/// Like [`idx_magic`], if the content may be stored in that form.
fn acceptable(start: &[u8], content: Content) -> Option<(Element, usize)> {
    idx_magic(start).filter(|&(element, dimensions)| match content {
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

/// Explains why a file that begins with `start` does not have the expected content.
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
    let (what, advice) = match idx_array(start) {
        Some(what) => (format!("{what} (magic number {found:#010x})"), content.requirement().to_owned()),
        None if start.starts_with(&gzip::MAGIC) => ("gzip in gzip".to_owned(), "; unpack it once".to_owned()),
        None => {
            let Foreign { what, advice } = foreign::identify(start);
            (what, format!("; {advice}"))
        }
    };
    IdxFault::Magic { content, expected, found, what, advice }
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
