//! Paths as users type them, or drop files on the terminal.

use std::path::PathBuf;

/// Returns the path that was typed, or that the terminal or a file manager wrote for a dropped file: quoted or with
/// backslashes as for a shell, or as a `file://` URL. `~/` is the home folder.
pub(crate) fn typed_path(text: &str) -> PathBuf {
    let text = text.trim();
    let unquoted = if cfg!(windows) { text.trim_matches(['\'', '"']).to_owned() } else { unquoted(text) };
    // URLs may be quoted, too.
    match (unquoted.get(..7), unquoted.strip_prefix("~/"), std::env::home_dir()) {
        (Some(scheme), ..) if scheme.eq_ignore_ascii_case("file://") => url_path(&unquoted[7..]),
        (_, Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(unquoted),
    }
}

/// Removes a shell's quoting.
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

/// Returns whether a quotation mark is closed; an apostrophe in a name is not.
fn closes(mark: char, mut rest: impl Iterator<Item = char>) -> bool {
    rest.any(|char| char == mark)
}

/// Returns the path in a `file://` URL after the scheme, with or without a host.
fn url_path(rest: &str) -> PathBuf {
    let path = rest.find('/').map_or(rest, |start| &rest[start..]);
    let mut bytes = Vec::with_capacity(path.len());
    let mut left = path.as_bytes();
    while let Some((&first, rest)) = left.split_first() {
        let code = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let code = code.filter(|_| first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.unwrap_or(first));
        left = if code.is_some() { &rest[2..] } else { rest };
    }
    path_from_bytes(bytes)
}

#[cfg(unix)]
fn path_from_bytes(bytes: Vec<u8>) -> PathBuf {
    <std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes).into()
}

/// On Windows the drive follows the slash.
#[cfg(not(unix))]
fn path_from_bytes(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).trim_start_matches('/').into()
}
