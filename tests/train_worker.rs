//! The worker, tested through its commands and events.

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use common::{
    runs::{bars, spec},
    watch::Watch,
};
use lenet_monitor::{
    data::{Dataset, Fingerprint},
    nn::{Activation, Activations, Architecture, Engine, Network, OptimizerKind, Pooling, softmax},
    train::{
        Checkpoint, ChosenBy, Command, Event, Hyperparameters, Limits, Progress, RunSpec, SaveKind, Start, State,
        checkpoint::{BEST, LAST},
        evaluate, mailbox,
    },
};

fn small() -> Arc<Dataset> {
    bars(200, 60)
}

/// Hyperparameters for a run on [`small`]: 13 steps per epoch.
fn epochs(epochs: u32) -> Hyperparameters {
    Hyperparameters { epochs, ..Hyperparameters::default() }
}

/// A run that a test can stop long before its end.
fn endless(dataset: &Dataset) -> RunSpec {
    spec(dataset, epochs(Hyperparameters::MAX_EPOCHS))
}

fn progress(event: Event) -> Option<Progress> {
    if let Event::Progress(progress) = event { Some(progress) } else { None }
}

#[test]
fn trains_evaluates_saves_and_finishes() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let mut watch = Watch::train(&dataset, spec(&dataset, epochs(2)), folder.path());
    let started = watch.until_started();
    assert_eq!((started.train_images, started.validation_images, started.test_images), (200, 0, 60));
    assert_eq!((started.steps_per_epoch, started.step, started.history.len()), (13, 0, 0));
    assert_eq!(started.run_dir.parent().unwrap(), folder.path());
    let mut events = Vec::new();
    let outcome = loop {
        match watch.next().unwrap() {
            Event::Ended(outcome) => break outcome,
            event => events.push(event),
        }
    };
    let records: Vec<_> = events
        .iter()
        .filter_map(|event| if let Event::EpochEnded(record) = event { Some(record) } else { None })
        .collect();
    assert_eq!(
        records.iter().map(|record| (record.epoch, record.steps, record.images)).collect::<Vec<_>>(),
        [(1, 13, 200), (2, 13, 200)]
    );
    assert!(records.iter().all(|record| record.seconds >= record.train_seconds && record.train_seconds > 0.0));
    let last = started.run_dir.join(LAST);
    assert_eq!((outcome.state, outcome.epochs, outcome.reason.clone()), (State::Finished, 2, None));
    assert_eq!(outcome.checkpoint(), Some(&*last));
    assert_eq!(outcome.test_accuracy, Some(records[1].test_accuracy));
    let is_best = |event: &Event| matches!(event, Event::Saved { kind: SaveKind::Best(ChosenBy::Test), .. });
    assert!(events.iter().any(is_best));

    // The reported results are those of the saved network on the test set.
    let checkpoint = Checkpoint::read(&last).unwrap();
    let evaluation = evaluate(&mut checkpoint.network(Engine::default()), &dataset.test);
    assert_eq!((evaluation.loss, evaluation.accuracy()), (records[1].test_loss, records[1].test_accuracy));
    let kept = checkpoint.evaluation.unwrap();
    assert_eq!((kept.loss, &kept.confusion), (evaluation.loss, &evaluation.confusion));
    assert_eq!(kept.mistakes, evaluation.mistakes().copied().collect::<Vec<_>>());
    assert!(Checkpoint::read(&started.run_dir.join(BEST)).unwrap().best.is_some());

    let last_events = watch.stop();
    assert!(matches!(last_events.first(), Some(Event::State(State::Stopped))), "saved again: {last_events:?}");
}

#[test]
fn running_means_are_over_the_epochs_images() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let mut watch = Watch::train(&dataset, endless(&dataset), folder.path());
    watch.send(Command::Pause);
    watch.until_state(State::Paused);
    // To the start of an epoch.
    watch.send(Command::RunEpochs(1));
    watch.until_state(State::Paused);
    let (mut loss, mut correct, mut images) = (0.0, 0.0, 0.0);
    for step in 1..=13 {
        watch.send(Command::RunSteps(1));
        let report = watch.until("progress", progress);
        // The last batch has the remaining 8 images.
        let batch = if step == 13 { 8.0 } else { 16.0 };
        loss += report.batch_loss * batch;
        correct += report.batch_accuracy * batch;
        images += batch;
        assert_eq!((report.step, report.steps_per_epoch, report.batches), (step, 13, 1));
        assert!((report.train_loss - loss / images).abs() < 1e-9, "{report:?}");
        assert!((report.train_accuracy - correct / images).abs() < 1e-9, "{report:?}");
        assert!(report.images_per_second > 0.0 && report.ms_per_step > 0.0, "{report:?}");
        assert!(report.elapsed > 0.0 && report.remaining.unwrap() > 0.0, "{report:?}");
    }
    let record =
        watch.until("an epoch", |event| if let Event::EpochEnded(record) = event { Some(record) } else { None });
    assert!((record.train_loss - loss / 200.0).abs() < 1e-9);
    watch.stop();
}

#[test]
fn pauses_and_resumes() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let mut watch = Watch::train(&dataset, endless(&dataset), folder.path());
    watch.until("progress", progress);
    watch.send(Command::Pause);
    watch.until_state(State::Paused);
    let (first, second) = (watch.saved(), watch.saved());
    assert_eq!(first.position, second.position);
    assert_eq!(first.parameters, second.parameters);
    watch.send(Command::Resume);
    watch.until_state(State::Training);
    watch.until("progress", progress);
    assert!(watch.saved().optimizer.steps > first.optimizer.steps);
    watch.stop();
}

#[test]
fn runs_n_steps_then_pauses() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let mut watch = Watch::train(&dataset, endless(&dataset), folder.path());
    watch.send(Command::Pause);
    watch.until_state(State::Paused);
    let before = watch.saved().optimizer.steps;
    for (steps, sum) in [(1, 1), (1, 2), (30, 32)] {
        watch.send(Command::RunSteps(steps));
        watch.until_state(State::Training);
        watch.until_state(State::Paused);
        assert_eq!(watch.saved().optimizer.steps, before + sum);
    }
    watch.send(Command::RunSteps(0));
    watch.until_refused();
    watch.stop();
}

#[test]
fn runs_n_epochs_then_pauses_and_extends_a_finished_run() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let mut watch = Watch::train(&dataset, endless(&dataset), folder.path());
    watch.send(Command::Pause);
    watch.until_state(State::Paused);
    let done = watch.saved().position.epoch;
    watch.send(Command::RunEpochs(2));
    watch.until_state(State::Training);
    watch.until_state(State::Paused);
    let position = watch.saved().position;
    assert_eq!((position.epoch, position.step), (done + 2, 0));

    watch.send(Command::Restart(Box::new(spec(&dataset, epochs(3)))));
    assert_eq!(watch.until_ended().epochs, 3);
    watch.send(Command::SetEpochs(2));
    assert!(watch.until_refused().contains("expected 3 or more"));

    watch.send(Command::SetLearningRate(0.0005));
    watch.send(Command::RunEpochs(2));
    let total = watch.until("more epochs", |event| if let Event::EpochsChanged(n) = event { Some(n) } else { None });
    assert_eq!(total, 5);
    let outcome = watch.until_ended();
    assert_eq!((outcome.state, outcome.epochs), (State::Finished, 5));
    let checkpoint = Checkpoint::read(&outcome.kept.unwrap().path).unwrap();
    assert_eq!((checkpoint.spec.hyper.epochs, checkpoint.learning_rate), (5, 0.0005));
    assert_eq!(
        checkpoint.history.iter().map(|record| record.learning_rate).collect::<Vec<_>>(),
        [0.001, 0.001, 0.001, 0.0005, 0.0005]
    );
    watch.stop();
}

#[test]
fn changes_the_learning_rate_during_training() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let mut watch = Watch::train(&dataset, endless(&dataset), folder.path());
    watch.send(Command::Pause);
    watch.until_state(State::Paused);
    for wrong in [0.0, -1.0, f32::NAN, 11.0] {
        watch.send(Command::SetLearningRate(wrong));
        assert!(watch.until_refused().contains("learning rate"), "{wrong}");
    }
    watch.send(Command::SetLearningRate(0.01));
    let rate =
        watch.until("the rate", |event| if let Event::LearningRateChanged(rate) = event { Some(rate) } else { None });
    assert_eq!(rate, 0.01);
    let checkpoint = watch.saved();
    let position = checkpoint.position;
    let [change] = checkpoint.learning_rate_changes[..] else { panic!("{:?}", checkpoint.learning_rate_changes) };
    assert_eq!((change.epoch, change.step, change.learning_rate), (position.epoch, position.step, 0.01));
    assert_eq!((checkpoint.learning_rate, checkpoint.spec.hyper.learning_rate), (0.01, 0.001));
    watch.stop();
}

#[test]
fn restarts_in_a_new_folder_and_saves_the_previous_run() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let mut watch = Watch::train(&dataset, endless(&dataset), folder.path());
    let first = watch.until_started();
    watch.until("progress", progress);
    watch.send(Command::Pause);
    watch.until_state(State::Paused);
    let steps = watch.saved().optimizer.steps;
    watch.send(Command::RunSteps(5));
    watch.until_state(State::Training);
    watch.until_state(State::Paused);

    let mut wrong = endless(&dataset);
    wrong.limits.holdout = 200;
    watch.send(Command::Restart(Box::new(wrong)));
    assert!(watch.until_refused().contains("fewer than 200"));
    assert_eq!(watch.saved().optimizer.steps, steps + 5, "a refused restart changed the run");
    watch.send(Command::RunSteps(1));
    watch.until_state(State::Training);
    watch.until_state(State::Paused);

    let mut other = spec(&dataset, Hyperparameters { optimizer: OptimizerKind::Sgd, ..epochs(1) });
    other.limits.holdout = 20;
    watch.send(Command::Restart(Box::new(other.clone())));
    let second = watch.until_started();
    assert_eq!((second.spec, second.train_images, second.validation_images), (other, 180, 20));
    assert_ne!(second.run_dir, first.run_dir);
    assert_eq!(watch.until_ended().state, State::Finished);
    let left = Checkpoint::read(&first.run_dir.join(LAST)).unwrap();
    assert_eq!(left.optimizer.steps, steps + 6);
    let best = Checkpoint::read(&second.run_dir.join(BEST)).unwrap();
    let (chosen, record) = (best.best.unwrap(), &best.history[0]);
    assert_eq!(chosen.chosen_by, ChosenBy::Validation);
    assert_eq!(record.validation, Some((chosen.loss, chosen.accuracy)));
    watch.stop();
}

#[test]
fn loads_a_checkpoint_and_pauses() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let mut watch = Watch::train(&dataset, spec(&dataset, epochs(3)), folder.path());
    let outcome = watch.until_ended();
    let finished = outcome.kept.unwrap().path;
    let kept = fs::read(&finished).unwrap();
    watch.send(Command::Restart(Box::new(endless(&dataset))));
    let endless_run = watch.until_started();
    watch.until("progress", progress);
    watch.send(Command::Load(finished.clone()));
    let loaded = watch.until_started();
    assert_eq!((loaded.history.len(), loaded.run_dir.join(LAST)), (3, finished.clone()));
    watch.until_state(State::Finished);
    let evaluation = watch.until("the evaluation in full", |event| match event {
        Event::Evaluated { evaluation, .. } if evaluation.predictions.len() == 60 => Some(evaluation),
        _ => None,
    });
    assert_eq!(evaluation.accuracy(), outcome.test_accuracy.unwrap());
    assert!(Checkpoint::read(&endless_run.run_dir.join(LAST)).unwrap().optimizer.steps > 0);

    // An unfinished run is loaded paused.
    watch.send(Command::Load(endless_run.run_dir.clone()));
    assert_eq!(watch.until_started().run_dir, endless_run.run_dir);
    watch.until_state(State::Paused);
    watch.send(Command::RunSteps(1));
    watch.until_state(State::Training);
    watch.until_state(State::Paused);
    watch.stop();
    assert_eq!(fs::read(&finished).unwrap(), kept, "a loaded run was changed");
}

#[test]
fn starts_from_a_checkpoint_and_pauses() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let mut watch = Watch::train(&dataset, endless(&dataset), folder.path());
    let run = watch.until_started().run_dir;
    watch.until("progress", progress);
    watch.stop();
    let kept = Checkpoint::read(&run.join(LAST)).unwrap();

    let mut watch = Watch::start(&dataset, Start::Load(run.clone()), folder.path());
    let started = watch.until_started();
    assert_eq!((started.run_dir.as_path(), started.step), (run.as_path(), kept.position.step));
    watch.until_state(State::Paused);
    watch.send(Command::RunSteps(1));
    watch.until_state(State::Training);
    watch.until_state(State::Paused);
    watch.stop();

    let nowhere = folder.path().join("none.ckpt");
    let outcome = Watch::start(&dataset, Start::Load(nowhere), folder.path()).until_ended();
    assert_eq!(outcome.state, State::Failed);
    assert!(outcome.reason.unwrap().contains("none.ckpt"));
}

#[test]
fn refuses_checkpoints_that_are_damaged_or_from_other_data() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let mut other = Dataset::clone(&dataset);
    other.id.name = "other bars".into();
    other.id.fingerprint = Fingerprint([9; 32]);
    let other = Arc::new(other);
    let mut watch = Watch::train(&other, spec(&other, epochs(1)), folder.path());
    let foreign = watch.until_ended().kept.unwrap().path;
    watch.stop();

    let mut watch = Watch::train(&dataset, endless(&dataset), folder.path());
    watch.send(Command::Pause);
    watch.until_state(State::Paused);
    let before = watch.saved();
    watch.send(Command::Load(foreign.clone()));
    let reason = watch.until_refused();
    for part in ["other bars", "0909", "0707"] {
        assert!(reason.contains(part), "{part} is not in {reason}");
    }
    let damaged = folder.path().join("damaged.ckpt");
    fs::write(&damaged, &fs::read(&foreign).unwrap()[..1000]).unwrap();
    watch.send(Command::Load(damaged));
    assert!(watch.until_refused().contains("truncated"));
    watch.send(Command::Load(folder.path().join("none.ckpt")));
    assert!(watch.until_refused().contains("none.ckpt"));
    assert_eq!(watch.saved().position, before.position);
    watch.stop();
}

#[test]
fn going_back_to_an_earlier_checkpoint_leaves_the_later_one_unchanged() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let mut watch = Watch::train(&dataset, spec(&dataset, epochs(1)), folder.path());
    let last = watch.until_ended().kept.unwrap().path;
    let earlier = last.with_file_name("epoch-1.ckpt");
    fs::copy(&last, &earlier).unwrap();
    watch.send(Command::RunEpochs(1));
    watch.until_ended();
    let later = fs::read(&last).unwrap();
    watch.send(Command::Load(earlier));
    let started = watch.until_started();
    assert_ne!(started.run_dir, last.parent().unwrap());
    assert!(started.run_dir.starts_with(folder.path()));
    watch.send(Command::RunEpochs(1));
    watch.until_state(State::Training);
    watch.until_ended();
    watch.stop();
    assert_eq!(fs::read(&last).unwrap(), later);
    // The same training gives the same result.
    let (again, before) = (started.run_dir.join(LAST), last);
    assert_eq!(Checkpoint::read(&again).unwrap().parameters, Checkpoint::read(&before).unwrap().parameters);
    assert_eq!(
        Checkpoint::read(&started.run_dir.join(BEST)).unwrap().best,
        Checkpoint::read(&before.with_file_name(BEST)).unwrap().best
    );
}

#[test]
fn predicts_with_the_current_weights() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let mut watch = Watch::train(&dataset, spec(&dataset, epochs(1)), folder.path());
    let checkpoint = Checkpoint::read(&watch.until_ended().kept.unwrap().path).unwrap();
    let pixels: Box<[u8; 784]> = Box::new(dataset.test.image(3).try_into().unwrap());
    watch.send(Command::Predict { id: 42, pixels: pixels.clone() });
    let found = watch.until("a prediction", |event| match event {
        Event::Predicted { id: 42, probabilities } => Some(probabilities),
        _ => None,
    });
    assert_eq!(found, softmax(&checkpoint.network(Engine::default()).logits(&pixels[..])[0]));
    watch.stop();
}

fn inspected(watch: &mut Watch, wanted: u64) -> Box<Activations> {
    watch.until("an inspection", |event| match event {
        Event::Inspected { id, activations } if id == wanted => Some(activations),
        _ => None,
    })
}

#[test]
fn inspects_the_network_during_training_and_while_paused() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let mut watch = Watch::train(&dataset, endless(&dataset), folder.path());
    let pixels: Box<[u8; 784]> = Box::new(dataset.test.image(3).try_into().unwrap());
    let ask = |id| Command::Inspect { id, pixels: pixels.clone() };
    watch.until("progress", progress);
    watch.send(ask(1));
    let early = inspected(&mut watch, 1);
    // Inspecting does not pause the run.
    watch.until("progress", progress);
    watch.send(Command::Pause);
    watch.until_state(State::Paused);
    watch.send(ask(2));
    let late = inspected(&mut watch, 2);
    assert_ne!(early, late, "the current weights");
    let saved = watch.saved();
    let mut network = saved.network(Engine::default());
    assert_eq!(late, Box::new(network.inspect(&pixels)));
    assert_eq!(late.probabilities, softmax(&network.logits(&pixels[..])[0]));
    // Inspecting changes nothing.
    watch.send(ask(3));
    assert_eq!(inspected(&mut watch, 3), late);
    assert_eq!(watch.saved().parameters, saved.parameters);
    watch.stop();
}

/// An observer that has stopped reading finds only the newest inspection.
#[test]
fn an_inspection_replaces_an_unread_one() {
    let (outbox, inbox) = mailbox();
    let mut network = Network::new(Architecture::LeNet5, Activation::Relu, Pooling::Avg, 1, Engine::default());
    let activations = Box::new(network.inspect(&[0; 784]));
    for id in 1..=3 {
        outbox.post(Event::Inspected { id, activations: activations.clone() });
        outbox.post(Event::Note(format!("note {id}")));
    }
    let note = |id| Event::Note(format!("note {id}"));
    assert_eq!(inbox.drain(), [note(1), note(2), Event::Inspected { id: 3, activations }, note(3)]);
}

#[test]
fn stops_in_the_middle_of_an_epoch_and_saves() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let mut watch = Watch::train(&dataset, endless(&dataset), folder.path());
    let run_dir = watch.until_started().run_dir;
    watch.send(Command::Pause);
    watch.until_state(State::Paused);
    watch.send(Command::RunSteps(15));
    watch.until_state(State::Training);
    watch.until_state(State::Paused);
    let last_events = watch.stop();
    let checkpoint = Checkpoint::read(&run_dir.join(LAST)).unwrap();
    assert!(checkpoint.optimizer.steps >= 15);
    let [Event::Saved { kind: SaveKind::Last, path }, Event::State(State::Stopped), Event::Ended(outcome)] =
        &last_events[last_events.len() - 3..]
    else {
        panic!("{last_events:?}");
    };
    assert_eq!((outcome.state, outcome.checkpoint()), (State::Stopped, Some(&**path)));
}

#[test]
fn dropping_the_worker_stops_it() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let mut watch = Watch::train(&dataset, endless(&dataset), folder.path());
    let run_dir = watch.until_started().run_dir;
    watch.until("progress", progress);
    let ended = watch.worker.ended.clone();
    drop(watch);
    let _ = ended.recv();
    assert!(Checkpoint::read(&run_dir.join(LAST)).unwrap().optimizer.steps > 0);
}

#[test]
fn responds_during_an_evaluation() {
    let (dataset, folder) = (bars(16, 20_000), tempfile::tempdir().unwrap());
    let mut watch = Watch::train(&dataset, endless(&dataset), folder.path());
    // On a busy machine the test may be too late, but not every time.
    let interrupted = (0..20).any(|_| {
        watch.until_state(State::Evaluating);
        watch.send(Command::Pause);
        watch.until_state(State::Paused);
        let position = watch.saved().position;
        watch.send(Command::Resume);
        position.step == 1
    });
    assert!(interrupted, "no evaluation was interrupted");
    watch.until_state(State::Evaluating);
    watch.until("the epoch's end", |event| matches!(event, Event::EpochEnded(_)).then_some(()));
    watch.stop();
}

#[test]
fn a_diverged_run_continues_from_a_checkpoint_with_a_lower_rate() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let mut watch = Watch::train(&dataset, spec(&dataset, epochs(1)), folder.path());
    let path = watch.until_ended().kept.unwrap().path;
    watch.stop();
    let mut good = Checkpoint::read(&path).unwrap();
    good.spec.hyper.epochs = 3;
    let kept = folder.path().join("good.ckpt");
    good.write(&kept).unwrap();
    let poisoned = Checkpoint { parameters: vec![1e38; good.parameters.len()], ..good };
    poisoned.write(&path).unwrap();

    let mut watch = Watch::resume(&dataset, &path, folder.path());
    watch.until_state(State::Diverged);
    watch.send(Command::Load(kept));
    watch.send(Command::SetLearningRate(0.0001));
    watch.until_started();
    let changed = |event| if let Event::LearningRateChanged(rate) = event { Some(rate) } else { None };
    assert_eq!(watch.until("the lower rate", changed), 0.0001);
    watch.send(Command::Resume);
    assert_eq!(watch.until_ended().state, State::Finished);
    watch.stop();
}

/// Returns the checkpoint of a finished run of one epoch whose next step diverges.
fn poisoned(dataset: &Arc<Dataset>, folder: &Path) -> PathBuf {
    let mut watch = Watch::train(dataset, spec(dataset, epochs(1)), folder);
    let path = watch.until_ended().kept.unwrap().path;
    watch.stop();
    let mut checkpoint = Checkpoint::read(&path).unwrap();
    // Finite, but results computed with them are not.
    checkpoint.parameters.fill(1e38);
    checkpoint.write(&path).unwrap();
    path
}

#[test]
fn a_run_that_diverges_keeps_its_last_good_checkpoint() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let kept = poisoned(&dataset, folder.path());
    let checkpoint = Checkpoint::read(&kept).unwrap();
    let mut watch = Watch::resume(&dataset, &kept, folder.path());
    watch.until_state(State::Finished);
    watch.send(Command::RunEpochs(1));
    watch.until_state(State::Diverged);
    let outcome = watch.until_ended();
    assert_eq!((outcome.state, outcome.epochs), (State::Diverged, 1));
    let reason = outcome.reason.clone().unwrap();
    for part in ["loss is not finite in step 1 of epoch 2", "learning rate of 0.001", &*kept.display().to_string()] {
        assert!(reason.contains(part), "{part} is not in {reason}");
    }
    assert_eq!(outcome.checkpoint(), Some(&*kept));
    let pixels = Box::new([0; 784]);
    for command in
        [Command::Resume, Command::Save, Command::RunSteps(1), Command::RunEpochs(1), Command::SetLearningRate(0.1)]
    {
        watch.send(command);
        assert!(watch.until_refused().contains("diverged"));
    }
    for command in
        [Command::Predict { id: 1, pixels: pixels.clone() }, Command::Inspect { id: 2, pixels: pixels.clone() }]
    {
        watch.send(command);
        assert!(watch.until_refused().contains("diverged"));
    }
    // The worker still accepts commands.
    watch.send(Command::Load(kept.clone()));
    watch.until_started();
    watch.until_state(State::Finished);
    watch.send(Command::Restart(Box::new(spec(&dataset, epochs(1)))));
    assert_eq!(watch.until_ended().state, State::Finished);
    watch.send(Command::Predict { id: 1, pixels });
    watch.until("a prediction", |event| matches!(event, Event::Predicted { .. }).then_some(()));
    watch.stop();
    assert_eq!(Checkpoint::read(&kept).unwrap(), checkpoint);
}

#[test]
fn a_failed_save_is_reported_and_training_continues() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let mut watch = Watch::train(&dataset, endless(&dataset), folder.path());
    let run_dir = watch.until_started().run_dir;
    watch.send(Command::Pause);
    watch.until_state(State::Paused);
    let whole = watch.saved();
    block(&run_dir.join(LAST));
    watch.send(Command::RunEpochs(1));
    let (path, reason) = watch.until("a failed save", save_failed);
    assert_eq!(path, run_dir.join(LAST));
    assert!(!reason.is_empty());
    watch.until_state(State::Paused);
    // Once possible again, the next save succeeds.
    fs::remove_dir(run_dir.join(LAST)).unwrap();
    watch.send(Command::RunEpochs(1));
    watch.until_state(State::Training);
    watch.until_state(State::Paused);
    assert_eq!(watch.saved().position.epoch, whole.position.epoch + 2);
    watch.stop();
}

/// Returns a paused endless run that has trained part of an epoch, and its folder.
fn paused(dataset: &Arc<Dataset>, folder: &Path) -> (Watch, PathBuf) {
    let mut watch = Watch::train(dataset, endless(dataset), folder);
    let run_dir = watch.until_started().run_dir;
    watch.send(Command::RunSteps(1));
    watch.until_state(State::Paused);
    (watch, run_dir)
}

fn save_failed(event: Event) -> Option<(PathBuf, String)> {
    match event {
        Event::SaveFailed { path, reason, .. } => Some((path, reason)),
        _ => None,
    }
}

/// Makes it impossible to write a file here.
fn block(path: &Path) {
    fs::remove_file(path).unwrap();
    fs::create_dir(path).unwrap();
}

#[test]
fn the_outcome_reports_what_is_really_on_disk() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let (mut watch, run_dir) = paused(&dataset, folder.path());
    let before = watch.saved().position.epoch;
    watch.send(Command::RunEpochs(1));
    watch.until_state(State::Paused);
    // A best checkpoint is left, but the last one can no longer be written.
    block(&run_dir.join(LAST));
    watch.send(Command::RunEpochs(2));
    watch.until_state(State::Paused);
    watch.send(Command::StopIfSaved);
    watch.until("a failed save", save_failed);
    watch.send(Command::Restart(Box::new(endless(&dataset))));
    let reason = watch.until("a refusal", |event| match event {
        Event::Refused { reason } => Some(reason),
        _ => None,
    });
    assert!(reason.contains("could not be saved"), "{reason}");
    watch.send(Command::Stop);
    let outcome = watch.until_ended();
    assert_eq!((outcome.state, outcome.epochs, outcome.kept.as_ref()), (State::Stopped, before + 3, None));
    assert!(outcome.unsaved_warning(true).unwrap().starts_with("NOT SAVED: "), "{outcome:?}");
}

#[test]
fn a_run_that_was_removed_and_cannot_be_saved_again_is_not_left() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let checkpoints = folder.path().join("checkpoints");
    let (mut watch, _) = paused(&dataset, &checkpoints);
    watch.saved();
    fs::remove_dir_all(&checkpoints).unwrap();
    fs::write(&checkpoints, "in the way").unwrap();
    watch.send(Command::Restart(Box::new(endless(&dataset))));
    assert!(watch.until_refused().contains("could not be saved"));
    fs::remove_file(&checkpoints).unwrap();
    watch.send(Command::Restart(Box::new(endless(&dataset))));
    watch.until_started();
    watch.stop();
}

#[test]
fn a_diverged_run_that_could_not_be_saved_does_not_keep_the_worker_from_stopping() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let path = poisoned(&dataset, folder.path());
    let mut watch = Watch::resume(&dataset, &path, folder.path());
    watch.until_state(State::Finished);
    block(&path);
    watch.send(Command::Save);
    watch.until("a failed save", save_failed);
    watch.send(Command::RunEpochs(1));
    watch.until_state(State::Diverged);
    watch.send(Command::SaveIn(folder.path().join("elsewhere")));
    assert!(watch.until_refused().contains("diverged"));
    watch.send(Command::StopIfSaved);
    watch.until_state(State::Stopped);
}

#[test]
fn a_run_is_saved_in_another_folder_if_its_own_cannot_be_written() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let (mut watch, run_dir) = paused(&dataset, folder.path());
    let before = watch.saved().position.epoch;
    watch.send(Command::RunEpochs(1));
    watch.until_state(State::Paused);
    block(&run_dir.join(LAST));
    watch.send(Command::RunEpochs(1));
    watch.until("a failed save", save_failed);
    let elsewhere = folder.path().join("elsewhere");
    watch.send(Command::SaveIn(elsewhere.clone()));
    watch.send(Command::StopIfSaved);
    let outcome = watch.until_ended();
    let kept = outcome.kept.unwrap();
    assert_eq!((outcome.state, outcome.save_error, kept.epoch, kept.step), (State::Stopped, None, before + 2, 0));
    assert!(kept.path.starts_with(&elsewhere), "{kept:?}");
    assert_eq!(Checkpoint::read(&kept.path).unwrap().position.epoch, before + 2);
}

#[test]
fn a_run_folder_that_is_removed_renamed_or_replaced_is_created_again() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let (mut watch, first) = paused(&dataset, folder.path());
    let before = watch.saved().position.epoch;
    let saved_after_an_epoch = |watch: &mut Watch| {
        watch.send(Command::RunEpochs(1));
        let note = watch.until("a note", |event| match event {
            Event::Note(note) => Some(note),
            _ => None,
        });
        assert!(note.contains("removed, renamed or replaced"), "{note}");
        let path = watch.until("a save", |event| match event {
            Event::Saved { kind: SaveKind::Last, path } => Some(path),
            _ => None,
        });
        watch.until_state(State::Paused);
        (Checkpoint::read(&path).unwrap().position.epoch, path.parent().unwrap().to_owned())
    };
    watch.send(Command::RunEpochs(1));
    watch.until_state(State::Training);
    watch.until_state(State::Paused);
    fs::remove_dir_all(&first).unwrap();
    assert_eq!(saved_after_an_epoch(&mut watch), (before + 2, first.clone()));
    // Another folder in its place is left alone.
    let renamed = folder.path().join("renamed");
    fs::rename(&first, &renamed).unwrap();
    fs::create_dir(&first).unwrap();
    fs::write(first.join(LAST), "somebody's").unwrap();
    let (epoch, second) = saved_after_an_epoch(&mut watch);
    assert_eq!((epoch, second != first && second != renamed), (before + 3, true));
    assert_eq!(fs::read(first.join(LAST)).unwrap(), b"somebody's");
    assert_eq!(Checkpoint::read(&renamed.join(LAST)).unwrap().position.epoch, before + 2);
    // Also if nothing was trained since the last save.
    fs::remove_dir_all(&second).unwrap();
    watch.send(Command::Stop);
    let kept = watch.until_ended().kept.unwrap();
    assert_eq!((kept.epoch, Checkpoint::read(&kept.path).unwrap().position.epoch), (before + 3, before + 3));
}

#[test]
fn a_run_that_cannot_be_saved_is_left_only_after_abandon() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let mut other = Watch::train(&dataset, spec(&dataset, epochs(1)), &folder.path().join("others"));
    let kept = other.until_started().run_dir.join(LAST);
    other.until_ended();
    other.stop();
    let checkpoints = folder.path().join("checkpoints");
    let mut watch = Watch::train(&dataset, endless(&dataset), &checkpoints);
    watch.until_started();
    watch.send(Command::RunSteps(3));
    watch.until_state(State::Paused);
    // A file is now in place of the folder of runs.
    fs::remove_dir_all(&checkpoints).unwrap();
    fs::write(&checkpoints, "in the way").unwrap();
    for command in [Command::Load(kept.clone()), Command::Restart(Box::new(endless(&dataset)))] {
        watch.send(command.clone());
        watch.until("a failed save", |event| matches!(event, Event::SaveFailed { .. }).then_some(()));
        assert!(watch.until_refused().contains("could not be saved"));
        // `Abandon` holds for one command only, even if that is refused.
        watch.send(Command::Abandon);
        watch.send(Command::Load(folder.path().join("no such run")));
        watch.until_refused();
        watch.send(command);
        assert!(watch.until_refused().contains("could not be saved"));
    }
    watch.send(Command::Abandon);
    watch.send(Command::Load(kept.clone()));
    assert_eq!(watch.until_started().run_dir, kept.parent().unwrap());
    watch.stop();
}

#[test]
fn a_checkpoint_folder_that_cannot_be_created_is_reported_immediately() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let in_the_way = folder.path().join("checkpoints");
    fs::write(&in_the_way, "a file").unwrap();
    let mut watch = Watch::train(&dataset, spec(&dataset, epochs(1)), &in_the_way);
    let mut failed = 0;
    let outcome = loop {
        match watch.next().unwrap() {
            Event::SaveFailed { .. } => failed += 1,
            Event::Ended(outcome) => break outcome,
            _ => {}
        }
    };
    assert_eq!(failed, 3, "at the start, and twice at the epoch's end");
    assert_eq!((outcome.state, outcome.epochs, outcome.kept), (State::Finished, 1, None));
    watch.stop();
    assert_eq!(fs::read(Path::new(&in_the_way)).unwrap(), b"a file");
}

#[test]
fn two_workers_do_not_train_the_same_run() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let mut watch = Watch::train(&dataset, endless(&dataset), folder.path());
    let run_dir = watch.until_started().run_dir;
    watch.until("a save", |event| matches!(event, Event::Saved { .. }).then_some(()));
    let mut second = Watch::resume(&dataset, &run_dir.join(LAST), folder.path());
    let outcome = second.until_ended();
    assert_eq!(outcome.state, State::Failed);
    assert!(outcome.reason.unwrap().contains("another lenet-monitor"));
    assert!(second.next().is_none());
    watch.stop();
    Watch::resume(&dataset, &run_dir.join(LAST), folder.path()).until_state(State::Training);
}

#[test]
fn an_impossible_run_fails_with_the_reason() {
    let (dataset, folder) = (small(), tempfile::tempdir().unwrap());
    let spec = RunSpec { limits: Limits { train: Some(10), test: None, holdout: 10 }, ..endless(&dataset) };
    let mut watch = Watch::train(&dataset, spec, folder.path());
    let outcome = watch.until_ended();
    assert_eq!(outcome.state, State::Failed);
    assert!(outcome.reason.unwrap().contains("fewer than 10"));
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "it left a folder");
}
