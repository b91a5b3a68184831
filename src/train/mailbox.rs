//! The channel that carries events from the worker to its observer.
//!
//! A newer progress report, evaluation or inspection replaces an older one that was not read, so that an observer that
//! has stopped reading costs no memory and no time. A report adds the batches of the one that it replaces.

use std::{
    collections::VecDeque,
    mem::discriminant,
    sync::{Arc, Mutex, PoisonError},
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::Event;

/// Function that sees each event on the worker's thread, before it is posted. A text that it returns is posted as a note.
pub type Observer = Box<dyn FnMut(&Event) -> Option<String> + Send>;

/// Creates a connected pair.
pub fn mailbox() -> (Outbox, Inbox) {
    let queue = Arc::new(Mutex::new(VecDeque::new()));
    let (bell, ready) = bounded(1);
    (Outbox { queue: queue.clone(), bell, observer: None }, Inbox { queue, ready })
}

/// Sending end, for the worker.
pub struct Outbox {
    queue: Arc<Mutex<VecDeque<Event>>>,
    bell: Sender<()>,
    observer: Option<Mutex<Observer>>,
}

impl Outbox {
    /// Adds a function that sees each event.
    pub(super) fn observed_by(self, observer: Option<Observer>) -> Self {
        Self { observer: observer.map(Mutex::new), ..self }
    }

    /// Adds an event without blocking. Returns whether the receiving end still exists.
    pub fn post(&self, event: Event) -> bool {
        let note = self.observer.as_ref().and_then(|observer| {
            let mut observer = observer.lock().unwrap_or_else(PoisonError::into_inner);
            (*observer)(&event)
        });
        let exists = self.add(event);
        note.map_or(exists, |note| self.post(Event::Note(note)))
    }

    fn add(&self, mut event: Event) -> bool {
        {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            if matches!(event, Event::Progress(_) | Event::Evaluated { .. } | Event::Inspected { .. }) {
                let kind = discriminant(&event);
                let unread = queue.iter().position(|waiting| discriminant(waiting) == kind);
                let unread = unread.and_then(|place| queue.remove(place));
                if let (Event::Progress(progress), Some(Event::Progress(unread))) = (&mut event, &unread)
                    && unread.epoch == progress.epoch
                {
                    progress.add(unread);
                }
            }
            queue.push_back(event);
        }
        self.ring()
    }

    /// Wakes the observer, for something that is no event. Returns whether the receiving end still exists.
    pub fn ring(&self) -> bool {
        !matches!(self.bell.try_send(()), Err(TrySendError::Disconnected(())))
    }
}

/// Receiving end, for the observer.
pub struct Inbox {
    queue: Arc<Mutex<VecDeque<Event>>>,
    ready: Receiver<()>,
}

impl Inbox {
    /// Returns a channel for `select!` that is ready when events are waiting, and disconnected when the worker has
    /// ended.
    pub fn ready(&self) -> &Receiver<()> {
        &self.ready
    }

    /// Returns all waiting events, oldest first.
    pub fn drain(&self) -> Vec<Event> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }

    /// Waits for events. Returns none only when the worker has ended and every event was read.
    pub fn wait(&self) -> Vec<Event> {
        loop {
            let has_ended = self.ready.recv().is_err();
            let events = self.drain();
            if has_ended || !events.is_empty() {
                return events;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Progress;

    fn report(epoch: u32, batches: u32, batch_loss: f64) -> Event {
        Event::Progress(Progress {
            epoch,
            batches,
            batch_loss,
            step: 0,
            steps_per_epoch: 3_750,
            learning_rate: 0.001,
            batch_accuracy: 0.5,
            train_loss: 0.1,
            train_accuracy: 0.9,
            images_per_second: 1.0,
            ms_per_step: 1.0,
            elapsed: 1.0,
            remaining: None,
        })
    }

    #[test]
    fn an_unread_report_is_added_to_the_next_one_of_its_epoch() {
        let (outbox, inbox) = mailbox();
        let posted = |reports: &[(u32, u32, f64)]| {
            for &(epoch, batches, loss) in reports {
                outbox.post(report(epoch, batches, loss));
            }
            let events = inbox.drain();
            let [Event::Progress(progress)] = &events[..] else { panic!("{events:?}") };
            (progress.epoch, progress.batches, progress.batch_loss)
        };
        assert_eq!(posted(&[(1, 30, 0.5), (1, 10, 0.1)]), (1, 40, 0.4));
        assert_eq!(posted(&[(1, 10, 0.25)]), (1, 10, 0.25));
        assert_eq!(posted(&[(1, 10, 9.0), (2, 20, 0.75)]), (2, 20, 0.75));
    }
}
