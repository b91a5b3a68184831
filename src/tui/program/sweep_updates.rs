//! What the loop learns of the sweep.

use crossbeam_channel::{Receiver, never};

use crate::{
    sweep::Sweep,
    tui::{
        app::{App, update},
        message::{Effect, Message},
        program::link::Link,
    },
};

/// The loop's connection to the sweep. Its bell may ring for each step of many runs: the sweep is read once per frame.
pub(super) struct SweepUpdates {
    pub(super) bell: Receiver<()>,
    pub(super) ended: Receiver<()>,
    pub(super) has_changed: bool,
}

impl SweepUpdates {
    pub(super) fn of(link: &Link) -> Self {
        let (bell, ended) = match &link.sweep {
            Some(sweep) => (sweep.bell().clone(), sweep.ended().clone()),
            None => (never(), never()),
        };
        Self { bell, ended, has_changed: false }
    }

    /// Shows the present state of the sweep.
    pub(super) fn update(&self, app: &mut App, link: &Link) -> Vec<Effect> {
        let snapshot = link.sweep.as_ref().map(Sweep::snapshot);
        snapshot.map_or_else(Vec::new, |snapshot| update(app, Message::Sweep(Box::new(snapshot))))
    }

    /// Returns why the last command was refused, if it was.
    pub(super) fn refusal(link: &Link) -> Option<Message> {
        link.sweep.as_ref().and_then(Sweep::take_refusal).map(Message::SweepRefused)
    }
}
