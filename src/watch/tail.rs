//! The end of a file that grows, looked at again and again. Nothing here waits for the system to report changes, which
//! network file systems do not do.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::disk;

/// Bytes read at a time.
const CHUNK: usize = 256 << 10;
/// Bytes at the beginning of a file by which its replacement is noticed.
const HEAD: usize = 4 << 10;

/// Length, time of the last change, and number of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    id: Option<(u64, u64)>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { length: metadata.len(), modified: metadata.modified().ok(), id: id(metadata) }
    }
}

#[cfg(unix)]
fn id(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn id(_: &Metadata) -> Option<(u64, u64)> {
    None
}

/// What has become of a file since the last look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Unchanged,
    /// Bytes were read: the next ones, or again those that were not used.
    Read,
    /// The file is another one, or shorter: it is to be read from its beginning.
    Again(Why),
}

/// Why a file is read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    Shorter,
    Replaced,
}

#[derive(Debug)]
pub(super) struct Tail {
    path: PathBuf,
    /// Number of bytes used.
    offset: u64,
    /// Bytes after them.
    buffer: Vec<u8>,
    /// Stamp of the file when its end was reached.
    stamp: Option<Stamp>,
    id: Option<(u64, u64)>,
    head: Vec<u8>,
    length: u64,
}

impl Tail {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            offset: 0,
            buffer: Vec::new(),
            stamp: None,
            id: None,
            head: Vec::new(),
            length: 0,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the bytes that are not used yet.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer
    }

    /// Returns whether the bytes reach to the end of the file.
    pub(super) fn is_at_end(&self) -> bool {
        self.stamp.is_some()
    }

    /// Returns the part of the file that was used, 0 to 1.
    pub(super) fn part(&self) -> f64 {
        if self.length == 0 { 1.0 } else { (self.offset as f64 / self.length as f64).min(1.0) }
    }

    /// Marks bytes as used.
    pub(super) fn advance(&mut self, used: usize) {
        self.offset += used as u64;
        self.buffer.drain(..used);
    }

    /// Drops the bytes that were read, which are read again with the next change.
    pub(super) fn forget(&mut self) {
        self.buffer.clear();
        self.length = 0;
    }

    /// Forgets when the file was looked at last, since it could not be this time.
    pub(super) fn lose(&mut self) {
        self.stamp = None;
        self.buffer.clear();
    }

    /// Begins at the beginning of the file.
    pub(super) fn rewind(&mut self) {
        *self = Self::new(&self.path);
    }

    /// Looks at the file, and reads what is new in it.
    ///
    /// # Errors
    /// If the file is not there or cannot be read.
    pub(super) fn look(&mut self) -> io::Result<Look> {
        let stamp = Stamp::of(&fs::metadata(&self.path)?);
        if self.stamp == Some(stamp) {
            return Ok(Look::Unchanged);
        }
        // Opened again each time: on network file systems that is when the newest contents are fetched.
        let mut file = disk::open(&self.path)?;
        let stamp = Stamp::of(&file.metadata()?);
        if let Some(why) = self.change(&stamp, &mut file)? {
            return Ok(Look::Again(why));
        }
        // What was not used may have been half written.
        if self.stamp.take().is_some() {
            self.buffer.clear();
        }
        self.read(&mut file, stamp)?;
        Ok(Look::Read)
    }

    fn read(&mut self, file: &mut File, stamp: Stamp) -> io::Result<()> {
        let at = self.offset + self.buffer.len() as u64;
        file.seek(SeekFrom::Start(at))?;
        // Bytes that were not used are the beginning of something long.
        let most = CHUNK.max(self.buffer.len());
        file.take(most as u64).read_to_end(&mut self.buffer)?;
        if at == 0 {
            self.head = self.buffer[..self.buffer.len().min(HEAD)].to_vec();
        }
        let end = self.offset + self.buffer.len() as u64;
        (self.id, self.length) = (stamp.id, stamp.length.max(end));
        self.stamp = (end >= stamp.length).then_some(stamp);
        Ok(())
    }

    /// Returns why the file has to be read again, if it does.
    fn change(&self, stamp: &Stamp, file: &mut File) -> io::Result<Option<Why>> {
        if self.id.is_some() && self.id != stamp.id {
            return Ok(Some(Why::Replaced));
        }
        if stamp.length < self.offset {
            return Ok(Some(Why::Shorter));
        }
        // Only what was used must be the same.
        let used = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let mut head = vec![0; self.head.len().min(used)];
        file.read_exact(&mut head)?;
        Ok((head != self.head[..head.len()]).then_some(Why::Replaced))
    }
}
