//! Finding checkpoints on disk.

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

/// Name of the checkpoint that a run continues from.
pub const LAST: &str = "last.ckpt";
/// Name of the best epoch's checkpoint.
pub const BEST: &str = "best.ckpt";

/// Number of reading threads: more than the cores, since they mostly wait for the disk.
const THREADS: usize = 16;

/// Checkpoint file found in a checkpoint folder.
#[derive(Debug)]
pub struct Found<T = Checkpoint> {
    pub path: PathBuf,
    pub checkpoint: Result<T, CheckpointError>,
    /// Time of the file's last change.
    pub modified: SystemTime,
}

impl<T> Found<T> {
    fn new(path: PathBuf, checkpoint: Result<T, CheckpointError>) -> Self {
        let modified = fs::metadata(&path).and_then(|metadata| metadata.modified());
        Self { modified: modified.unwrap_or(SystemTime::UNIX_EPOCH), path, checkpoint }
    }
}

/// Finds every `*.ckpt` of every run in `folder`, the most recently saved first (see [`order_stamp`]), damaged ones
/// last. A missing folder has none.
///
/// # Errors
/// If the folder cannot be read.
pub fn find(folder: &Path) -> Result<Vec<Found>, CheckpointError> {
    let found = files(folder)?.into_iter().map(|path| Found::new(path.clone(), Checkpoint::read(&path)));
    let mut found: Vec<Found> = found.collect();
    sort(&mut found, |checkpoint| checkpoint.saved_at);
    Ok(found)
}

/// Summaries of the checkpoints in a folder.
#[derive(Debug)]
pub struct Listing {
    /// Files in the order of [`find`].
    pub found: Vec<Found<Summary>>,
    /// Number of files that were read completely, including their checksum.
    pub checked: usize,
}

/// Does the same as [`find`] for thousands of files: reads only what [`Summary`] holds, and the most recently saved
/// ones completely, up to `budget` bytes.
///
/// # Errors
/// If the folder cannot be read.
pub fn list(folder: &Path, budget: u64) -> Result<Listing, CheckpointError> {
    let paths = files(folder)?;
    let summaries = summaries(&paths);
    let mut found: Vec<_> = paths.into_iter().zip(summaries).map(|(path, summary)| Found::new(path, summary)).collect();
    sort(&mut found, |summary| summary.saved_at);
    let readable: Vec<&Path> =
        found.iter().filter(|found| found.checkpoint.is_ok()).map(|found| &*found.path).collect();
    let faults = check(&readable, budget);
    let checked = found.len() - readable.len() + faults.len();
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

/// Returns the summary of each of `files`, or its error.
pub fn summaries(files: &[impl AsRef<Path> + Sync]) -> Vec<Result<Summary, CheckpointError>> {
    in_parallel(files, |path| Summary::read(path.as_ref()))
}

/// Reads files completely, up to `budget` bytes, and returns the error of each.
pub fn check(files: &[impl AsRef<Path> + Sync], budget: u64) -> Vec<Option<CheckpointError>> {
    let mut left = budget;
    let affordable = files.iter().take_while(|path| {
        let length = fs::metadata(path.as_ref()).map_or(0, |metadata| metadata.len());
        let fits = length <= left;
        left = left.saturating_sub(length);
        fits
    });
    in_parallel(&files[..affordable.count()], |path| Checkpoint::read(path.as_ref()).err())
}

/// Applies `read` to the items on several threads: a disk answers concurrent requests faster than successive ones.
fn in_parallel<T: Sync, R: Send>(items: &[T], read: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let part = items.len().div_ceil(THREADS).max(1);
    let read = &read;
    thread::scope(|scope| {
        let parts = items.chunks(part).map(|part| scope.spawn(move || part.iter().map(read).collect::<Vec<R>>()));
        let parts: Vec<_> = parts.collect();
        parts.into_iter().flat_map(|part| part.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

/// Returns the time by which checkpoints are ordered, in seconds since 1970: when one was saved, or if that is in the
/// future, when its file was changed. If both are in the future, all other checkpoints are newer.
pub fn order_stamp(saved_at: u64, modified: u64, now: u64) -> u64 {
    [saved_at, modified].into_iter().find(|&stamp| !is_in_the_future(stamp, now)).unwrap_or(0)
}

/// Converts a time to seconds since 1970.
pub fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Returns the file that `path` refers to: `path` itself or, for a run's folder, the checkpoint to continue from.
pub fn resolve(path: &Path) -> PathBuf {
    if !path.is_dir() {
        return path.to_owned();
    }
    let best = path.join(BEST);
    let last = path.join(LAST);
    if !last.exists() && best.exists() { best } else { last }
}

/// Returns `FOLDER/*/*.ckpt`, sorted by name. A missing folder has none.
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
        // A run that cannot be read, or that another program is deleting right now, must not hide the others.
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
    // Pipes and broken symbolic links are included: reading them reports what they are.
    path.extension().is_some_and(|extension| extension == "ckpt") && !is_folder()
}
