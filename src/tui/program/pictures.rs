//! Pictures of digits on the disk. What is asked of the disk here may take long: it is done on the errands' thread.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::{data::picture, disk, format::file_name, tui::session::inquiry::Image};

/// Files beyond this are not read: no picture that can be read is larger.
const MAX_BYTES: u64 = 1 << 29;

/// Reads a picture as `predict` does.
pub(crate) fn open(path: &Path) -> Result<Opened, String> {
    let path = &at_home(path);
    // The reason first: a long path may leave no room for it.
    let why = |error: &dyn std::fmt::Display| format!("cannot open: {error} ({})", path.display());
    let mut bytes = Vec::new();
    let read = disk::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    read.map_err(|error| why(&error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(why(&format!("expected at most {MAX_BYTES} bytes, found more")));
    }
    let image = picture::read_digit(&bytes).map_err(|error| why(&error))?;
    Ok(Opened { name: file_name(path), image: Box::new(image) })
}

/// Returns the path that was typed, or that a terminal or a file manager wrote for a file dropped on it: quoted or with
/// backslashes as for a shell, or as a `file://` address.
pub(crate) fn typed(text: &str) -> PathBuf {
    let text = text.trim();
    let unquoted = if cfg!(windows) { text.trim_matches(['\'', '"']).to_owned() } else { unquoted(text) };
    // Addresses come quoted, too.
    match unquoted.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("file://") => at_address(&unquoted[7..]),
        _ => PathBuf::from(unquoted),
    }
}

/// Takes a shell's quoting off.
fn unquoted(text: &str) -> String {
    let mut path = String::new();
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match (char, quote) {
            ('\\', None) => path.extend(chars.next()),
            ('\\', Some('"')) => {
                path.push(chars.next_if(|next| matches!(next, '"' | '\\' | '$' | '`')).unwrap_or('\\'))
            }
            ('\'' | '"', None) if closes(char, chars.clone()) => quote = Some(char),
            (_, Some(mark)) if char == mark => quote = None,
            _ => path.push(char),
        }
    }
    path
}

/// Whether a quotation mark has its other half: an apostrophe in a name has none.
fn closes(mark: char, mut rest: impl Iterator<Item = char>) -> bool {
    rest.any(|char| char == mark)
}

/// The path of a `file://` address, with or without a host.
fn at_address(rest: &str) -> PathBuf {
    let path = rest.find('/').map_or(rest, |start| &rest[start..]);
    let mut bytes = Vec::with_capacity(path.len());
    let mut left = path.as_bytes();
    while let Some((&first, rest)) = left.split_first() {
        let code = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let code = code.filter(|_| first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.unwrap_or(first));
        left = if code.is_some() { &rest[2..] } else { rest };
    }
    path_of(bytes)
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    <std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes).into()
}

/// Behind the slash comes the drive.
#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).trim_start_matches('/').into()
}

/// Writes a file that is not there yet, whole or not at all.
pub(crate) fn save(path: &Path, png: &[u8]) -> Result<PathBuf, String> {
    let path = at_home(path);
    let why = |error: &dyn std::fmt::Display| format!("cannot save: {error} ({})", path.display());
    match path.symlink_metadata() {
        Ok(_) => Err(why(&"there is such a file already; give it another name")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match disk::write_atomically(&path, png) {
            Ok(()) => Ok(path),
            Err(error) => Err(why(&error)),
        },
        Err(error) => Err(why(&error)),
    }
}

/// `~/` as shells read it.
fn at_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::var_os("HOME")) {
        (Ok(rest), Some(home)) if !home.is_empty() => PathBuf::from(home).join(rest),
        _ => path.to_owned(),
    }
}
