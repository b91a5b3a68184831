//! Data sets as Keras stores them: the NumPy arrays `x_train`, `y_train`, `x_test` and `y_test` in one zip archive.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

use zip::{ZipArchive, result::ZipError};

use super::{
    PIXELS,
    element::Element,
    foreign,
    idx::{self, Content, IdxError, IdxFault, MAX_COUNT, Unpacked},
    layout::{Part, array},
    npy,
};

/// Reads the array that holds `part` and converts it to MNIST's format.
///
/// # Errors
/// If the archive or the array cannot be used.
pub(super) fn read(path: &Path, part: Part) -> Result<Unpacked, IdxError> {
    read_checked(path, part).map_err(|fault| IdxError { path: path.to_owned(), fault })
}

/// Whether the file at `path` is an archive with all four arrays.
pub(super) fn holds_a_set(path: &Path) -> bool {
    open(path).is_ok_and(|archive| Part::ALL.iter().all(|&part| archive.index_for_name(&entry(part)).is_some()))
}

fn entry(part: Part) -> String {
    format!("{}.npy", array(part))
}

fn open(path: &Path) -> Result<ZipArchive<BufReader<File>>, IdxFault> {
    let file = idx::open(path)?;
    ZipArchive::new(BufReader::new(file)).map_err(|error| match error {
        ZipError::Io(error) => IdxFault::Unreadable(error),
        error => IdxFault::Arrays(format!("found {}: {error}", foreign::describe(path))),
    })
}

fn read_checked(path: &Path, part: Part) -> Result<Unpacked, IdxFault> {
    let mut archive = open(path)?;
    let wrong = |found: String| IdxFault::Arrays(format!("found {}", crate::format::sanitized(&found)));
    let names: Vec<_> = archive.file_names().take(8).flatten().map(String::from).collect();
    let missing = || wrong(format!("only {}", names.join(", ")));
    let index = archive.index_for_name(&entry(part)).ok_or_else(missing)?;
    let mut array = archive.by_index(index).map_err(|error| wrong(format!("a damaged archive ({error})")))?;
    let damaged = |error: std::io::Error| wrong(format!("a damaged {} ({error})", entry(part)));

    let header = npy::read_header(&mut array).map_err(damaged)?;
    let shape = Shape::parse(&header, part.content()).ok_or_else(|| {
        let expected = match part.content() {
            Content::Images => "bytes of shape (N, 28, 28)",
            Content::Labels => "integers of shape (N,)",
        };
        wrong(format!("{} with the header {}; expected {expected}", entry(part), header.trim()))
    })?;
    if !(1..=u64::from(MAX_COUNT)).contains(&shape.count) {
        return Err(IdxFault::Count { found: shape.count.try_into().unwrap_or(u32::MAX) });
    }
    let expected = shape.count * shape.item_bytes(part.content());
    let mut body = Vec::new();
    // Reading one byte more detects an array that is too long, and makes the archive verify its checksum.
    array.take(expected + 1).read_to_end(&mut body).map_err(damaged)?;
    if body.len() as u64 != expected {
        let found = body.len();
        return Err(wrong(format!("{} with {found} bytes or more; its header announces {expected}", entry(part))));
    }
    if part.content() == Content::Labels {
        body = shape.element.labels(&body, 1)?;
    }
    Ok(Unpacked::new(part.content().header(shape.count as u32), body))
}

/// The contents of a usable header.
struct Shape {
    element: Element,
    count: u64,
}

impl Shape {
    fn parse(header: &str, content: Content) -> Option<Self> {
        let npy::Header { descr, is_row_major, shape } = npy::Header::parse(header)?;
        let element = Element::of_numpy(descr)?;
        let (&count, item) = shape.split_first()?;
        let fits = match content {
            Content::Images => element.is_byte() && matches!(item, [28, 28] | [28, 28, 1] | [1, 28, 28] | [784]),
            Content::Labels => element.is_integer() && matches!(item, [] | [1]),
        };
        (is_row_major && fits).then_some(Self { element, count })
    }

    fn item_bytes(&self, content: Content) -> u64 {
        match content {
            Content::Images => PIXELS as u64,
            Content::Labels => self.element.bytes as u64,
        }
    }
}
