//! The handle of a sweep, whose threads may be those of this process or of another one.
//!
//! A bell notifies the observer, who then reads a [`Snapshot`]: nothing is queued, so an observer that does not read
//! costs nothing.

use std::{fmt::Debug, sync::Arc};

use crossbeam_channel::Receiver;

use super::{
    snapshot::{Snapshot, SweepCommand},
    table_status::TableStatus,
};

/// What stands behind a [`Sweep`].
pub trait Sweeper: Debug + Send + Sync {
    fn snapshot(&self) -> Snapshot;

    fn send(&self, command: SweepCommand);

    /// Restores rows that others removed from the table, and checks it.
    fn check_table(&self) -> TableStatus;

    /// Takes the messages about the table: its state when opened, and changes by others.
    fn take_notes(&self) -> Vec<String>;

    /// Takes the reason for which the last command was refused, if it was.
    fn take_refusal(&self) -> Option<String> {
        None
    }
}

/// Sweep in progress.
#[derive(Clone, Debug)]
pub struct Sweep {
    sweeper: Arc<dyn Sweeper>,
    bell: Receiver<()>,
    ended: Receiver<()>,
}

impl Sweep {
    /// Returns the handle of what is behind it. `bell` is ready when the snapshot has changed, and `ended` is
    /// disconnected once the sweep has ended.
    pub fn of(sweeper: Arc<dyn Sweeper>, bell: Receiver<()>, ended: Receiver<()>) -> Self {
        Self { sweeper, bell, ended }
    }

    /// Returns a channel that is ready when the snapshot has changed.
    pub fn bell(&self) -> &Receiver<()> {
        &self.bell
    }

    /// Returns a channel that is disconnected once all threads have ended.
    pub fn ended(&self) -> &Receiver<()> {
        &self.ended
    }

    pub fn snapshot(&self) -> Snapshot {
        self.sweeper.snapshot()
    }

    pub fn send(&self, command: SweepCommand) {
        self.sweeper.send(command);
    }

    /// Restores rows that others removed from the table, and checks it.
    pub fn check_table(&self) -> TableStatus {
        self.sweeper.check_table()
    }

    /// Takes the messages about the table: its state when opened, and changes by others.
    pub fn take_notes(&self) -> Vec<String> {
        self.sweeper.take_notes()
    }

    /// Takes the reason for which the last command was refused, if it was.
    pub fn take_refusal(&self) -> Option<String> {
        self.sweeper.take_refusal()
    }
}
