//! The viewer's end: what arrives looks like the events of a worker in this process.

mod sweep;

use std::{
    io::{self, BufReader, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use crossbeam_channel::{Receiver, bounded, never, select, unbounded};
use rustix::{
    io::Errno,
    net::{AddressFamily, SocketAddrUnix, SocketType, connect, socket},
};

pub use self::sweep::{AttachedSweep, attach_to_sweep};
use super::{
    socket::{PATIENCE, Timed, is_own},
    wire::{
        FrameError, Greeting, Request, Status, TO_TRAINER, TO_VIEWER, ToTrainer, ToViewer, Welcome, decode, encode,
        read_frame,
    },
};
use crate::{
    data::RemoteImages,
    format::file_name,
    train::{Checkpoint, Event, LastOutcome, Outbox, Outcome, SaveKind, SavedCheckpoint, State, Worker, mailbox},
};

/// Time limit for everything that happened so far.
const RECORDING_PATIENCE: Duration = Duration::from_secs(10);

/// Error when a background run cannot be reached.
#[derive(Debug, thiserror::Error)]
pub enum CannotAttach {
    /// Nobody listens.
    #[error("{}: nothing trains in the background there", socket.display())]
    NoRun { socket: PathBuf },
    #[error(
        "{}: the run has not answered within {} s; it may be stopped (kill -CONT {} continues it) or the computer \
         overloaded",
        socket.display(),
        PATIENCE.as_secs(),
        process_of(socket)
    )]
    Silent { socket: PathBuf },
    #[error(
        "{}: the run is trained by lenet-monitor {} (wire {}), this is {} (wire {}); attach by the program that trains \
         it, as with /proc/{}/exe attach, or stop the run and resume it with this one",
        socket.display(), theirs.version, theirs.wire, ours.version, ours.wire, process_of(socket)
    )]
    OtherVersion { socket: PathBuf, ours: Greeting, theirs: Greeting },
    #[error("{}: another user's process listens there", socket.display())]
    Foreign { socket: PathBuf },
    #[error("{}: {error}", socket.display())]
    Wire { socket: PathBuf, error: FrameError },
    #[error("{}: expected {expected}, found another message", socket.display())]
    Unexpected { socket: PathBuf, expected: &'static str },
}

/// Returns the process ID in a socket's name, `4711.sock` or `4711-2.sock`.
fn process_of(socket: &Path) -> String {
    let name = file_name(&socket.with_extension(""));
    name.split('-').next().unwrap_or_default().to_owned()
}

/// Connection to a background run.
pub struct Attached {
    pub welcome: Welcome,
    /// What has happened before, in order; empty for [`Request::Control`].
    pub recording: Vec<Event>,
    /// What happens from now on, as from a worker in this process. Dropping it does not stop the run.
    pub worker: Worker,
    /// Test images, which come from the trainer when they are looked at.
    pub images: Arc<RemoteImages>,
    viewers: Arc<AtomicU32>,
}

impl Attached {
    /// Returns the number of viewers, this one included.
    pub fn viewers(&self) -> Arc<AtomicU32> {
        Arc::clone(&self.viewers)
    }
}

/// Connects to a background run.
///
/// # Errors
/// If nobody listens on `socket`, or does not answer, or does not speak this version's language.
pub fn attach(socket: &Path, request: Request) -> Result<Attached, CannotAttach> {
    let mut recording = Vec::new();
    let expected = "the events of a run so far";
    let connection = connect_to(socket, request, expected, |message| match message {
        ToViewer::Event(event) => {
            recording.push(event);
            true
        }
        _ => false,
    })?;
    let Connection { stream, welcome, shared, requests } = connection;
    let (images, viewers) = (Arc::clone(&shared.images), Arc::clone(&shared.viewers));
    let mut observed = Observed::new(socket, welcome.process);
    recording.iter().for_each(|event| observed.see(event));
    let worker = start(stream, observed, shared, requests).map_err(|error| at(socket)(error.into()))?;
    Ok(Attached { welcome, recording, worker, images, viewers })
}

/// Connection after what has happened so far.
struct Connection {
    stream: UnixStream,
    welcome: Welcome,
    shared: Shared,
    /// Requests for images.
    requests: Receiver<Vec<u32>>,
}

/// Connects, and passes what has happened so far to `take`, which returns whether it is as expected.
fn connect_to(
    socket: &Path,
    request: Request,
    expected: &'static str,
    mut take: impl FnMut(ToViewer) -> bool,
) -> Result<Connection, CannotAttach> {
    let stream = greet(socket, request)?;
    let wire = at(socket);
    let unexpected = |expected| CannotAttach::Unexpected { socket: socket.to_owned(), expected };
    let ToViewer::Welcome(welcome) = read(&mut Timed::new(&stream, PATIENCE)).map_err(&wire)? else {
        return Err(unexpected("a welcome"));
    };
    let mut timed = Timed::new(&stream, RECORDING_PATIENCE);
    let viewers = Arc::new(AtomicU32::new(welcome.viewers));
    loop {
        match read(&mut timed).map_err(&wire)? {
            ToViewer::Viewers(number) => viewers.store(number, Ordering::Relaxed),
            ToViewer::Recorded => break,
            message => {
                if !take(message) {
                    return Err(unexpected(expected));
                }
            }
        }
    }
    let unlimited = stream.set_read_timeout(None).and_then(|()| stream.set_write_timeout(None));
    unlimited.map_err(|error| wire(error.into()))?;
    let (images, requests) = RemoteImages::new(welcome.train_images, welcome.test_images);
    Ok(Connection { stream, welcome: *welcome, shared: Shared { images, viewers }, requests })
}

/// Asks a background run for its state.
///
/// # Errors
/// As [`attach`].
pub fn status(socket: &Path) -> Result<Status, CannotAttach> {
    let stream = greet(socket, Request::Status)?;
    match read(&mut Timed::new(&stream, PATIENCE)).map_err(at(socket))? {
        ToViewer::Status(status) => Ok(*status),
        _ => Err(CannotAttach::Unexpected { socket: socket.to_owned(), expected: "a status" }),
    }
}

fn at(socket: &Path) -> impl Fn(FrameError) -> CannotAttach {
    let socket = socket.to_owned();
    move |error| match error {
        FrameError::Io(error) if error.kind() == io::ErrorKind::TimedOut => {
            CannotAttach::Silent { socket: socket.clone() }
        }
        error => CannotAttach::Wire { socket: socket.clone(), error },
    }
}

/// Connects, exchanges greetings and sends the request.
fn greet(socket: &Path, request: Request) -> Result<UnixStream, CannotAttach> {
    let stream = open(socket)?;
    if !is_own(&stream) {
        return Err(CannotAttach::Foreign { socket: socket.to_owned() });
    }
    let failed = |error: io::Error| at(socket)(error.into());
    let mut timed = Timed::new(&stream, PATIENCE);
    let ours = Greeting::own();
    // If the other end has closed already, what it said first still arrives.
    let written = ours.write(&mut timed);
    let theirs = Greeting::read(&mut timed).map_err(failed)?;
    if theirs.wire != ours.wire {
        return Err(CannotAttach::OtherVersion { socket: socket.to_owned(), ours, theirs });
    }
    let request = encode(&request, TO_TRAINER).map_err(at(socket))?;
    written.and_then(|()| timed.write_all(&request)).map_err(failed)?;
    Ok(stream)
}

/// Connects without waiting for a process that accepts no more connections.
fn open(path: &Path) -> Result<UnixStream, CannotAttach> {
    let failed = |error: Errno| match error {
        Errno::NOENT | Errno::CONNREFUSED => CannotAttach::NoRun { socket: path.to_owned() },
        Errno::AGAIN => CannotAttach::Silent { socket: path.to_owned() },
        error => at(path)(io::Error::from(error).into()),
    };
    let address = SocketAddrUnix::new(path).map_err(failed)?;
    let fd = socket(AddressFamily::UNIX, SocketType::STREAM, None).map_err(failed)?;
    rustix::io::fcntl_setfd(&fd, rustix::io::FdFlags::CLOEXEC).map_err(failed)?;
    let stream = UnixStream::from(fd);
    let blocking = |is_blocking: bool| stream.set_nonblocking(!is_blocking).map_err(|error| at(path)(error.into()));
    blocking(false)?;
    connect(&stream, &address).map_err(failed)?;
    blocking(true)?;
    Ok(stream)
}

fn read(from: &mut impl io::Read) -> Result<ToViewer, FrameError> {
    let payload = read_frame(from, TO_VIEWER)?;
    decode(&payload.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?)
}

/// What arrives beside the events.
struct Shared {
    images: Arc<RemoteImages>,
    viewers: Arc<AtomicU32>,
}

impl Shared {
    fn take(&self, message: ToViewer) {
        match message {
            ToViewer::Viewers(number) => self.viewers.store(number, Ordering::Relaxed),
            ToViewer::Images(images) => {
                self.images.receive(images.into_iter().map(|image| (image.index, (image.label, image.pixels))));
            }
            _ => {}
        }
    }
}

/// Starts the threads behind a worker's channels.
fn start(stream: UnixStream, observed: Observed, shared: Shared, requests: Receiver<Vec<u32>>) -> io::Result<Worker> {
    let (commands, inbox) = unbounded();
    let (outbox, events) = mailbox();
    let (alive, ended) = bounded(0);
    let (outbox, last_outcome) = (Arc::new(outbox), Arc::new(LastOutcome::default()));
    let (sending, errors) = (stream.try_clone()?, Arc::downgrade(&outbox));
    let refuse = move |reason| {
        if let Some(outbox) = errors.upgrade() {
            outbox.post(Event::Refused { reason });
        }
    };
    spawn_sender(sending, inbox, requests, ToTrainer::Command, refuse)?;
    let outcome = Arc::clone(&last_outcome);
    outcome.set(observed.outcome.clone());
    thread::Builder::new().name("from trainer".into()).spawn(move || {
        let _alive = alive;
        receive(&stream, observed, &outbox, &outcome, &shared);
    })?;
    Ok(Worker { commands, events, ended, last_outcome })
}

/// Starts a thread that sends commands and requests for images until nobody gives any more commands, and then closes the
/// connection. Those that cannot be sent are refused.
fn spawn_sender<C: Send + 'static>(
    mut stream: UnixStream,
    commands: Receiver<C>,
    mut requests: Receiver<Vec<u32>>,
    message: fn(C) -> ToTrainer,
    refuse: impl Fn(String) + Send + 'static,
) -> io::Result<()> {
    let send = move || {
        loop {
            let message = select! {
                recv(commands) -> command => match command {
                    Ok(command) => message(command),
                    Err(_) => break,
                },
                recv(requests) -> indices => match indices {
                    Ok(indices) => ToTrainer::Images(indices),
                    Err(_) => {
                        requests = never();
                        continue;
                    }
                },
            };
            match encode(&message, TO_TRAINER) {
                Ok(frame) => drop(stream.write_all(&frame)),
                Err(error) => refuse(error.to_string()),
            }
        }
        let _ = stream.shutdown(Shutdown::Both);
    };
    thread::Builder::new().name("to trainer".into()).spawn(send).map(drop)
}

/// Reads messages until the connection ends. Returns why, unless it just ended.
fn read_all(stream: &UnixStream, mut take: impl FnMut(ToViewer)) -> Option<String> {
    let mut reader = BufReader::with_capacity(TO_TRAINER, stream);
    let mut farewell = None;
    let error = loop {
        match read(&mut reader) {
            Ok(ToViewer::Farewell(reason)) => farewell = Some(reason),
            Ok(message) => take(message),
            Err(error) => break error,
        }
    };
    let _ = stream.shutdown(Shutdown::Both);
    let is_end = matches!(error, FrameError::Io(_) | FrameError::Truncated { .. });
    farewell.or_else(|| (!is_end).then(|| error.to_string()))
}

/// Says that the connection to what `process` trains, a run or a sweep, has ended before that has.
fn lost(socket: &Path, process: u32, reason: Option<String>, what: &str, remedy: &str) -> String {
    match (reason, status(socket)) {
        (Some(reason), _) => format!("{reason}; the {what} may continue in process {process}"),
        (None, Ok(_)) => format!(
            "the trainer has closed the connection, because this viewer took too little of what it was sent; the \
             {what} continues in process {process}"
        ),
        (None, Err(_)) => format!("process {process}, which trained the {what}, is gone; {remedy}"),
    }
}

/// Posts events until the connection ends, and then, unless the run has ended, why.
fn receive(stream: &UnixStream, mut observed: Observed, outbox: &Outbox, last_outcome: &LastOutcome, shared: &Shared) {
    let reason = read_all(stream, |message| match message {
        ToViewer::Event(event) => {
            observed.see(&event);
            last_outcome.set(observed.outcome.clone());
            outbox.post(event);
        }
        message => {
            shared.take(message);
            outbox.ring();
        }
    });
    if !observed.is_over {
        let outcome = observed.lost(reason);
        last_outcome.set(outcome.clone());
        outbox.post(Event::State(outcome.state));
        outbox.post(Event::Ended(Box::new(outcome)));
    }
}

/// What is known of the run if the connection ends.
struct Observed {
    socket: PathBuf,
    process: u32,
    outcome: Outcome,
    saved: Option<PathBuf>,
    /// Whether the run has ended, so that nothing is missing if no more events come.
    is_over: bool,
}

impl Observed {
    fn new(socket: &Path, process: u32) -> Self {
        let outcome = LastOutcome::default().outcome();
        Self { socket: socket.to_owned(), process, outcome, saved: None, is_over: false }
    }

    fn see(&mut self, event: &Event) {
        match event {
            Event::Started(_) => *self = Self::new(&self.socket, self.process),
            Event::State(state) => {
                self.is_over &= !state.is_running();
                self.outcome.state = *state;
            }
            Event::EpochEnded(record) => {
                self.outcome.epochs = record.epoch;
                (self.outcome.test_loss, self.outcome.test_accuracy) =
                    (Some(record.test_loss), Some(record.test_accuracy));
            }
            Event::Saved { kind: SaveKind::Last | SaveKind::ByHand, path } => self.saved = Some(path.clone()),
            Event::Ended(outcome) => {
                self.is_over = true;
                self.outcome = (**outcome).clone();
            }
            _ => {}
        }
    }

    /// Returns the outcome of a connection that has ended while the run had not, as far as this viewer knows.
    fn lost(&self, reason: Option<String>) -> Outcome {
        let remedy = "the newest checkpoint can be resumed";
        let reason = lost(&self.socket, self.process, reason, "run", remedy);
        let kept = self.saved.as_ref().and_then(|path| {
            let position = Checkpoint::read(path).ok()?.position;
            Some(SavedCheckpoint::new(path.clone(), &position))
        });
        Outcome { state: State::Failed, reason: Some(reason), kept, ..self.outcome.clone() }
    }
}
