//! The Sweep screen with a comparison of methods.

use std::{path::PathBuf, sync::Arc};

use crossterm::event::KeyCode;
use lenet_monitor::{
    data::Kind,
    sweep::{
        MethodRun, Methods, Part, Pixels, Row, RunState, RunStatus, Snapshot, SweepCommand, SweepRun, TESTS,
        survey::{Observation, Reading, Survey},
    },
    train::{Architecture, Limits},
    tui::{Message, Screen, Theme, sweep::Table},
};

use crate::{
    fixture::{ASCII, COLOUR, Session, training},
    gallery::{LARGE, MEDIUM, SMALL, keep},
    sweep::orders,
    sweeps::{progress, watching},
};

fn methods() -> Vec<MethodRun> {
    let networks = vec![Architecture::LeNet5, Architecture::Mlp, Architecture::Lstm];
    Methods { networks, seeds: vec![1, 2], epochs: 10, parts: Part::ALL.to_vec() }.runs()
}

/// Returns a row with results by a formula.
fn row(session: &Session, run: &MethodRun) -> Row {
    let MethodRun { hyper, train, pixels } = run;
    let dataset = Arc::clone(&session.app.session.dataset);
    let limits = Limits { train: *train, ..Limits::default() };
    let of_run = SweepRun { hyper: hyper.clone(), limits, teacher: None, dataset, pixels: Some(*pixels) };
    let few = train.map_or(0.0, |images| 0.9 / f64::from(images).sqrt());
    let permuted = if *pixels == Pixels::Permuted { 0.02 } else { 0.0 };
    let accuracy = 0.992 - few - permuted - hyper.seed as f64 * 0.001 - hyper.network as u8 as f64 * 0.003;
    let mut row = Row::without_result(&of_run, RunState::Done, 41.5, (train.unwrap_or(60_000), 10_000));
    (row.accuracy, row.loss) = (Some(accuracy), Some((1.0 - accuracy) * 3.0));
    let measurements = row.measurements.as_mut().expect("methods have them");
    measurements.images_per_second = Some(40_000.0 / f64::from(hyper.network as u8 + 1));
    measurements.epochs_to_98 = (accuracy > 0.98).then_some(2);
    if *pixels == Pixels::InPlace {
        let is_recurrent = hyper.network == Architecture::Lstm;
        for (place, (result, test)) in measurements.tests.iter_mut().zip(TESTS).enumerate() {
            let applies = is_recurrent || !test.starts_with("delay");
            *result = applies.then_some(accuracy - 0.12 * (place % 6) as f64);
        }
        if is_recurrent {
            measurements.gradient_by_step = (0..28).map(|step| 1e-4 * 1.3_f64.powi(step)).collect();
        }
    }
    row
}

/// Returns a comparison of which the first `done` runs have ended, and the next two are being trained.
fn snapshot(session: &Session, done: usize) -> Snapshot {
    let run = |(number, run): (usize, &MethodRun)| {
        let status = match number.checked_sub(done) {
            None => RunStatus::Ended(row(session, run)),
            Some(place @ (0 | 1)) => RunStatus::Running(progress(&run.hyper, [0.62, 0.44][place])),
            Some(_) => RunStatus::Waiting,
        };
        (run.hyper.clone(), status)
    };
    let methods = methods();
    Snapshot {
        runs: methods.iter().enumerate().map(run).collect(),
        ended: (0..done).collect(),
        jobs: 2,
        methods: Some(methods.into()),
        ..Snapshot::default()
    }
}

fn comparing(done: usize, theme: Theme, size: (u16, u16)) -> Session {
    let mut session = watching(Kind::Mnist, theme, size);
    let snapshot = snapshot(&session, done);
    session.sweep(snapshot);
    session
}

#[test]
fn a_comparison_under_way() {
    for size in [SMALL, MEDIUM, LARGE, (60, 18), (40, 12)] {
        keep("methods-running", &comparing(15, COLOUR, size));
    }
    keep("methods-running-ascii", &comparing(15, ASCII, SMALL));
}

#[test]
fn a_comparison_shows_the_tests_of_the_network_under_the_cursor() {
    let mut session = comparing(36, COLOUR, SMALL);
    session.keys("ghjj");
    keep("methods-about", &session);
    session.keys("vv");
    keep("methods-tests", &session);
    session.keys("l");
    assert!(session.text().contains("trained with permuted pixels"), "{}", session.text());
}

#[test]
fn a_table_of_methods() {
    for size in [SMALL, MEDIUM, LARGE] {
        let mut session = training(COLOUR, size);
        // As the runs ended, not in the order of the comparison.
        let rows: Vec<Row> = methods().iter().rev().map(|run| row(&session, run)).collect();
        let reading = Reading { survey: Survey::of(rows.iter().map(Observation::from)), faults: Vec::new() };
        let table = Table { path: PathBuf::from("methods.csv"), reading, methods: rows };
        session.keys("5").tell(Message::Table(Box::new(Ok(Some(table)))));
        keep("methods-table", &session);
        session.press(KeyCode::Enter);
        assert_eq!(session.app.shown, Screen::Parameters);
    }
}

#[test]
fn a_network_is_opened_with_its_hyperparameters() {
    let mut session = comparing(36, COLOUR, SMALL);
    // The LSTM with the longest delay.
    session.keys("gjjG").press(KeyCode::Enter);
    assert_eq!(session.app.shown, Screen::Parameters);
    let text = session.text();
    assert!(text.contains("lstm") && text.contains("168"), "{text}");
    assert!(text.contains("a run here trains on this session's images"), "{text}");
}

#[test]
fn runs_of_a_network_can_be_dropped() {
    let mut session = comparing(15, COLOUR, SMALL);
    session.keys("gG");
    session.keys("D");
    let dropped: Vec<usize> = orders(&mut session)
        .into_iter()
        .map(|order| match order {
            SweepCommand::Drop(number) => number,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(dropped.len(), 2, "{dropped:?}");
    for number in dropped {
        let run = &methods()[number];
        assert_eq!((run.hyper.network, run.train), (Architecture::LeNet5, Some(10_000)));
    }
}
