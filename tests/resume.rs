//! A run that was saved and goes on is the run that never stopped, bit for bit.

mod common;

use std::{path::Path, sync::Arc};

use common::{
    runs::{bars, spec},
    watch::Watch,
};
use lenet_monitor::{
    data::{Dataset, order::epoch_order},
    nn::{Activation, Architecture, Engine, Network, Optimizer, OptimizerKind, Pooling},
    train::{
        CannotRun, Checkpoint, Hyperparameters, Limits, RunSpec, Trainer,
        trainer::{Advance, continuation_note},
    },
};

fn small() -> Arc<Dataset> {
    bars(150, 40)
}

/// Ten steps an epoch, the last of six images.
fn run(dataset: &Dataset, hyper: Hyperparameters) -> RunSpec {
    RunSpec { limits: Limits { train: Some(170), test: None, holdout: 4 }, ..spec(dataset, hyper) }
}

fn begin(dataset: &Arc<Dataset>, hyper: Hyperparameters) -> Trainer {
    Trainer::new(Arc::clone(dataset), run(dataset, hyper), Engine::new(1)).unwrap()
}

fn epochs(trainer: &mut Trainer, epochs: u32) {
    let until = trainer.position().epoch + epochs;
    while trainer.position().epoch < until {
        trainer.advance().unwrap();
    }
}

fn steps(trainer: &mut Trainer, steps: u32) {
    let mut left = steps;
    while left > 0 {
        left -= u32::from(matches!(trainer.advance().unwrap(), Advance::Step(_)));
    }
}

/// To the disk and back.
fn again(dataset: &Arc<Dataset>, trainer: Trainer, folder: &Path, threads: u32) -> Trainer {
    let path = folder.join("last.ckpt");
    trainer.checkpoint().write(&path).unwrap();
    drop(trainer);
    Trainer::resume(Arc::clone(dataset), Checkpoint::read(&path).unwrap(), Engine::new(threads)).unwrap()
}

/// All that two runs have to share: everything but the times.
fn assert_same(a: &Trainer, b: &Trainer) {
    let without_times = |trainer: &Trainer| {
        let mut checkpoint = trainer.checkpoint();
        checkpoint.saved_at = 0;
        checkpoint.computed_with.threads = 0;
        checkpoint.position.train_seconds = 0.0;
        checkpoint.position.elapsed = 0.0;
        for record in &mut checkpoint.history {
            record.seconds = 0.0;
            record.train_seconds = 0.0;
        }
        checkpoint
    };
    let (a, b) = (without_times(a), without_times(b));
    let bits = |checkpoint: &Checkpoint| checkpoint.parameters.iter().map(|p| p.to_bits()).collect::<Vec<_>>();
    assert!(bits(&a) == bits(&b), "other weights");
    assert!(a == b, "other state: {:?} and {:?}", (a.position, a.history, a.best), (b.position, b.history, b.best));
}

#[test]
fn epochs_before_and_after_a_save_are_as_without_it() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    for (optimizer, momentum, moments) in [
        (OptimizerKind::Adam, 0.0, 2),
        (OptimizerKind::Rmsprop, 0.0, 1),
        (OptimizerKind::Sgd, 0.0, 0),
        (OptimizerKind::Sgd, 0.9, 1),
        // Which ignores it.
        (OptimizerKind::Adam, 0.9, 2),
    ] {
        let hyper = Hyperparameters { optimizer, momentum, ..Hyperparameters::default() };
        let mut unbroken = begin(&dataset, hyper.clone());
        epochs(&mut unbroken, 3);
        assert_eq!(unbroken.checkpoint().optimizer.moments.len(), moments);
        let mut broken = begin(&dataset, hyper);
        epochs(&mut broken, 1);
        let mut broken = again(&dataset, broken, folder.path(), 1);
        epochs(&mut broken, 2);
        assert_same(&unbroken, &broken);
    }
}

#[test]
fn a_save_in_mid_epoch_changes_nothing() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let hyper =
        Hyperparameters { activation: Activation::Tanh, pooling: Pooling::Max, seed: 9, ..Hyperparameters::default() };
    let mut unbroken = begin(&dataset, hyper.clone());
    epochs(&mut unbroken, 2);
    // After each of the first epoch's steps, and with its evaluation still to be made.
    let mut broken = begin(&dataset, hyper);
    for _ in 0..10 {
        steps(&mut broken, 1);
        broken = again(&dataset, broken, folder.path(), 1);
    }
    assert!(broken.is_evaluating());
    // In the middle of the evaluation, which begins anew.
    broken.advance().unwrap();
    broken = again(&dataset, broken, folder.path(), 1);
    steps(&mut broken, 3);
    broken = again(&dataset, broken, folder.path(), 1);
    epochs(&mut broken, 1);
    assert_same(&unbroken, &broken);
}

#[test]
fn learning_rate_changes_are_kept() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let change = |trainer: &mut Trainer| {
        steps(trainer, 4);
        trainer.set_learning_rate(0.02).unwrap();
    };
    let mut unbroken = begin(&dataset, Hyperparameters::default());
    change(&mut unbroken);
    epochs(&mut unbroken, 2);
    let mut broken = begin(&dataset, Hyperparameters::default());
    change(&mut broken);
    let mut broken = again(&dataset, broken, folder.path(), 1);
    assert_eq!(broken.learning_rate(), 0.02);
    epochs(&mut broken, 2);
    assert_same(&unbroken, &broken);
}

/// What a run is, written out: each epoch's own order, batch after batch, the smaller rest as a batch of its own.
#[test]
fn a_run_is_its_batches_in_each_epochs_own_order() {
    let dataset = small();
    let mut trainer = begin(&dataset, Hyperparameters { seed: 5, ..Hyperparameters::default() });
    epochs(&mut trainer, 2);
    let compute = Engine::new(1);
    let mut network = Network::new(Architecture::LeNet5, Activation::Relu, Pooling::Avg, 5, compute);
    let mut optimizer = Optimizer::new(OptimizerKind::Adam, Architecture::LeNet5.parameters());
    for epoch in 0..2 {
        // The last four of the 150 images are set apart.
        for batch in epoch_order(5, epoch, 146).chunks(16) {
            network.train_step(&dataset.train, batch, &mut optimizer, 0.001).unwrap();
        }
    }
    assert!(network.parameters() == trainer.checkpoint().parameters);
    assert_eq!(trainer.history()[1].validation.unwrap().1 * 4.0 % 1.0, 0.0, "not of four images");
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another() {
    let dataset = small();
    let trained = |seed, threads| {
        let hyper = Hyperparameters { seed, ..Hyperparameters::default() };
        let mut trainer = Trainer::new(Arc::clone(&dataset), run(&dataset, hyper), Engine::new(threads)).unwrap();
        epochs(&mut trainer, 1);
        trainer
    };
    assert_same(&trained(1, 1), &trained(1, 1));
    assert!(trained(1, 1).checkpoint().parameters != trained(2, 1).checkpoint().parameters);
}

#[test]
fn a_finished_run_is_extended_as_if_it_had_been_longer() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let of = |epochs| spec(&dataset, Hyperparameters { epochs, ..Hyperparameters::default() });
    let finished = |epochs| {
        let mut watch = Watch::train(&dataset, of(epochs), folder.path());
        let path = watch.until_ended().kept.unwrap().path;
        watch.stop();
        path
    };
    let (long, short) = (finished(3), finished(2));
    let mut watch = Watch::resume(&dataset, &short, folder.path());
    let started = watch.until_started();
    assert_eq!((started.history.len(), started.run_dir.as_path()), (2, short.parent().unwrap()));
    watch.until_ended();
    watch.send(lenet_monitor::train::Command::RunEpochs(1));
    assert_eq!(watch.until_ended().epochs, 3);
    watch.stop();
    let (long, short) = (Checkpoint::read(&long).unwrap(), Checkpoint::read(&short).unwrap());
    assert!(long.parameters == short.parameters);
    assert_eq!(long.optimizer, short.optimizer);
}

#[test]
fn a_checkpoint_of_other_data_or_another_place_is_refused() {
    let dataset = small();
    let checkpoint = {
        let mut trainer = begin(&dataset, Hyperparameters::default());
        steps(&mut trainer, 3);
        trainer.checkpoint()
    };
    let refused = |dataset: &Arc<Dataset>, checkpoint: &Checkpoint| {
        Trainer::resume(Arc::clone(dataset), checkpoint.clone(), Engine::new(1)).err().unwrap()
    };
    let mut other = Dataset::clone(&dataset);
    other.id.fingerprint.0[0] = 0;
    assert!(matches!(refused(&Arc::new(other), &checkpoint), CannotRun::OtherDataset { .. }));
    let mut elsewhere = checkpoint;
    elsewhere.position.step = 11;
    assert!(matches!(refused(&dataset, &elsewhere), CannotRun::Place { step: 11, .. }));
}

#[test]
fn tells_when_a_run_goes_on_with_something_else() {
    let dataset = small();
    let before = begin(&dataset, Hyperparameters::default()).computed_with();
    assert_eq!(continuation_note(&before, &before), None);
    let mut now = before.clone();
    now.simd = "another".into();
    let note = continuation_note(&before, &now).unwrap();
    assert!(note.contains("another") && note.contains(&before.simd), "{note}");
}
