//! Renaming and removing runs on the disk: only what nobody trains, and only what this program wrote.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{
    Busy, RunFolder,
    checkpoint::{LAST, is_scratch},
    run_folder::{LOCK, LOG},
};
use crate::disk::{folder_of, sync_folder};

/// Longest time that [`tidy`] takes, about: it comes before other work.
const PATIENCE: Duration = Duration::from_millis(200);

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
/// Returns how many those are. Killed at any moment, it leaves a run that is still listed, or something that [`tidy`]
/// removes.
///
/// # Errors
/// If somebody trains the run, or the disk refuses.
pub fn delete(run: &Path) -> Result<usize> {
    let held = hold(run)?;
    let mut ours: Vec<PathBuf> = entries(run)?.into_iter().filter(|path| is_ours(path)).collect();
    // The log first: a folder that has nothing else would be listed no more.
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

/// Removes what deletions that were killed left in a folder of runs: folders of ours that hold nothing, or nothing but a
/// lock that nobody has. Where there are very many runs, it leaves the rest for the next time.
pub fn tidy(checkpoint_dir: &Path) {
    let begun = Instant::now();
    for entry in fs::read_dir(checkpoint_dir).into_iter().flatten().flatten() {
        if begun.elapsed() > PATIENCE {
            return;
        }
        // Links to folders are somebody's own.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_remainder(&entry.path());
        }
    }
}

fn remove_remainder(run: &Path) {
    let Ok(entries) = fs::read_dir(run) else { return };
    let mut is_empty = true;
    for entry in entries {
        let Ok(name) = entry.map(|entry| entry.file_name()) else { return };
        if name != LOCK && !is_scratch(&name.to_string_lossy()) {
            return;
        }
        is_empty = false;
    }
    // An empty one is not held: whoever makes a run's folder looks whether it is still there once the lock is.
    if is_empty && is_named_by_us(run) || !is_empty && was_emptied(run) {
        // Refused, where something has come in meanwhile.
        let _ = fs::remove_dir(run);
    }
}

/// Takes a folder of scratch files and a lock, and empties it where nobody else has it.
fn was_emptied(run: &Path) -> bool {
    RunFolder::take(run).is_ok_and(|held| held.is_locked() && fs::remove_file(run.join(LOCK)).is_ok())
}

/// Whether a name begins as those that this program gives: `20261124-110200-`.
fn is_named_by_us(run: &Path) -> bool {
    let name = run.file_name().unwrap_or_default().as_encoded_bytes();
    let place =
        |(place, byte): (usize, &u8)| if matches!(place, 8 | 15) { *byte == b'-' } else { byte.is_ascii_digit() };
    name.len() > 16 && name[..16].iter().enumerate().all(place)
}

/// Removes one checkpoint of a run.
///
/// # Errors
/// If somebody trains the run, or the disk refuses.
pub fn delete_file(file: &Path) -> Result<()> {
    let run = folder_of(file);
    let held = hold(run)?;
    fs::remove_file(file).and_then(|()| sync_folder(file)).map_err(at(file))?;
    drop(held);
    Ok(())
}

/// The run's folder, kept from everybody else meanwhile.
fn hold(run: &Path) -> Result<RunFolder> {
    // Without a slash at the end, behind which a link would be followed.
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
