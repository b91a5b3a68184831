//! The background thread that trains.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::{
    Command, Event, Inbox, LastOutcome, Observer, Outbox, Outcome, Start, State, WorkerOptions, mailbox,
    session::Session,
};
use crate::data::Dataset;

/// Handle of a worker thread, with its command and event channels.
pub struct Worker {
    /// Dropping it is equivalent to [`Command::Stop`].
    pub commands: Sender<Command>,
    pub events: Inbox,
    /// Disconnected once the worker has ended and saved its run.
    pub ended: Receiver<()>,
    /// Latest known outcome of the run.
    pub last_outcome: Arc<LastOutcome>,
}

impl Worker {
    /// Starts the thread. Errors in it, panics included, are reported as events.
    pub fn spawn(dataset: Arc<Dataset>, start: Start, options: WorkerOptions) -> Self {
        Self::spawn_observed(dataset, start, options, None)
    }

    /// As [`Self::spawn`], with a function that sees each event.
    pub fn spawn_observed(
        dataset: Arc<Dataset>,
        start: Start,
        options: WorkerOptions,
        observer: Option<Observer>,
    ) -> Self {
        let engine = options.engine.clone();
        Self::spawn_with(observer, move |commands, outbox, last_outcome| {
            engine.host(|| match Session::begin(dataset, start, options, outbox, last_outcome) {
                Ok(session) => session.run(commands),
                Err(reason) => fail(outbox, last_outcome, reason),
            });
        })
    }

    /// Returns a worker that has failed for this reason.
    pub fn failed(reason: &str) -> Self {
        let reason = reason.to_owned();
        Self::spawn_with(None, move |_, outbox, last_outcome| fail(outbox, last_outcome, reason))
    }

    /// Starts a thread that does `work`, and reports a panic in it.
    fn spawn_with(
        observer: Option<Observer>,
        work: impl FnOnce(&Receiver<Command>, &Outbox, &LastOutcome) + Send + 'static,
    ) -> Self {
        let (commands, inbox) = unbounded();
        let (outbox, events) = mailbox();
        let outbox = Arc::new(outbox.observed_by(observer));
        let (alive, ended) = bounded(0);
        let last_outcome = Arc::new(LastOutcome::default());
        let (worker_outbox, worker_outcome) = (Arc::clone(&outbox), Arc::clone(&last_outcome));
        let thread = thread::Builder::new().name("trainer".into()).spawn(move || {
            // Dropped last, when everything is saved.
            let _alive = alive;
            let result = catch_unwind(AssertUnwindSafe(|| work(&inbox, &worker_outbox, &worker_outcome)));
            if let Err(panic) = result {
                fail(&worker_outbox, &worker_outcome, format!("the trainer panicked: {}", panic_message(&*panic)));
            }
            drop(worker_outbox);
        });
        if let Err(error) = thread {
            fail(&outbox, &last_outcome, format!("cannot start a thread for the trainer: {error}"));
        }
        Self { commands, events, ended, last_outcome }
    }
}

fn fail(outbox: &Outbox, last_outcome: &LastOutcome, reason: String) {
    outbox.post(Event::State(State::Failed));
    let outcome = Outcome { state: State::Failed, reason: Some(reason), ..last_outcome.outcome() };
    outbox.post(Event::Ended(Box::new(outcome)));
}

/// Returns the message of a panic.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::SavedCheckpoint;

    fn kept() -> SavedCheckpoint {
        SavedCheckpoint { path: "last.ckpt".into(), epoch: 3, step: 0 }
    }

    #[test]
    fn a_panic_is_reported_with_the_saved_checkpoint() {
        let worker = Worker::spawn_with(None, |_, outbox, last_outcome| {
            outbox.post(Event::State(State::Training));
            last_outcome.set(Outcome {
                state: State::Training,
                reason: None,
                epochs: 3,
                test_loss: Some(0.5),
                test_accuracy: Some(0.9),
                kept: Some(kept()),
                save_error: None,
            });
            let empty: [u8; 0] = [];
            let place = last_outcome.outcome().epochs as usize;
            outbox.post(Event::Note(format!("never posted: {}", empty[place])));
        });
        let _ = worker.ended.recv();
        let events = worker.events.drain();
        let [Event::State(State::Training), Event::State(State::Failed), Event::Ended(outcome)] = &events[..] else {
            panic!("{events:?}");
        };
        assert_eq!(outcome.state, State::Failed);
        let reason = outcome.reason.as_ref().unwrap();
        assert!(reason.contains("index out of bounds"), "{reason}");
        assert_eq!((outcome.epochs, outcome.kept.clone()), (3, Some(kept())));
        assert!(worker.events.wait().is_empty(), "another event followed");
    }
}
