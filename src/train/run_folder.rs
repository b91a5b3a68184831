//! The folder of a run: its name, and the lock that lets only one program at a time write there.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use super::{
    BackgroundRun, Holder, Hyperparameter, Hyperparameters, Value,
    checkpoint::remove_scratch,
    holder::{self, LOCK},
};
use crate::{
    disk,
    format::{file_name, shell_quoted},
};

/// File with the messages that the screen showed during the run.
pub const LOG: &str = "log.txt";

/// Pause between attempts to lock: longer than [`RunFolder::holder`] holds its shared lock.
const RETRY_DELAY: Duration = Duration::from_millis(5);

/// Error when a run's folder cannot be locked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Busy {
    /// Another program is training the run.
    #[error("{}", held(folder, by))]
    Held { folder: PathBuf, by: Holder },
    /// The lock cannot be opened: it belongs to another user, who may be training the run.
    #[error(
        "cannot open {}: another user may be training the run, or has done so; copy the checkpoint to another folder, \
         or remove this lock if nobody is training the run",
        lock.display()
    )]
    Foreign { lock: PathBuf },
    /// Something else has the lock's name and must not be written to.
    #[error(
        "{}: {found}; this name is reserved for the lock that says who trains the run: remove what is there, if no \
         other lenet-monitor is training the run",
        lock.display()
    )]
    NotALock { lock: PathBuf, found: String },
}

impl Busy {
    /// Returns the background run that holds the folder.
    pub fn background_run(&self) -> Option<&BackgroundRun> {
        match self {
            Self::Held { by, .. } => by.background.as_ref(),
            _ => None,
        }
    }
}

/// Returns who trains the run, and what to do.
fn held(folder: &Path, by: &Holder) -> String {
    let path = folder.display();
    let Some(run) = &by.background else {
        return format!("{path} is being trained by {by}; stop it first, or copy the checkpoint to another folder");
    };
    let name = file_name(&run.run);
    let name = shell_quoted(name.as_ref());
    format!(
        "{path} trains in the background (process {}); `lenet-monitor attach {name}` shows it, `lenet-monitor stop \
         {name}` stops it",
        run.process
    )
}

/// Folder of a run, locked against other programs until this is dropped.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    is_created: bool,
    /// `None` before the folder is created, and on a file system without locks.
    lock: Option<File>,
    /// Identity of the folder, which a rename does not change.
    identity: Option<Identity>,
}

impl RunFolder {
    /// Creates a new folder in `checkpoint_dir`, named after time and hyperparameters. If that fails, [`Self::ensure`]
    /// retries.
    pub fn create(checkpoint_dir: &Path, hyper: &Hyperparameters, now: u64) -> (Self, io::Result<()>) {
        let name = timestamp(now) + &parameters(hyper);
        let mut folder = Self { path: checkpoint_dir.join(name), is_created: false, lock: None, identity: None };
        let result = folder.ensure();
        (folder, result)
    }

    /// Locks the folder of an existing run.
    ///
    /// # Errors
    /// If another program holds it.
    pub fn take(path: &Path) -> Result<Self, Busy> {
        Ok(Self { path: path.to_owned(), is_created: true, lock: lock(path)?, identity: identity(path) })
    }

    /// Checks that no other program is training the run in `path`.
    ///
    /// # Errors
    /// If another program is training it.
    pub fn check_free(path: &Path) -> Result<(), Busy> {
        lock(path).map(drop)
    }

    /// Returns the other program that holds the run in `path`, if any. Changes nothing there.
    pub fn holder(path: &Path) -> Option<Holder> {
        let lock = match disk::open_own(&path.join(LOCK), File::options().read(true)) {
            // In a read-only folder the run could not be trained here anyway.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied && may_write(path) => {
                return Some(Holder::FOREIGN);
            }
            lock => lock.ok()?,
        };
        // Shared, so that programs that only look do not block each other.
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

    /// Returns whether the folder is locked, which it never is on a file system without locks.
    pub(super) fn is_locked(&self) -> bool {
        self.lock.is_some()
    }

    /// Moves the lock to a new handle of the same folder.
    pub(super) fn hand_over(&mut self) -> Self {
        Self { path: self.path.clone(), lock: self.lock.take(), ..*self }
    }

    /// Releases the folder, and removes it if nothing was saved in it.
    pub(super) fn abandon(self) {
        let _ = fs::remove_file(self.path.join(LOCK));
        let _ = fs::remove_dir(&self.path);
    }

    /// Returns whether the folder was removed, renamed or replaced after it was created.
    pub fn is_lost(&self) -> bool {
        // Some file systems change a folder's inode number now and then; our process ID in the lock still identifies
        // it.
        let is_known = self.identity.is_some() && self.identity == identity(&self.path);
        self.is_created && !is_known && !holder::is_ours(&self.path)
    }

    /// Creates the folder if that failed before, or if the folder is lost. A folder that has taken its name meanwhile
    /// is left alone.
    ///
    /// # Errors
    /// If the folder still cannot be created.
    pub fn ensure(&mut self) -> io::Result<()> {
        if self.is_created && !self.is_lost() {
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
                    // Otherwise `tidy` of another program removed it as a leftover before the lock was there.
                    if self.path.is_dir() {
                        (self.is_created, self.lock) = (true, lock);
                        self.identity = identity(&self.path);
                        return Ok(());
                    }
                }
            }
        }
    }
}

/// Names the path in the error if there is a file in place of the folder; the system's own message does not.
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

/// Device and inode number, on systems that have them.
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

/// Locks an existing folder. `None` if the folder or its file system does not support locks: training without a lock is
/// better than not training.
fn lock(folder: &Path) -> Result<Option<File>, Busy> {
    let path = folder.join(LOCK);
    // Another program may have deleted the lock file before it was locked here; then lock the new one. The last attempt
    // accepts any file, since not every file system can identify files.
    for is_last in [false, false, true] {
        let file = match open_lock(&path) {
            Ok(file) => file,
            Err(error) => return no_lock(path, &error),
        };
        match with_retries(|| file.try_lock()) {
            Ok(()) if is_last || is_at(&file, &path) => return Ok(Some(claim(file, folder))),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Busy::Held { folder: folder.to_owned(), by: Holder::read(&file) });
            }
            Err(TryLockError::Error(_)) => return Ok(None),
        }
    }
    Ok(None)
}

/// Opens the lock, never through a symbolic link. A read-only lock can still be locked, as in a read-only run.
fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    // Anybody who can open the file, even for reading, can hold the lock: see `share_as_folder`.
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
        return Err(Busy::NotALock { lock: path, found: error.to_string() });
    }
    if error.kind() == io::ErrorKind::PermissionDenied && path.symlink_metadata().is_ok() {
        return Err(Busy::Foreign { lock: path });
    }
    Ok(None)
}

/// Writes this process's ID into the lock, and removes leftover scratch files.
fn claim(mut file: File, folder: &Path) -> File {
    share_as_folder(&file, folder);
    remove_scratch(folder);
    let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
    file
}

/// Lets exactly those users open the lock who may write to the folder: anybody else could hold it and so prevent the
/// run from continuing.
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

/// Retries for a moment: another program may only be looking (see [`RunFolder::holder`]).
fn with_retries(lock: impl Fn() -> Result<(), TryLockError>) -> Result<(), TryLockError> {
    for _ in 0..3 {
        match lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(RETRY_DELAY),
            result => return result,
        }
    }
    lock()
}

/// Maximum number of later hyperparameters that a folder's name lists.
const MAX_LATER: usize = 3;

/// Returns `-relu-adam-0.001-b16`, with later hyperparameters that are not at their default; only their number if there
/// are many.
fn parameters(hyper: &Hyperparameters) -> String {
    use Hyperparameter::{Activation, BatchSize, LearningRate, Network, Optimizer};
    let is_listed = |which: &Hyperparameter| which.is_later() && *which != Network && hyper.mentions(*which);
    let count = Hyperparameter::ALL.iter().filter(|which| is_listed(which)).count();
    let words = Hyperparameter::ALL.iter().filter_map(|&which| match which {
        Activation if !hyper.uses(which) => None,
        Activation | Optimizer | LearningRate => Some(format!("-{}", hyper.get(which))),
        BatchSize => Some(format!("-b{}", hyper.batch_size)),
        Network if hyper.mentions(which) => Some(format!("-{}", hyper.network)),
        _ if count > MAX_LATER || !is_listed(&which) => None,
        _ => Some(match hyper.get(which) {
            Value::Name(name) => format!("-{name}"),
            value => format!("-{}{value}", which.short_name().replace(' ', "-")),
        }),
    });
    let more = if count > MAX_LATER { format!("-and-{count}-more") } else { String::new() };
    words.collect::<String>() + &more
}

/// Returns the name of a run's folder without the hyperparameters that [`RunFolder::create`] appended to the time.
pub fn short_name(name: &str, hyper: &Hyperparameters) -> String {
    match name.split_once(&parameters(hyper)) {
        Some((time, rest)) if !time.is_empty() => format!("{time}{rest}"),
        _ => name.to_owned(),
    }
}

/// Formats seconds since 1970 as `YYYYMMDD-HHMMSS` in UTC.
fn timestamp(seconds: u64) -> String {
    let (days, time) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    format!("{year:04}{month:02}{day:02}-{:02}{:02}{:02}", time / 3600, time / 60 % 60, time % 60)
}

/// Converts days since 1970-01-01 to year, month and day, with Howard Hinnant's `civil_from_days`.
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
    fn folder_names_contain_the_time() {
        assert_eq!(timestamp(0), "19700101-000000");
        assert_eq!(timestamp(951_782_399), "20000228-235959");
        assert_eq!(timestamp(951_782_400), "20000229-000000");
        assert_eq!(timestamp(1_795_518_120), "20261124-110200");
        assert_eq!(timestamp(4_107_542_399), "21000228-235959");
        assert_eq!(timestamp(4_107_542_400), "21000301-000000");
    }

    #[test]
    fn runs_started_in_the_same_second_get_separate_folders() {
        let folder = tempfile::tempdir().unwrap();
        let hyper = Hyperparameters::default();
        let names: Vec<_> = (0..3)
            .map(|_| {
                let (run, created) = RunFolder::create(folder.path(), &hyper, 1_795_518_120);
                created.unwrap();
                run.path().file_name().unwrap().to_string_lossy().into_owned()
            })
            .collect();
        let name = "20261124-110200-relu-adam-0.001-b16";
        assert_eq!(names, [name.to_owned(), format!("{name}-2"), format!("{name}-3")]);
    }

    #[test]
    fn a_folder_in_use_cannot_be_locked_twice() {
        let folder = tempfile::tempdir().unwrap();
        let held = RunFolder::take(folder.path()).unwrap();
        let busy = RunFolder::take(folder.path()).unwrap_err();
        assert!(busy.to_string().contains(&format!("process {}", std::process::id())), "{busy}");
        drop(held);
        RunFolder::check_free(folder.path()).unwrap();
        RunFolder::take(folder.path()).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_created_at_first_is_created_later() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoints = folder.path().join("checkpoints");
        fs::write(&checkpoints, "a file in the way").unwrap();
        let (mut run, created) = RunFolder::create(&checkpoints, &Hyperparameters::default(), 0);
        created.unwrap_err();
        assert!(!run.path().exists());
        fs::remove_file(&checkpoints).unwrap();
        run.ensure().unwrap();
        assert!(run.path().is_dir());
    }
}
