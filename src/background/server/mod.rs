//! The trainer's end: it records what happens, and lets viewers come and go. Nothing that a viewer does or fails to do
//! makes the trainer wait.

mod connection;
mod hub;
mod mailbox;

use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    path::PathBuf,
    process,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crossbeam_channel::{Receiver, Sender};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use self::hub::Hub;
use super::{
    socket::Listener,
    wire::{Status, Welcome},
};
use crate::{
    data::Dataset,
    disk,
    format::sanitized,
    train::{BackgroundRun, Command, Event, Inbox, LastOutcome, Outcome, Worker},
};

/// How often to look whether the socket is still there.
const BETWEEN_LOOKS: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };
/// Time for viewers to take the last events.
const TIME_TO_READ: Duration = Duration::from_secs(2);
/// Pause after a connection could not be accepted, as for lack of file descriptors.
const RETRY_DELAY: Duration = Duration::from_millis(100);
/// Most connections at a time.
const MAX_CONNECTIONS: usize = 500;

/// What a server says about its run.
#[derive(Clone, Debug)]
pub struct Served {
    pub dataset: Arc<Dataset>,
    /// Folder from which the data set was loaded, if it was.
    pub loaded_from: Option<PathBuf>,
    /// Bytes that may wait for a viewer before it is let go. `None`: the default.
    pub max_waiting: Option<usize>,
}

/// Server of a background run. Dropping it stops the run.
pub struct Server {
    shared: Arc<Shared>,
    commands: Sender<Command>,
    ended: Receiver<()>,
    last_outcome: Arc<LastOutcome>,
    /// Threads that distribute events and accept connections, until they have ended.
    threads: Option<(JoinHandle<()>, JoinHandle<()>)>,
}

struct Shared {
    hub: Mutex<Hub>,
    /// Signalled when a viewer has left.
    left: Condvar,
    options: Served,
    host: String,
    since: u64,
    is_closing: AtomicBool,
    connections: AtomicUsize,
    /// Wakes the thread that accepts connections.
    wake: UnixStream,
    socket: Mutex<PathBuf>,
}

impl Server {
    /// Serves the events of a worker to all who connect, and passes their commands on.
    ///
    /// # Errors
    /// If no threads can be started.
    pub fn start(listener: Listener, worker: Worker, served: Served) -> io::Result<Self> {
        let Worker { commands, events, ended, last_outcome } = worker;
        let (wake, woken) = UnixStream::pair()?;
        woken.set_nonblocking(true)?;
        wake.set_nonblocking(true)?;
        let shared = Arc::new(Shared {
            hub: Mutex::new(Hub::new(commands.clone(), Arc::clone(&served.dataset))),
            left: Condvar::new(),
            options: served,
            host: sanitized(&rustix::system::uname().nodename().to_string_lossy()),
            since: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            is_closing: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
            wake,
            socket: Mutex::new(listener.socket().to_owned()),
        });
        let accept = Arc::clone(&shared);
        let accepting = spawn("viewers", move || accept_all(listener, &woken, &accept))?;
        let pumped = Arc::clone(&shared);
        let pump = spawn("events", move || pump(&events, &pumped))?;
        Ok(Self { shared, commands, ended, last_outcome, threads: Some((pump, accepting)) })
    }

    /// Returns the socket, which may be another one after somebody has removed the first.
    pub fn socket(&self) -> PathBuf {
        self.shared.socket.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the run's folder; an empty path before there is a run.
    pub fn run(&self) -> PathBuf {
        self.shared.hub().recording.run().clone()
    }

    /// Returns the channel to the worker.
    pub fn commands(&self) -> &Sender<Command> {
        &self.commands
    }

    /// Returns a channel that is disconnected once the worker has ended and saved its run.
    pub fn ended(&self) -> &Receiver<()> {
        &self.ended
    }

    /// Returns the number of viewers.
    pub fn viewers(&self) -> u32 {
        self.shared.hub().viewers()
    }

    /// Returns whether the run is neither trained nor paused, and nobody is connected.
    pub fn is_idle(&self) -> bool {
        let hub = self.shared.hub();
        !hub.recording.is_under_way() && hub.connections() == 0
    }

    /// Waits until the worker has ended, and for a moment until the viewers know. Removes the socket.
    pub fn wait(mut self) -> Outcome {
        let outcome = self.finish();
        outcome.unwrap_or_else(|| self.last_outcome.outcome())
    }

    fn finish(&mut self) -> Option<Outcome> {
        let (pump, accepting) = self.threads.take()?;
        let _ = pump.join();
        let hub = self.shared.hub();
        self.shared.is_closing.store(true, Ordering::Release);
        hub.close();
        let is_connected = |hub: &mut Hub| hub.connections() > 0;
        let waited = self.shared.left.wait_timeout_while(hub, TIME_TO_READ, is_connected);
        let (hub, _) = waited.unwrap_or_else(PoisonError::into_inner);
        hub.cut();
        let outcome = hub.recording.outcome().cloned();
        drop(hub);
        self.shared.wake();
        let _ = accepting.join();
        outcome
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.threads.is_some() {
            let _ = self.commands.send(Command::Stop);
            self.finish();
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name.into()).spawn(work)
}

/// Records and distributes events until the worker has ended.
fn pump(events: &Inbox, shared: &Shared) {
    loop {
        let batch = events.wait();
        if batch.is_empty() {
            return;
        }
        let moves = batch.iter().any(|event| matches!(event, Event::Started(_) | Event::FolderChanged(_)));
        let mut hub = shared.hub();
        batch.into_iter().for_each(|event| hub.take(event));
        drop(hub);
        if moves {
            shared.wake();
        }
    }
}

/// Accepts connections, and keeps the socket and the run's lock in order.
fn accept_all(mut listener: Listener, mut woken: &UnixStream, shared: &Arc<Shared>) {
    while !shared.is_closing() {
        shared.sign(&mut listener);
        let mut fds = [PollFd::new(listener.listener(), PollFlags::IN), PollFd::new(woken, PollFlags::IN)];
        let _ = poll(&mut fds, Some(&BETWEEN_LOOKS));
        let _ = woken.read(&mut [0; 64]);
        loop {
            match listener.listener().accept() {
                Ok((stream, _)) => host(stream, shared),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => {
                    thread::sleep(RETRY_DELAY);
                    break;
                }
            }
        }
        if listener.is_lost() && listener.renew().is_ok() {
            listener.socket().clone_into(&mut shared.socket.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

/// Serves a connection on a thread of its own, unless there are too many.
fn host(stream: UnixStream, shared: &Arc<Shared>) {
    if shared.connections.fetch_add(1, Ordering::AcqRel) >= MAX_CONNECTIONS || stream.set_nonblocking(false).is_err() {
        shared.connections.fetch_sub(1, Ordering::AcqRel);
        return;
    }
    let served = Arc::clone(shared);
    let serve = move || {
        connection::serve(&stream, &served);
        served.connections.fetch_sub(1, Ordering::AcqRel);
    };
    if spawn("from viewer", serve).is_err() {
        shared.connections.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Shared {
    fn hub(&self) -> MutexGuard<'_, Hub> {
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Acquire)
    }

    fn wake(&self) {
        let _ = (&self.wake).write(&[0]);
    }

    fn leave(&self, viewer: u64) {
        self.hub().leave(viewer);
        self.left.notify_all();
    }

    fn welcome(&self, hub: &Hub, viewers: u32) -> Welcome {
        Welcome {
            process: process::id(),
            host: self.host.clone(),
            run: disk::absolute(hub.recording.run()),
            dataset: self.options.dataset.id.clone(),
            train_images: self.options.dataset.train.len() as u32,
            test_images: self.options.dataset.test.len() as u32,
            loaded_from: self.options.loaded_from.clone().unwrap_or_default(),
            since: self.since,
            viewers,
        }
    }

    fn status(&self) -> Status {
        let hub = self.hub();
        let status = hub.recording.describe(Status {
            run: PathBuf::new(),
            process: process::id(),
            state: None,
            epoch: 0,
            epochs: 0,
            test_accuracy: None,
            dataset: self.options.dataset.id.name.clone(),
            viewers: hub.viewers(),
            since: self.since,
            images_per_second: None,
        });
        Status { run: disk::absolute(&status.run), ..status }
    }

    /// Says in the run's lock, and beside the socket, where the run can be reached. A folder that cannot be written to
    /// is reported by the trainer when it saves.
    fn sign(&self, listener: &mut Listener) {
        let run = self.hub().recording.run().clone();
        let run = BackgroundRun {
            process: process::id(),
            since: self.since,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            socket: listener.socket().to_owned(),
            run: disk::absolute(&run),
        };
        let _ = listener.describe(&run);
        if !run.run.as_os_str().is_empty() {
            let _ = run.sign();
        }
    }
}
