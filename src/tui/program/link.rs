//! Connection of the screen to what works behind it: the worker, the sweep, and functions that start further ones.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use crossbeam_channel::{Receiver, Sender, bounded, never};

use crate::{
    background::wire::Status,
    sweep::{Sweep, SweepCommand, SweepPlan},
    train::{Command, Event, Start, Worker},
    tui::{
        message::{Message, NotWritten, Writing},
        session::attachment::Attachment,
    },
};

/// Function that starts a worker.
pub type StartWorker = Box<dyn Fn(Start) -> Worker + Send>;

/// Function that starts a sweep, which may wait for the disk. It returns messages about the table, too.
pub type StartSweep = Arc<dyn Fn(SweepPlan) -> Result<(Sweep, Vec<String>), String> + Send + Sync>;

/// Function that writes a report or an export. It returns the path of the page, file or folder, or why it failed.
pub type Write = Arc<dyn Fn(&Writing) -> Result<PathBuf, NotWritten> + Send + Sync>;

/// Function that asks the background run behind a socket for its state.
pub type AskStatus = Arc<dyn Fn(&Path) -> Result<Status, String> + Send + Sync>;

/// Function that attaches to the background run behind a socket. It returns what has happened in it, too.
pub type AttachTo = Arc<dyn Fn(&Path) -> Result<(Worker, Attachment, Vec<Event>), String> + Send + Sync>;

/// Functions that reach background runs. Both may wait for seconds.
#[derive(Clone)]
pub struct BackgroundRuns {
    pub status: AskStatus,
    pub attach: AttachTo,
}

/// Connection to the worker and the sweep.
#[derive(Default)]
pub struct Link {
    pub worker: Option<Worker>,
    /// Whether the worker is in another process, which continues when the screen closes.
    pub is_attached: bool,
    /// Starts a worker if the session does not have one yet, or no longer has one.
    pub start: Option<StartWorker>,
    pub sweep: Option<Sweep>,
    /// Whether the sweep is in another process, which continues when the screen closes.
    pub is_sweep_attached: bool,
    /// Starts a sweep after, or without, the first one.
    pub start_sweep: Option<StartSweep>,
    pub write: Option<Write>,
    pub background: Option<BackgroundRuns>,
}

/// A sweep that has started, with messages about its table, or why it could not start.
pub(super) type Started = Result<(Sweep, Vec<String>), String>;

/// A connection to a background run with what has happened in it, or why there is none.
pub(super) type Reached = Result<(Worker, Attachment, Vec<Event>), String>;

impl Link {
    pub fn to(worker: Worker) -> Self {
        Self { worker: Some(worker), ..Self::default() }
    }

    /// Starts a worker and returns its bell, see [`Link::events`].
    pub(super) fn start(&mut self, start: Start) -> Receiver<()> {
        self.is_attached = false;
        self.worker = self.start.as_ref().map(|start_worker| start_worker(start));
        self.events()
    }

    /// Starts a sweep on a thread of its own, and returns where the result arrives.
    pub(super) fn start_sweep(&self, plan: SweepPlan) -> Receiver<Started> {
        let (sender, started) = bounded(1);
        if let Some(start_sweep) = self.start_sweep.clone() {
            thread::spawn(move || drop(sender.send(start_sweep(plan))));
        }
        started
    }

    /// Connects to a background run on a thread of its own, and returns where the result arrives.
    pub(super) fn attach(&self, socket: PathBuf) -> Receiver<Reached> {
        let (sender, reached) = bounded(1);
        if let Some(background) = self.background.clone() {
            thread::spawn(move || drop(sender.send((background.attach)(&socket))));
        }
        reached
    }

    /// Makes a background run the one that is shown. The worker before has ended, or is another background run.
    pub(super) fn take(&mut self, reached: Reached) -> Message {
        Message::Attached(reached.map(|(worker, attachment, recording)| {
            (self.worker, self.is_attached) = (Some(worker), true);
            Box::new((attachment, recording))
        }))
    }

    /// Asks background runs for their states, all at once, on threads of their own. The result is sent to `answers`.
    pub(super) fn ask_statuses(&self, sockets: Vec<PathBuf>, answers: Sender<Message>) {
        let Some(ask) = self.background.as_ref().map(|background| Arc::clone(&background.status)) else { return };
        thread::spawn(move || {
            let ask_one = |socket: &PathBuf| ask(socket);
            let states = thread::scope(|scope| {
                let asking: Vec<_> = sockets.iter().map(|socket| scope.spawn(move || ask_one(socket))).collect();
                let failed = |_| Err("the question failed".into());
                asking.into_iter().map(|asked| asked.join().unwrap_or_else(failed)).collect::<Vec<_>>()
            });
            let _ = answers.send(Message::Statuses(sockets.into_iter().zip(states).collect()));
        });
    }

    /// Writes on a thread of its own. The result is sent to `answers`.
    pub(super) fn write(&self, writing: Writing, answers: Sender<Message>) {
        if let Some(write) = self.write.clone() {
            thread::spawn(move || {
                let written = write(&writing);
                let _ = answers.send(Message::Written(writing, written));
            });
        }
    }

    pub(super) fn send(&self, command: Command) {
        if let Some(worker) = &self.worker {
            let _ = worker.commands.send(command);
        }
    }

    pub(super) fn send_to_sweep(&self, command: SweepCommand) {
        if let Some(sweep) = &self.sweep {
            sweep.send(command);
        }
    }

    /// Returns a channel that receives a message when the worker's events are waiting.
    pub(super) fn events(&self) -> Receiver<()> {
        self.worker.as_ref().map_or_else(never, |worker| worker.events.ready().clone())
    }

    pub(super) fn drain(&self) -> Vec<Event> {
        self.worker.as_ref().map_or_else(Vec::new, |worker| worker.events.drain())
    }

    /// Waits until everything has ended and is saved.
    pub(super) fn wait(&self) {
        if let Some(sweep) = self.sweep.as_ref().filter(|_| !self.is_sweep_attached) {
            let _ = sweep.ended().recv();
        }
        if let Some(worker) = self.worker.as_ref().filter(|_| !self.is_attached) {
            let _ = worker.ended.recv();
        }
    }
}
