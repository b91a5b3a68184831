//! The folder of a run: its name, and that one program at a time writes there.

use std::{
    fmt,
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use super::{Hyperparameters, checkpoint::remove_scratch};

pub(super) const LOCK: &str = ".run.lock";
/// What the screen said of a run.
pub const LOG: &str = "log.txt";

/// Longer than it takes to see whether a folder is held.
const LOOK: Duration = Duration::from_millis(5);

/// Another program trains the run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is being trained by {by}; stop that one first, or take a copy of the checkpoint elsewhere", folder.display())]
pub struct Busy {
    pub folder: PathBuf,
    by: Holder,
}

/// The program that holds a run's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Where it is known.
    pub process: Option<u32>,
}

impl Holder {
    /// Of what another program wrote into the lock.
    fn read(lock: &Path) -> Self {
        Self { process: fs::read_to_string(lock).ok().and_then(|text| text.parse().ok()) }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
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
        let name = format!(
            "{}-{}-{}-{}-b{}",
            timestamp(now),
            hyper.activation,
            hyper.optimizer,
            hyper.learning_rate,
            hyper.batch_size
        );
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
        let path = path.join(LOCK);
        // Shared, so that those who only look do not see each other.
        match File::open(&path).ok()?.try_lock_shared() {
            Err(TryLockError::WouldBlock) => {
                Some(Holder::read(&path)).filter(|by| by.process != Some(std::process::id()))
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
        self.made.is_some() && (self.identity.is_none() || self.identity != identity(&self.path))
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
        self.made = None;
        if let Some(parent) = self.path.parent() {
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
                result => break result?,
            }
        }
        self.made = Some(lock(&self.path).unwrap_or(None));
        self.identity = identity(&self.path);
        Ok(())
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

/// The lock on a folder that exists; `None` where the folder or its file system does not allow for one: training without
/// is better than not at all.
fn lock(folder: &Path) -> Result<Option<File>, Busy> {
    let path = folder.join(LOCK);
    let Ok(mut file) = File::options().read(true).write(true).create(true).truncate(false).open(&path) else {
        return Ok(None);
    };
    match patiently(|| file.try_lock()) {
        Ok(()) => {
            remove_scratch(folder);
            let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
            Ok(Some(file))
        }
        Err(TryLockError::WouldBlock) => Err(Busy { folder: folder.to_owned(), by: Holder::read(&path) }),
        Err(TryLockError::Error(_)) => Ok(None),
    }
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
