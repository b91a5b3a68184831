//! Renaming and removing runs on the disk: only what nobody trains, and only what this program wrote.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    Busy, RunFolder,
    run_folder::{LOCK, LOG},
};
use crate::disk::sync_folder;

/// Columns of the longest name of a run.
pub const MAX_NAME: usize = 64;

/// Why a run stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum HousekeepingError {
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error(
        "{}: the folder takes no lock, so it cannot be known whether another program trains the run; see to it by hand",
        folder.display()
    )]
    NoLock { folder: PathBuf },
    #[error("{} is a link, not the run itself; see to it by hand", path.display())]
    Link { path: PathBuf },
    #[error(
        "a run's name has 1 to {MAX_NAME} characters, no `/` or `\\`, and begins with no dot or space, not `{found}`"
    )]
    Name { found: String },
    #[error("there is `{name}` already; take another name")]
    Taken { name: String },
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
}

type Result<T> = std::result::Result<T, HousekeepingError>;

fn at(path: &Path) -> impl Fn(io::Error) -> HousekeepingError {
    move |error| HousekeepingError::Io { path: path.to_owned(), error }
}

/// Whether a run may be called so.
///
/// # Errors
/// If not.
pub fn check_name(name: &str) -> Result<()> {
    let fits = (1..=MAX_NAME).contains(&name.chars().count());
    let plain = !name.contains(['/', '\\']) && !name.contains(char::is_control);
    let visible = !name.starts_with(['.', ' ']) && !name.ends_with(' ');
    (fits && plain && visible).then_some(()).ok_or_else(|| HousekeepingError::Name { found: name.to_owned() })
}

/// Gives the run in the folder `run` another name, and returns its folder's new path.
///
/// # Errors
/// If the name is none or taken, somebody trains the run, or the disk refuses.
pub fn rename(run: &Path, name: &str) -> Result<PathBuf> {
    check_name(name)?;
    let target = run.with_file_name(name);
    let held = hold(run)?;
    if target.symlink_metadata().is_ok() {
        return Err(HousekeepingError::Taken { name: name.to_owned() });
    }
    fs::rename(run, &target).and_then(|()| sync_folder(&target)).map_err(at(run))?;
    drop(held);
    Ok(target)
}

/// Removes the run in the folder `run`: its checkpoints, its log, and then the folder, unless other files are in it.
/// Returns how many those are.
///
/// # Errors
/// If somebody trains the run, or the disk refuses.
pub fn delete(run: &Path) -> Result<usize> {
    let held = hold(run)?;
    for path in entries(run)? {
        if is_ours(&path) {
            fs::remove_file(&path).map_err(at(&path))?;
        }
    }
    let lock = run.join(LOCK);
    fs::remove_file(&lock).map_err(at(&lock))?;
    drop(held);
    let left = entries(run)?.len();
    if left == 0 {
        fs::remove_dir(run).and_then(|()| sync_folder(run)).map_err(at(run))?;
    }
    Ok(left)
}

/// Removes one checkpoint of a run.
///
/// # Errors
/// If somebody trains the run, or the disk refuses.
pub fn delete_file(file: &Path) -> Result<()> {
    let run = file.parent().filter(|run| !run.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let held = hold(run)?;
    fs::remove_file(file).and_then(|()| sync_folder(file)).map_err(at(file))?;
    drop(held);
    Ok(())
}

/// The run's folder, kept from everybody else meanwhile.
fn hold(run: &Path) -> Result<RunFolder> {
    let metadata = run.symlink_metadata().map_err(at(run))?;
    if metadata.is_symlink() {
        return Err(HousekeepingError::Link { path: run.to_owned() });
    }
    let held = RunFolder::take(run)?;
    if held.is_locked() { Ok(held) } else { Err(HousekeepingError::NoLock { folder: run.to_owned() }) }
}

fn entries(run: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(run).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    entries.map_err(at(run))
}

fn is_ours(path: &Path) -> bool {
    let is_checkpoint = path.extension().is_some_and(|extension| extension == "ckpt");
    let is_log = path.file_name().is_some_and(|name| name == LOG);
    (is_checkpoint || is_log) && !path.is_dir()
}
