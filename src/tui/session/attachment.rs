//! Runs and sweeps in the background: the one that the screen is attached to, and how the screen's own becomes one.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use crate::{
    format::{counted, shell_quoted},
    sweep::{Snapshot, SweepCurves},
    tui::session::{Session, log::Level},
};

/// Background run or sweep that the screen is attached to.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Name of the computer that trains it.
    pub host: String,
    /// Process ID of the trainer.
    pub process: u32,
    /// Number of viewers, this one included.
    pub viewers: Arc<AtomicU32>,
    /// Whether commands are refused.
    pub is_watching: bool,
}

impl Attachment {
    /// Returns `attached to HOST, 2 viewers`, and shorter texts for less room.
    pub(crate) fn describe(&self) -> [String; 3] {
        let viewers = counted(self.viewers.load(Ordering::Relaxed), "viewer");
        let (to, short) = if self.is_watching { ("watching", "watching") } else { ("attached to", "attached") };
        [format!("{to} {}, {viewers}", self.host), format!("{short}, {viewers}"), short.to_owned()]
    }
}

/// Returns the command that attaches a screen to the run or sweep of this name.
pub(crate) fn attach_command(name: &str) -> String {
    format!("lenet-monitor attach {}", shell_quoted(name.as_ref()))
}

impl Session {
    /// Returns whether the run is trained by another process, which continues when the screen closes.
    pub(crate) fn is_attached(&self) -> bool {
        self.attachment.is_some() && !self.live.gone
    }

    /// Returns the command that attaches a screen to this run.
    pub fn attach_command(&self) -> String {
        attach_command(&self.live.run_name())
    }

    /// Begins the session with a background sweep, without a run.
    pub(crate) fn recall_sweep(&mut self, attachment: Attachment, snapshot: Snapshot, curves: SweepCurves) {
        self.sweep.attachment = Some(attachment);
        self.sweep.take_snapshot(snapshot);
        self.sweep.recall(curves);
    }

    /// Returns the names of what can continue in the background: the run, the sweep.
    pub(crate) fn detachable(&self) -> [Option<String>; 2] {
        let run = (!self.is_attached() && self.live.is_under_way()).then(|| self.live.run_name());
        [run, self.sweep.name().filter(|_| self.sweep.is_trained_here())]
    }

    /// Returns whether anything can continue in the background, or says why not.
    pub(crate) fn may_detach(&mut self) -> bool {
        let is_starting = self.live.started.is_none() && !self.live.gone;
        let reason = if !cfg!(unix) {
            "runs train in the background only on Unix"
        } else if is_starting || self.detachable() == [None, None] {
            "nothing is trained here: there is nothing to continue in the background"
        } else {
            return true;
        };
        self.notify(Level::Warn, reason);
        false
    }
}
