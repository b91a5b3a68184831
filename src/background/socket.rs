//! The socket of a background run, and the locked file beside it that says which run it is of: `PID.sock`, `PID.run`.

use std::{
    fs::{self, File, Permissions, TryLockError},
    io::{self, Read, Seek, Write},
    os::unix::{
        fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    process,
    time::{Duration, Instant},
};

use super::runtime::{RuntimeFolder, Unusable};
use crate::{disk, train::BackgroundRun};

/// Time limit for a greeting and a request, in both directions.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);
/// Most sockets of processes with one ID, as from several containers that share the folder.
const MAX_NAMES: u32 = 100;
/// Size limit of the file beside a socket.
const MAX_NOTE: u64 = 64 << 10;

/// Socket on which a background run listens. Dropping it removes the socket.
#[derive(Debug)]
pub struct Listener {
    folder: RuntimeFolder,
    socket: PathBuf,
    listener: UnixListener,
    identity: Option<(u64, u64)>,
    /// Locked as long as the run listens.
    note: File,
}

/// Error when a run cannot listen for viewers.
#[derive(Debug, thiserror::Error)]
pub enum CannotListen {
    #[error(transparent)]
    Folder(#[from] Unusable),
    #[error("cannot listen on {}: {error}", socket.display())]
    Io { socket: PathBuf, error: io::Error },
}

impl Listener {
    /// Listens on a new socket named after this process.
    ///
    /// # Errors
    /// If the folder cannot be used, or the socket cannot be created.
    pub fn bind(folder: &RuntimeFolder) -> Result<Self, CannotListen> {
        folder.ensure()?;
        let process = process::id();
        for number in 1..MAX_NAMES {
            let name = if number == 1 { process.to_string() } else { format!("{process}-{number}") };
            let socket = folder.socket(&name)?;
            let failed = |error| CannotListen::Io { socket: socket.clone(), error };
            let Some(note) = lock(&note_of(&socket)).map_err(failed)? else { continue };
            let listener = listen(&socket).map_err(failed)?;
            let identity = identity(&socket);
            return Ok(Self { folder: folder.clone(), socket, listener, identity, note });
        }
        let error = io::Error::other(format!("{MAX_NAMES} sockets of process {process} are in use"));
        Err(CannotListen::Io { socket: folder.path().to_owned(), error })
    }

    pub fn socket(&self) -> &Path {
        &self.socket
    }

    pub(super) fn listener(&self) -> &UnixListener {
        &self.listener
    }

    /// Returns whether somebody has removed or replaced the socket or the file beside it.
    pub(super) fn is_lost(&self) -> bool {
        self.identity.is_none() || identity(&self.socket) != self.identity || !note_of(&self.socket).exists()
    }

    /// Listens on a new socket.
    pub(super) fn renew(&mut self) -> Result<(), CannotListen> {
        // Its lock would be in the way.
        if note_of(&self.socket).exists() {
            let _ = fs::remove_file(note_of(&self.socket));
        }
        *self = Self::bind(&self.folder)?;
        Ok(())
    }

    /// Writes beside the socket which run it is of.
    pub(super) fn describe(&mut self, run: &BackgroundRun) -> io::Result<()> {
        let text = serde_json::to_vec(run)?;
        self.note.rewind()?;
        self.note.write_all(&text)?;
        self.note.set_len(text.len() as u64)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if identity(&self.socket) == self.identity {
            let _ = fs::remove_file(&self.socket);
            let _ = fs::remove_file(note_of(&self.socket));
        }
    }
}

fn listen(socket: &Path) -> io::Result<UnixListener> {
    match fs::remove_file(socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(socket)?;
    fs::set_permissions(socket, Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::symlink_metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// Returns the file beside a socket.
pub(super) fn note_of(socket: &Path) -> PathBuf {
    socket.with_extension("run")
}

/// Creates and locks the file beside a socket. `None` if another process holds it.
fn lock(path: &Path) -> io::Result<Option<File>> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    loop {
        let note = disk::open_own(path, &mut options)?;
        match note.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
            Ok(()) => {}
        }
        // Otherwise another process has cleaned it up before it was locked.
        let metadata = note.metadata()?;
        if identity(path) == Some((metadata.dev(), metadata.ino())) {
            return Ok(Some(note));
        }
    }
}

/// What a file beside a socket says about the process that wrote it.
pub(super) enum Note {
    /// It holds the lock.
    Alive(Option<BackgroundRun>),
    /// It has ended without removing its files, which are removed now.
    Dead(Option<BackgroundRun>),
}

/// Reads the file beside a socket that nobody answers, and removes both if the process has ended.
pub(super) fn inspect(socket: &Path) -> Note {
    let path = note_of(socket);
    let Ok(mut note) = disk::open_own(&path, File::options().read(true)) else {
        // A process creates this file before its socket.
        let _ = fs::remove_file(socket);
        return Note::Dead(None);
    };
    let is_free = note.try_lock().is_ok();
    let mut text = String::new();
    let read = (&mut note).take(MAX_NOTE).read_to_string(&mut text);
    let run = read.ok().and_then(|_| serde_json::from_str(&text).ok());
    if !is_free {
        return Note::Alive(run);
    }
    let _ = fs::remove_file(socket);
    let _ = fs::remove_file(path);
    Note::Dead(run)
}

/// Returns whether the process at the other end belongs to this user. Where the system does not say, the folder's and the
/// socket's mode has to suffice.
pub(super) fn is_own(stream: &UnixStream) -> bool {
    #[cfg(target_os = "linux")]
    {
        let peer = rustix::net::sockopt::socket_peercred(stream);
        peer.is_ok_and(|peer| peer.uid == rustix::process::geteuid())
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = stream;
        true
    }
}

/// Stream whose reads and writes end at a point in time.
pub(super) struct Timed<'a> {
    stream: &'a UnixStream,
    until: Instant,
}

impl<'a> Timed<'a> {
    pub(super) fn new(stream: &'a UnixStream, patience: Duration) -> Self {
        Self { stream, until: Instant::now() + patience }
    }

    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.left()?)?;
        (&mut &*self.stream).read(buffer).map_err(timed_out)
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(self.left()?)?;
        (&mut &*self.stream).write(buffer).map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A socket's time limit is reported as if it did not block.
fn timed_out(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock { io::ErrorKind::TimedOut.into() } else { error }
}
