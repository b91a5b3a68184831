//! Frames that wait for a viewer to take them. Newer ones replace those of which only the last counts, as in the
//! trainer's own mailbox, so that a viewer that has stopped costs little memory and no time.

use std::{
    collections::VecDeque,
    mem::{Discriminant, discriminant},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use crate::{sweep::SweepEvent, train::Event};

pub(super) type Frame = Arc<[u8]>;

/// Kind of a frame that a newer one replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Event(Discriminant<Event>),
    /// Status of the run of this number in a sweep.
    Run(usize),
    Sweep(Discriminant<SweepEvent>),
    Viewers,
}

impl Kind {
    /// Returns the kind of an event of which only the last counts.
    pub(super) fn of(event: &Event) -> Option<Self> {
        let is_replaced = matches!(event, Event::Progress(_) | Event::Evaluated { .. } | Event::Inspected { .. });
        is_replaced.then(|| Self::Event(discriminant(event)))
    }

    /// Returns the kind of an event of a sweep: of none does more than the last count.
    pub(super) fn of_sweep(event: &SweepEvent) -> Self {
        match event {
            SweepEvent::Run(number, _) => Self::Run(*number),
            event => Self::Sweep(discriminant(event)),
        }
    }
}

#[derive(Default)]
pub(super) struct Mailbox {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<(Option<Kind>, Frame)>,
    bytes: usize,
    /// No more frames will be added.
    is_closed: bool,
}

impl Mailbox {
    /// Adds a frame without blocking. Returns the number of bytes that wait.
    pub(super) fn push(&self, kind: Option<Kind>, frame: Frame) -> usize {
        let mut queue = self.lock();
        if queue.is_closed {
            return queue.bytes;
        }
        if kind.is_some()
            && let Some(old) = queue.frames.iter().position(|(waiting, _)| *waiting == kind)
            && let Some((_, old)) = queue.frames.remove(old)
        {
            queue.bytes -= old.len();
        }
        queue.bytes += frame.len();
        queue.frames.push_back((kind, frame));
        self.changed.notify_one();
        queue.bytes
    }

    /// Waits for the next frame. `None` once the mailbox is closed and empty.
    pub(super) fn next(&self) -> Option<Frame> {
        let mut queue = self.lock();
        loop {
            if let Some((_, frame)) = queue.frames.pop_front() {
                queue.bytes -= frame.len();
                return Some(frame);
            }
            if queue.is_closed {
                return None;
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Closes the mailbox after the frames that wait.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_one();
    }

    /// Closes the mailbox, and discards what waits.
    pub(super) fn discard(&self) {
        let mut queue = self.lock();
        *queue = Queue { is_closed: true, ..Queue::default() };
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
