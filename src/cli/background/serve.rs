//! The process of a background run or sweep: it trains, and lets viewers come and go.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    process,
    sync::Arc,
    time::Duration,
};

use anyhow::bail;
use crossbeam_channel::RecvTimeoutError;

use super::{args::Observe, launch::Launched};
use crate::{
    background::{Listener, RuntimeFolder, Served, Server, SweepServer},
    cli::{
        Status,
        output::{notify, write_out},
        signals::Signals,
    },
    data::Dataset,
    disk, format,
    sweep::{Sweep, Sweeping, TableStatus},
    train::{State, Worker},
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
        let run = server.place();
        if !run.as_os_str().is_empty() {
            break announce(&Launched { run: disk::absolute(&run), is_sweep: false, process: process::id() }, None);
        }
        if ended == Err(RecvTimeoutError::Disconnected) {
            let outcome = server.wait();
            bail!("{}", outcome.reason.unwrap_or_else(|| "training stopped unexpectedly".to_owned()));
        }
    };
    // Whoever started it is gone, or does not know that it runs.
    if begins.is_err() {
        server.stop();
    }
    while server.ended().recv_timeout(BETWEEN_IDLE_LOOKS) == Err(RecvTimeoutError::Timeout) {
        if server.is_idle() {
            server.stop();
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

/// Serves a sweep while `watch` waits for its end. What `watch` prints goes into a log beside the table.
pub(in crate::cli) fn serve_sweep(
    prepared: Prepared,
    sweep: &Sweep,
    sweeping: Sweeping,
    dataset: Arc<Dataset>,
    loaded_from: Option<PathBuf>,
    watch: impl FnOnce(Observe) -> anyhow::Result<Status>,
) -> anyhow::Result<Status> {
    let served = Served { dataset, loaded_from, max_waiting: None };
    let launched = Launched { run: sweeping.out.clone(), is_sweep: true, process: process::id() };
    let log = sweeping.out.with_extension("log");
    let server = SweepServer::start_sweep(prepared.listener, sweep, sweeping, served)?;
    // Whoever started it is gone, or does not know that it runs.
    if announce(&launched, Some(&log)).is_err() {
        server.stop();
    }
    let mut kept_at_end = TableStatus::default();
    let status = watch(&mut |snapshot, kept| {
        server.report(snapshot);
        if let Some(kept) = kept {
            kept_at_end.clone_from(kept);
        }
    });
    server.end(kept_at_end);
    status
}

/// Reports what trains, and gives up the terminal. Further output goes into the log, if there is one.
fn announce(launched: &Launched, log: Option<&Path>) -> io::Result<()> {
    let line = format::json(launched).map_err(io::Error::other)?;
    write_out(&(line + "\n"))?;
    let nowhere = File::options().read(true).write(true).open("/dev/null")?;
    let log = log.and_then(|log| disk::open_own(log, File::options().append(true).create(true)).ok());
    let output = log.unwrap_or(nowhere);
    rustix::stdio::dup2_stdout(&output)?;
    rustix::stdio::dup2_stderr(&output)?;
    Ok(())
}
