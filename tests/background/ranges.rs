//! Numbers out of range, from either end: refused, or harmless.

use std::sync::Arc;

use lenet_monitor::{
    background::wire::{TO_TRAINER, TO_VIEWER, ToTrainer, ToViewer, decode},
    data::Kind,
    train::{Command, EpochRecord, Evaluation, Event, Hyperparameters, Progress, Started, State},
    tui::{Message, Screen, summary},
};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

use crate::{
    fixture::{MONO, Session, activations, dataset, evaluation, health, progress, record, spec, started},
    samples::{commands, to_viewers},
    trainer::Trainer,
    wire::payload,
};

/// A screen on which a run is at its third epoch.
fn session() -> Session {
    let mut session = Session::with(dataset(Kind::Mnist), MONO, (120, 40));
    let (started, evaluation) = (started(spec(&session.app), "20261124-114210"), evaluation(&session.app, 2));
    let events = [
        Event::Started(Box::new(started)),
        Event::State(State::Training),
        Event::Progress(progress(1, 3_000)),
        Event::EpochEnded(Box::new(record(1))),
        Event::Health(Box::new(health(1, None, None))),
        Event::Evaluated { epoch: 2, evaluation: Arc::new(evaluation) },
        Event::EpochEnded(Box::new(record(2))),
        Event::Progress(progress(3, 125)),
    ];
    for event in events {
        session.event(event);
    }
    session
}

/// Messages of each kind, with what real ones contain.
fn messages() -> Vec<ToViewer> {
    let session = session();
    let image = session.app.session.dataset.test.image(0).try_into().unwrap();
    let real = [
        Event::Evaluated { epoch: 3, evaluation: Arc::new(evaluation(&session.app, 3)) },
        Event::Started(Box::new(started(spec(&session.app), "20261124-114210"))),
        Event::Inspected { id: 1, activations: activations(&image, 3) },
        Event::Health(Box::new(health(3, None, None))),
    ];
    to_viewers().into_iter().chain(real.map(ToViewer::Event)).collect()
}

#[test]
fn changed_bytes_do_not_make_a_screen_panic() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(23);
    let (mut shown, mut refused) = (0, 0);
    for message in messages() {
        let bytes = payload(&message, TO_VIEWER);
        for turn in 0..300 {
            let mut changed = bytes.clone();
            for _ in 0..random.random_range(1..3) {
                // Most numbers of a long message are at its beginning or its end.
                let near = changed.len().min(if turn % 2 == 0 { 60 } else { usize::MAX });
                let at = random.random_range(0..near);
                changed[at] =
                    if random.random() { random.random() } else { changed[at] ^ 1 << random.random_range(0..8) };
            }
            let Ok(ToViewer::Event(event)) = decode::<ToViewer>(&changed) else {
                refused += 1;
                continue;
            };
            let mut session = session();
            session.keys(&(turn % Screen::ALL.len() + 1).to_string());
            session.event(event.clone()).text();
            // What follows meets what it has left.
            session.event(Event::Progress(progress(3, 250))).event(Event::EpochEnded(Box::new(record(3))));
            session.keys("f").tell(Message::Resize(80, 24)).text();
            let _ = summary(&session.app.session);
            shown += 1;
        }
    }
    assert!(shown > 1_000 && refused > 1_000, "{shown} shown, {refused} refused");
}

#[test]
fn numbers_out_of_range_are_refused_with_what_was_expected() {
    let session = session();
    let mut bad: Vec<(Event, &str)> = vec![
        (Event::EpochsChanged(0), "epochs: expected 1 to"),
        (Event::LearningRateChanged(f32::NAN), "learning rate: expected a finite number"),
    ];
    let mut evaluated = |expected, change: &dyn Fn(&mut Evaluation)| {
        let mut evaluation = evaluation(&session.app, 2);
        change(&mut evaluation);
        bad.push((Event::Evaluated { epoch: 2, evaluation: Arc::new(evaluation) }, expected));
    };
    evaluated("label: expected 0 to 9, found 255", &|evaluation| evaluation.predictions[7].label = 255);
    evaluated("digit: expected 0 to 9, found 10", &|evaluation| evaluation.predictions[0].digit = 10);
    evaluated("probability: expected 0 to 1", &|evaluation| evaluation.predictions[1].probabilities[3] = -1.0);
    evaluated("images in the confusion matrix", &|evaluation| evaluation.confusion.0 = [[u32::MAX; 10]; 10]);
    let mut reported = |expected, change: &dyn Fn(&mut Progress)| {
        let mut progress = progress(3, 125);
        change(&mut progress);
        bad.push((Event::Progress(progress), expected));
    };
    reported("epoch: expected 1 to", &|progress| progress.epoch = 0);
    reported("epoch: expected 1 to", &|progress| progress.epoch = Hyperparameters::MAX_EPOCHS + 1);
    reported("batches in an epoch: expected 1 to", &|progress| progress.steps_per_epoch = 0);
    reported("step: expected 0 to 3750, found 3751", &|progress| progress.step = 3_751);
    reported("time: expected 0 to", &|progress| progress.elapsed = f64::NAN);
    let mut begun = |expected, change: &dyn Fn(&mut Started)| {
        let mut started = started(spec(&session.app), "20261124-114210");
        change(&mut started);
        bad.push((Event::Started(Box::new(started)), expected));
    };
    begun("batch size", &|started| started.spec.hyper.batch_size = 0);
    begun("images: expected 1 to", &|started| (started.train_images, started.test_images) = (0, 0));
    begun("images: expected 1 to", &|started| started.train_images = u32::MAX);
    begun("epoch: expected 1 to", &|started| {
        started.history = vec![EpochRecord { epoch: 0, ..record(1) }];
    });
    for (event, expected) in bad {
        let bytes = payload(&ToViewer::Event(event), TO_VIEWER);
        let error = decode::<ToViewer>(&bytes).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn changed_commands_leave_the_trainer_alive() {
    let trainer = Trainer::start();
    let mut viewer = trainer.view();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(29);
    let harmless = |command: &Command| {
        !matches!(command, Command::Stop | Command::StopIfSaved | Command::Load(_) | Command::SaveIn(_))
    };
    let mut sent = 0;
    for message in commands() {
        let bytes = payload(&message, TO_TRAINER);
        for _ in 0..40 {
            let mut changed = bytes.clone();
            let at = random.random_range(0..changed.len().min(300));
            changed[at] = random.random();
            if let Ok(ToTrainer::Command(command)) = decode(&changed)
                && harmless(&command)
            {
                viewer.watch.send(command);
                sent += 1;
            }
        }
    }
    assert!(sent > 100, "{sent}");
    viewer.watch.send(Command::Pause);
    viewer.watch.send(Command::SetLearningRate(0.002));
    viewer.watch.until("an answer", |event| (event == Event::LearningRateChanged(0.002)).then_some(()));
    assert_eq!(trainer.server.viewers(), 1);
}
