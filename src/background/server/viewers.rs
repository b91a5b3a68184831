//! Those who are connected, and what waits for each.

use std::{net::Shutdown, os::unix::net::UnixStream, sync::Arc};

use super::mailbox::{Frame, Kind, Mailbox};
use crate::background::wire::{Request, TO_VIEWER, ToViewer, encode};

pub(super) type ViewerId = u64;

pub(super) struct Viewer {
    pub(super) id: ViewerId,
    pub(super) request: Request,
    pub(super) mailbox: Arc<Mailbox>,
    /// To be shut down when the viewer is let go.
    pub(super) stream: UnixStream,
    /// Bytes that may wait for it.
    pub(super) limit: usize,
}

#[derive(Default)]
pub struct Viewers {
    viewers: Vec<Viewer>,
    next_number: u64,
}

impl Viewers {
    /// Returns a number that was not used before.
    pub(super) fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    /// Returns the number of viewers.
    pub(super) fn count(&self) -> u32 {
        self.viewers.iter().filter(|viewer| is_viewer(viewer.request)).count() as u32
    }

    /// Returns the number of connections, viewers or not.
    pub(super) fn connections(&self) -> usize {
        self.viewers.len()
    }

    /// Returns what a viewer asked for; `None` if it has left.
    pub(super) fn request(&self, viewer: ViewerId) -> Option<Request> {
        self.viewers.iter().find(|other| other.id == viewer).map(|viewer| viewer.request)
    }

    /// Adds a viewer, after what it gets at first was put into its mailbox.
    pub(super) fn join(&mut self, viewer: Viewer) {
        self.viewers.push(viewer);
        self.report();
    }

    pub(super) fn leave(&mut self, viewer: ViewerId) {
        self.viewers.retain(|other| other.id != viewer);
        self.report();
    }

    fn report(&self) {
        let viewers = ToViewer::Viewers(self.count());
        if let Ok(frame) = encode(&viewers, TO_VIEWER) {
            self.deliver(Some(Kind::Viewers), &frame.into(), |viewer| is_viewer(viewer.request));
        }
    }

    /// Sends a frame to all.
    pub(super) fn broadcast(&self, kind: Option<Kind>, frame: &Frame) {
        self.deliver(kind, frame, |_| true);
    }

    /// Sends a frame to one viewer.
    pub(super) fn send(&self, viewer: ViewerId, kind: Option<Kind>, frame: &Frame) {
        self.deliver(kind, frame, |other| other.id == viewer);
    }

    /// Puts a frame into mailboxes. Lets viewers go that take too few.
    fn deliver(&self, kind: Option<Kind>, frame: &Frame, wanted: impl Fn(&Viewer) -> bool) {
        for viewer in self.viewers.iter().filter(|viewer| wanted(viewer)) {
            if !frame.is_empty() && viewer.mailbox.push(kind, Arc::clone(frame)) > viewer.limit {
                viewer.mailbox.discard();
                // Its own thread then removes it.
                let _ = viewer.stream.shutdown(Shutdown::Both);
            }
        }
    }

    /// Closes all connections after what waits for them.
    pub(super) fn close(&self) {
        self.viewers.iter().for_each(|viewer| viewer.mailbox.close());
    }

    /// Closes all connections now.
    pub(super) fn cut(&self) {
        for viewer in &self.viewers {
            let _ = viewer.stream.shutdown(Shutdown::Both);
        }
    }
}

pub(super) fn is_viewer(request: Request) -> bool {
    matches!(request, Request::View | Request::Watch)
}
