//! Paths as people type and drop them.

use std::path::PathBuf;

/// Returns the path that was typed, or that a terminal or a file manager wrote for a file dropped on it: quoted or with
/// backslashes as for a shell, or as a `file://` address.
pub(super) fn typed_path(text: &str) -> PathBuf {
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
