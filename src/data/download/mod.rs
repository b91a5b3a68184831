//! Downloads from mirrors into the data folder. An incomplete file is never mistaken for a complete one.
//!
//! Each missing file is downloaded into a scratch file next to it (`NAME.gz.part`), which a later attempt resumes. Once
//! all scratch files have the published size and checksum, they are synced and renamed. An interrupted download
//! therefore leaves only scratch files, which are never read as data.

mod address;
pub(super) mod error;
mod lock;
mod pace;
mod remote;
mod transfer;

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use sha2::{Digest, Sha256};

use super::{
    LoadEvent,
    files::{self, Part},
    foreign,
};
use crate::disk;
pub use error::DownloadError;
use error::Failure;
use pace::Pace;
pub use remote::{PackedFile, Patience, Remote};
use transfer::Piece;

/// Downloads the missing ones of the four files into `folder`, which is created if necessary. Existing files are left
/// alone, whatever their content.
///
/// # Errors
/// If no mirror has an expected file, nothing is received for longer than `patience` allows, or the folder cannot be
/// written to. In that case no file is put in place.
pub fn fetch(
    folder: &Path,
    remote: &Remote,
    patience: Patience,
    report: &mut dyn FnMut(LoadEvent),
) -> Result<(), DownloadError> {
    if remote.mirrors.is_empty() {
        return Err(DownloadError::NoMirrors);
    }
    fs::create_dir_all(folder).map_err(write_error(folder))?;
    let mut download = Download { folder, remote, patience, report, last_byte: Instant::now(), preferred: 0 };
    let _lock = lock::acquire(&mut download)?;
    // Checked only now: the process that held the lock before may have downloaded them.
    let missing: Vec<Part> =
        Part::ALL.into_iter().filter(|&part| !matches!(files::find(folder, part), Ok(Some(_)))).collect();
    for &part in &missing {
        download.complete(part)?;
    }
    missing.iter().try_for_each(|&part| download.put_in_place(part))?;
    disk::sync_folder(&folder.join(Part::TrainImages.packed_name())).map_err(write_error(folder))
}

fn write_error(path: &Path) -> impl Fn(io::Error) -> DownloadError {
    |cause| DownloadError::Write { path: path.to_owned(), cause }
}

/// Opens a scratch file to resume it. Anything else at its path (a symbolic link, a pipe) is removed, so that nothing
/// is written through it and opening it cannot block.
fn open_scratch(path: &Path) -> io::Result<File> {
    let options = || {
        let mut options = File::options();
        options.read(true).write(true).truncate(false);
        options
    };
    if fs::symlink_metadata(path).is_ok() {
        match disk::open_own(path, &mut options()) {
            Err(error) if error.kind() == io::ErrorKind::InvalidInput && !path.is_dir() => fs::remove_file(path)?,
            result => return result,
        }
    }
    disk::open_own(path, options().create_new(true))
}

struct Download<'a> {
    folder: &'a Path,
    remote: &'a Remote,
    patience: Patience,
    report: &'a mut dyn FnMut(LoadEvent),
    /// When data was last received from any mirror, at first the start.
    last_byte: Instant,
    /// Index of the mirror to try first: the one that the previous file came from.
    preferred: usize,
}

impl Download<'_> {
    fn scratch(&self, part: Part) -> PathBuf {
        self.folder.join(format!("{}.part", part.packed_name()))
    }

    /// Completes the scratch file of `part`.
    fn complete(&mut self, part: Part) -> Result<(), DownloadError> {
        let path = self.scratch(part);
        let mut file = open_scratch(&path).map_err(write_error(&path))?;
        let result = self.try_mirrors(part, &mut file);
        if result.is_err() && file.metadata().is_ok_and(|metadata| metadata.len() == 0) {
            // There is nothing to resume. If the file cannot be removed, it does no harm.
            let _ = fs::remove_file(&path);
        }
        result
    }

    fn try_mirrors(&mut self, part: Part, file: &mut File) -> Result<(), DownloadError> {
        let mirrors = self.remote.mirrors.len();
        let mut failures: Vec<Option<Failure>> = vec![None; mirrors];
        for attempt in 0..self.patience.rounds * mirrors {
            let index = (self.preferred + attempt) % mirrors;
            if attempt > 0 && attempt % mirrors == 0 {
                thread::sleep(self.patience.pause);
            }
            if failures[index].as_ref().is_some_and(|failure| !failure.is_temporary()) {
                continue;
            }
            match self.attempt(part, file, &self.remote.mirrors[index]).map_err(write_error(&self.scratch(part)))? {
                Ok(()) => {
                    self.preferred = index;
                    return Ok(());
                }
                Err(failure) => failures[index] = Some(failure),
            }
            if self.time_left().is_zero() {
                break;
            }
        }
        let named = self.remote.mirrors.iter().cloned().zip(failures);
        let failures = named.filter_map(|(mirror, failure)| Some((mirror, failure?))).collect();
        Err(DownloadError::Mirrors { file: part.packed_name(), failures })
    }

    fn time_left(&self) -> Duration {
        self.patience.whole.saturating_sub(self.last_byte.elapsed())
    }

    /// Downloads from one mirror, resuming the scratch file. The outer error is the disk's, the inner one the mirror's.
    fn attempt(&mut self, part: Part, file: &mut File, mirror: &str) -> io::Result<Result<(), Failure>> {
        let expected = self.remote.file(part).bytes;
        let held = file.metadata()?.len();
        if held == expected && self.check_sum(part, file)?.is_ok() {
            return Ok(Ok(()));
        }
        if 0 < held && held < expected {
            match self.request(part, file, mirror, held)? {
                // The existing bytes rather than the mirror may be wrong, so it gets a second chance.
                Err(Failure::Sum { .. } | Failure::Size { .. } | Failure::Range) => {}
                result => return Ok(result),
            }
        }
        file.set_len(0)?;
        let result = self.request(part, file, mirror, 0)?;
        if matches!(result, Err(Failure::Sum { .. } | Failure::Size { .. } | Failure::WebPage)) {
            file.set_len(0)?;
        }
        Ok(result)
    }

    /// Requests the bytes from `offset` on, and verifies the resulting scratch file.
    fn request(&mut self, part: Part, file: &mut File, mirror: &str, offset: u64) -> io::Result<Result<(), Failure>> {
        let separator = if mirror.ends_with('/') { "" } else { "/" };
        let url = format!("{mirror}{separator}{}", part.packed_name());
        let pieces = transfer::start(url, offset)?;
        if let Err(failure) = self.receive(part, file, &pieces)? {
            return Ok(Err(failure));
        }
        let expected = self.remote.file(part).bytes;
        let found = file.metadata()?.len();
        if found < expected { Ok(Err(Failure::CutOff { expected, found })) } else { self.check_sum(part, file) }
    }

    /// Writes the received bytes into the scratch file until the transfer ends, fails, stalls or is too slow.
    fn receive(&mut self, part: Part, file: &mut File, pieces: &Receiver<Piece>) -> io::Result<Result<(), Failure>> {
        let mut pace = Pace::new(self.patience.window, self.patience.least);
        let mut last_received = Instant::now();
        let mut transfer = Transfer { position: 0, claimed: None };
        loop {
            if let Some(bytes) = pace.insufficient() {
                return Ok(Err(Failure::Slow { bytes, window: self.patience.window }));
            }
            let silence = self.patience.request.saturating_sub(last_received.elapsed()).min(self.time_left());
            match pieces.recv_timeout(silence.min(pace.next_check())) {
                Ok(Piece::End(end)) => return Ok(end),
                Ok(Piece::Start { offset, length }) => {
                    file.set_len(offset)?;
                    transfer = Transfer { position: file.seek(SeekFrom::Start(offset))?, claimed: length };
                }
                Ok(Piece::Bytes(bytes)) => {
                    if let Err(failure) = transfer.check(&bytes, self.remote.file(part).bytes) {
                        return Ok(Err(failure));
                    }
                    self.last_byte = Instant::now();
                    pace.add(bytes.len() as u64);
                    file.write_all(&bytes)?;
                    transfer.position += bytes.len() as u64;
                }
                Err(RecvTimeoutError::Timeout) => {
                    if last_received.elapsed() >= self.patience.request || self.time_left().is_zero() {
                        return Ok(Err(Failure::Silent(last_received.elapsed())));
                    }
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Ok(Err(Failure::Broken("the transfer ended unexpectedly".to_owned())));
                }
            }
            last_received = Instant::now();
            self.report_progress(part, transfer.position);
        }
    }

    fn report_progress(&mut self, part: Part, done: u64) {
        let total = Some(self.remote.file(part).bytes);
        (self.report)(LoadEvent::Downloading { file: part.packed_name(), done, total });
    }

    fn check_sum(&self, part: Part, file: &mut File) -> io::Result<Result<(), Failure>> {
        let expected = self.remote.file(part).sha256;
        file.seek(SeekFrom::Start(0))?;
        let mut sum = Sha256::new();
        let mut bytes = vec![0; 1 << 16];
        loop {
            match file.read(&mut bytes)? {
                0 => break,
                count => sum.update(&bytes[..count]),
            }
        }
        let found: [u8; 32] = sum.finalize().into();
        let [expected_hex, found_hex] = [expected, found].map(|sum| files::hex(&sum));
        Ok(if found == expected { Ok(()) } else { Err(Failure::Sum { expected: expected_hex, found: found_hex }) })
    }

    fn put_in_place(&self, part: Part) -> Result<(), DownloadError> {
        let scratch = self.scratch(part);
        let place = self.folder.join(part.packed_name());
        let rename = || {
            disk::open_own(&scratch, File::options().read(true))?.sync_all()?;
            fs::rename(&scratch, &place)
        };
        rename().map_err(write_error(&place))
    }
}

/// Progress of a transfer.
struct Transfer {
    /// Offset of the next bytes in the file.
    position: u64,
    /// Length of the complete file according to the mirror.
    claimed: Option<u64>,
}

impl Transfer {
    /// Checks whether `bytes` can continue a file of `expected` bytes.
    fn check(&self, bytes: &[u8], expected: u64) -> Result<(), Failure> {
        if self.position == 0 && foreign::looks_like_a_web_page(bytes) {
            return Err(Failure::WebPage);
        }
        let end = self.position + bytes.len() as u64;
        let found = self.claimed.filter(|&length| length != expected).unwrap_or(end);
        if found > expected || self.claimed == Some(found) && found < expected {
            return Err(Failure::Size { expected, found });
        }
        Ok(())
    }
}
