//! A sweep in the background of the test itself, and viewers of it.

use std::{
    io::Write,
    path::PathBuf,
    sync::atomic::Ordering,
    thread::{self, JoinHandle},
};

use lenet_monitor::{
    background::{
        AttachedSweep, CannotAttach, Listener, RuntimeFolder, Served, SweepServer, attach, attach_to_sweep, status,
        wire::{Greeting, Request, TO_TRAINER, TO_VIEWER, ToTrainer, ToViewer, encode, read_frame},
    },
    nn::{OptimizerKind, Simd},
    sweep::{
        Grid, ListedRun, RunStatus, Snapshot, Sweep, SweepCommand, SweepContinuation, SweepCurves, SweepEvent,
        SweepRun, Sweeping, Table, read_rows,
    },
    train::{Activation, Command, Hyperparameter, Images, Limits, State},
};
use tempfile::TempDir;

use crate::{
    common::runs::bars,
    samples,
    trainer::{connection, next, until},
};

struct Sweeper {
    sweep: Sweep,
    socket: PathBuf,
    folder: TempDir,
    /// Reports the state of the sweep until its end.
    reporting: JoinHandle<()>,
}

impl Sweeper {
    /// Starts a sweep of four runs.
    fn start(epochs: u32) -> Self {
        Self::with(epochs, None, SweepContinuation::default())
    }

    fn with(epochs: u32, max_waiting: Option<usize>, continuation: SweepContinuation) -> Self {
        let (dataset, folder) = (bars(200, 60), tempfile::tempdir().unwrap());
        let grid = Grid::default()
            .with(Hyperparameter::Activation, [Activation::Relu])
            .with(Hyperparameter::Optimizer, [OptimizerKind::Adam])
            .with(Hyperparameter::LearningRate, [0.01_f32, 0.001])
            .with(Hyperparameter::BatchSize, [32_u32, 64])
            .with(Hyperparameter::Epochs, [epochs]);
        let out = folder.path().join("sweep.csv");
        let runs = SweepRun::of_sweep(grid.runs(), Limits::default(), &dataset);
        let sweep = Sweep::start_as(runs, Table::open(&out).unwrap(), 2, Simd::best(), &continuation);
        let images = Images { train: 200, validation: 0, test: 60 };
        let sweeping = Sweeping { limits: Limits::default(), images, out, command: "lenet-monitor sweep".into() };
        let listener = Listener::bind(&RuntimeFolder::at(folder.path().join("run"))).unwrap();
        let served = Served { dataset: std::sync::Arc::clone(&dataset), loaded_from: None, max_waiting };
        let server = SweepServer::start_sweep(listener, &sweep, sweeping, served).unwrap();
        let (socket, reported) = (server.socket(), sweep.clone());
        let reporting = thread::spawn(move || {
            loop {
                let rung = reported.bell().recv();
                let snapshot = reported.snapshot();
                server.report(&snapshot);
                if snapshot.is_over || rung.is_err() {
                    return server.end(reported.check_table());
                }
            }
        });
        Self { sweep, socket, folder, reporting }
    }

    fn view(&self, request: Request) -> AttachedSweep {
        attach_to_sweep(&self.socket, request).unwrap()
    }

    /// Stops the sweep, and waits for its end.
    fn stop(self) -> TempDir {
        self.sweep.send(SweepCommand::Stop);
        self.reporting.join().unwrap();
        self.folder
    }
}

/// Waits until the viewer's snapshot is as wanted.
fn sees(viewer: &AttachedSweep, what: &str, is_wanted: impl Fn(&Snapshot) -> bool) {
    until(what, || is_wanted(&viewer.sweep.snapshot()));
}

#[test]
fn every_viewer_sees_the_same_sweep_and_may_command_it() {
    let sweeper = Sweeper::start(1_000);
    let first = sweeper.view(Request::View);
    sees(&first, "progress", |snapshot| snapshot.epochs_done() > 1);
    let second = sweeper.view(Request::View);
    assert_eq!(second.welcome.process, std::process::id());
    assert_eq!(second.welcome.run, sweeper.folder.path().join("sweep.csv"));
    assert_eq!((&second.sweeping.out, second.sweeping.images.train), (&second.welcome.run, 200));
    // What has been trained before has its curve.
    let running = sweeper.sweep.snapshot().runs.iter().position(|(_, run)| matches!(run, RunStatus::Running(_)));
    assert!(!second.curves.of(running.unwrap()).unwrap().test.is_empty());

    first.sweep.send(SweepCommand::Pause);
    sees(&second, "a pause", |snapshot| snapshot.is_paused);
    second.sweep.send(SweepCommand::Drop(3));
    sees(&first, "a dropped run", |snapshot| snapshot.runs[3].1 == RunStatus::Dropped);
    assert!(first.sweep.take_refusal().is_none() && second.sweep.take_refusal().is_none());
    let found = status(&sweeper.socket).unwrap();
    assert_eq!((found.state, found.viewers, found.epochs), (Some(State::Paused), 2, 3_000));
    assert_eq!(found.sweep.map(|sweep| (sweep.ended, sweep.runs)), Some((0, 3)));
    until("the same state", || second.sweep.snapshot() == sweeper.sweep.snapshot());
    drop(first);
    until("news of who left", || second.viewers().load(Ordering::Relaxed) == 1);
    // Only the process that sweeps knows that it ends.
    second.sweep.send(SweepCommand::Interrupt);
    second.sweep.send(SweepCommand::Resume);
    sees(&second, "training", |snapshot| !snapshot.is_paused);
    let runtime = RuntimeFolder::at(sweeper.folder.path().join("run"));
    second.sweep.send(SweepCommand::Stop);
    sees(&second, "the end", |snapshot| snapshot.is_over && !snapshot.is_complete() && snapshot.fault.is_none());
    let _folder = sweeper.stop();
    assert!(second.sweep.ended().recv().is_err(), "disconnected");
    assert_eq!(std::fs::read_dir(runtime.path()).unwrap().count(), 0);
}

#[test]
fn a_viewer_has_every_row_when_the_sweep_is_complete() {
    // It cannot be over before somebody looks.
    let sweeper = Sweeper::with(3, None, SweepContinuation { is_paused: true, dropped: Vec::new() });
    let viewer = sweeper.view(Request::View);
    viewer.sweep.send(SweepCommand::Resume);
    assert!(viewer.sweep.ended().recv().is_err(), "disconnected");
    let (seen, own) = (viewer.sweep.snapshot(), sweeper.sweep.snapshot());
    assert_eq!((&seen, seen.is_complete()), (&own, true));
    let kept = viewer.sweep.check_table();
    assert_eq!((kept.runs, kept.fault, kept.path), (4, None, sweeper.folder.path().join("sweep.csv")));
    assert_eq!(read_rows(&sweeper.folder.path().join("sweep.csv")).unwrap().len(), 4);
    sweeper.stop();
}

#[test]
fn who_watches_looks_and_changes_nothing() {
    let sweeper = Sweeper::start(1_000);
    let watcher = sweeper.view(Request::Watch);
    for command in [SweepCommand::Pause, SweepCommand::Stop, SweepCommand::Drop(0)] {
        watcher.sweep.send(command);
        let mut refusal = None;
        until("a refusal", || {
            refusal = refusal.take().or_else(|| watcher.sweep.take_refusal());
            refusal.is_some()
        });
        assert!(refusal.unwrap().contains("--watch"));
    }
    let control = sweeper.view(Request::Control);
    assert_eq!(status(&sweeper.socket).unwrap().viewers, 1);
    control.sweep.send(SweepCommand::Pause);
    sees(&watcher, "a pause", |snapshot| snapshot.is_paused && !snapshot.is_over);
    sweeper.stop();
}

#[test]
fn a_viewer_that_does_not_read_is_never_let_go() {
    // Newer states of a run replace older ones, so that little waits.
    let sweeper = Sweeper::with(1_000, Some(64 << 10), SweepContinuation::default());
    let stopped = connection(&sweeper.socket, Request::View);
    let viewer = sweeper.view(Request::View);
    sees(&viewer, "many epochs", |snapshot| snapshot.epochs_done() > 200);
    assert_eq!(status(&sweeper.socket).unwrap().viewers, 2);
    // What it reads at last is the present.
    let mut stream = stopped;
    let mut snapshot = Snapshot::default();
    while snapshot.epochs_done() <= 200 {
        if let ToViewer::Sweep(event) = next(&mut stream).expect("the connection lasts") {
            snapshot.take(&event);
        }
    }
    sweeper.stop();
}

#[test]
fn runs_and_sweeps_are_told_apart() {
    let sweeper = Sweeper::start(1_000);
    let error = attach(&sweeper.socket, Request::View).map(drop).unwrap_err();
    assert!(matches!(error, CannotAttach::Unexpected { .. }), "{error}");
    // A command to a run is none to a sweep.
    let mut stream = connection(&sweeper.socket, Request::View);
    let viewer = sweeper.view(Request::View);
    stream.write_all(&encode(&ToTrainer::Command(Command::Stop), TO_TRAINER).unwrap()).unwrap();
    stream.write_all(&encode(&ToTrainer::Sweep(SweepCommand::Pause), TO_TRAINER).unwrap()).unwrap();
    sees(&viewer, "a pause and no end", |snapshot| snapshot.is_paused && !snapshot.is_over);
    sweeper.stop();
    let run = crate::trainer::Trainer::start();
    let error = attach_to_sweep(&run.socket(), Request::View).map(drop).unwrap_err();
    assert!(error.to_string().contains("the sweep so far"), "{error}");
}

#[test]
fn garbage_is_refused_with_a_reason_and_the_sweep_goes_on() {
    let sweeper = Sweeper::start(1_000);
    let huge = (1_u32 << 30).to_le_bytes();
    for (bytes, expected) in [(&huge[..], "at most 65536 bytes"), (&[1, 0, 0, 0, 250], "decoded")] {
        let mut stream = connection(&sweeper.socket, Request::View);
        stream.write_all(bytes).unwrap();
        let mut farewell = None;
        while let Some(message) = next(&mut stream) {
            if let ToViewer::Farewell(reason) = message {
                farewell = Some(reason);
            }
        }
        assert!(farewell.expect("a reason").contains(expected));
    }
    // Runs that do not exist.
    let viewer = sweeper.view(Request::View);
    viewer.sweep.send(SweepCommand::Drop(usize::MAX));
    viewer.sweep.send(SweepCommand::Restore(4));
    viewer.sweep.send(SweepCommand::Pause);
    sees(&viewer, "a pause", |snapshot| snapshot.is_paused);
    sweeper.stop();
}

/// Serves a connection as a sweep would, with these events after the beginning.
fn impostor(events: Vec<SweepEvent>) -> (TempDir, PathBuf, JoinHandle<()>) {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("4711.sock");
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let serve = thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        Greeting::own().write(&mut stream).unwrap();
        Greeting::read(&mut stream).unwrap();
        read_frame(&mut stream, TO_TRAINER).unwrap();
        let begun = samples::sweep_events().into_iter().take(2).map(ToViewer::Sweep);
        let welcome = ToViewer::Welcome(Box::new(samples::welcome(4_711)));
        let first = std::iter::once(welcome).chain(begun).chain([ToViewer::Recorded]);
        for message in first.chain(events.into_iter().map(ToViewer::Sweep)) {
            stream.write_all(&encode(&message, TO_VIEWER).unwrap()).unwrap();
        }
    });
    (folder, socket, serve)
}

#[test]
fn a_sweep_that_vanishes_or_talks_of_unknown_runs_is_reported_as_a_failure() {
    let hostile = vec![
        SweepEvent::Run(usize::MAX, Box::new(RunStatus::Dropped)),
        SweepEvent::Curves(77, Box::default()),
        // A sweep or a comparison of methods, but not both.
        SweepEvent::Runs(samples::sweep_events().into_iter().flat_map(without_method).collect()),
        SweepEvent::Table(Box::default()),
    ];
    for events in [Vec::new(), hostile] {
        let (_folder, socket, served) = impostor(events);
        let viewer = attach_to_sweep(&socket, Request::View).unwrap();
        assert!(viewer.sweep.ended().recv().is_err(), "disconnected");
        let snapshot = viewer.sweep.snapshot();
        let fault = snapshot.fault.unwrap();
        assert!(snapshot.is_over && fault.contains("process 4711, which trained the sweep, is gone"), "{fault}");
        assert!(snapshot.methods.is_none_or(|methods| methods.len() == snapshot.runs.len()));
        served.join().unwrap();
    }
}

fn without_method(event: SweepEvent) -> Vec<ListedRun> {
    let SweepEvent::Runs(runs) = event else { return Vec::new() };
    runs.into_iter().map(|run| ListedRun { method: None, ..run }).collect()
}

#[test]
fn events_lead_an_observer_to_the_same_state() {
    let [_, SweepEvent::Runs(runs), ..] = &samples::sweep_events()[..] else { panic!("runs") };
    // More than fit into one event.
    let listed: Vec<_> = runs.iter().cycle().take(2_500).cloned().collect();
    let methods = listed.iter().flat_map(|run| run.method.clone()).collect::<Vec<_>>();
    let runs = listed.into_iter().map(|run| (run.hyper, run.status)).collect();
    let methods = Some(methods.into());
    let mut before = Snapshot { runs, ended: vec![2, 6], jobs: 3, methods, ..Snapshot::default() };
    before.runs[1].1 = RunStatus::Waiting;
    let mut observer = Snapshot::default();
    for event in before.events(samples::sweeping(), &SweepCurves::default()) {
        observer.take(&event);
    }
    // As text, since NaN does not equal itself.
    let text = |snapshot: &Snapshot| format!("{snapshot:?}");
    assert_eq!(text(&observer), text(&before));
    let mut after = before.clone();
    let ended = after.runs[2].1.clone();
    // The higher number ended first.
    (after.runs[8].1, after.runs[0].1) = (ended.clone(), ended);
    after.ended.extend([8, 0]);
    after.runs[4].1 = RunStatus::Dropped;
    (after.is_paused, after.fault) = (true, Some("a run failed".into()));
    for event in after.events_since(&before) {
        observer.take(&event);
    }
    assert_eq!(text(&observer), text(&after));
    assert!(after.events_since(&after.clone()).iter().all(|event| matches!(event, SweepEvent::Run(..))), "only NaN");
}
