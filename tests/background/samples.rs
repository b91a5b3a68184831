//! A message of each kind.

use std::{path::PathBuf, sync::Arc};

use lenet_monitor::{
    background::wire::{Request, Status, SweepStatus, TestImage, ToTrainer, ToViewer, Welcome},
    data::{DatasetId, Fingerprint, Kind, PIXELS},
    sweep::{
        self, ListedRun, MeasuredOn, Measurements, MethodRun, Pixels, Row, RunState, RunStatus, Snapshot, SweepCommand,
        SweepCurves, SweepEvent, Sweeping, TableStatus,
    },
    train::{
        Architecture, Batches, Cause, ChosenBy, Command, Confusion, EpochRecord, Evaluation, Event, Health,
        Hyperparameter, Hyperparameters, Images, LayerMeasures, Limits, Outcome, Place, Prediction, Progress, RunSpec,
        SaveKind, SavedCheckpoint, Stall, Started, State, Symptom, Teacher, Transfer,
    },
};

use crate::fixture;

/// A path that is not UTF-8.
fn path() -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(b"/runs/\xff 1/last.ckpt".to_vec()).into()
}

/// A specification in which no hyperparameter has its default.
pub fn spec() -> RunSpec {
    let mut hyper = Hyperparameters::default();
    for &which in Hyperparameter::ALL {
        hyper.step(which, true);
        if hyper.get(which) == which.default_value() {
            hyper.step(which, false);
        }
        assert_ne!(hyper.get(which), which.default_value(), "{which:?}");
    }
    RunSpec {
        transfer: Some(Transfer {
            path: path(),
            network: Architecture::LeNet5,
            epoch: 3,
            step: 7,
            dataset: "SYNTHETIC".into(),
            frozen: vec!["C1", "C3"],
        }),
        teacher: Some(Teacher {
            paths: vec![path(), "/runs/2/best.ckpt".into()],
            folder: "/runs".into(),
            fingerprint: Some(Fingerprint([9; 32])),
        }),
        hyper,
        limits: Limits { train: Some(1_000), test: None, holdout: 100 },
        dataset: DatasetId { kind: Kind::Other, name: "fashion".into(), fingerprint: Fingerprint([7; 32]) },
    }
}

fn record() -> EpochRecord {
    EpochRecord { validation: Some((f64::INFINITY, 0.5)), ..fixture::record(2) }
}

fn progress() -> Progress {
    Progress { batch_loss: f64::NAN, remaining: None, ..fixture::progress(3, 125) }
}

fn evaluation() -> Evaluation {
    let mut confusion = Confusion::default();
    confusion.add(3, 5);
    let prediction = Prediction { index: 70_000, label: 3, digit: 5, probabilities: [0.1; 10] };
    Evaluation { loss: 0.25, confusion, predictions: vec![prediction; 3] }
}

fn health() -> Health {
    let info = &Architecture::Lstm.layers()[0];
    let measures = LayerMeasures { info, gradient: f64::NAN, update: Some(0.001), dead: 3, saturated: 4 };
    let cause = Cause::VanishingGradient { layer: "C1", times: 310.0 };
    let stall = Stall { symptom: Symptom::Dead { layer: "C5", units: 120 }, cause: Some(cause) };
    Health { epoch: 4, images: 128, layers: vec![measures], stall: Some(stall) }
}

fn saved() -> SavedCheckpoint {
    SavedCheckpoint { path: path(), epoch: 2, step: 5 }
}

fn outcome() -> Outcome {
    Outcome {
        state: State::Diverged,
        reason: Some("the loss is not finite".into()),
        epochs: 2,
        test_loss: Some(0.25),
        test_accuracy: None,
        kept: Some(saved()),
        save_error: Some("the disk is full".into()),
    }
}

fn started() -> Started {
    Started { history: vec![record(); 2], ..fixture::started(spec(), "20261124-120000") }
}

fn pixels() -> Box<[u8; PIXELS]> {
    Box::new(std::array::from_fn(|at| (at % 256) as u8))
}

/// The event after one, in the order of their kinds: a new kind does not compile without a place among them.
fn next_event(event: Option<&Event>) -> Option<Event> {
    Some(match event {
        None => Event::Started(Box::new(started())),
        Some(Event::Started(_)) => Event::State(State::Evaluating),
        Some(Event::State(_)) => Event::Progress(progress()),
        Some(Event::Progress(_)) => Event::EpochEnded(Box::new(record())),
        Some(Event::EpochEnded(_)) => Event::Evaluated { epoch: 2, evaluation: Arc::new(evaluation()) },
        Some(Event::Evaluated { .. }) => Event::Health(Box::new(health())),
        Some(Event::Health(_)) => Event::LearningRateChanged(0.01),
        Some(Event::LearningRateChanged(_)) => Event::EpochsChanged(12),
        Some(Event::EpochsChanged(_)) => Event::Saved { kind: SaveKind::Best(ChosenBy::Validation), path: path() },
        Some(Event::Saved { .. }) => {
            Event::SaveFailed { path: path(), reason: "the disk is full".into(), kept: Some(saved()) }
        }
        Some(Event::SaveFailed { .. }) => Event::FolderChanged(path()),
        Some(Event::FolderChanged(_)) => Event::Refused { reason: "too high".into() },
        Some(Event::Refused { .. }) => Event::Predicted { id: u64::MAX, probabilities: [0.1; 10] },
        Some(Event::Predicted { .. }) => Event::Inspected { id: 1, activations: fixture::activations(&pixels(), 7) },
        Some(Event::Inspected { .. }) => Event::Ended(Box::new(outcome())),
        Some(Event::Ended(_)) => Event::Note("the engine is another one\n".into()),
        Some(Event::Note(_)) => {
            let mut batches = Batches::default();
            (1..4).for_each(|step| batches.push(&fixture::progress(1, step * 125)));
            batches.change_rate(Place { epochs: 0.5, steps: 1_875.0, seconds: f64::NAN }, 0.002);
            Event::Recalled(Box::new(batches))
        }
        Some(Event::Recalled(_)) => return None,
    })
}

fn next_command(command: Option<&Command>) -> Option<Command> {
    Some(match command {
        None => Command::Pause,
        Some(Command::Pause) => Command::Resume,
        Some(Command::Resume) => Command::RunSteps(300),
        Some(Command::RunSteps(_)) => Command::RunEpochs(2),
        Some(Command::RunEpochs(_)) => Command::SetLearningRate(f32::NAN),
        Some(Command::SetLearningRate(_)) => Command::SetEpochs(12),
        Some(Command::SetEpochs(_)) => Command::Restart(Box::new(spec())),
        Some(Command::Restart(_)) => Command::Save,
        Some(Command::Save) => Command::SaveIn(path()),
        Some(Command::SaveIn(_)) => Command::Load(path()),
        Some(Command::Load(_)) => Command::Abandon,
        Some(Command::Abandon) => Command::Predict { id: 1, pixels: pixels() },
        Some(Command::Predict { .. }) => Command::Inspect { id: 2, pixels: pixels() },
        Some(Command::Inspect { .. }) => Command::StopIfSaved,
        Some(Command::StopIfSaved) => Command::Stop,
        Some(Command::Stop) => return None,
    })
}

fn next_sweep_command(command: Option<&SweepCommand>) -> Option<SweepCommand> {
    Some(match command {
        None => SweepCommand::Pause,
        Some(SweepCommand::Pause) => SweepCommand::Resume,
        Some(SweepCommand::Resume) => SweepCommand::Drop(70_000),
        Some(SweepCommand::Drop(_)) => SweepCommand::Restore(3),
        Some(SweepCommand::Restore(_)) => SweepCommand::Stop,
        Some(SweepCommand::Stop) => SweepCommand::Interrupt,
        Some(SweepCommand::Interrupt) => return None,
    })
}

fn method() -> MethodRun {
    MethodRun { hyper: spec().hyper, train: Some(300), pixels: Pixels::Permuted }
}

fn row() -> Row {
    let measurements = Measurements {
        pixels: Pixels::Permuted,
        parameters: 61_706,
        memory: 1 << 40,
        images_per_second: Some(4_000.5),
        epochs_to_98: Some(3),
        accuracy_by_epoch: vec![0.9, 0.95],
        tests: std::array::from_fn(|test| (test % 2 == 0).then_some(0.5)),
        gradient_by_step: vec![1e-30, f64::INFINITY],
    };
    Row {
        hyper: spec().hyper,
        accuracy: Some(0.98),
        loss: None,
        seconds: 12.5,
        state: RunState::Diverged,
        dataset: "fashion".into(),
        key: "0123-4567".into(),
        measured_on: MeasuredOn::Validation,
        training_images: 60_000,
        test_images: 10_000,
        measurements: Some(Box::new(measurements)),
    }
}

pub fn run_progress() -> sweep::Progress {
    sweep::Progress {
        epoch: 2,
        step: 30,
        steps_per_epoch: 938,
        train_loss: f64::NAN,
        train_accuracy: 0.5,
        share: 0.25,
        seconds: 1.5,
        history: vec![record()],
    }
}

pub fn sweeping() -> Sweeping {
    Sweeping {
        limits: spec().limits,
        images: Images { train: 900, validation: 100, test: 200 },
        out: path(),
        command: "lenet-monitor sweep --out 'a b.csv'".into(),
    }
}

/// The event of a sweep after one.
fn next_sweep_event(event: Option<&SweepEvent>) -> Option<SweepEvent> {
    let hyper = spec().hyper;
    let statuses =
        [RunStatus::Waiting, RunStatus::Running(run_progress()), RunStatus::Ended(row()), RunStatus::Dropped];
    Some(match event {
        None => SweepEvent::Begun { sweeping: Box::new(sweeping()), jobs: 2, ended: vec![2] },
        Some(SweepEvent::Begun { .. }) => {
            let run = |status| ListedRun { hyper: hyper.clone(), status, method: Some(method()) };
            SweepEvent::Runs(statuses.into_iter().map(run).collect())
        }
        Some(SweepEvent::Runs(_)) => {
            let mut curves = SweepCurves::default();
            let status = RunStatus::Running(run_progress());
            curves.take(&Snapshot { runs: vec![(hyper, status)], ..Snapshot::default() });
            SweepEvent::Curves(0, Box::new(curves.of(0).unwrap().clone()))
        }
        Some(SweepEvent::Curves(..)) => SweepEvent::Run(1, Box::new(RunStatus::Ended(row()))),
        Some(SweepEvent::Run(..)) => {
            SweepEvent::State { is_paused: true, is_over: false, fault: Some("the disk is full".into()) }
        }
        Some(SweepEvent::State { .. }) => SweepEvent::Table(Box::new(TableStatus {
            path: path(),
            runs: 3,
            fault: Some("1 of 4 rows are missing".into()),
            notes: vec!["sweep.csv was replaced".into()],
        })),
        Some(SweepEvent::Table(_)) => SweepEvent::Refused("only watches".into()),
        Some(SweepEvent::Refused(_)) => return None,
    })
}

/// An event of each kind of a sweep.
pub fn sweep_events() -> Vec<SweepEvent> {
    std::iter::successors(next_sweep_event(None), |event| next_sweep_event(Some(event))).collect()
}

/// An event of each kind.
pub fn events() -> Vec<Event> {
    std::iter::successors(next_event(None), |event| next_event(Some(event))).collect()
}

/// A command of each kind.
pub fn commands() -> Vec<ToTrainer> {
    let commands = std::iter::successors(next_command(None), |command| next_command(Some(command)));
    let sweep = std::iter::successors(next_sweep_command(None), |command| next_sweep_command(Some(command)));
    let images = [ToTrainer::Images(vec![3, 70_000])];
    commands.map(ToTrainer::Command).chain(sweep.map(ToTrainer::Sweep)).chain(images).collect()
}

pub fn requests() -> [Request; 4] {
    [Request::View, Request::Watch, Request::Control, Request::Status]
}

pub fn welcome(process: u32) -> Welcome {
    Welcome {
        process,
        host: "host".into(),
        run: path(),
        dataset: spec().dataset,
        train_images: 60_000,
        test_images: 10_000,
        loaded_from: "/data".into(),
        since: 1_795_000_000,
        viewers: 3,
    }
}

/// A message of each kind to viewers, with an event of each kind.
pub fn to_viewers() -> Vec<ToViewer> {
    let status = Status {
        run: path(),
        process: 4_711,
        state: Some(State::Paused),
        epoch: 3,
        epochs: 10,
        test_accuracy: Some(0.99),
        dataset: "MNIST".into(),
        viewers: 2,
        since: 1_795_000_000,
        images_per_second: None,
        sweep: Some(SweepStatus { ended: 3, runs: 81 }),
    };
    let others = [
        ToViewer::Welcome(Box::new(welcome(4_711))),
        ToViewer::Status(Box::new(status)),
        ToViewer::Recorded,
        ToViewer::Viewers(7),
        ToViewer::Images(vec![TestImage { index: 9_999, label: 7, pixels: pixels() }]),
        ToViewer::Farewell("no more".into()),
    ];
    let sweep = sweep_events().into_iter().map(ToViewer::Sweep);
    others.into_iter().chain(events().into_iter().map(ToViewer::Event)).chain(sweep).collect()
}
