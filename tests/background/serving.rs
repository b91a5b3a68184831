//! Viewers that come and go, and a trainer that does not notice.

use std::{
    fs,
    io::Write,
    os::unix::net::UnixStream,
    path::Path,
    sync::{Arc, atomic::Ordering},
    thread,
};

use lenet_monitor::{
    background::{
        attach,
        wire::{Request, TO_TRAINER, ToTrainer, encode},
    },
    data::Dataset,
    nn::Engine,
    train::{
        BackgroundRun, Checkpoint, Command, Event, Hyperparameters, State, Trainer as Undisturbed,
        checkpoint::{LAST, Position},
    },
};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

use crate::{
    common::{bar, runs::spec},
    trainer::{Trainer, connection, next, until},
};

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn every_viewer_sees_the_same_run_and_may_command_it() {
    let trainer = Trainer::start();
    let mut first = trainer.view();
    first.watch.until("progress", |event| matches!(event, Event::Progress(_)).then_some(()));
    let mut second = trainer.view();
    assert_eq!(second.started(), trainer.view().started());
    let welcome = &second.welcome;
    assert_eq!((welcome.process, &welcome.dataset), (std::process::id(), &trainer.dataset.id));
    assert_eq!((&welcome.run, &*welcome.loaded_from), (&second.started().run_dir, Path::new("/data")));
    assert!(!welcome.host.is_empty() && welcome.since > 1_700_000_000 && welcome.viewers == 2);

    first.watch.send(Command::Pause);
    first.watch.until_state(State::Paused);
    second.watch.until_state(State::Paused);
    second.watch.send(Command::SetLearningRate(0.002));
    for viewer in [&mut first, &mut second] {
        viewer.watch.until("a rate", |event| (event == Event::LearningRateChanged(0.002)).then_some(()));
    }
    // A refusal is for who asked.
    second.watch.send(Command::SetLearningRate(-1.0));
    second.watch.until_refused();

    drop(first);
    until("the viewer's leaving", || trainer.server.viewers() == 1);
    until("news of that", || second.viewers.load(Ordering::Relaxed) == 1);
    assert!(!trainer.server.is_idle());
    second.watch.send(Command::Stop);
    assert_eq!(second.watch.until_ended().state, State::Stopped);
    assert_eq!(trainer.server.wait().state, State::Stopped);
    assert!(second.watch.next().is_none(), "nothing follows the end");
    assert!(names(&trainer.folder.path().join("run")).is_empty());
}

#[test]
fn answers_and_refusals_go_to_who_asked() {
    let trainer = Trainer::start();
    let (mut a, mut b) = (trainer.view(), trainer.view());
    let digits = [(3, 30), (8, 58)];
    for (viewer, (digit, _)) in [&a, &b].into_iter().zip(digits) {
        // Each counts its own questions.
        viewer.watch.send(Command::Predict { id: 1, pixels: Box::new(bar(digit)) });
        viewer.watch.send(Command::Inspect { id: 2, pixels: Box::new(bar(digit)) });
    }
    for viewer in [&mut a, &mut b] {
        let answered = |event| match event {
            Event::Predicted { id: 1, probabilities } => Some(probabilities),
            Event::Predicted { id, .. } => panic!("another's answer: {id}"),
            _ => None,
        };
        let probabilities = viewer.watch.until("an answer", answered);
        let layers = viewer.watch.until("a look inside", |event| match event {
            Event::Inspected { id: 2, activations } => Some(activations.layers.len()),
            _ => None,
        });
        assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5 && layers == 7);
    }
    b.watch.send(Command::SetEpochs(0));
    b.watch.until_refused();
    a.watch.send(Command::Pause);
    a.watch.until("a pause without a refusal before", |event| match event {
        Event::Refused { reason } => panic!("{reason}"),
        event => (event == Event::State(State::Paused)).then_some(()),
    });
}

#[test]
fn who_watches_looks_and_changes_nothing() {
    let trainer = Trainer::start();
    let mut watcher = trainer.request(Request::Watch);
    assert!(!watcher.recording.is_empty());
    for command in [Command::Pause, Command::Stop, Command::SetLearningRate(0.5), Command::Save] {
        watcher.watch.send(command);
        let reason = watcher.watch.until_refused();
        assert!(reason.contains("--watch"), "{reason}");
    }
    watcher.watch.send(Command::Predict { id: 5, pixels: Box::new(bar(4)) });
    watcher.watch.until("an answer", |event| matches!(event, Event::Predicted { id: 5, .. }).then_some(()));
    watcher.watch.until("progress", |event| matches!(event, Event::Progress(_)).then_some(()));
    let mut control = trainer.request(Request::Control);
    assert!(control.recording.is_empty() && trainer.server.viewers() == 1);
    control.watch.send(Command::Pause);
    control.watch.until_state(State::Paused);
    watcher.watch.until_state(State::Paused);
}

/// Trains the same run without viewers, up to a position.
fn undisturbed(dataset: &Arc<Dataset>, to: Position) -> Checkpoint {
    let hyper = Hyperparameters { epochs: Hyperparameters::MAX_EPOCHS, ..Hyperparameters::default() };
    let spec = spec(dataset, hyper);
    let mut trainer = Undisturbed::new(Arc::clone(dataset), spec, Engine::new(1)).unwrap();
    while (trainer.position().epoch, trainer.position().step) != (to.epoch, to.step) {
        trainer.advance().unwrap();
    }
    trainer.checkpoint()
}

#[test]
fn a_hundred_viewers_killed_at_any_moment_change_no_bit() {
    let trainer = Trainer::start();
    let socket = trainer.socket();
    let come_and_go = |seed| {
        let socket = socket.clone();
        move || {
            let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
            for _ in 0..25 {
                match random.random_range(0..4) {
                    // In the middle of the greeting.
                    0 => drop(
                        UnixStream::connect(&socket).unwrap().write_all(&[0x89, b'L'][..random.random_range(0..3)]),
                    ),
                    // With everything unread.
                    1 => drop(connection(&socket, Request::View)),
                    // In the middle of a command.
                    2 => {
                        let mut stream = connection(&socket, Request::View);
                        let pixels = Box::new(bar(random.random_range(0..60)));
                        let frame =
                            encode(&ToTrainer::Command(Command::Inspect { id: 1, pixels }), TO_TRAINER).unwrap();
                        stream.write_all(&frame[..random.random_range(0..=frame.len())]).unwrap();
                    }
                    _ => {
                        let attached = attach(&socket, Request::View).unwrap();
                        for _ in 0..random.random_range(0..5) {
                            attached.worker.events.wait();
                        }
                    }
                }
            }
        }
    };
    let viewers: Vec<_> = (0..4).map(|seed| thread::spawn(come_and_go(seed))).collect();
    viewers.into_iter().for_each(|viewer| viewer.join().unwrap());
    until("all leave", || trainer.server.viewers() == 0);
    let mut last = trainer.view();
    last.watch.send(Command::Stop);
    assert_eq!(last.watch.until_ended().state, State::Stopped);
    let found = Checkpoint::read(&last.started().run_dir.join(LAST)).unwrap();
    let expected = undisturbed(&trainer.dataset, found.position);
    assert_eq!(found.parameters, expected.parameters);
    assert_eq!(found.optimizer, expected.optimizer);
    assert_eq!(found.evaluation, expected.evaluation);
    trainer.server.wait();
    assert!(names(&trainer.folder.path().join("run")).is_empty());
}

#[test]
fn who_takes_too_little_is_let_go_and_nobody_waits() {
    let trainer = Trainer::with(Some(64 << 10), |spec| spec);
    let mut other = trainer.view();
    let mut greedy = connection(&trainer.socket(), Request::View);
    // Asks for ever, and takes no answer.
    let question = ToTrainer::Command(Command::Predict { id: 1, pixels: Box::new(bar(1)) });
    let frame = encode(&question, TO_TRAINER).unwrap();
    while greedy.write_all(&frame).is_ok() {}
    until("it is let go", || trainer.server.viewers() == 1);
    other.watch.until("progress", |event| matches!(event, Event::Progress(_)).then_some(()));
    other.watch.send(Command::Pause);
    other.watch.until_state(State::Paused);
}

#[test]
fn a_stopped_viewer_stays_and_catches_up() {
    // Less than all evaluations take together.
    let trainer = Trainer::with(Some(256 << 10), |spec| spec);
    let mut stopped = connection(&trainer.socket(), Request::View);
    let mut other = trainer.view();
    for _ in 0..200 {
        other.watch.until("an epoch", |event| matches!(event, Event::EpochEnded(_)).then_some(()));
    }
    other.watch.send(Command::Pause);
    other.watch.until_state(State::Paused);
    assert_eq!(trainer.server.viewers(), 2);
    let epoch = other.watch.saved().position.epoch;
    let mut seen = 0;
    while seen < epoch {
        use lenet_monitor::background::wire::ToViewer;
        match next(&mut stopped).expect("it is still connected") {
            ToViewer::Event(Event::EpochEnded(record)) => {
                assert_eq!(record.epoch, seen + 1, "no epoch is lost");
                seen = record.epoch;
            }
            ToViewer::Event(Event::Started(started)) => seen = started.history.len() as u32,
            _ => {}
        }
    }
}

#[test]
fn a_vanished_socket_is_made_again_and_a_replaced_folder_refused() {
    let trainer = Trainer::start();
    let mut viewer = trainer.view();
    let (socket, folder) = (trainer.socket(), trainer.folder.path().join("run"));
    fs::remove_file(&socket).unwrap();
    until("a new socket", || attach(&trainer.socket(), Request::View).is_ok());
    fs::remove_dir_all(&folder).unwrap();
    until("a new folder", || attach(&trainer.socket(), Request::View).is_ok());
    assert_eq!(names(&folder).len(), 2);
    viewer.watch.until("progress", |event| matches!(event, Event::Progress(_)).then_some(()));
    viewer.watch.send(Command::Stop);
    trainer.server.wait();
    assert!(names(&folder).is_empty());
}

#[test]
fn the_runs_lock_and_a_file_beside_the_socket_say_where_it_is() {
    let trainer = Trainer::start();
    let mut viewer = trainer.view();
    let run = std::path::absolute(viewer.started().run_dir).unwrap();
    let expected = |run: &Path| BackgroundRun {
        process: std::process::id(),
        since: viewer.welcome.since,
        version: env!("CARGO_PKG_VERSION").into(),
        socket: trainer.socket(),
        run: run.to_owned(),
    };
    let of_lock = |run: &Path| {
        let text = fs::read_to_string(run.join(".run.lock")).ok()?;
        serde_json::from_str(text.split_once('\n')?.1).ok()
    };
    until("a signed lock", || of_lock(&run) == Some(expected(&run)));
    let beside = || serde_json::from_slice(&fs::read(trainer.socket().with_extension("run")).unwrap()).ok();
    until("a note", || beside() == Some(expected(&run)));
    // The run moves.
    let elsewhere = trainer.folder.path().join("elsewhere");
    viewer.watch.send(Command::SaveIn(elsewhere));
    let moved = viewer.watch.until("a new folder", |event| match event {
        Event::FolderChanged(folder) => Some(folder),
        _ => None,
    });
    until("its signed lock", || of_lock(&moved) == Some(expected(&moved)) && beside() == Some(expected(&moved)));
}

#[test]
fn no_batch_is_reported_twice_and_each_report_comes_before_what_follows_it() {
    let trainer = Trainer::start();
    let mut viewer = trainer.view();
    let steps = viewer.started().steps_per_epoch;
    viewer.watch.until("an epoch", |event| matches!(event, Event::EpochEnded(_)).then_some(()));
    let (mut epochs, mut batches, mut last) = (0, 0, None);
    while epochs < 200 {
        match viewer.watch.next().expect("the run continues") {
            Event::Progress(progress) => {
                batches += progress.batches;
                last = Some(progress.epoch);
            }
            Event::EpochEnded(record) => {
                assert!(batches <= steps, "{batches} of {steps} batches in epoch {}", record.epoch);
                assert!(last.is_none_or(|last| last <= record.epoch), "a report of epoch {last:?} before its begin");
                (epochs, batches) = (epochs + 1, 0);
            }
            _ => {}
        }
    }
    assert!(last.is_some(), "progress is reported");
    viewer.watch.send(Command::Pause);
    viewer.watch.until_state(State::Paused);
    // Those that are held back are joined with the next: single steps, too, count each batch.
    viewer.watch.send(Command::RunSteps(1));
    let step = |event| match event {
        Event::Progress(progress) => Some(progress.batches),
        _ => None,
    };
    assert!(viewer.watch.until("a step", step) >= 1);
    viewer.watch.until_state(State::Paused);
}
