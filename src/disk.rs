//! Files that are written whole or not at all.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// How the name of a file ends that is not whole yet.
pub const SCRATCH: &str = ".partial";

/// Scratch file, sync, rename, folder sync. Whatever fails, the file at `path` stays what it was, and no scratch file is
/// left.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let scratch = scratch_of(path)?;
    let written = write_synced(&scratch, bytes).and_then(|()| fs::rename(&scratch, path));
    if written.is_err() {
        let _ = fs::remove_file(&scratch);
        return written;
    }
    sync_folder(path)
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Beside `path`, since a rename does not cross file systems; hidden, and told apart from what is whole by [`SCRATCH`].
fn scratch_of(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no file name"))?;
    let mut scratch = OsString::from(".");
    scratch.push(name);
    scratch.push(format!(".{}{SCRATCH}", std::process::id()));
    Ok(path.with_file_name(scratch))
}

/// Makes the name `path` last in its folder. Only Unix can, and not on every file system nor in folders that may not be
/// read: there the writing itself has to do.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    use io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    if !cfg!(unix) {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Err(error) if matches!(error.kind(), InvalidInput | PermissionDenied | Unsupported) => Ok(()),
        result => result,
    }
}
