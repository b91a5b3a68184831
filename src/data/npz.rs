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
};

/// Maximum length of a header. NumPy pads headers to a multiple of 64 bytes; those of number arrays are far shorter.
const MAX_HEADER: usize = 1 << 12;

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

    let header = header(&mut array).map_err(damaged)?;
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
    Ok(Unpacked { header: part.content().header(shape.count as u32), body })
}

/// Reads the header of a `.npy` file: a Python dictionary as text.
fn header(array: &mut impl Read) -> std::io::Result<String> {
    let invalid = |what| std::io::Error::new(std::io::ErrorKind::InvalidData, what);
    let mut start = [0; 8];
    array.read_exact(&mut start)?;
    let [b'\x93', b'N', b'U', b'M', b'P', b'Y', version, _] = start else { return Err(invalid("not a NumPy array")) };
    let mut length = [0; 4];
    array.read_exact(&mut length[..if version == 1 { 2 } else { 4 }])?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_HEADER {
        return Err(invalid("an oversized header"));
    }
    let mut text = vec![0; length];
    array.read_exact(&mut text)?;
    String::from_utf8(text).map_err(|_| invalid("a header that is not text"))
}

/// The contents of a usable header.
struct Shape {
    element: Element,
    count: u64,
}

impl Shape {
    fn parse(header: &str, content: Content) -> Option<Self> {
        let element = Element::of_numpy(value(header, "descr")?.split(['\'', '"']).nth(1)?)?;
        let row_major = value(header, "fortran_order")?.trim_start().starts_with("False");
        let lengths = value(header, "shape")?.trim_start().strip_prefix('(')?.split(')').next()?;
        let lengths = lengths.split(',').map(str::trim).filter(|length| !length.is_empty());
        let lengths: Vec<u64> = lengths.map(|length| length.parse().ok()).collect::<Option<_>>()?;
        let (&count, item) = lengths.split_first()?;
        let fits = match content {
            Content::Images => element.is_byte() && matches!(item, [28, 28] | [28, 28, 1] | [1, 28, 28] | [784]),
            Content::Labels => element.is_integer() && matches!(item, [] | [1]),
        };
        (row_major && fits).then_some(Self { element, count })
    }

    fn item_bytes(&self, content: Content) -> u64 {
        match content {
            Content::Images => PIXELS as u64,
            Content::Labels => self.element.bytes as u64,
        }
    }
}

/// Returns the text after `'key':` in a dictionary.
fn value<'a>(dictionary: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = dictionary.split_once(&format!("'{key}'"))?;
    rest.trim_start().strip_prefix(':')
}
