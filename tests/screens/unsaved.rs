//! A run that could not be saved is not replaced by another without a question.

use std::path::PathBuf;

use crossterm::event::KeyCode;
use lenet_monitor::{
    train::{Command, Event, SaveKind, SavedCheckpoint, State},
    tui::{Effect, Message},
};

use crate::{
    fixture::{COLOUR, OPENED, Session, asked, entries, training},
    gallery::{SMALL, keep},
};

const SIGMOID: &str = "checkpoints/20261124-114210-sigmoid-sgd-0.01-b64/last.ckpt";

fn fail(session: &mut Session) {
    let path = PathBuf::from("checkpoints/20261124-120000-relu-adam-0.001-b16/last.ckpt");
    let kept = Some(SavedCheckpoint { path: path.clone(), epoch: 3, step: 0 });
    session.event(Event::SaveFailed { path, reason: "no space left on device (os error 28)".into(), kept });
}

/// Returns a session on the Runs screen, with another run chosen.
fn listed() -> Session {
    let mut session = training(COLOUR, SMALL);
    let entries = entries(&session.app);
    session.keys("4").tell(Message::Clock(OPENED)).tell(Message::Checkpoints(Ok(entries))).press(KeyCode::Down);
    session.take_effects();
    session
}

fn is_asked(session: &Session) -> bool {
    asked(&session.app) == Some("lose the run?")
}

fn sent(commands: Vec<Command>) -> Vec<Effect> {
    commands.into_iter().map(Effect::Send).collect()
}

#[test]
fn loading_another_run_is_asked_about() {
    let mut session = listed();
    fail(&mut session);
    session.press(KeyCode::Enter);
    keep("unsaved-load", &session);
    assert_eq!(session.take_effects(), []);
    session.keys("n");
    assert_eq!((asked(&session.app), session.take_effects()), (None, Vec::new()));
    session.press(KeyCode::Enter).press(KeyCode::Enter);
    assert!(is_asked(&session), "Enter alone, from habit, loses nothing");
    session.keys("y");
    assert_eq!(session.take_effects(), sent(vec![Command::Abandon, Command::Load(SIGMOID.into())]));
}

#[test]
fn resuming_another_run_is_asked_about() {
    let mut session = listed();
    fail(&mut session);
    session.press(KeyCode::Down).keys("r");
    assert!(is_asked(&session) && session.take_effects().is_empty());
    session.keys("y");
    let effects = session.take_effects();
    assert_eq!(effects[0], Effect::Send(Command::Abandon));
    assert!(matches!(&effects[1], Effect::Send(Command::Load(path)) if path.ends_with("tanh, the good one/last.ckpt")));
    session.start();
    assert_eq!(session.take_effects(), sent(vec![Command::Resume]));
}

#[test]
fn a_restart_is_asked_about() {
    let mut session = training(COLOUR, SMALL);
    session.keys("3");
    fail(&mut session);
    session.take_effects();
    session.keys("r");
    keep("unsaved-restart", &session);
    assert_eq!(session.take_effects(), []);
    session.press(KeyCode::Esc).keys("r").keys("y");
    let effects = session.take_effects();
    assert!(matches!(effects[..], [Effect::Send(Command::Abandon), Effect::Send(Command::Restart(_))]), "{effects:?}");
}

#[test]
fn recovering_is_asked_about() {
    let mut session = training(COLOUR, SMALL);
    fail(&mut session);
    session.ended(State::Diverged, 3, Some("the loss is NaN in step 2,114 of epoch 4"));
    session.take_effects();
    session.keys("r");
    assert!(is_asked(&session) && session.take_effects().is_empty());
    session.keys("y");
    let effects = session.take_effects();
    let [Effect::Send(Command::Abandon), Effect::Send(Command::Load(_)), Effect::Send(Command::SetLearningRate(_))] =
        effects[..]
    else {
        panic!("{effects:?}")
    };
}

/// The disk may be full only now: the worker refuses to leave the run.
#[test]
fn a_save_that_fails_while_the_run_is_left_is_asked_about_too() {
    let mut session = listed();
    session.press(KeyCode::Enter);
    assert_eq!(session.take_effects(), sent(vec![Command::Load(SIGMOID.into())]));
    fail(&mut session);
    session.event(Event::Refused { reason: "the current run could not be saved, so it was kept".into() });
    assert!(is_asked(&session));
    session.keys("y");
    assert_eq!(session.take_effects(), sent(vec![Command::Abandon, Command::Load(SIGMOID.into())]));
    // It reports that the other one cannot be read, and does not ask again.
    session.event(Event::Refused { reason: "the file is truncated".into() });
    assert!(!is_asked(&session) && session.text().contains("the file is truncated"));
}

#[test]
fn a_run_that_could_be_saved_after_all_is_replaced_at_once() {
    let mut session = listed();
    fail(&mut session);
    session.event(Event::Saved { kind: SaveKind::Last, path: "checkpoints/run/last.ckpt".into() });
    session.take_effects();
    session.press(KeyCode::Enter);
    assert_eq!(session.take_effects(), sent(vec![Command::Load(SIGMOID.into())]));
}
