//! Runs in the background: the one that the screen is attached to, and how the screen's own run becomes one.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use crate::{
    format::{counted, shell_quoted},
    tui::session::{Session, log::Level},
};

/// Background run that the screen is attached to.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Name of the computer that trains the run.
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

/// Returns the command that attaches a screen to the run of this name.
pub(crate) fn attach_command(run: &str) -> String {
    format!("lenet-monitor attach {}", shell_quoted(run.as_ref()))
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

    /// Returns whether the run can continue in the background, or says why not.
    pub(crate) fn may_detach(&mut self) -> bool {
        let reason = if !cfg!(unix) {
            "runs train in the background only on Unix"
        } else if self.sweep.is_under_way() {
            "a sweep is running: stop it first, or let it finish"
        } else if self.live.started.is_none() || !self.live.is_under_way() {
            "the run is over: there is nothing to continue in the background"
        } else {
            return true;
        };
        self.notify(Level::Warn, reason);
        false
    }
}
