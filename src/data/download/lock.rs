//! The lock on a data folder. If several processes, such as a job array, need the same files, one downloads them and
//! the others wait.

use std::{
    fs::{self, File, TryLockError},
    thread,
    time::{Duration, Instant},
};

use super::{Download, DownloadError, write_error};
use crate::{
    data::{LoadEvent, files::Part},
    disk,
};

const NAME: &str = ".download.lock";
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Acquires the folder's lock, waiting as long as the scratch files of the process that holds it grow.
///
/// Time without progress counts as silence of the mirrors, so that waiting for a stalled process uses up the time for a
/// download of one's own.
///
/// Returns `None` if the file system does not support locks: downloading without one is better than not at all.
pub(super) fn acquire(download: &mut Download<'_>) -> Result<Option<File>, DownloadError> {
    let path = download.folder.join(NAME);
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    let file = disk::open_own(&path, &mut options).map_err(write_error(&path))?;
    let mut seen = None;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::Error(_)) => return Ok(None),
            Err(TryLockError::WouldBlock) => {}
        }
        if seen.is_none() {
            let note = format!("another process is downloading into {}; waiting for it", download.folder.display());
            (download.report)(LoadEvent::Note(note));
        }
        let now = scratch_bytes(download);
        if seen.replace(now).is_some_and(|before| before != now) {
            download.last_byte = Instant::now();
        }
        if download.time_left().is_zero() {
            return Err(DownloadError::Busy { folder: download.folder.to_owned() });
        }
        thread::sleep(POLL_INTERVAL);
    }
}

fn scratch_bytes(download: &Download<'_>) -> u64 {
    let length = |part| fs::symlink_metadata(download.scratch(part)).map_or(0, |metadata| metadata.len());
    Part::ALL.into_iter().map(length).sum()
}
