//! What a server serves: a run or a sweep.

use std::path::PathBuf;

use super::{
    mailbox::Frame,
    viewers::{ViewerId, Viewers},
};
use crate::background::wire::{Request, Status, ToTrainer};

/// What is trained in the background, with those who look at it.
pub trait Subject: Send + 'static {
    fn viewers(&self) -> &Viewers;

    fn viewers_mut(&mut self) -> &mut Viewers;

    /// Passes on what was held back.
    fn settle(&mut self) {}

    /// Returns what somebody with this request gets at first.
    fn everything(&self, request: Request) -> Vec<Frame>;

    /// Passes on a viewer's message, or refuses it.
    fn obey(&mut self, viewer: ViewerId, message: ToTrainer);

    /// Forgets what a viewer has asked.
    fn forget(&mut self, _viewer: ViewerId) {}

    /// Returns whether there are enough messages to follow for now.
    fn is_busy(&self) -> bool {
        false
    }

    /// Returns whether it is trained, or would be if it were not paused; also before its first report.
    fn is_under_way(&self) -> bool;

    /// Returns the run's folder or the sweep's table; an empty path before there is one.
    fn place(&self) -> PathBuf;

    /// Fills in what is known of a status.
    fn describe(&self, status: Status) -> Status;

    /// Ends it, after a save.
    fn stop(&self);
}
