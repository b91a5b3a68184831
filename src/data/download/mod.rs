//! The download: from mirrors into the data folder, leaving nothing that passes for a file and is none.
//!
//! Each missing file comes into a scratch file beside its place (`NAME.gz.part`), which a later attempt continues. Once
//! every scratch file has the published size and sum, all are synced and renamed. So an interrupted download leaves scratch
//! files only, and those are never taken for data.

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

/// Downloads those of the four files that `folder` lacks; makes the folder if need be. Files that are there are left alone,
/// whatever they hold.
///
/// # Errors
/// No mirror has a file as expected, nothing came for longer than `patience` allows, or the folder cannot be written to.
/// No file is placed then.
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
    let _lock = lock::take(&mut download)?;
    // Looked for only now: the process that had the lock before may have placed them.
    let missing: Vec<Part> =
        Part::ALL.into_iter().filter(|&part| !matches!(files::find(folder, part), Ok(Some(_)))).collect();
    for &part in &missing {
        download.complete(part)?;
    }
    missing.iter().try_for_each(|&part| download.place(part))?;
    disk::sync_folder(&folder.join(Part::TrainImages.packed_name())).map_err(write_error(folder))
}

fn write_error(path: &Path) -> impl Fn(io::Error) -> DownloadError {
    |cause| DownloadError::Write { path: path.to_owned(), cause }
}

/// Opens a scratch file of ours, to continue what it holds. What is there in its place (a link, a pipe) is removed:
/// nothing is written through it, and nobody waited for.
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
    /// When anything last came from anywhere; at first, when waiting began.
    last_byte: Instant,
    /// The mirror to ask first: the one that did for the file before.
    preferred: usize,
}

impl Download<'_> {
    fn scratch(&self, part: Part) -> PathBuf {
        self.folder.join(format!("{}.part", part.packed_name()))
    }

    /// Brings the scratch file of `part` to its published bytes.
    fn complete(&mut self, part: Part) -> Result<(), DownloadError> {
        let path = self.scratch(part);
        let mut file = open_scratch(&path).map_err(write_error(&path))?;
        let result = self.try_mirrors(part, &mut file);
        if result.is_err() && file.metadata().is_ok_and(|metadata| metadata.len() == 0) {
            // Nothing to continue: leave no litter. If it stays, it does no harm.
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
            if failures[index].as_ref().is_some_and(|failure| !failure.may_pass()) {
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

    /// One request, continuing what the scratch file holds. The outer error is the disk's, the inner one the mirror's.
    fn attempt(&mut self, part: Part, file: &mut File, mirror: &str) -> io::Result<Result<(), Failure>> {
        let expected = self.remote.file(part).bytes;
        let held = file.metadata()?.len();
        if held == expected && self.check_sum(part, file)?.is_ok() {
            return Ok(Ok(()));
        }
        if 0 < held && held < expected {
            match self.request(part, file, mirror, held)? {
                // What was held may be to blame rather than this mirror, so it gets a second chance.
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

    /// Asks for the bytes from `offset` on, and whether the scratch file is whole and right then.
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

    /// Writes what comes into the scratch file, until it ends, fails, nothing comes for too long, or too little.
    fn receive(&mut self, part: Part, file: &mut File, pieces: &Receiver<Piece>) -> io::Result<Result<(), Failure>> {
        let mut pace = Pace::new(self.patience.window, self.patience.least);
        let mut heard = Instant::now();
        let mut transfer = Transfer { position: 0, claimed: None };
        loop {
            if let Some(bytes) = pace.too_few() {
                return Ok(Err(Failure::Slow { bytes, window: self.patience.window }));
            }
            let quiet = self.patience.request.saturating_sub(heard.elapsed()).min(self.time_left());
            match pieces.recv_timeout(quiet.min(pace.next_look())) {
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
                    if heard.elapsed() >= self.patience.request || self.time_left().is_zero() {
                        return Ok(Err(Failure::Silent(heard.elapsed())));
                    }
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Ok(Err(Failure::Broken("the transfer ended unexpectedly".to_owned())));
                }
            }
            heard = Instant::now();
            self.progress(part, transfer.position);
        }
    }

    fn progress(&mut self, part: Part, done: u64) {
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

    fn place(&self, part: Part) -> Result<(), DownloadError> {
        let scratch = self.scratch(part);
        let place = self.folder.join(part.packed_name());
        let rename = || {
            disk::open_own(&scratch, File::options().read(true))?.sync_all()?;
            fs::rename(&scratch, &place)
        };
        rename().map_err(write_error(&place))
    }
}

/// How far an answer has come.
struct Transfer {
    /// Where the next bytes belong.
    position: u64,
    /// The whole file's length, as the mirror has it.
    claimed: Option<u64>,
}

impl Transfer {
    /// Whether `bytes` can be the next of a file of `expected` bytes.
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
