//! Sweeps in fixed states, with results by a formula.

use std::{path::PathBuf, sync::Arc};

use lenet_monitor::{
    data::Kind,
    sweep::{
        Grid, Progress, Row, RunState, RunStatus, Snapshot, SweepRun,
        survey::{Fault, Observation, Reading, Survey},
    },
    train::{Activation, EpochRecord, Hyperparameters, Images, Limits, OptimizerKind},
    tui::{
        Message, Theme,
        sweep::{Sweeping, Table},
    },
};

use crate::fixture::{Session, dataset, record, training};

/// Returns roughly what the report found, had it applied its learning rates.
pub fn accuracy(hyper: &Hyperparameters) -> f64 {
    if hyper.optimizer == OptimizerKind::Sgd && hyper.activation == Activation::Sigmoid {
        return 0.1135;
    }
    let activation = match hyper.activation {
        Activation::Relu => 0.0,
        Activation::Tanh => 0.6,
        Activation::Sigmoid => 2.2,
    };
    let optimizer = match hyper.optimizer {
        OptimizerKind::Adam => 0.0,
        OptimizerKind::Rmsprop => 0.25,
        OptimizerKind::Sgd => 4.0,
    };
    let rate = match hyper.optimizer {
        OptimizerKind::Sgd => f64::from(0.01 / hyper.learning_rate).log10() * 9.0,
        _ => f64::from(hyper.learning_rate / 0.001).log10().powi(2) * 1.6,
    };
    let batch = f64::from(hyper.batch_size).log2() - 4.0;
    let seed = (hyper.seed as f64 - 1.0) * 0.11;
    1.0 - (1.2 + activation + optimizer + rate + batch * 0.3 + seed).min(88.0) / 100.0
}

fn run(session: &Session, hyper: &Hyperparameters) -> SweepRun {
    let dataset = Arc::clone(&session.app.session.dataset);
    SweepRun { hyper: hyper.clone(), limits: Limits::default(), teacher: None, dataset, pixels: None }
}

pub fn row(session: &Session, hyper: &Hyperparameters, state: RunState) -> Row {
    let mut row = Row::without_result(&run(session, hyper), state, 4.2 + accuracy(hyper), (60_000, 10_000));
    if state == RunState::Done {
        row.accuracy = Some(accuracy(hyper));
        row.loss = Some((1.0 - accuracy(hyper)) * 3.2);
    }
    row
}

/// Returns a run of which `part` is done.
pub fn progress(hyper: &Hyperparameters, part: f64) -> Progress {
    let steps = 60_000u32.div_ceil(hyper.batch_size);
    let epochs = part * f64::from(hyper.epochs);
    let epoch = (epochs.floor() as u32).min(hyper.epochs - 1);
    let goal = accuracy(hyper);
    let at = |epochs: f64| goal - (goal - 0.1) * (-2.5 * epochs).exp();
    let history = (1..=epoch).map(|epoch| EpochRecord {
        train_accuracy: at(f64::from(epoch)),
        test_accuracy: at(f64::from(epoch)) + 0.004,
        test_loss: (1.0 - at(f64::from(epoch))) * 3.0,
        ..record(epoch)
    });
    Progress {
        epoch: epoch + 1,
        step: ((epochs - f64::from(epoch)) * f64::from(steps)) as u32,
        steps_per_epoch: steps,
        train_loss: (1.0 - at(epochs)) * 3.2,
        train_accuracy: at(epochs),
        share: part,
        seconds: part * 5.0,
        history: history.collect(),
    }
}

/// The first `done` of a grid's runs have ended, the next two are being trained.
pub fn snapshot(session: &Session, grid: &Grid, done: usize, parts: [f64; 2]) -> Snapshot {
    let runs = grid.runs().into_iter().enumerate().map(|(number, hyper)| {
        let run = match number.checked_sub(done) {
            None => RunStatus::Ended(row(session, &hyper, RunState::Done)),
            Some(place @ (0 | 1)) => RunStatus::Running(progress(&hyper, parts[place])),
            Some(_) => RunStatus::Waiting,
        };
        (hyper, run)
    });
    Snapshot { runs: runs.collect(), ended: (0..done).collect(), jobs: 2, ..Snapshot::default() }
}

pub fn watching(kind: Kind, theme: Theme, size: (u16, u16)) -> Session {
    let mut session = Session::with(dataset(kind), theme, size);
    session.app.watch_sweep(Sweeping {
        limits: Limits::default(),
        images: Images { train: 60_000, validation: 0, test: 10_000 },
        out: PathBuf::from("sweep.csv"),
        command: "lenet-monitor sweep".into(),
    });
    session
}

/// Returns the report's grid with 34 runs done, as the screen saw it last.
pub fn sweeping(theme: Theme, size: (u16, u16)) -> Session {
    let mut session = watching(Kind::Mnist, theme, size);
    for part in 1..=50 {
        session.swept(34, [f64::from(part) * 0.0124, f64::from(part) * 0.0088]);
    }
    session
}

impl Session {
    pub fn sweep(&mut self, snapshot: Snapshot) -> &mut Self {
        self.tell(Message::Sweep(Box::new(snapshot)))
    }

    pub fn swept(&mut self, done: usize, parts: [f64; 2]) -> &mut Self {
        let snapshot = snapshot(self, &Grid::default(), done, parts);
        self.sweep(snapshot)
    }

    /// Returns the current state with a change.
    pub fn with_sweep(&mut self, change: impl FnOnce(&mut Snapshot)) -> &mut Self {
        let mut snapshot = self.app.session.sweep.snapshot.clone().expect("a sweep");
        change(&mut snapshot);
        self.sweep(snapshot)
    }
}

/// Returns a sweep in which some runs diverged or failed, or were dropped.
pub fn with_trouble(session: &mut Session) {
    let rows: Vec<Row> = [3, 9, 30]
        .map(|number| {
            let hyper = session.app.session.sweep.snapshot.as_ref().expect("a sweep").runs[number].0.clone();
            row(session, &hyper, if number == 9 { RunState::Failed } else { RunState::Diverged })
        })
        .to_vec();
    session.with_sweep(|sweep| {
        for (number, row) in [3, 9, 30].into_iter().zip(rows) {
            sweep.runs[number].1 = RunStatus::Ended(row);
        }
        for number in [44, 45, 80] {
            sweep.runs[number].1 = RunStatus::Dropped;
        }
    });
}

/// Returns a sweep in which all runs have ended.
pub fn complete(theme: Theme, size: (u16, u16)) -> Session {
    let mut session = sweeping(theme, size);
    session.swept(81, [0.0; 2]).with_sweep(|sweep| sweep.is_over = true).tell(Message::SweepGone);
    session
}

/// Returns what a sweep of `grid` has left in its table.
pub fn table(session: &Session, grid: &Grid, faults: Vec<Fault>) -> Table {
    let rows: Vec<Row> = grid.runs().iter().map(|hyper| row(session, hyper, RunState::Done)).collect();
    let survey = Survey::of(rows.iter().map(Observation::from));
    Table { path: PathBuf::from("sweep.csv"), reading: Reading { survey, faults }, methods: Vec::new() }
}

/// Returns a session with a run that also shows an old sweep.
pub fn looking(theme: Theme, size: (u16, u16)) -> Session {
    let mut session = training(theme, size);
    session.keys("5");
    let table = table(&session, &Grid::default(), Vec::new());
    session.tell(Message::Table(Box::new(Ok(Some(table)))));
    session
}
