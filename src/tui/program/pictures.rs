//! Reading and writing pictures of digits. The disk may be slow, so this runs on the jobs thread.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::{data::picture, disk, format::file_name, tui::message::Opened};

/// Largest file that is read; no readable picture is larger.
const MAX_BYTES: u64 = 1 << 29;

/// Reads a picture as `predict` does.
pub(crate) fn open(path: &Path) -> Result<Opened, String> {
    let path = &expand_home(path);
    // The reason comes first, since a long path may leave no room for it.
    let failure = |error: &dyn std::fmt::Display| format!("cannot open: {error} ({})", path.display());
    let mut bytes = Vec::new();
    let read = disk::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    read.map_err(|error| failure(&error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(failure(&format!("expected at most {MAX_BYTES} bytes, found more")));
    }
    let image = picture::read_digit(&bytes).map_err(|error| failure(&error))?;
    Ok(Opened { name: file_name(path), image: Box::new(image) })
}

/// Writes a new file, whole or not at all.
pub(crate) fn save(path: &Path, png: &[u8]) -> Result<PathBuf, String> {
    let path = expand_home(path);
    let failure = |error: &dyn std::fmt::Display| format!("cannot save: {error} ({})", path.display());
    match path.symlink_metadata() {
        Ok(_) => Err(failure(&"the file already exists; choose another name")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match disk::write_atomically(&path, png) {
            Ok(()) => Ok(path),
            Err(error) => Err(failure(&error)),
        },
        Err(error) => Err(failure(&error)),
    }
}

/// Replaces `~/` by the home folder, as shells do.
fn expand_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::var_os("HOME")) {
        (Ok(rest), Some(home)) if !home.is_empty() => PathBuf::from(home).join(rest),
        _ => path.to_owned(),
    }
}
