//! Notices have a line of their own and fade; the log holds only what happens to the run.

use crossterm::event::KeyCode;
use lenet_monitor::{
    train::{Event, State},
    tui::{Effect, Message, bindings, keys::Context},
};

use crate::{
    fixture::{self, COLOUR, finished, training},
    keys::at,
};

#[test]
fn a_notice_fades_and_moves_nothing() {
    for size in [(40, 12), (80, 24), (120, 40), (160, 24), (200, 60)] {
        let mut session = finished(COLOUR, size);
        session.keys("3");
        let (before, now) = (session.text(), session.app.session.now);
        session.keys("b");
        let with_notice = session.text();
        let changed: Vec<_> = before.lines().zip(with_notice.lines()).filter(|(old, new)| old != new).collect();
        assert_eq!(changed.len(), 1, "{size:?}: {with_notice}");
        assert!(changed[0].1.contains("▸ nothing was tried before"), "{with_notice}");
        if size.1 >= 30 {
            assert_eq!(changed[0].0.trim_matches(['"', ' ']), "", "a line of its own: {before}");
        }
        session.tell(Message::Clock(now + 4));
        assert_eq!(session.text(), with_notice);
        session.tell(Message::Clock(now + 5));
        assert_eq!(session.text(), before);
    }
}

#[test]
fn an_error_stays_until_a_key() {
    let mut session = training(COLOUR, (80, 24));
    session.event(Event::Refused { reason: "the checkpoint is damaged".into() });
    let later = session.app.session.now + 3_600;
    session.tell(Message::Clock(later));
    assert!(session.text().contains("▸ the checkpoint is damaged"), "{}", session.text());
    session.press(KeyCode::Right);
    assert!(!session.text().contains("the checkpoint is damaged"), "{}", session.text());
}

#[test]
fn no_key_adds_a_line_to_the_log() {
    for context in Context::all() {
        for key in bindings().iter().filter(|binding| binding.holds(context)).flat_map(|binding| binding.keys.iter()) {
            for over in [false, true] {
                let mut session = at(context);
                if over {
                    session.ended(State::Finished, 3, None).tell(Message::WorkerGone);
                }
                let lines = session.app.session.log.entries.len();
                session.tell(Message::Key(key.event()));
                assert_eq!(session.app.session.log.entries.len(), lines, "{context:?} {}", key.name());
            }
        }
    }
}

#[test]
fn a_refusal_of_the_worker_is_no_line_of_the_log() {
    let mut session = training(COLOUR, (80, 24));
    let lines = session.app.session.log.entries.len();
    session.event(Event::Refused { reason: "the checkpoint is damaged".into() });
    assert_eq!(session.app.session.log.entries.len(), lines);
}

#[test]
fn a_line_of_the_log_says_what_each_number_is() {
    let text = training(COLOUR, (80, 24)).text();
    assert!(text.contains("epoch  3  test loss 0.0422 acc 0.9866"), "{text}");
    let text = training(COLOUR, (200, 60)).text();
    assert!(text.contains("epoch  3  test loss 0.0422 accuracy 0.9866  in 1.3 s  saved last+best"), "{text}");
}

/// A running session whose user wants to be called.
fn calling() -> fixture::Session {
    let mut session = training(COLOUR, (80, 24));
    (session.app.session.bell, session.app.session.notifies) = (true, true);
    session.take_effects();
    session
}

fn calls(session: &mut fixture::Session) -> Vec<Effect> {
    let is_call = |effect: &Effect| matches!(effect, Effect::RingBell | Effect::Notify(_));
    session.take_effects().into_iter().filter(is_call).collect()
}

#[test]
fn the_user_is_called_once_when_the_run_is_over() {
    for (state, reason) in [
        (State::Finished, None),
        (State::Diverged, Some("the loss is not finite")),
        (State::Failed, Some("the trainer panicked")),
        (State::Stopped, None),
    ] {
        let mut session = calling();
        let accuracy = format!("{:.4}", fixture::record(3).test_accuracy);
        session.ended(state, 3, reason);
        let text = format!("{}: test accuracy {accuracy} (relu adam 0.001)", state.name());
        assert_eq!(calls(&mut session), [Effect::RingBell, Effect::Notify(text)]);
        session.ended(State::Stopped, 3, None).tell(Message::WorkerGone);
        assert_eq!(calls(&mut session), [], "{state:?}");
    }
    let mut session = calling();
    session.ended(State::Finished, 3, None);
    session.event(Event::State(State::Training)).ended(State::Finished, 4, None);
    assert_eq!(calls(&mut session).len(), 4, "an extended run ends again");
}

#[test]
fn what_the_user_knows_or_does_not_want_to_know_is_no_call() {
    // A run that was over when it was loaded.
    let mut session = calling();
    let started = session.app.session.live.started.clone().unwrap();
    session.event(Event::Started(Box::new(started))).event(Event::State(State::Finished));
    session.ended(State::Finished, 3, None);
    assert_eq!(calls(&mut session), []);
    // A run that the user quits.
    let mut session = calling();
    session.keys("q").keys("y").ended(State::Stopped, 3, None);
    assert_eq!(calls(&mut session), []);
    let mut session = training(COLOUR, (80, 24));
    session.ended(State::Finished, 3, None);
    assert_eq!(calls(&mut session), []);
}
