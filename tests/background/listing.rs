//! Finding the background runs, and asking for their state.

use std::{
    fs::{self, File},
    os::unix::net::UnixListener,
    slice,
};

use lenet_monitor::{
    background::{CannotAttach, list, status},
    train::{BackgroundRun, Command, Event, Hyperparameters, State},
};

use crate::trainer::{Trainer, until};

#[test]
fn a_status_says_how_far_the_run_is() {
    let trainer = Trainer::start();
    let mut viewer = trainer.view();
    let speed = |socket: &_| status(socket).unwrap().images_per_second;
    until("a speed", || speed(&trainer.socket()).is_some_and(|speed| speed > 0.0));
    viewer.watch.until("an epoch", |event| matches!(event, Event::EpochEnded(_)).then_some(()));
    viewer.watch.send(Command::Pause);
    viewer.watch.until_state(State::Paused);
    let saved = viewer.watch.saved();
    let found = status(&trainer.socket()).unwrap();
    assert_eq!(found.run, std::path::absolute(viewer.started().run_dir).unwrap());
    assert_eq!((found.process, found.state, found.viewers), (std::process::id(), Some(State::Paused), 1));
    assert_eq!((found.dataset.as_str(), found.since), ("bars", viewer.welcome.since));
    assert_eq!(found.epochs, Hyperparameters::MAX_EPOCHS);
    assert!([saved.position.epoch, saved.position.epoch + 1].contains(&found.epoch), "{found:?}");
    assert_eq!(found.test_accuracy, saved.history.last().map(|record| record.test_accuracy));
    assert_eq!(found.images_per_second, None, "a paused run has no speed");
}

#[test]
fn runs_are_listed_dead_ones_cleaned_up_and_silent_ones_named() {
    let (trainer, folder) = (Trainer::start(), tempfile::tempdir().unwrap());
    let runtime = trainer.runtime();
    let path = runtime.path();
    let note = |process| {
        let run = folder.path().join("run");
        BackgroundRun { process, since: u64::from(process), version: "0.2.0".into(), socket: "x".into(), run }
    };
    // A trainer that was killed.
    drop(UnixListener::bind(path.join("11.sock")).unwrap());
    fs::write(path.join("11.run"), serde_json::to_string(&note(11)).unwrap()).unwrap();
    // One of which only this is left, and one without.
    fs::write(path.join("12.run"), "{").unwrap();
    drop(UnixListener::bind(path.join("13.sock")).unwrap());
    // One that is stopped: the system still accepts connections for it.
    let silent = UnixListener::bind(path.join("14.sock")).unwrap();
    fs::write(path.join("14.run"), serde_json::to_string(&note(14)).unwrap()).unwrap();
    let lock = File::open(path.join("14.run")).unwrap();
    lock.lock().unwrap();
    let found = list(slice::from_ref(&runtime)).unwrap();
    let of = |name: &str| found.iter().find(|found| found.socket == path.join(name)).unwrap();
    let is_dead = |name| matches!(of(name).status, Err(CannotAttach::NoRun { .. }));
    assert!(found.len() == 5 && is_dead("11.sock") && is_dead("12.sock") && is_dead("13.sock"), "{found:?}");
    assert_eq!((&of("11.sock").note, &of("12.sock").note), (&Some(note(11)), &None));
    assert!(matches!(of("14.sock").status, Err(CannotAttach::Silent { .. })), "{found:?}");
    assert_eq!(of("14.sock").note, Some(note(14)));
    let alive = found.iter().filter_map(|found| found.status.as_ref().ok());
    assert_eq!(alive.map(|status| status.process).collect::<Vec<_>>(), [std::process::id()]);
    let mut left: Vec<_> =
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    left.sort();
    let own = std::process::id();
    let mut expected = ["14.run".into(), "14.sock".into(), format!("{own}.run"), format!("{own}.sock")];
    expected.sort();
    assert_eq!(left, expected);
    drop((silent, lock));
    assert_eq!(list(slice::from_ref(&runtime)).unwrap().len(), 2);
    assert_eq!(list(&[runtime]).unwrap().len(), 1);
}
