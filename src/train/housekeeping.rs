//! Renaming and deleting runs on disk: only runs that no program is training, and only files of this program.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{
    Busy, RunFolder,
    checkpoint::{LAST, is_scratch},
    holder::LOCK,
    run_folder::LOG,
};
use crate::disk::{folder_of, sync_folder};

/// Approximate time limit of [`tidy`], since other work waits for it.
const TIME_LIMIT: Duration = Duration::from_millis(200);

/// Maximum length of a run's name in characters.
pub const MAX_NAME: usize = 64;

/// Error when a run cannot be renamed or deleted.
#[derive(Debug, thiserror::Error)]
pub enum HousekeepingError {
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error(
        "{}: the folder cannot be locked, so another program may be training the run; handle it manually",
        folder.display()
    )]
    NoLock { folder: PathBuf },
    #[error("{} is a symbolic link, not the run itself; handle it manually", path.display())]
    Link { path: PathBuf },
    #[error(
        "expected a name of 1 to {MAX_NAME} characters without `/` or `\\`, not starting with a dot or space, \
         found `{found}`"
    )]
    Name { found: String },
    #[error("`{name}` already exists; choose another name")]
    Taken { name: String },
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
}

type Result<T> = std::result::Result<T, HousekeepingError>;

fn at(path: &Path) -> impl Fn(io::Error) -> HousekeepingError {
    move |error| HousekeepingError::Io { path: path.to_owned(), error }
}

/// Checks that a run may have this name.
///
/// # Errors
/// If it may not.
pub fn check_name(name: &str) -> Result<()> {
    let fits = (1..=MAX_NAME).contains(&name.chars().count());
    let plain = !name.contains(['/', '\\']) && !name.contains(char::is_control);
    let visible = !name.starts_with(['.', ' ']) && !name.ends_with(' ');
    (fits && plain && visible).then_some(()).ok_or_else(|| HousekeepingError::Name { found: name.to_owned() })
}

/// Renames the run in the folder `run`, and returns the new path of the folder.
///
/// # Errors
/// If the name is invalid or taken, a program is training the run, or the disk fails.
pub fn rename(run: &Path, name: &str) -> Result<PathBuf> {
    check_name(name)?;
    let target = run.with_file_name(name);
    let held = lock_run(run)?;
    if target.symlink_metadata().is_ok() {
        return Err(HousekeepingError::Taken { name: name.to_owned() });
    }
    fs::rename(run, &target).and_then(|()| sync_folder(&target)).map_err(at(run))?;
    drop(held);
    Ok(target)
}

/// Deletes the run in the folder `run`: its checkpoints, its log, and then the folder, unless other files are in it.
/// Returns the number of other files. If the program is killed at any point, the run is still listed, or [`tidy`]
/// removes the rest.
///
/// # Errors
/// If a program is training the run, or the disk fails.
pub fn delete(run: &Path) -> Result<usize> {
    let held = lock_run(run)?;
    let mut ours: Vec<PathBuf> = entries(run)?.into_iter().filter(|path| is_ours(path)).collect();
    // The log first, since a folder with nothing else would no longer be listed; the last checkpoint last.
    ours.sort_by_key(|path| (!path.ends_with(LOG), path.ends_with(LAST)));
    for path in ours {
        fs::remove_file(&path).map_err(at(&path))?;
    }
    let lock = run.join(LOCK);
    fs::remove_file(&lock).map_err(at(&lock))?;
    drop(held);
    let left = entries(run)?.len();
    if left == 0 {
        fs::remove_dir(run).and_then(|()| sync_folder(run)).map_err(at(run))?;
    }
    tidy(folder_of(run));
    Ok(left)
}

/// Removes leftovers of interrupted deletions in a folder of runs: run folders that hold nothing, or only a lock that
/// nobody holds. Stops at a time limit if there are very many runs, and leaves the rest for the next call.
pub fn tidy(checkpoint_dir: &Path) {
    let begun = Instant::now();
    for entry in fs::read_dir(checkpoint_dir).into_iter().flatten().flatten() {
        if begun.elapsed() > TIME_LIMIT {
            return;
        }
        // Symbolic links to folders are the user's own.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_leftover(&entry.path());
        }
    }
}

fn remove_leftover(run: &Path) {
    let Ok(entries) = fs::read_dir(run) else { return };
    let mut is_empty = true;
    for entry in entries {
        let Ok(name) = entry.map(|entry| entry.file_name()) else { return };
        if name != LOCK && !is_scratch(&name.to_string_lossy()) {
            return;
        }
        is_empty = false;
    }
    // An empty folder is not locked: a program that creates one checks after locking that it still exists.
    if is_empty && is_named_by_us(run) || !is_empty && try_empty(run) {
        // Fails if a file was added meanwhile, as it should.
        let _ = fs::remove_dir(run);
    }
}

/// Locks a folder of scratch files and a lock, and empties it. Returns `false` if another program holds it.
fn try_empty(run: &Path) -> bool {
    RunFolder::take(run).is_ok_and(|held| held.is_locked() && fs::remove_file(run.join(LOCK)).is_ok())
}

/// Returns whether a folder's name begins like those that this program gives: `20261124-110200-`.
fn is_named_by_us(run: &Path) -> bool {
    let name = run.file_name().unwrap_or_default().as_encoded_bytes();
    let place =
        |(place, byte): (usize, &u8)| if matches!(place, 8 | 15) { *byte == b'-' } else { byte.is_ascii_digit() };
    name.len() > 16 && name[..16].iter().enumerate().all(place)
}

/// Deletes one checkpoint of a run.
///
/// # Errors
/// If a program is training the run, or the disk fails.
pub fn delete_file(file: &Path) -> Result<()> {
    let run = folder_of(file);
    let held = lock_run(run)?;
    fs::remove_file(file).and_then(|()| sync_folder(file)).map_err(at(file))?;
    drop(held);
    Ok(())
}

/// Locks a run's folder.
fn lock_run(run: &Path) -> Result<RunFolder> {
    // Without a trailing slash, which would make the system follow a symbolic link.
    let run = run.components().as_path();
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
