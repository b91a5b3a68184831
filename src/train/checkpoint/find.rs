//! Looking for checkpoints on the disk.

use std::{
    cmp::Reverse,
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{Checkpoint, CheckpointError, Fault};

/// The state a run goes on from.
pub const LAST: &str = "last.ckpt";
/// The best epoch's state.
pub const BEST: &str = "best.ckpt";

/// A checkpoint file found in a checkpoint folder.
#[derive(Debug)]
pub struct Found<T = Checkpoint> {
    pub path: PathBuf,
    pub checkpoint: Result<T, CheckpointError>,
    /// When the file was changed last.
    pub modified: SystemTime,
}

/// Every `*.ckpt` of every run in `folder`, the most recently saved first (see [`order_stamp`]), damaged ones last with the
/// reason. None where there is no such folder.
///
/// # Errors
/// If the folder cannot be read.
pub fn find(folder: &Path) -> Result<Vec<Found>, CheckpointError> {
    find_map(folder, |_, checkpoint| checkpoint)
}

/// As [`find`], but keeps of each checkpoint only what `keep` makes of it: whole ones are near a megabyte each.
///
/// # Errors
/// If the folder cannot be read.
pub fn find_map<T>(folder: &Path, keep: impl Fn(&Path, Checkpoint) -> T) -> Result<Vec<Found<T>>, CheckpointError> {
    let now = SystemTime::now();
    let mut found: Vec<(u64, Found<T>)> = files(folder)?
        .into_iter()
        .map(|path| {
            let modified = fs::metadata(&path).and_then(|metadata| metadata.modified());
            let modified = modified.unwrap_or(SystemTime::UNIX_EPOCH);
            let checkpoint = Checkpoint::read(&path);
            let stamp =
                checkpoint.as_ref().map_or(0, |found| order_stamp(found.saved_at, seconds(modified), seconds(now)));
            let checkpoint = checkpoint.map(|checkpoint| keep(&path, checkpoint));
            (stamp, Found { path, checkpoint, modified })
        })
        .collect();
    found.sort_by_key(|(stamp, found)| (found.checkpoint.is_err(), Reverse((*stamp, found.modified))));
    Ok(found.into_iter().map(|(_, found)| found).collect())
}

/// Seconds by which clocks of machines that share a disk may differ.
const CLOCK_SKEW: u64 = 120;

/// Whether a checkpoint says to be saved after now: somebody's clock was wrong, or is. Both in seconds since 1970.
pub fn is_in_the_future(saved_at: u64, now: u64) -> bool {
    saved_at > now.saturating_add(CLOCK_SKEW)
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
        let run = run.map_err(fail)?.path();
        // A run that may not be read, or that another program is removing just now, is no reason to hide the others.
        let entries = if run.is_dir() { fs::read_dir(&run).ok() } else { None };
        files.extend(
            entries
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.path())
                // Also pipes and links that lead nowhere: reading them tells what they are.
                .filter(|path| path.extension().is_some_and(|extension| extension == "ckpt") && !path.is_dir()),
        );
    }
    files.sort();
    Ok(files)
}
