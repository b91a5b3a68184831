//! IDX files, the format MNIST is published in: a header of big-endian words, then one byte a pixel or a label.
//!
//! A file may be gzipped; its first bytes tell, not its name. What a header claims is believed only once the length of the
//! file, or of what it unpacks to, agrees: a raw file's length is compared before its body is read, a gzip is unpacked
//! piece by piece and no further than one byte past the claim.

use std::{
    fmt,
    fs::{self, File},
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use flate2::bufread::MultiGzDecoder;

use super::{CLASSES, PIXELS, SIDE};
use crate::{
    disk::folder_of,
    format::{FETCH, fetch_command},
};

/// The most images a file may hold: far above any set of this kind, and under a gigabyte.
pub const MAX_COUNT: u32 = 1_000_000;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// What an IDX file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Images of [`SIDE`] x [`SIDE`] pixels, one byte each.
    Images,
    /// Labels under [`CLASSES`], one byte each.
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

    fn item_bytes(self) -> u64 {
        match self {
            Self::Images => PIXELS as u64,
            Self::Labels => 1,
        }
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
#[error("{}: {}", path.display(), self.advised())]
pub struct IdxError {
    pub path: PathBuf,
    pub fault: IdxFault,
}

impl IdxError {
    /// Says what is wrong, with a command that is right for the folder: the fault does not know where the file lies.
    fn advised(&self) -> String {
        self.fault.to_string().replace(FETCH, &fetch_command(folder_of(&self.path)))
    }
}

/// What is wrong with a file: what was expected, what was found, what to do.
#[derive(Debug, thiserror::Error)]
pub enum IdxFault {
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    #[error("expected a file, found {0}; move it away")]
    NotAFile(&'static str),
    #[error("expected {0} in IDX format, found an empty file{REPLACE}")]
    Empty(Content),
    #[error(
        "expected {0} in IDX format, found a web page (some site's answer in place of the file it was asked for){REPLACE}"
    )]
    WebPage(Content),
    #[error("expected the magic number {expected:#010x} of {content}, found {found:#010x}{REPLACE}")]
    Magic { content: Content, expected: u32, found: u32 },
    #[error("expected images of {SIDE}x{SIDE} pixels, found {rows}x{columns}; other sizes cannot be used")]
    Dimension { rows: u32, columns: u32 },
    #[error("expected a count of 1 to {MAX_COUNT}, found {found}; check where the file comes from")]
    Count { found: u32 },
    #[error("expected {expected} bytes unpacked, by its header, found only {found}{REPLACE}")]
    TooShort { expected: u64, found: u64 },
    #[error("expected {expected} bytes unpacked, by its header, found {found} or more{REPLACE}")]
    TooLong { expected: u64, found: u64 },
    #[error("expected a whole gzip file, found one that ends early, after unpacking to {unpacked} bytes{REPLACE}")]
    GzipEndsEarly { unpacked: u64 },
    #[error("expected a sound gzip file, found a damaged one ({0}){REPLACE}")]
    GzipDamaged(io::Error),
    #[error("expected labels of 0 to 9, found {found} as label {index} (from 0); only sets of ten classes can be used")]
    Label { index: usize, found: u8 },
}

const REPLACE: &str = "; replace it, or let `lenet-monitor data fetch` set it aside and download MNIST";

/// A file's bytes, unpacked and checked.
#[derive(Debug)]
pub struct Unpacked {
    /// The header, as it stands in the file.
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
    // Asked before opening, because opening a pipe waits for someone to write into it.
    let metadata = fs::metadata(path).map_err(IdxFault::Unreadable)?;
    if !metadata.is_file() {
        return Err(IdxFault::NotAFile(if metadata.is_dir() { "a folder" } else { "a device or pipe" }));
    }
    let file = File::open(path).map_err(IdxFault::Unreadable)?;
    let mut file = BufReader::with_capacity(1 << 16, file);
    let start = file.fill_buf().map_err(IdxFault::Unreadable)?;
    let source = if start.starts_with(&GZIP_MAGIC) {
        Source::Gzip(MultiGzDecoder::new(file))
    } else {
        Source::Raw { file, bytes: metadata.len() }
    };
    source.unpack(content)
}

enum Source {
    Raw { file: BufReader<File>, bytes: u64 },
    Gzip(MultiGzDecoder<BufReader<File>>),
}

impl Source {
    fn unpack(mut self, content: Content) -> Result<Unpacked, IdxFault> {
        let mut header = Vec::new();
        self.append(&mut header, content.header_bytes() as u64, 0)?;
        let count = check_header(&header, content)?;

        let length = u64::from(count) * content.item_bytes();
        let expected = header.len() as u64 + length;
        let mut body = Vec::new();
        if let Self::Raw { bytes, .. } = self {
            check_length(expected, bytes)?;
            body.reserve_exact(length as usize);
        }
        self.append(&mut body, length, header.len() as u64)?;
        // One byte more than expected tells a file that is too long, and takes a gzip to its checksum.
        let mut rest = Vec::new();
        self.append(&mut rest, 1, expected)?;
        check_length(expected, (header.len() + body.len() + rest.len()) as u64)?;

        if content == Content::Labels
            && let Some(index) = body.iter().position(|&label| usize::from(label) >= CLASSES)
        {
            return Err(IdxFault::Label { index, found: body[index] });
        }
        Ok(Unpacked { header, body })
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

/// The count that a header gives, once everything else in it is as it should be.
fn check_header(header: &[u8], content: Content) -> Result<u32, IdxFault> {
    if header.is_empty() {
        return Err(IdxFault::Empty(content));
    }
    if looks_like_a_web_page(header) {
        return Err(IdxFault::WebPage(content));
    }
    let words = header.as_chunks().0;
    let word = |index: usize| words.get(index).map(|&bytes| u32::from_be_bytes(bytes));
    if let Some(found) = word(0).filter(|&found| found != content.magic()) {
        return Err(IdxFault::Magic { content, expected: content.magic(), found });
    }
    if header.len() < content.header_bytes() {
        return Err(IdxFault::TooShort { expected: content.header_bytes() as u64, found: header.len() as u64 });
    }
    if let (Content::Images, Some(rows), Some(columns)) = (content, word(2), word(3))
        && [rows, columns] != [SIDE as u32; 2]
    {
        return Err(IdxFault::Dimension { rows, columns });
    }
    let count = word(1).unwrap_or(0);
    if !(1..=MAX_COUNT).contains(&count) {
        return Err(IdxFault::Count { found: count });
    }
    Ok(count)
}

/// An IDX file starts with a zero byte, any flavour of HTML with an angle bracket.
pub(super) fn looks_like_a_web_page(start: &[u8]) -> bool {
    start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start().starts_with(b"<")
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
