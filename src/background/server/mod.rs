//! The trainer's end: it records what happens, and lets viewers come and go. Nothing that a viewer does or fails to do
//! makes the trainer wait.

mod connection;
mod hub;
mod mailbox;
mod subject;
mod sweep;
mod viewers;

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

use crossbeam_channel::Receiver;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use self::{hub::RunHub, subject::Subject, sweep::SweepHub, viewers::ViewerId};
use super::{
    socket::Listener,
    wire::{Status, TO_VIEWER, TestImage, ToViewer, Welcome, encode},
};
use crate::{
    data::Dataset,
    disk,
    format::sanitized,
    train::{BackgroundRun, Event, Inbox, Outcome, Worker},
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

/// Server of a background run, or of a sweep. Dropping it stops what it serves.
pub struct Server<S: Subject = RunHub> {
    shared: Arc<Shared<S>>,
    /// Disconnected once what is served has ended and is saved.
    ended: Receiver<()>,
    /// Thread that accepts connections, until it has ended.
    accepting: Option<JoinHandle<()>>,
    /// Thread that distributes the events of a run.
    pump: Option<JoinHandle<()>>,
}

/// Server of a background sweep.
pub type SweepServer = Server<SweepHub>;

struct Shared<S> {
    hub: Mutex<S>,
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
        let mut server = Self::of(listener, RunHub::new(commands, last_outcome), ended, served)?;
        let pumped = Arc::clone(&server.shared);
        server.pump = Some(spawn("events", move || pump(&events, &pumped))?);
        Ok(server)
    }

    /// Waits until the worker has ended, and for a moment until the viewers know. Removes the socket.
    pub fn wait(mut self) -> Outcome {
        self.finish();
        self.shared.hub().outcome()
    }
}

impl<S: Subject> Server<S> {
    fn of(listener: Listener, subject: S, ended: Receiver<()>, served: Served) -> io::Result<Self> {
        let (wake, woken) = UnixStream::pair()?;
        woken.set_nonblocking(true)?;
        wake.set_nonblocking(true)?;
        let shared = Arc::new(Shared {
            hub: Mutex::new(subject),
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
        Ok(Self { shared, ended, accepting: Some(accepting), pump: None })
    }

    /// Returns the socket, which may be another one after somebody has removed the first.
    pub fn socket(&self) -> PathBuf {
        self.shared.socket.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the run's folder or the sweep's table; an empty path before there is one.
    pub fn place(&self) -> PathBuf {
        self.shared.hub().place()
    }

    /// Stops what is served, after a save.
    pub fn stop(&self) {
        self.shared.hub().stop();
    }

    /// Returns a channel that is disconnected once what is served has ended and is saved.
    pub fn ended(&self) -> &Receiver<()> {
        &self.ended
    }

    /// Returns the number of viewers.
    pub fn viewers(&self) -> u32 {
        self.shared.hub().viewers().count()
    }

    /// Returns whether nothing is trained or paused, and nobody is connected.
    pub fn is_idle(&self) -> bool {
        let hub = self.shared.hub();
        !hub.is_under_way() && hub.viewers().connections() == 0
    }

    fn finish(&mut self) {
        let Some(accepting) = self.accepting.take() else { return };
        match self.pump.take() {
            Some(pump) => drop(pump.join()),
            None => drop(self.ended.recv()),
        }
        let hub = self.shared.hub();
        self.shared.is_closing.store(true, Ordering::Release);
        hub.viewers().close();
        let is_connected = |hub: &mut S| hub.viewers().connections() > 0;
        let waited = self.shared.left.wait_timeout_while(hub, TIME_TO_READ, is_connected);
        let (hub, _) = waited.unwrap_or_else(PoisonError::into_inner);
        hub.viewers().cut();
        drop(hub);
        self.shared.wake();
        let _ = accepting.join();
    }
}

impl<S: Subject> Drop for Server<S> {
    fn drop(&mut self) {
        if self.accepting.is_some() {
            self.stop();
            self.finish();
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name.into()).spawn(work)
}

/// Records and distributes events until the worker has ended.
fn pump(events: &Inbox, shared: &Shared<RunHub>) {
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
fn accept_all<S: Subject>(mut listener: Listener, mut woken: &UnixStream, shared: &Arc<Shared<S>>) {
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
fn host<S: Subject>(stream: UnixStream, shared: &Arc<Shared<S>>) {
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

impl<S: Subject> Shared<S> {
    fn hub(&self) -> MutexGuard<'_, S> {
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Acquire)
    }

    fn wake(&self) {
        let _ = (&self.wake).write(&[0]);
    }

    fn leave(&self, viewer: u64) {
        let mut hub = self.hub();
        hub.forget(viewer);
        hub.viewers_mut().leave(viewer);
        drop(hub);
        self.left.notify_all();
    }

    /// Sends test images to a viewer that does not have the data set.
    fn send_images(&self, viewer: ViewerId, indices: &[u32]) {
        let images = ToViewer::Images(TestImage::of(&self.options.dataset, indices));
        if let Ok(frame) = encode(&images, TO_VIEWER) {
            self.hub().viewers().send(viewer, None, &frame.into());
        }
    }

    fn welcome(&self, hub: &S, viewers: u32) -> Welcome {
        Welcome {
            process: process::id(),
            host: self.host.clone(),
            run: disk::absolute(&hub.place()),
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
        let status = hub.describe(Status {
            run: PathBuf::new(),
            process: process::id(),
            state: None,
            epoch: 0,
            epochs: 0,
            test_accuracy: None,
            dataset: self.options.dataset.id.name.clone(),
            viewers: hub.viewers().count(),
            since: self.since,
            images_per_second: None,
            sweep: None,
        });
        Status { run: disk::absolute(&status.run), ..status }
    }

    /// Says in the run's lock, and beside the socket, where the run can be reached. A folder that cannot be written to
    /// is reported by the trainer when it saves.
    fn sign(&self, listener: &mut Listener) {
        let run = self.hub().place();
        let run = BackgroundRun {
            process: process::id(),
            since: self.since,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            socket: listener.socket().to_owned(),
            run: disk::absolute(&run),
        };
        let _ = listener.describe(&run);
        // A sweep's table has a lock of its own.
        if !run.run.as_os_str().is_empty() {
            let _ = run.sign();
        }
    }
}
