//! The way events take from the worker to its watcher.
//!
//! Progress, evaluations and looks into the network are latest-value: a newer one replaces an older one that nobody read,
//! so that a watcher that has stopped reading costs no memory and no time.

use std::{
    collections::VecDeque,
    mem::discriminant,
    sync::{Arc, Mutex, PoisonError},
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::Event;

/// A connected pair.
pub fn mailbox() -> (Outbox, Inbox) {
    let queue = Arc::new(Mutex::new(VecDeque::new()));
    let (bell, ready) = bounded(1);
    (Outbox { queue: queue.clone(), bell }, Inbox { queue, ready })
}

/// The worker's end.
pub struct Outbox {
    queue: Arc<Mutex<VecDeque<Event>>>,
    bell: Sender<()>,
}

impl Outbox {
    /// Never blocks. Returns whether anybody is there to read.
    pub fn post(&self, event: Event) -> bool {
        {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            if matches!(event, Event::Progress(_) | Event::Evaluated { .. } | Event::Inspected { .. }) {
                let kind = discriminant(&event);
                queue.retain(|waiting| discriminant(waiting) != kind);
            }
            queue.push_back(event);
        }
        !matches!(self.bell.try_send(()), Err(TrySendError::Disconnected(())))
    }
}

/// The watcher's end.
pub struct Inbox {
    queue: Arc<Mutex<VecDeque<Event>>>,
    ready: Receiver<()>,
}

impl Inbox {
    /// Rings when events wait; disconnected when the worker is gone. For `select!`: then take [`Inbox::drain`].
    pub fn ready(&self) -> &Receiver<()> {
        &self.ready
    }

    /// All that waits, oldest first.
    pub fn drain(&self) -> Vec<Event> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }

    /// Waits for events. Empty only when the worker is gone and everything was read.
    pub fn wait(&self) -> Vec<Event> {
        loop {
            let gone = self.ready.recv().is_err();
            let events = self.drain();
            if gone || !events.is_empty() {
                return events;
            }
        }
    }
}
