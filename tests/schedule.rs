//! Learning rate schedules: against PyTorch, and in a run.

use std::{
    fs,
    path::Path,
    sync::{Arc, LazyLock},
};

use lenet_monitor::{
    data::{Dataset, synthetic},
    nn::Engine,
    train::{Hyperparameters, Limits, RunSpec, Schedule, Trainer, trainer::Advance},
};

/// `fixtures/torch_schedules.py` computed the factors in float64.
#[test]
fn factors_are_those_of_pytorch() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/torch_schedules.txt");
    let text = fs::read_to_string(path).expect("fixture");
    let mut checked = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        let schedule: Schedule = words.next().unwrap().parse().unwrap();
        let warm_up: f32 = words.next().unwrap().parse().unwrap();
        let expected: Vec<f64> = words.map(|word| word.parse().unwrap()).collect();
        for (step, &expected) in expected.iter().enumerate() {
            let found = schedule.factor(warm_up, step as u64, line.split(' ').count() as u64 - 2);
            // The warm-up is in single precision.
            assert!((found - expected).abs() < 1e-6, "{schedule} {warm_up}, step {step}: {found}, {expected}");
            checked += 1;
        }
    }
    assert!(checked > 500);
}

static DATASET: LazyLock<Arc<Dataset>> = LazyLock::new(|| Arc::new(synthetic::generate()));

fn trainer(hyper: Hyperparameters) -> Trainer {
    let limits = Limits { train: Some(320), test: Some(10), holdout: 0 };
    let spec = RunSpec::new(hyper, limits, DATASET.id.clone());
    Trainer::new(DATASET.clone(), spec, Engine::new(1)).unwrap()
}

/// Trains to the end, and returns the learning rate of each step, and of each epoch's record.
fn rates(mut trainer: Trainer, by_hand: Option<(usize, f32)>) -> (Vec<f32>, Vec<f32>) {
    let (mut steps, mut epochs) = (Vec::new(), Vec::new());
    while !trainer.is_finished() {
        if let Some((step, rate)) = by_hand
            && step == steps.len()
        {
            trainer.set_learning_rate(rate).unwrap();
        }
        let rate = trainer.current_rate();
        match trainer.advance().unwrap() {
            Advance::Step(_) => steps.push(rate),
            Advance::Slice => {}
            Advance::EpochEnded { record, .. } => epochs.push(record.learning_rate),
        }
    }
    (steps, epochs)
}

#[test]
fn a_run_follows_its_schedule_over_all_epochs() {
    let hyper = Hyperparameters { schedule: Schedule::Step, epochs: 4, ..Hyperparameters::default() };
    let (steps, epochs) = rates(trainer(hyper), None);
    let expected = [vec![0.001; 40], vec![0.0001; 20], vec![0.00001; 20]].concat();
    let is_close = |(found, expected): (&f32, &f32)| (found / expected - 1.0).abs() < 1e-6;
    assert!(steps.len() == 80 && steps.iter().zip(&expected).all(is_close), "{steps:?}");
    assert!(epochs.len() == 4 && epochs.iter().zip(&[0.001, 0.001, 0.0001, 0.00001]).all(is_close), "{epochs:?}");
}

#[test]
fn a_change_by_hand_ends_the_schedule() {
    let hyper = Hyperparameters { schedule: Schedule::Cosine, epochs: 2, ..Hyperparameters::default() };
    let (with, _) = rates(trainer(hyper.clone()), Some((10, 0.003)));
    let (without, _) = rates(trainer(hyper.clone()), None);
    assert_eq!(with[..10], without[..10]);
    assert_eq!(with[10..], [0.003; 30]);
    // Also a change to the rate of the hyperparameters.
    let (held, _) = rates(trainer(hyper), Some((10, 0.001)));
    assert_eq!(held[10..], [0.001; 30]);
}

#[test]
fn the_rate_is_that_of_the_schedule_and_not_only_shown() {
    let short = |schedule| {
        let mut trainer = trainer(Hyperparameters { schedule, epochs: 1, ..Hyperparameters::default() });
        while !trainer.is_finished() {
            trainer.advance().unwrap();
        }
        trainer.checkpoint().parameters
    };
    assert_ne!(short(Schedule::Constant), short(Schedule::Cosine));
}
