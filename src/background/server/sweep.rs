//! What connects a sweep and its viewers.

use std::{io, path::PathBuf};

use super::{
    Served, SweepServer,
    mailbox::{Frame, Kind},
    subject::Subject,
    viewers::{ViewerId, Viewers},
};
use crate::{
    background::{
        socket::Listener,
        wire::{Request, Status, SweepStatus, TO_VIEWER, ToTrainer, ToViewer, encode},
    },
    sweep::{RunStatus, Snapshot, Sweep, SweepCommand, SweepCurves, SweepEvent, Sweeping, TableStatus},
    train::State,
};

/// A sweep as last reported, and its viewers.
pub struct SweepHub {
    sweep: Sweep,
    sweeping: Sweeping,
    snapshot: Snapshot,
    curves: SweepCurves,
    viewers: Viewers,
}

impl SweepServer {
    /// Serves a sweep to all who connect, and passes their commands on. They learn what is reported.
    ///
    /// # Errors
    /// If no threads can be started.
    pub fn start_sweep(listener: Listener, sweep: &Sweep, sweeping: Sweeping, served: Served) -> io::Result<Self> {
        let snapshot = sweep.snapshot();
        let (curves, viewers) = (SweepCurves::default(), Viewers::default());
        let hub = SweepHub { sweep: sweep.clone(), sweeping, snapshot, curves, viewers };
        Self::of(listener, hub, sweep.ended().clone(), served)
    }

    /// Reports the present state of the sweep.
    pub fn report(&self, snapshot: &Snapshot) {
        self.shared.hub().report(snapshot);
    }

    /// Reports the rows that are in the table at the end of the sweep. Waits for a moment until the viewers know, and
    /// removes the socket.
    pub fn end(mut self, kept: TableStatus) {
        let mut hub = self.shared.hub();
        hub.sweeping.out.clone_from(&kept.path);
        hub.send_all(&SweepEvent::Table(Box::new(kept)));
        drop(hub);
        self.finish();
    }
}

impl SweepHub {
    fn report(&mut self, snapshot: &Snapshot) {
        for event in snapshot.events_since(&self.snapshot) {
            self.send_all(&event);
        }
        self.curves.take(snapshot);
        self.snapshot.clone_from(snapshot);
    }

    fn send_all(&self, event: &SweepEvent) {
        if self.viewers.connections() > 0 {
            self.viewers.broadcast(Some(Kind::of_sweep(event)), &frame_of(event.clone()));
        }
    }

    fn follow(&self, viewer: ViewerId, request: Request, command: SweepCommand) {
        if request == Request::Watch {
            let refused = "this viewer only watches; attach without --watch to change the sweep".to_owned();
            let refused = SweepEvent::Refused(refused);
            self.viewers.send(viewer, Some(Kind::of_sweep(&refused)), &frame_of(refused));
        } else if command != SweepCommand::Interrupt {
            // Only the process that sweeps can know that it ends.
            self.sweep.send(command);
        }
    }
}

impl Subject for SweepHub {
    fn viewers(&self) -> &Viewers {
        &self.viewers
    }

    fn viewers_mut(&mut self) -> &mut Viewers {
        &mut self.viewers
    }

    fn everything(&self, _request: Request) -> Vec<Frame> {
        let events = self.snapshot.events(self.sweeping.clone(), &self.curves);
        events.into_iter().map(frame_of).collect()
    }

    fn obey(&mut self, viewer: ViewerId, message: ToTrainer) {
        if let (Some(request), ToTrainer::Sweep(command)) = (self.viewers.request(viewer), message) {
            self.follow(viewer, request, command);
        }
    }

    fn is_under_way(&self) -> bool {
        !self.snapshot.is_over
    }

    fn place(&self) -> PathBuf {
        self.sweeping.out.clone()
    }

    fn describe(&self, status: Status) -> Status {
        let snapshot = &self.snapshot;
        let count = |which: fn(&RunStatus) -> bool| snapshot.count(which) as u32;
        let ended = count(|run| matches!(run, RunStatus::Ended(_)));
        let dropped = count(|run| matches!(run, RunStatus::Dropped));
        Status {
            run: self.place(),
            state: Some(state(snapshot)),
            epoch: snapshot.epochs_done(),
            epochs: snapshot.epochs(),
            test_accuracy: snapshot.best().and_then(|row| row.accuracy),
            images_per_second: (!snapshot.is_paused).then(|| snapshot.images_per_second()).flatten(),
            sweep: Some(SweepStatus { ended, runs: snapshot.runs.len() as u32 - dropped }),
            ..status
        }
    }

    fn stop(&self) {
        self.sweep.send(SweepCommand::Stop);
    }
}

fn state(snapshot: &Snapshot) -> State {
    match snapshot {
        _ if !snapshot.is_over && snapshot.is_paused => State::Paused,
        _ if !snapshot.is_over => State::Training,
        _ if snapshot.is_complete() => State::Finished,
        _ if snapshot.fault.is_some() => State::Failed,
        _ => State::Stopped,
    }
}

/// Encodes an event; empty if it is too long.
fn frame_of(event: SweepEvent) -> Frame {
    encode(&ToViewer::Sweep(event), TO_VIEWER).unwrap_or_default().into()
}
