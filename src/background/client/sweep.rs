//! A background sweep, as if its threads were those of this process.

use std::{
    mem,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicU32},
    thread,
};

use crossbeam_channel::{Sender, bounded, unbounded};

use super::{CannotAttach, Connection, Shared, at, connect_to, lost, read_all, spawn_sender};
use crate::{
    background::wire::{Request, ToTrainer, ToViewer, Welcome},
    data::RemoteImages,
    sweep::{RunStatus, Snapshot, Sweep, SweepCommand, SweepCurves, SweepEvent, Sweeper, Sweeping, TableStatus},
};

/// Connection to a background sweep.
pub struct AttachedSweep {
    pub welcome: Welcome,
    pub sweeping: Sweeping,
    /// Curves of runs from before.
    pub curves: SweepCurves,
    /// The sweep. Dropping it does not stop it.
    pub sweep: Sweep,
    /// Test images, which come from the trainer when they are looked at.
    pub images: Arc<RemoteImages>,
    viewers: Arc<AtomicU32>,
}

impl AttachedSweep {
    /// Returns the number of viewers, this one included.
    pub fn viewers(&self) -> Arc<AtomicU32> {
        Arc::clone(&self.viewers)
    }
}

/// Connects to a background sweep.
///
/// # Errors
/// As [`attach`](super::attach), and if a run is trained there.
pub fn attach_to_sweep(socket: &Path, request: Request) -> Result<AttachedSweep, CannotAttach> {
    let (mut sweeping, mut snapshot, mut curves) = (None, Snapshot::default(), SweepCurves::default());
    let expected = "the sweep so far";
    let connection = connect_to(socket, request, expected, |message| {
        let ToViewer::Sweep(event) = message else { return false };
        snapshot.take(&event);
        match event {
            SweepEvent::Begun { sweeping: begun, .. } => sweeping = Some(*begun),
            SweepEvent::Curves(number, known) => curves.set(number, *known),
            _ => {}
        }
        true
    })?;
    let Connection { stream, welcome, shared, requests } = connection;
    let runs = snapshot.runs.len();
    snapshot.ended.retain(|number| *number < runs);
    let (images, viewers) = (Arc::clone(&shared.images), Arc::clone(&shared.viewers));
    let sweeping = sweeping.ok_or_else(|| CannotAttach::Unexpected { socket: socket.to_owned(), expected })?;
    let ended = snapshot.count(|run| matches!(run, RunStatus::Ended(_)));
    let kept = TableStatus { path: sweeping.out.clone(), runs: ended, ..TableStatus::default() };
    let (bell, rung) = bounded(1);
    let (alive, over) = bounded(0);
    let (commands, inbox) = unbounded();
    let seen = Arc::new(Seen { state: Mutex::new(State { snapshot, kept, refusal: None }), bell });
    let start = || {
        let refusing = Arc::downgrade(&seen);
        let refuse = move |reason| {
            if let Some(seen) = refusing.upgrade() {
                seen.take(SweepEvent::Refused(reason));
            }
        };
        spawn_sender(stream.try_clone()?, inbox, requests, ToTrainer::Sweep, refuse)?;
        let receiving = Arc::clone(&seen);
        let lost = Lost { socket: socket.to_owned(), process: welcome.process };
        thread::Builder::new().name("from trainer".into()).spawn(move || {
            let _alive: Sender<()> = alive;
            let reason = read_all(&stream, |message| receiving.receive(message, &shared));
            receiving.end(reason, &lost);
        })
    };
    start().map_err(|error| at(socket)(error.into()))?;
    let sweep = Sweep::of(Arc::new(Remote { seen, commands }), rung, over);
    Ok(AttachedSweep { welcome, sweeping, curves, sweep, images, viewers })
}

/// The other end of the connection.
#[derive(Debug)]
struct Remote {
    seen: Arc<Seen>,
    commands: Sender<SweepCommand>,
}

/// What has been received.
#[derive(Debug)]
struct Seen {
    state: Mutex<State>,
    bell: Sender<()>,
}

#[derive(Debug)]
struct State {
    snapshot: Snapshot,
    kept: TableStatus,
    refusal: Option<String>,
}

/// Whose connection may be lost.
struct Lost {
    socket: PathBuf,
    process: u32,
}

impl Seen {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn receive(&self, message: ToViewer, shared: &Shared) {
        match message {
            ToViewer::Sweep(event) => self.take(event),
            message => {
                shared.take(message);
                self.ring();
            }
        }
    }

    fn take(&self, event: SweepEvent) {
        let mut state = self.lock();
        state.snapshot.take(&event);
        match event {
            SweepEvent::Table(kept) => state.kept = *kept,
            SweepEvent::Refused(reason) => state.refusal = Some(reason),
            SweepEvent::Run(..) => {
                state.kept.runs = state.snapshot.count(|run| matches!(run, RunStatus::Ended(_)));
            }
            _ => {}
        }
        drop(state);
        self.ring();
    }

    /// Ends the sweep for this viewer, after the connection has ended.
    fn end(&self, reason: Option<String>, to: &Lost) {
        if !self.lock().snapshot.is_over {
            let remedy = "the same command continues it";
            let fault = lost(&to.socket, to.process, reason, "sweep", remedy);
            let mut state = self.lock();
            state.snapshot.is_over = true;
            state.snapshot.fault = Some(fault);
            for (_, run) in &mut state.snapshot.runs {
                if let RunStatus::Running(_) = run {
                    *run = RunStatus::Waiting;
                }
            }
        }
        self.ring();
    }

    fn ring(&self) {
        let _ = self.bell.try_send(());
    }
}

impl Sweeper for Remote {
    fn snapshot(&self) -> Snapshot {
        self.seen.lock().snapshot.clone()
    }

    fn send(&self, command: SweepCommand) {
        let _ = self.commands.send(command);
    }

    fn check_table(&self) -> TableStatus {
        self.seen.lock().kept.clone()
    }

    fn take_notes(&self) -> Vec<String> {
        mem::take(&mut self.seen.lock().kept.notes)
    }

    fn take_refusal(&self) -> Option<String> {
        self.seen.lock().refusal.take()
    }
}
