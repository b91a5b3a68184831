//! A run that is saved and resumed equals an uninterrupted run, bit for bit.

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
        CannotRun, Checkpoint, Command, Hyperparameter, Hyperparameters, Limits, Recipe, RunSpec, State, Teacher,
        Trainer,
        trainer::{Advance, continuation_note},
    },
};

fn small() -> Arc<Dataset> {
    bars(150, 40)
}

/// Specifies a run of ten steps per epoch, the last with six images.
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

/// Saves and resumes a run.
fn resumed(dataset: &Arc<Dataset>, trainer: Trainer, folder: &Path, threads: u32) -> Trainer {
    let path = folder.join("last.ckpt");
    trainer.checkpoint().write(&path).unwrap();
    drop(trainer);
    Trainer::resume(Arc::clone(dataset), Checkpoint::read(&path).unwrap(), Engine::new(threads)).unwrap()
}

/// Compares two runs in everything but times and threads.
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
    assert!(bits(&a) == bits(&b), "different weights");
    assert!(a == b, "different state: {:?} and {:?}", (a.position, a.history, a.best), (b.position, b.history, b.best));
}

#[test]
fn a_save_between_epochs_changes_nothing() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    for (optimizer, momentum, moments) in [
        (OptimizerKind::Adam, 0.0, 2),
        (OptimizerKind::Rmsprop, 0.0, 1),
        (OptimizerKind::Sgd, 0.0, 0),
        (OptimizerKind::Sgd, 0.9, 1),
        // Adam ignores the momentum.
        (OptimizerKind::Adam, 0.9, 2),
    ] {
        let hyper = Hyperparameters { optimizer, momentum, ..Hyperparameters::default() };
        let mut uninterrupted = begin(&dataset, hyper.clone());
        epochs(&mut uninterrupted, 3);
        assert_eq!(uninterrupted.checkpoint().optimizer.moments.len(), moments);
        let mut interrupted = begin(&dataset, hyper);
        epochs(&mut interrupted, 1);
        let mut interrupted = resumed(&dataset, interrupted, folder.path(), 1);
        epochs(&mut interrupted, 2);
        assert_same(&uninterrupted, &interrupted);
    }
}

#[test]
fn every_network_is_resumed_exactly() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    for &network in Architecture::ALL {
        let hyper = Hyperparameters { network, ..Hyperparameters::default() };
        let mut uninterrupted = begin(&dataset, hyper.clone());
        epochs(&mut uninterrupted, 1);
        let mut interrupted = begin(&dataset, hyper);
        steps(&mut interrupted, 4);
        let mut interrupted = resumed(&dataset, interrupted, folder.path(), 2);
        epochs(&mut interrupted, 1);
        assert_same(&uninterrupted, &interrupted);
    }
}

#[test]
fn a_save_in_mid_epoch_changes_nothing() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let hyper =
        Hyperparameters { activation: Activation::Tanh, pooling: Pooling::Max, seed: 9, ..Hyperparameters::default() };
    let mut uninterrupted = begin(&dataset, hyper.clone());
    epochs(&mut uninterrupted, 2);
    // After each of the first epoch's steps, the last time before its evaluation.
    let mut interrupted = begin(&dataset, hyper);
    for _ in 0..10 {
        steps(&mut interrupted, 1);
        interrupted = resumed(&dataset, interrupted, folder.path(), 1);
    }
    assert!(interrupted.is_evaluating());
    // In the middle of the evaluation, which starts again.
    interrupted.advance().unwrap();
    interrupted = resumed(&dataset, interrupted, folder.path(), 1);
    steps(&mut interrupted, 3);
    interrupted = resumed(&dataset, interrupted, folder.path(), 1);
    epochs(&mut interrupted, 1);
    assert_same(&uninterrupted, &interrupted);
}

#[test]
fn a_save_in_mid_epoch_changes_nothing_for_any_network() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    for &network in Architecture::ALL {
        let hyper = Hyperparameters { network, ..Hyperparameters::default() };
        let mut uninterrupted = begin(&dataset, hyper.clone());
        epochs(&mut uninterrupted, 2);
        let mut interrupted = begin(&dataset, hyper);
        steps(&mut interrupted, 7);
        let mut interrupted = resumed(&dataset, interrupted, folder.path(), 2);
        epochs(&mut interrupted, 2);
        assert_same(&uninterrupted, &interrupted);
    }
}

/// All training techniques together, with any number of threads.
#[test]
fn training_techniques_are_resumed_exactly() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let taught_by = folder.path().join("teacher.ckpt");
    let mut teacher = begin(&dataset, Hyperparameters { seed: 7, ..Hyperparameters::default() });
    epochs(&mut teacher, 1);
    teacher.checkpoint().write(&taught_by).unwrap();
    let begin = |hyper| {
        let teacher = Some(Teacher::new(std::slice::from_ref(&taught_by), folder.path()));
        Trainer::new(Arc::clone(&dataset), RunSpec { teacher, ..run(&dataset, hyper) }, Engine::new(1)).unwrap()
    };
    let hyper = Hyperparameters {
        epochs: 3,
        batch_size: 16,
        label_smoothing: 0.1,
        teacher_weight: 0.5,
        teacher_temperature: 3.0,
        dropout: 0.2,
        ..Recipe::Best.hyperparameters()
    };
    let mut uninterrupted = begin(hyper.clone());
    epochs(&mut uninterrupted, 2);
    let mut interrupted = begin(hyper.clone());
    for threads in [2, 3, 1] {
        steps(&mut interrupted, 5);
        interrupted = resumed(&dataset, interrupted, folder.path(), threads);
    }
    epochs(&mut interrupted, 1);
    assert_same(&uninterrupted, &interrupted);
    let state = uninterrupted.checkpoint().optimizer;
    assert!(state.average.is_some_and(|average| average != uninterrupted.checkpoint().parameters));

    // Each one changes the run.
    for which in Hyperparameter::ALL.iter().filter(|which| which.group().is_some()) {
        if [Hyperparameter::Patience, Hyperparameter::StopAt, Hyperparameter::Ema].contains(which) {
            continue;
        }
        let mut without = hyper.clone();
        match which {
            Hyperparameter::WarmUp => without.warm_up = 0.5,
            _ => without.set(*which, which.default_value()),
        }
        let mut trainer = begin(without);
        epochs(&mut trainer, 2);
        assert!(trainer.checkpoint().parameters != uninterrupted.checkpoint().parameters, "{which} has no effect");
    }
}

#[test]
fn a_recurrent_network_continues_with_its_delay() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    for network in [Architecture::Rnn, Architecture::Lstm, Architecture::Gru] {
        let run = |delay| {
            let mut trainer = begin(&dataset, Hyperparameters { network, delay, ..Hyperparameters::default() });
            steps(&mut trainer, 5);
            trainer
        };
        let mut uninterrupted = run(3);
        let mut interrupted = resumed(&dataset, run(3), folder.path(), 1);
        assert!(run(0).checkpoint().parameters != interrupted.checkpoint().parameters, "{network}: no delay");
        for trainer in [&mut uninterrupted, &mut interrupted] {
            steps(trainer, 5);
            epochs(trainer, 1);
        }
        assert_same(&uninterrupted, &interrupted);
    }
}

#[test]
fn learning_rate_changes_are_kept() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let change = |trainer: &mut Trainer| {
        steps(trainer, 4);
        trainer.set_learning_rate(0.02).unwrap();
    };
    let mut uninterrupted = begin(&dataset, Hyperparameters::default());
    change(&mut uninterrupted);
    epochs(&mut uninterrupted, 2);
    let mut interrupted = begin(&dataset, Hyperparameters::default());
    change(&mut interrupted);
    let mut interrupted = resumed(&dataset, interrupted, folder.path(), 1);
    assert_eq!(interrupted.learning_rate(), 0.02);
    epochs(&mut interrupted, 2);
    assert_same(&uninterrupted, &interrupted);
}

/// Each epoch trains its own order of the images, batch by batch, with the rest as a smaller batch.
#[test]
fn a_run_trains_its_batches_in_the_order_of_each_epoch() {
    let dataset = small();
    let mut trainer = begin(&dataset, Hyperparameters { seed: 5, ..Hyperparameters::default() });
    epochs(&mut trainer, 2);
    let compute = Engine::new(1);
    let mut network = Network::new(Architecture::LeNet5, Activation::Relu, Pooling::Avg, 5, compute);
    let mut optimizer = Optimizer::new(OptimizerKind::Adam, Architecture::LeNet5.parameters());
    for epoch in 0..2 {
        // The last four of the 150 images are held out.
        for batch in epoch_order(5, epoch, 146).chunks(16) {
            network.train_step(&dataset.train, batch, &mut optimizer, 0.001).unwrap();
        }
    }
    assert!(network.parameters() == trainer.checkpoint().parameters);
    assert_eq!(trainer.history()[1].validation.unwrap().1 * 4.0 % 1.0, 0.0, "not over four images");
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
    let long = Checkpoint::read(&finished(3)).unwrap();
    let steps = long.history[0].steps;
    for command in [Command::RunEpochs(1), Command::Resume, Command::SetEpochs(3), Command::RunSteps(steps)] {
        let short = finished(2);
        let mut watch = Watch::resume(&dataset, &short, folder.path());
        let started = watch.until_started();
        assert_eq!((started.history.len(), started.run_dir.as_path()), (2, short.parent().unwrap()));
        watch.until_ended();
        watch.send(command);
        assert_eq!(watch.until_ended().epochs, 3);
        watch.stop();
        let short = Checkpoint::read(&short).unwrap();
        assert_eq!(short.spec, long.spec);
        assert!(long.parameters == short.parameters);
        assert_eq!(long.optimizer, short.optimizer);
    }
}

#[test]
fn a_finished_run_of_which_a_step_is_trained_pauses_and_is_saved_with_the_new_total() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let spec = spec(&dataset, Hyperparameters { epochs: 1, ..Hyperparameters::default() });
    let mut watch = Watch::train(&dataset, spec, folder.path());
    watch.until_ended();
    watch.send(Command::RunSteps(1));
    watch.until_state(State::Paused);
    let saved = watch.saved();
    assert_eq!((saved.position.epoch, saved.position.step, saved.spec.hyper.epochs), (1, 1, 2));
    watch.send(Command::SetEpochs(1));
    assert!(watch.until_refused().contains("expected 2 or more"));
    watch.stop();
}

#[test]
fn a_run_that_is_shortened_to_its_complete_epochs_is_finished_and_saved() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let spec = spec(&dataset, Hyperparameters { epochs: 1_000, ..Hyperparameters::default() });
    let mut watch = Watch::train(&dataset, spec, folder.path());
    watch.send(Command::Pause);
    watch.until_state(State::Paused);
    watch.send(Command::RunEpochs(1));
    watch.until_state(State::Training);
    watch.until_state(State::Paused);
    let done = watch.saved().position.epoch;
    watch.send(Command::SetEpochs(done));
    let outcome = watch.until_ended();
    assert_eq!((outcome.state, outcome.epochs, outcome.save_error), (State::Finished, done, None));
    assert_eq!(Checkpoint::read(&outcome.kept.unwrap().path).unwrap().spec.hyper.epochs, done);
    watch.stop();
}

#[test]
fn a_checkpoint_of_other_data_or_at_an_impossible_position_is_refused() {
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
    assert!(matches!(refused(&dataset, &elsewhere), CannotRun::Position { step: 11, .. }));
}

#[test]
fn another_instruction_set_is_noted() {
    let dataset = small();
    let before = begin(&dataset, Hyperparameters::default()).computed_with();
    assert_eq!(continuation_note(&before, &before), None);
    let mut now = before.clone();
    now.simd = "another".into();
    let note = continuation_note(&before, &now).unwrap();
    assert!(note.contains("another") && note.contains(&before.simd), "{note}");
}
