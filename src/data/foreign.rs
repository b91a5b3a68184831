//! Identification of files in other formats by their first bytes: an error says what was found and what to do with it.

use std::io::{BufReader, Read};
use std::path::Path;

use super::{
    element::idx_array,
    gzip::{self, Members},
};
use crate::{disk, format::sanitized};

/// Number of first bytes that are read: a tar archive's signature comes after 257.
pub(super) const START_BYTES: usize = 512;

/// A file in another format.
pub(super) struct Foreign {
    /// Format with its article: `a zip archive`.
    pub what: String,
    /// What to do with the file.
    pub advice: &'static str,
}

const UNPACK: &str = "unpack it";
const AGAIN: &str = "download the file again";
const CONVERT: &str = "save it as mnist.npz with the arrays x_train, y_train, x_test and y_test (numpy.savez)";
const OTHER: &str = "this is not a data set";

/// First bytes, format, and what to do.
const SIGNATURES: [(&[u8], &str, &str); 22] = [
    (&gzip::MAGIC, "a gzip file", UNPACK),
    (b"PK\x03\x04", "a zip archive", UNPACK),
    (b"PK\x05\x06", "an empty zip archive", AGAIN),
    (b"\xfd7zXZ\0", "an xz file", "unpack it with `xz -d`"),
    (b"\x28\xb5\x2f\xfd", "a zstd file", "unpack it with `zstd -d`"),
    (b"BZh", "a bzip2 file", "unpack it with `bunzip2`"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (b"Rar!", "a RAR archive", UNPACK),
    (b"\x1f\x9d", "a file packed by `compress`", UNPACK),
    (b"\x93NUMPY", "a NumPy array (npy)", CONVERT),
    (b"PAR1", "a Parquet file", CONVERT),
    (b"ARROW1", "an Arrow file", CONVERT),
    (b"\x89HDF", "an HDF5 file", CONVERT),
    (b"MATLAB", "a MATLAB file", CONVERT),
    (b"version https://git-lfs", "a Git LFS pointer instead of the file", "fetch the file itself with `git lfs pull`"),
    (b"SQLite format 3", "an SQLite database", OTHER),
    (b"\x89PNG", "a PNG picture", OTHER),
    (b"\xff\xd8\xff", "a JPEG picture", OTHER),
    (b"%PDF", "a PDF document", OTHER),
    (b"\x89LeNet", "a checkpoint", OTHER),
    (b"\x01\x08\0\0", "IDX labels with their bytes in reverse order", AGAIN),
    (b"\x03\x08\0\0", "IDX images with their bytes in reverse order", AGAIN),
];

/// Identifies a file that begins with `start`.
pub(super) fn identify(start: &[u8]) -> Foreign {
    let known = |what: &str, advice| Foreign { what: what.to_owned(), advice };
    if start.is_empty() {
        return known("an empty file", AGAIN);
    }
    if looks_like_a_web_page(start) {
        return known("a web page (served instead of the requested file)", AGAIN);
    }
    if start.starts_with(b"PK\x03\x04") {
        return identify_zip(start);
    }
    if let Some((_, what, advice)) = SIGNATURES.iter().find(|(magic, _, _)| start.starts_with(magic)) {
        return known(what, advice);
    }
    match start {
        [0x80, 2..=5, ..] => known("a Python pickle", CONVERT),
        _ if start.get(257..262) == Some(b"ustar") => known("a tar archive", UNPACK),
        _ if start.len() > 4 && start.iter().all(|&byte| byte == 0) => known("nothing but zeros", AGAIN),
        _ => Foreign { what: quoted(start), advice: AGAIN },
    }
}

/// Identifies a zip archive: the first name in it distinguishes NumPy's and PyTorch's files from others.
fn identify_zip(start: &[u8]) -> Foreign {
    let length = start.get(26..28).map_or(0, |bytes| usize::from(u16::from_le_bytes([bytes[0], bytes[1]])));
    let name = start.get(30..).map_or(&[][..], |rest| &rest[..rest.len().min(length)]);
    let (what, advice) = if name.ends_with(b".npy") {
        ("NumPy arrays (npz)", "rename it to mnist.npz; it must contain the arrays x_train, y_train, x_test and y_test")
    } else if name.ends_with(b"data.pkl") {
        ("a PyTorch file", CONVERT)
    } else {
        ("a zip archive", UNPACK)
    };
    Foreign { what: what.to_owned(), advice }
}

/// Quotes the beginning of a file of an unknown format.
fn quoted(start: &[u8]) -> String {
    let end = start.len().min(40);
    match str::from_utf8(&start[..end]).map_err(|error| error.valid_up_to()) {
        Ok(text) if is_text(text) => format!("text that begins with \"{}\"", sanitized(text.trim())),
        Err(length) if length > 30 && is_text(&String::from_utf8_lossy(&start[..length])) => {
            format!("text that begins with \"{}\"", sanitized(String::from_utf8_lossy(&start[..length]).trim()))
        }
        _ => {
            let hex: Vec<_> = start.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            format!("bytes that begin with {}", hex.join(" "))
        }
    }
}

fn is_text(text: &str) -> bool {
    !text.chars().any(|char| char.is_control() && !char.is_whitespace())
}

/// Whether a file that begins with `start` is HTML or XML: these begin with an angle bracket, IDX files with a zero.
pub(super) fn looks_like_a_web_page(start: &[u8]) -> bool {
    start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start().starts_with(b"<")
}

/// Describes the file at `path` in a few words, also if it is gzipped.
pub(super) fn describe(path: &Path) -> String {
    let start = match disk::open(path).and_then(|file| start_of(BufReader::new(file))) {
        Ok(start) => start,
        Err(error) => return error.to_string(),
    };
    if !start.starts_with(&gzip::MAGIC) {
        return described(&start);
    }
    match disk::open(path).and_then(|file| start_of(Members::new(BufReader::new(file)))) {
        Ok(unpacked) if unpacked.starts_with(&gzip::MAGIC) => "gzip in gzip".to_owned(),
        Ok(unpacked) => format!("{}, gzipped", described(&unpacked)),
        Err(_) => "a damaged gzip file".to_owned(),
    }
}

fn described(start: &[u8]) -> String {
    idx_array(start).unwrap_or_else(|| identify(start).what)
}

fn start_of(file: impl Read) -> std::io::Result<Vec<u8>> {
    let mut start = Vec::new();
    file.take(START_BYTES as u64).read_to_end(&mut start)?;
    Ok(start)
}
