//! A worker under a test's eyes.

use std::{
    collections::VecDeque,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use crossbeam_channel::RecvTimeoutError;
use lenet_monitor::{
    data::Dataset,
    nn::Engine,
    train::{Checkpoint, Command, Event, Outcome, RunSpec, Start, Started, State, Worker, WorkerOptions},
};

/// Nothing takes so long on any machine that works.
const PATIENCE: Duration = Duration::from_secs(120);

pub struct Watch {
    pub worker: Worker,
    waiting: VecDeque<Event>,
}

impl Watch {
    pub fn start(dataset: &Arc<Dataset>, start: Start, checkpoint_dir: &Path) -> Self {
        let options = WorkerOptions { checkpoint_dir: checkpoint_dir.to_owned(), engine: Engine::new(1) };
        Self::of(Worker::spawn(Arc::clone(dataset), start, options))
    }

    pub fn of(worker: Worker) -> Self {
        Self { worker, waiting: VecDeque::new() }
    }

    /// A new run.
    pub fn train(dataset: &Arc<Dataset>, spec: RunSpec, checkpoint_dir: &Path) -> Self {
        Self::start(dataset, Start::New(Box::new(spec)), checkpoint_dir)
    }

    /// The run kept at `path` goes on.
    pub fn resume(dataset: &Arc<Dataset>, path: &Path, checkpoint_dir: &Path) -> Self {
        let checkpoint = Box::new(Checkpoint::read(path).unwrap());
        Self::start(dataset, Start::Resume { checkpoint, path: path.to_owned() }, checkpoint_dir)
    }

    pub fn send(&self, command: Command) {
        self.worker.commands.send(command).unwrap();
    }

    /// The next event; `None` when the worker is gone and all was read.
    pub fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            let rung = self.worker.events.ready().recv_timeout(PATIENCE);
            assert_ne!(rung, Err(RecvTimeoutError::Timeout), "the worker says nothing more");
            self.waiting.extend(self.worker.events.drain());
            if rung.is_err() && self.waiting.is_empty() {
                return None;
            }
        }
    }

    /// Reads on until `pick` finds what it wants.
    pub fn until<T>(&mut self, what: &str, pick: impl Fn(Event) -> Option<T>) -> T {
        let (mut seen, since) = (Vec::new(), Instant::now());
        while let Some(event) = self.next() {
            assert!(since.elapsed() < PATIENCE, "no {what}: {seen:?}");
            seen.push(name(&event));
            if let Some(found) = pick(event) {
                return found;
            }
        }
        panic!("the worker ended without {what}: {seen:?}");
    }

    pub fn until_state(&mut self, state: State) {
        self.until(state.name(), |event| (event == Event::State(state)).then_some(()));
    }

    pub fn until_started(&mut self) -> Started {
        self.until("a start", |event| if let Event::Started(started) = event { Some(*started) } else { None })
    }

    pub fn until_ended(&mut self) -> Outcome {
        self.until("an end", |event| if let Event::Ended(outcome) = event { Some(*outcome) } else { None })
    }

    pub fn until_refused(&mut self) -> String {
        self.until("a refusal", |event| if let Event::Refused { reason } = event { Some(reason) } else { None })
    }

    /// Saves by hand and reads what was saved.
    pub fn saved(&mut self) -> Checkpoint {
        self.send(Command::Save);
        let path = self.until("a checkpoint saved by hand", |event| match event {
            Event::Saved { kind: lenet_monitor::train::SaveKind::ByHand, path } => Some(path),
            _ => None,
        });
        Checkpoint::read(&path).unwrap()
    }

    /// Stops the worker; its last words.
    pub fn stop(mut self) -> Vec<Event> {
        let _ = self.worker.commands.send(Command::Stop);
        let _ = self.worker.ended.recv();
        std::iter::from_fn(|| self.next()).collect()
    }
}

/// Long events by their name only.
fn name(event: &Event) -> String {
    match event {
        Event::Progress(_) => "Progress".into(),
        Event::Evaluated { .. } => "Evaluated".into(),
        Event::Started(_) => "Started".into(),
        Event::EpochEnded(_) => "EpochEnded".into(),
        Event::Health(_) => "Health".into(),
        event => format!("{event:?}"),
    }
}
