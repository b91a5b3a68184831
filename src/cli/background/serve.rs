//! The process of a background run: it trains, and lets viewers come and go.

use std::{fs::File, io, path::PathBuf, process, sync::Arc, time::Duration};

use anyhow::bail;
use crossbeam_channel::RecvTimeoutError;

use super::launch::Launched;
use crate::{
    background::{Listener, RuntimeFolder, Served, Server},
    cli::{
        Status,
        output::{notify, write_out},
        signals::Signals,
    },
    data::Dataset,
    disk, format,
    train::{Command, State, Worker},
};

/// How often to look whether the run has begun.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
/// How often to look whether it is over and nobody looks at it.
const BETWEEN_IDLE_LOOKS: Duration = Duration::from_millis(200);

/// Process that can serve a run.
pub(in crate::cli) struct Prepared {
    listener: Listener,
}

impl Prepared {
    /// Leaves the terminal's session, and listens for viewers.
    ///
    /// # Errors
    /// If there is no place for a socket.
    pub(in crate::cli) fn new() -> anyhow::Result<Self> {
        // It fails only for a process that leads a group already.
        let _ = rustix::process::setsid();
        Ok(Self { listener: Listener::bind(&RuntimeFolder::of_user())? })
    }
}

/// Serves the run until it is over and nobody looks at it.
pub(in crate::cli) fn serve(
    prepared: Prepared,
    worker: Worker,
    dataset: Arc<Dataset>,
    loaded_from: Option<PathBuf>,
    signals: &Signals,
) -> anyhow::Result<Status> {
    let served = Served { dataset, loaded_from, max_waiting: None };
    let server = Server::start(prepared.listener, worker, served)?;
    let begins = loop {
        let ended = server.ended().recv_timeout(BETWEEN_LOOKS);
        let run = server.run();
        if !run.as_os_str().is_empty() {
            break announce(run);
        }
        if ended == Err(RecvTimeoutError::Disconnected) {
            let outcome = server.wait();
            bail!("{}", outcome.reason.unwrap_or_else(|| "training stopped unexpectedly".to_owned()));
        }
    };
    // Whoever started it is gone, or does not know that it runs.
    if begins.is_err() {
        let _ = server.commands().send(Command::Stop);
    }
    while server.ended().recv_timeout(BETWEEN_IDLE_LOOKS) == Err(RecvTimeoutError::Timeout) {
        if server.is_idle() {
            let _ = server.commands().send(Command::Stop);
            break;
        }
    }
    let outcome = server.wait();
    if let Some(warning) = outcome.unsaved_warning(true) {
        notify(&warning);
    }
    Ok(match (signals.caught(), outcome.state) {
        (Some(signal), _) => Status::Signal(signal),
        (None, State::Finished | State::Stopped) if outcome.save_error.is_none() => Status::Done,
        _ => Status::Failed,
    })
}

/// Reports that the run trains, and gives up the terminal.
fn announce(run: PathBuf) -> io::Result<()> {
    let run = disk::absolute(&run);
    let line = format::json(&Launched { run, process: process::id() }).map_err(io::Error::other)?;
    write_out(&(line + "\n"))?;
    let nowhere = File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdout(&nowhere)?;
    rustix::stdio::dup2_stderr(&nowhere)?;
    Ok(())
}
