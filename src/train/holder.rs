//! What the lock of a run's folder says about the program that trains the run.

use std::{
    fmt,
    fs::File,
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    process,
};

use serde::{Deserialize, Serialize};

use crate::disk;

/// Lock of a run's folder.
pub(super) const LOCK: &str = ".run.lock";

/// Digits of a process ID that version 0.1.0 reads.
const PROCESS_DIGITS: usize = 11;
/// Size limit of a lock: two paths, in JSON.
const MAX_LOCK: u64 = 64 << 10;

/// Program that holds a run's folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// Process ID, if known.
    pub process: Option<u32>,
    /// Present if the run trains in the background.
    pub background: Option<BackgroundRun>,
}

/// Run that trains in the background.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackgroundRun {
    pub process: u32,
    /// Time at which it went into the background, in seconds since 1970.
    pub since: u64,
    /// Version of the program.
    pub version: String,
    /// Where viewers connect.
    pub socket: PathBuf,
    /// Absolute path of the run's folder.
    pub run: PathBuf,
}

impl Holder {
    /// Owner of an unreadable lock, who may not be training the run at all.
    pub(super) const FOREIGN: Self = Self { process: Some(0), background: None };

    /// Reads what another program wrote into the lock.
    pub(super) fn read(lock: &File) -> Self {
        let mut text = String::new();
        let read = lock.take(MAX_LOCK).read_to_string(&mut text);
        read.map_or_else(|_| Self::default(), |_| Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        let process = first.parse().ok().filter(|&process| process > 0);
        let background = serde_json::from_str(rest).ok().filter(|run: &BackgroundRun| Some(run.process) == process);
        Self { process, background }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if *self == Self::FOREIGN {
            return f.write_str("possibly another user");
        }
        f.write_str("another lenet-monitor")?;
        self.process.map_or(Ok(()), |process| write!(f, " (process {process})"))
    }
}

/// Returns whether this process has signed the lock of a run's folder.
pub(super) fn is_ours(folder: &Path) -> bool {
    let text = disk::read_to_string(&folder.join(LOCK));
    text.is_ok_and(|text| Holder::parse(&text).process == Some(process::id()))
}

impl BackgroundRun {
    /// Adds this to the lock of the run's folder, which this process holds. Does nothing if it is there already.
    ///
    /// # Errors
    /// If the lock is another program's, or cannot be written.
    pub fn sign(&self) -> io::Result<()> {
        let mut lock = disk::open_own(&self.run.join(LOCK), File::options().read(true).write(true))?;
        let found = Holder::read(&lock);
        if found.process != Some(self.process) {
            return Err(io::Error::other(format!("expected our own lock, found that of {found}")));
        }
        if found.background.as_ref() == Some(self) {
            return Ok(());
        }
        // Version 0.1.0 reads as many digits and no further.
        let text = format!("{:0PROCESS_DIGITS$}\n{}", self.process, serde_json::to_string(self)?);
        lock.rewind()?;
        // Written over the old text first, since others may read at any moment.
        lock.write_all(text.as_bytes())?;
        lock.set_len(text.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_of_other_versions_and_damaged_ones_are_read_as_far_as_possible() {
        for (text, process) in
            [("12", Some(12)), ("00000000012\n{\"process\":13}", Some(12)), ("", None), ("x\n{}", None)]
        {
            assert_eq!(Holder::parse(text), Holder { process, background: None }, "{text}");
        }
    }
}
