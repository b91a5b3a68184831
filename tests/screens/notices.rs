//! Notices have a line of their own and fade; the log holds only what happens to the run.

use crossterm::event::KeyCode;
use lenet_monitor::{
    train::{Event, State},
    tui::{Message, bindings, keys::Context},
};

use crate::{
    fixture::{COLOUR, finished, training},
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
