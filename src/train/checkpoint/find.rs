//! Looking for checkpoints on the disk.

use std::{
    cmp::Reverse,
    fs::{self, DirEntry},
    io,
    panic::resume_unwind,
    path::{Path, PathBuf},
    thread,
    time::SystemTime,
};

use super::{Checkpoint, CheckpointError, Fault, Summary};
use crate::format::is_in_the_future;

/// The state a run goes on from.
pub const LAST: &str = "last.ckpt";
/// The best epoch's state.
pub const BEST: &str = "best.ckpt";

/// Threads that read at a time: more than there are cores, since they mostly wait for the disk.
const THREADS: usize = 16;

/// A checkpoint file found in a checkpoint folder.
#[derive(Debug)]
pub struct Found<T = Checkpoint> {
    pub path: PathBuf,
    pub checkpoint: Result<T, CheckpointError>,
    /// When the file was changed last.
    pub modified: SystemTime,
}

impl<T> Found<T> {
    fn new(path: PathBuf, checkpoint: Result<T, CheckpointError>) -> Self {
        let modified = fs::metadata(&path).and_then(|metadata| metadata.modified());
        Self { modified: modified.unwrap_or(SystemTime::UNIX_EPOCH), path, checkpoint }
    }
}

/// Every `*.ckpt` of every run in `folder`, the most recently saved first (see [`order_stamp`]), damaged ones last with the
/// reason. None where there is no such folder.
///
/// # Errors
/// If the folder cannot be read.
pub fn find(folder: &Path) -> Result<Vec<Found>, CheckpointError> {
    let found = files(folder)?.into_iter().map(|path| Found::new(path.clone(), Checkpoint::read(&path)));
    let mut found: Vec<Found> = found.collect();
    sort(&mut found, |checkpoint| checkpoint.saved_at);
    Ok(found)
}

/// The checkpoints in a folder, as far as a list needs them.
#[derive(Debug)]
pub struct Listing {
    /// In the order of [`find`].
    pub found: Vec<Found<Summary>>,
    /// How many of them were read whole, their checksum included.
    pub checked: usize,
}

/// As [`find`], of thousands too: reads of each only what [`Summary`] holds, and the most recently saved ones whole, until
/// these are `budget` bytes.
///
/// # Errors
/// If the folder cannot be read.
pub fn list(folder: &Path, budget: u64) -> Result<Listing, CheckpointError> {
    let paths = files(folder)?;
    let summaries = summaries(&paths);
    let mut found: Vec<_> = paths.into_iter().zip(summaries).map(|(path, summary)| Found::new(path, summary)).collect();
    sort(&mut found, |summary| summary.saved_at);
    let whole: Vec<&Path> = found.iter().filter(|found| found.checkpoint.is_ok()).map(|found| &*found.path).collect();
    let faults = check(&whole, budget);
    let checked = found.len() - whole.len() + faults.len();
    for (found, fault) in found.iter_mut().zip(faults) {
        if let Some(fault) = fault {
            found.checkpoint = Err(fault);
        }
    }
    sort(&mut found, |summary| summary.saved_at);
    Ok(Listing { found, checked })
}

/// Sorts the most recently saved first, damaged ones last.
fn sort<T>(found: &mut [Found<T>], saved_at: impl Fn(&T) -> u64) {
    let now = seconds(SystemTime::now());
    found.sort_by_key(|found| {
        let stamp = |checkpoint| order_stamp(saved_at(checkpoint), seconds(found.modified), now);
        let stamp = found.checkpoint.as_ref().map_or(0, stamp);
        (found.checkpoint.is_err(), Reverse((stamp, found.modified)))
    });
}

/// Returns the summary of each of `files`, or what is wrong with it.
pub fn summaries(files: &[impl AsRef<Path> + Sync]) -> Vec<Result<Summary, CheckpointError>> {
    side_by_side(files, |path| Summary::read(path.as_ref()))
}

/// Reads files whole until these are `budget` bytes, and returns of each what is wrong with it.
pub fn check(files: &[impl AsRef<Path> + Sync], budget: u64) -> Vec<Option<CheckpointError>> {
    let mut left = budget;
    let affordable = files.iter().take_while(|path| {
        let length = fs::metadata(path.as_ref()).map_or(0, |metadata| metadata.len());
        let fits = length <= left;
        left = left.saturating_sub(length);
        fits
    });
    side_by_side(&files[..affordable.count()], |path| Checkpoint::read(path.as_ref()).err())
}

/// Applies `read` to each item on some threads: a disk answers several questions sooner than one after the other.
fn side_by_side<T: Sync, R: Send>(items: &[T], read: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let part = items.len().div_ceil(THREADS).max(1);
    let read = &read;
    thread::scope(|scope| {
        let parts = items.chunks(part).map(|part| scope.spawn(move || part.iter().map(read).collect::<Vec<R>>()));
        let parts: Vec<_> = parts.collect();
        parts.into_iter().flat_map(|part| part.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

/// Returns what checkpoints are ordered by, in seconds since 1970: when one was saved. One from the future would be the
/// newest for ever; when its file was changed counts instead, and if that was in the future, too, all others are newer.
pub fn order_stamp(saved_at: u64, modified: u64, now: u64) -> u64 {
    [saved_at, modified].into_iter().find(|&stamp| !is_in_the_future(stamp, now)).unwrap_or(0)
}

/// Returns seconds since 1970.
pub fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The file meant by `path`: itself, or where it is a run's folder, the state to go on from.
pub fn resolve(path: &Path) -> PathBuf {
    if !path.is_dir() {
        return path.to_owned();
    }
    let best = path.join(BEST);
    let last = path.join(LAST);
    if !last.exists() && best.exists() { best } else { last }
}

/// `FOLDER/*/*.ckpt`, by name. None where there is no such folder.
///
/// # Errors
/// If the folder cannot be read.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, CheckpointError> {
    let fail = |error| CheckpointError::at(folder)(Fault::Io(error));
    let runs = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        result => result.map_err(fail)?,
    };
    let mut files = Vec::new();
    for run in runs {
        // A run that may not be read, or that another program is removing just now, is no reason to hide the others.
        let entries = fs::read_dir(run.map_err(fail)?.path());
        let entries = entries.into_iter().flatten().flatten();
        files.extend(entries.filter(is_checkpoint).map(|entry| entry.path()));
    }
    files.sort();
    Ok(files)
}

fn is_checkpoint(entry: &DirEntry) -> bool {
    let path = entry.path();
    let is_folder = || match entry.file_type() {
        Ok(kind) if !kind.is_symlink() => kind.is_dir(),
        _ => path.is_dir(),
    };
    // Also pipes and links that lead nowhere: reading them tells what they are.
    path.extension().is_some_and(|extension| extension == "ckpt") && !is_folder()
}
