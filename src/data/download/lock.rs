//! Several processes may want the same folder filled at once (an array of jobs): one downloads, the others wait for it.

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
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Waits for the folder's lock as long as the scratch files of whoever holds it grow.
///
/// Time spent waiting in vain counts as silence: whoever waited for one that got nothing has no more time than it had.
///
/// `None` where the file system knows no locks: downloading without one is better than not at all.
pub(super) fn take(download: &mut Download<'_>) -> Result<Option<File>, DownloadError> {
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
            let note = format!("another process is downloading into {}: waiting for it", download.folder.display());
            (download.report)(LoadEvent::Note(note));
        }
        let now = bytes_there(download);
        if seen.replace(now).is_some_and(|before| before != now) {
            download.last_byte = Instant::now();
        }
        if download.time_left().is_zero() {
            return Err(DownloadError::Busy { folder: download.folder.to_owned() });
        }
        thread::sleep(BETWEEN_LOOKS);
    }
}

fn bytes_there(download: &Download<'_>) -> u64 {
    let length = |part| fs::symlink_metadata(download.scratch(part)).map_or(0, |metadata| metadata.len());
    Part::ALL.into_iter().map(length).sum()
}
