//! The folder in which the background runs of a user have their sockets.

use std::{
    env,
    fs::{self, DirBuilder},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use rustix::process::geteuid;

use crate::disk;

/// Longest path of a socket in bytes; some systems have room for 103.
const MAX_SOCKET: usize = 100;

/// Folder in which the background runs of a user have their sockets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeFolder(PathBuf);

/// Error when a runtime folder cannot be trusted or used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error("{}: expected a folder for the sockets of background runs, found {found}; {REMEDY}", path.display())]
    NotAFolder { path: PathBuf, found: &'static str },
    #[error("{}: expected a folder of user {expected}, found one of user {found}; {REMEDY}", path.display())]
    Foreign { path: PathBuf, expected: u32, found: u32 },
    #[error(
        "{}: expected a folder that only its owner may open (mode 700), found mode {found:o}; chmod 700 it if nobody \
         else has written there, or {REMEDY}",
        path.display()
    )]
    Open { path: PathBuf, found: u32 },
    #[error(
        "{}: expected a path of at most {MAX_SOCKET} bytes for a socket, found one of {found}; set XDG_RUNTIME_DIR to \
         a folder with a shorter path",
        path.display()
    )]
    TooLong { path: PathBuf, found: usize },
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
}

const REMEDY: &str = "remove it, or set XDG_RUNTIME_DIR to another folder";

impl RuntimeFolder {
    /// Uses the given folder.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Returns the folder in which this user's runs listen: `$XDG_RUNTIME_DIR/lenet-monitor`, else
    /// `/tmp/lenet-monitor-UID`.
    pub fn of_user() -> Self {
        Self::in_session().unwrap_or_else(Self::in_tmp)
    }

    /// Returns the folders in which this user's runs may listen: a run started outside of a login session has no
    /// `XDG_RUNTIME_DIR`.
    pub fn all_of_user() -> Vec<Self> {
        Self::in_session().into_iter().chain([Self::in_tmp()]).collect()
    }

    fn in_session() -> Option<Self> {
        let session = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        session.filter(|path| path.is_absolute() && path.is_dir()).map(|path| Self(path.join("lenet-monitor")))
    }

    fn in_tmp() -> Self {
        Self(format!("/tmp/lenet-monitor-{}", geteuid().as_raw()).into())
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Creates the folder if it does not exist, and checks it.
    ///
    /// # Errors
    /// If it cannot be created, or is not a folder that only this user may open.
    pub fn ensure(&self) -> Result<(), Unusable> {
        match DirBuilder::new().mode(0o700).create(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                Err(Unusable::Io { path: self.0.clone(), error })
            }
            _ => self.check(),
        }
    }

    /// Checks that the folder is one that only this user may open.
    ///
    /// # Errors
    /// If it is not, or does not exist.
    pub fn check(&self) -> Result<(), Unusable> {
        let path = self.0.clone();
        let found = fs::symlink_metadata(&path).map_err(|error| Unusable::Io { path: path.clone(), error })?;
        if found.is_symlink() {
            return Err(Unusable::NotAFolder { path, found: "a symbolic link" });
        }
        if !found.is_dir() {
            let found = disk::obstacle(&path).unwrap_or("a file");
            return Err(Unusable::NotAFolder { path, found });
        }
        let (expected, mode) = (geteuid().as_raw(), found.mode() & 0o777);
        if found.uid() != expected {
            return Err(Unusable::Foreign { path, expected, found: found.uid() });
        }
        if mode & 0o077 != 0 {
            return Err(Unusable::Open { path, found: mode });
        }
        Ok(())
    }

    /// Returns the path of a socket.
    ///
    /// # Errors
    /// If it is too long for the system.
    pub(super) fn socket(&self, name: &str) -> Result<PathBuf, Unusable> {
        let path = self.0.join(name).with_extension("sock");
        match path.as_os_str().len() {
            found if found > MAX_SOCKET => Err(Unusable::TooLong { path, found }),
            _ => Ok(path),
        }
    }
}
