//! The background runs of this user.

use std::{fs, io, path::PathBuf, thread};

use super::{
    client::{CannotAttach, status},
    runtime::{RuntimeFolder, Unusable},
    socket::{self, Note},
    wire::Status,
};
use crate::train::BackgroundRun;

/// Background run that was found by its socket.
#[derive(Debug)]
pub struct Found {
    pub socket: PathBuf,
    /// What the run has written beside its socket, if the run did not answer.
    pub note: Option<BackgroundRun>,
    /// Its state, or why it did not answer. [`CannotAttach::NoRun`]: its process has ended without removing the socket,
    /// which is removed now.
    pub status: Result<Status, CannotAttach>,
}

/// Finds the background runs with sockets in these folders, by the time at which they went into the background. Those
/// that do not answer are listed, and cost no more time than one.
///
/// # Errors
/// If a folder exists and cannot be trusted.
pub fn list(folders: &[RuntimeFolder]) -> Result<Vec<Found>, Unusable> {
    let mut sockets = Vec::new();
    for folder in folders {
        sockets.extend(sockets_in(folder)?);
    }
    let asking: Vec<_> = sockets.into_iter().map(|socket| thread::spawn(move || ask(socket))).collect();
    let mut found: Vec<Found> = asking.into_iter().filter_map(|asked| asked.join().ok()).collect();
    found.sort_by_key(|found| match (&found.status, &found.note) {
        (Ok(status), _) => (status.since, status.process),
        (Err(_), Some(note)) => (note.since, note.process),
        (Err(_), None) => (0, 0),
    });
    Ok(found)
}

fn sockets_in(folder: &RuntimeFolder) -> Result<Vec<PathBuf>, Unusable> {
    match folder.check() {
        Err(Unusable::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        checked => checked?,
    }
    let path = folder.path().to_owned();
    let entries = fs::read_dir(&path).map_err(|error| Unusable::Io { path, error })?;
    let mut sockets: Vec<PathBuf> = entries.flatten().map(|entry| entry.path().with_extension("sock")).collect();
    sockets.sort();
    sockets.dedup();
    Ok(sockets)
}

fn ask(socket: PathBuf) -> Found {
    let status = status(&socket);
    let status = match status {
        Err(error) => error,
        Ok(_) => return Found { socket, note: None, status },
    };
    let (note, status) = match (socket::inspect(&socket), status) {
        (Note::Dead(note), _) => (note, CannotAttach::NoRun { socket: socket.clone() }),
        // It has just begun, or is just ending.
        (Note::Alive(note), CannotAttach::NoRun { socket }) => (note, CannotAttach::Silent { socket }),
        (Note::Alive(note), error) => (note, error),
    };
    Found { socket, note, status: Err(status) }
}
