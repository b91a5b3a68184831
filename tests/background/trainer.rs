//! A run in the background of the test itself, and viewers of it.

use std::{
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use lenet_monitor::{
    background::{
        Attached, Listener, RuntimeFolder, Served, Server, attach, status,
        wire::{Greeting, Request, TO_TRAINER, TO_VIEWER, ToViewer, decode, encode, read_frame},
    },
    data::Dataset,
    nn::Engine,
    train::{Event, Hyperparameters, RunSpec, Start, Started, Worker, WorkerOptions},
};
use tempfile::TempDir;

use crate::common::{
    runs::{bars, spec},
    watch::Watch,
};

/// Nothing takes so long on any machine that works.
const PATIENCE: Duration = Duration::from_secs(120);

pub struct Trainer {
    pub server: Server,
    pub dataset: Arc<Dataset>,
    pub folder: TempDir,
}

impl Trainer {
    /// An endless run on a small data set.
    pub fn start() -> Self {
        Self::with(None, |spec| spec)
    }

    pub fn with(max_waiting: Option<usize>, change: impl Fn(RunSpec) -> RunSpec) -> Self {
        let (dataset, folder) = (bars(200, 60), tempfile::tempdir().unwrap());
        let hyper = Hyperparameters { epochs: Hyperparameters::MAX_EPOCHS, ..Hyperparameters::default() };
        let start = Start::New(Box::new(change(spec(&dataset, hyper))));
        let listener = Listener::bind(&RuntimeFolder::at(folder.path().join("run"))).unwrap();
        let options = WorkerOptions { checkpoint_dir: folder.path().join("checkpoints"), engine: Engine::new(1) };
        let worker = Worker::spawn(Arc::clone(&dataset), start, options);
        let served = Served { dataset: Arc::clone(&dataset), loaded_from: Some("/data".into()), max_waiting };
        let server = Server::start(listener, worker, served).unwrap();
        until("a start", || !status(&server.socket()).unwrap().run.as_os_str().is_empty());
        Self { server, dataset, folder }
    }

    pub fn socket(&self) -> PathBuf {
        self.server.socket()
    }

    pub fn runtime(&self) -> RuntimeFolder {
        RuntimeFolder::at(self.folder.path().join("run"))
    }

    pub fn view(&self) -> Viewer {
        Viewer::of(attach(&self.socket(), Request::View).unwrap())
    }

    pub fn request(&self, request: Request) -> Viewer {
        Viewer::of(attach(&self.socket(), request).unwrap())
    }
}

pub struct Viewer {
    pub welcome: lenet_monitor::background::wire::Welcome,
    pub recording: Vec<Event>,
    pub viewers: Arc<std::sync::atomic::AtomicU32>,
    pub watch: Watch,
}

impl Viewer {
    pub fn of(attached: Attached) -> Self {
        let viewers = attached.viewers();
        let Attached { welcome, recording, worker, .. } = attached;
        Self { welcome, recording, viewers, watch: Watch::of(worker) }
    }

    pub fn started(&self) -> Started {
        let started = self.recording.iter().find_map(|event| match event {
            Event::Started(started) => Some((**started).clone()),
            _ => None,
        });
        started.expect("a start was recorded")
    }
}

/// Waits until something holds.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < PATIENCE, "{what} never happens");
        thread::sleep(Duration::from_millis(2));
    }
}

/// A connection after the greeting and the request, with all that was sent to it still unread.
pub fn connection(socket: &Path, request: Request) -> UnixStream {
    let mut stream = UnixStream::connect(socket).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    Greeting::own().write(&mut stream).unwrap();
    assert_eq!(Greeting::read(&mut stream).unwrap(), Greeting::own());
    std::io::Write::write_all(&mut stream, &encode(&request, TO_TRAINER).unwrap()).unwrap();
    stream
}

/// The next message; `None` at the end of the connection.
pub fn next(stream: &mut UnixStream) -> Option<ToViewer> {
    let payload = read_frame(stream, TO_VIEWER).unwrap()?;
    Some(decode(&payload).unwrap())
}
