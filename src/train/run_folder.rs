//! The folder of a run: its name, and that one program at a time writes there.

use std::{
    fmt,
    fs::{self, File, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process, thread,
    time::Duration,
};

use super::{Hyperparameter, Hyperparameters, checkpoint::remove_scratch};
use crate::disk;

pub(super) const LOCK: &str = ".run.lock";
/// What the screen said of a run.
pub const LOG: &str = "log.txt";

/// Bytes of a process's number at most, and one more.
const LONGEST_NUMBER: u64 = 11;

/// Longer than it takes to see whether a folder is held.
const LOOK: Duration = Duration::from_millis(5);

/// Why a run's folder cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Busy {
    /// Another program trains the run.
    #[error("{} is being trained by {by}; stop that one first, or take a copy of the checkpoint elsewhere", folder.display())]
    Held { folder: PathBuf, by: Holder },
    /// The lock may not be opened: it is another user's, who may be training the run.
    #[error(
        "{} may not be opened: another user, it seems, trains the run or did; take a copy of the checkpoint elsewhere, or \
         remove this lock if nobody trains the run",
        lock.display()
    )]
    Foreign { lock: PathBuf },
    /// There is something else in the lock's place, which must not be written to.
    #[error(
        "{}: {found}; this file says who trains the run, and nothing else may have its name: remove what is there, if no \
         other lenet-monitor trains the run",
        lock.display()
    )]
    NoLockFile { lock: PathBuf, found: String },
}

/// Whoever holds a run's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The program, where it is known.
    pub process: Option<u32>,
}

impl Holder {
    /// The owner of a lock that may not be read, who perhaps does not train the run at all.
    const FOREIGN: Self = Self { process: Some(0) };

    /// Reads what another program wrote into the lock.
    fn read(lock: &File) -> Self {
        let mut text = String::new();
        let read = lock.take(LONGEST_NUMBER).read_to_string(&mut text);
        let process = read.ok().and_then(|_| text.parse().ok());
        Self { process: process.filter(|&process| process > 0) }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if *self == Self::FOREIGN {
            return f.write_str("another user, perhaps");
        }
        f.write_str("another lenet-monitor")?;
        self.process.map_or(Ok(()), |process| write!(f, " (process {process})"))
    }
}

/// A run's folder, held against other programs as long as this lives.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// `None` until the folder could be made. Then the lock, where the file system knows such a thing.
    made: Option<Option<File>>,
    /// The folder itself, whatever its name.
    identity: Option<Identity>,
}

impl RunFolder {
    /// A new one in `checkpoint_dir`, named after time and hyperparameters, and made if that can be.
    pub fn create(checkpoint_dir: &Path, hyper: &Hyperparameters, now: u64) -> (Self, io::Result<()>) {
        let name = timestamp(now) + &parameters(hyper);
        let mut folder = Self { path: checkpoint_dir.join(name), made: None, identity: None };
        let result = folder.ensure();
        (folder, result)
    }

    /// That of a run that goes on.
    ///
    /// # Errors
    /// If another program holds it.
    pub fn take(path: &Path) -> Result<Self, Busy> {
        Ok(Self { path: path.to_owned(), made: Some(lock(path)?), identity: identity(path) })
    }

    /// Whether another program trains the run in `path`.
    ///
    /// # Errors
    /// If so.
    pub fn check_free(path: &Path) -> Result<(), Busy> {
        lock(path).map(drop)
    }

    /// The other program that holds the run in `path`, if any. Changes nothing there.
    pub fn holder(path: &Path) -> Option<Holder> {
        let lock = match disk::open_own(&path.join(LOCK), File::options().read(true)) {
            // Nobody asks who trains a run that could not be trained here anyway.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied && may_write(path) => {
                return Some(Holder::FOREIGN);
            }
            lock => lock.ok()?,
        };
        // Shared, so that those who only look do not see each other.
        match lock.try_lock_shared() {
            Err(TryLockError::WouldBlock) => {
                Some(Holder::read(&lock)).filter(|by| by.process != Some(std::process::id()))
            }
            _ => None,
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// No other program can take it meanwhile. Not so on a file system without locks.
    pub(super) fn is_locked(&self) -> bool {
        matches!(self.made, Some(Some(_)))
    }

    /// The same folder with its hold, which this one gives up.
    pub(super) fn hand_over(&mut self) -> Self {
        Self { path: self.path.clone(), made: self.made.as_mut().map(Option::take), identity: self.identity }
    }

    /// Gives the folder up, and removes it if nothing was saved in it.
    pub(super) fn abandon(self) {
        let _ = fs::remove_file(self.path.join(LOCK));
        let _ = fs::remove_dir(&self.path);
    }

    /// Returns whether the folder was made, and has been removed, renamed or replaced since.
    pub fn is_lost(&self) -> bool {
        // Some file systems give a folder another number from time to time: then the lock in it, which we wrote, tells.
        let is_signed =
            || disk::read_to_string(&self.path.join(LOCK)).is_ok_and(|text| text == process::id().to_string());
        self.made.is_some() && (self.identity.is_none() || self.identity != identity(&self.path)) && !is_signed()
    }

    /// Makes a new run's folder where that was not possible so far, or where the folder is lost. Another one that has its name
    /// by now is left alone.
    ///
    /// # Errors
    /// If it is not possible still.
    pub fn ensure(&mut self) -> io::Result<()> {
        if self.made.is_some() && !self.is_lost() {
            return Ok(());
        }
        if let Some(parent) = self.path.parent() {
            expect_folder(parent)?;
            fs::create_dir_all(parent)?;
        }
        let wanted = self.path.clone();
        let mut suffix = 2;
        loop {
            match fs::create_dir(&self.path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && suffix < 10_000 => {
                    let mut name = wanted.clone().into_os_string();
                    name.push(format!("-{suffix}"));
                    self.path = name.into();
                    suffix += 1;
                }
                result => {
                    result?;
                    let lock = lock(&self.path).unwrap_or(None);
                    // Else another program took it for the remainder of a deletion before the lock was there.
                    if self.path.is_dir() {
                        self.made = Some(lock);
                        self.identity = identity(&self.path);
                        return Ok(());
                    }
                }
            }
        }
    }
}

/// The system's own words for a file in a folder's place do not say where it is.
fn expect_folder(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_dir() => {
            let found = disk::obstacle(path).unwrap_or("a file");
            let text =
                format!("{}: expected a folder, found {found}; name another with --checkpoint-dir", path.display());
            Err(io::Error::new(io::ErrorKind::NotADirectory, text))
        }
        _ => Ok(()),
    }
}

/// Device and inode, where the system has such numbers.
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(folder: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(folder).ok().filter(fs::Metadata::is_dir)?;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(folder: &Path) -> Option<Identity> {
    folder.is_dir().then_some((0, 0))
}

/// Takes the lock on a folder that exists; `None` where the folder or its file system does not allow for one: training
/// without is better than not at all.
fn lock(folder: &Path) -> Result<Option<File>, Busy> {
    let path = folder.join(LOCK);
    // Somebody who removed the run may have had it first: what is locked then has no name any more. Not for ever, since not
    // every file system knows a file again.
    for is_last in [false, false, true] {
        let file = match open_lock(&path) {
            Ok(file) => file,
            Err(error) => return no_lock(path, &error),
        };
        match patiently(|| file.try_lock()) {
            Ok(()) if is_last || is_at(&file, &path) => return Ok(Some(sign(file, folder))),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Busy::Held { folder: folder.to_owned(), by: Holder::read(&file) });
            }
            Err(TryLockError::Error(_)) => return Ok(None),
        }
    }
    Ok(None)
}

/// Opens the lock, never through a link. Who may not write it may still lock it, as in a run that was made read-only.
fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    // Whoever may open it, if only for reading, can hold the lock: see `share_as_folder`.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match disk::open_own(path, &mut options) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            disk::open_own(path, File::options().read(true)).map_err(|_| error)
        }
        opened => opened,
    }
}

fn no_lock(path: PathBuf, error: &io::Error) -> Result<Option<File>, Busy> {
    if disk::is_refusal(error) {
        return Err(Busy::NoLockFile { lock: path, found: error.to_string() });
    }
    if error.kind() == io::ErrorKind::PermissionDenied && path.symlink_metadata().is_ok() {
        return Err(Busy::Foreign { lock: path });
    }
    Ok(None)
}

/// Says in the lock who has it, and puts the folder in order.
fn sign(mut file: File, folder: &Path) -> File {
    share_as_folder(&file, folder);
    remove_scratch(folder);
    let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
    file
}

/// Lets those open the lock who may write the folder, and nobody else: they could hold it, and so keep the run from going
/// on.
#[cfg(unix)]
fn share_as_folder(lock: &File, folder: &Path) {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let (Ok(lock_is), Ok(folder_is)) = (lock.metadata(), fs::metadata(folder)) else { return };
    let group = folder_is.mode() & 0o020 != 0 && folder_is.gid() == lock_is.gid();
    let others = folder_is.mode() & 0o002 != 0;
    let mode = 0o600 | if group { 0o060 } else { 0 } | if others { 0o006 } else { 0 };
    if lock_is.mode() & 0o777 != mode {
        let _ = lock.set_permissions(fs::Permissions::from_mode(mode));
    }
}

#[cfg(not(unix))]
fn share_as_folder(_: &File, _: &Path) {}

#[cfg(unix)]
fn may_write(folder: &Path) -> bool {
    rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
fn may_write(_: &Path) -> bool {
    true
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    file.metadata().map(place).ok() == path.symlink_metadata().map(place).ok()
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// Tries again for a moment: somebody may only be looking (see [`RunFolder::holder`]).
fn patiently(lock: impl Fn() -> Result<(), TryLockError>) -> Result<(), TryLockError> {
    for _ in 0..3 {
        match lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(LOOK),
            result => return result,
        }
    }
    lock()
}

/// `-relu-adam-0.001-b16`, and later hyperparameters where they are not the default
fn parameters(hyper: &Hyperparameters) -> String {
    use Hyperparameter::{Activation, BatchSize, LearningRate, Optimizer};
    let words = Hyperparameter::ALL.iter().filter_map(|&which| match which {
        Activation | Optimizer | LearningRate => Some(format!("-{}", hyper.get(which))),
        BatchSize => Some(format!("-b{}", hyper.batch_size)),
        _ if which.is_later() && hyper.mentions(which) => Some(format!("-{}{}", which.short_name(), hyper.get(which))),
        _ => None,
    });
    words.collect()
}

/// Returns the name of a run's folder without the hyperparameters that [`RunFolder::create`] put behind the time.
pub fn short_name(name: &str, hyper: &Hyperparameters) -> String {
    match name.split_once(&parameters(hyper)) {
        Some((time, rest)) if !time.is_empty() => format!("{time}{rest}"),
        _ => name.to_owned(),
    }
}

/// `YYYYMMDD-HHMMSS` in UTC.
fn timestamp(seconds: u64) -> String {
    let (days, time) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    format!("{year:04}{month:02}{day:02}-{:02}{:02}{:02}", time / 3600, time / 60 % 60, time % 60)
}

/// Year, month and day, so many days after 1970-01-01, after Howard Hinnant's `civil_from_days`.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_time() {
        assert_eq!(timestamp(0), "19700101-000000");
        assert_eq!(timestamp(951_782_399), "20000228-235959");
        assert_eq!(timestamp(951_782_400), "20000229-000000");
        assert_eq!(timestamp(1_795_518_120), "20261124-110200");
        assert_eq!(timestamp(4_107_542_399), "21000228-235959");
        assert_eq!(timestamp(4_107_542_400), "21000301-000000");
    }

    #[test]
    fn runs_of_the_same_second_have_folders_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let hyper = Hyperparameters::default();
        let names: Vec<_> = (0..3)
            .map(|_| {
                let (run, made) = RunFolder::create(folder.path(), &hyper, 1_795_518_120);
                made.unwrap();
                run.path().file_name().unwrap().to_string_lossy().into_owned()
            })
            .collect();
        let name = "20261124-110200-relu-adam-0.001-b16";
        assert_eq!(names, [name.to_owned(), format!("{name}-2"), format!("{name}-3")]);
    }

    #[test]
    fn a_folder_in_use_is_not_taken_twice() {
        let folder = tempfile::tempdir().unwrap();
        let held = RunFolder::take(folder.path()).unwrap();
        let busy = RunFolder::take(folder.path()).unwrap_err();
        assert!(busy.to_string().contains(&format!("process {}", std::process::id())), "{busy}");
        drop(held);
        RunFolder::check_free(folder.path()).unwrap();
        RunFolder::take(folder.path()).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_at_first_is_made_later() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoints = folder.path().join("checkpoints");
        fs::write(&checkpoints, "a file in the way").unwrap();
        let (mut run, made) = RunFolder::create(&checkpoints, &Hyperparameters::default(), 0);
        made.unwrap_err();
        assert!(!run.path().exists());
        fs::remove_file(&checkpoints).unwrap();
        run.ensure().unwrap();
        assert!(run.path().is_dir());
    }
}
