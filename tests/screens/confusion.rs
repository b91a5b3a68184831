//! The Confusion screen: its looks, and that a cell opens exactly its images.

use std::sync::Arc;

use crossterm::event::KeyCode;
use lenet_monitor::{
    train::{Confusion, Evaluation, Event, Pair, Prediction},
    tui::{AnswerChanges, Message, Screen, Theme},
};

use crate::{
    fixture::{ASCII, COLOUR, MONO, Session, evaluation, training},
    gallery::{LARGE, MEDIUM, SMALL, keep, keep_styled},
};

fn shown(theme: Theme, size: (u16, u16)) -> Session {
    let mut session = training(theme, size);
    session.keys("6");
    session
}

#[test]
fn it_looks_as_it_should_in_every_size() {
    for size in [SMALL, MEDIUM, LARGE, (60, 18), (40, 12)] {
        keep("confusion", &shown(COLOUR, size));
    }
    keep_styled("confusion-colour", &shown(COLOUR, SMALL));
    keep_styled("confusion-mono", &shown(MONO, SMALL));
    keep("confusion-ascii", &shown(ASCII, MEDIUM));
}

#[test]
fn cells_are_counts_or_shares_or_changes() {
    let mut session = shown(COLOUR, SMALL);
    keep("confusion-percent", session.keys("p"));
    keep("confusion-change-percent", session.keys("c"));
    keep("confusion-changes", session.keys("p"));
    keep_styled("confusion-changes-colour", &session);
}

#[test]
fn changes_need_two_epochs() {
    let mut session = Session::new(COLOUR, SMALL);
    session.start().epochs(1..=1).keys("6c");
    keep("confusion-first", &session);
}

#[test]
fn the_cursor_opens_exactly_its_cells_images() {
    for digit in 0..10 {
        let mut session = shown(COLOUR, SMALL);
        session.app.screens.confusion = Default::default();
        session.press(KeyCode::Home);
        for _ in 0..9 {
            session.press(KeyCode::Up);
        }
        for _ in 0..4 {
            session.press(KeyCode::Down);
        }
        for _ in 0..digit {
            session.press(KeyCode::Right);
        }
        session.press(KeyCode::Enter);
        assert_eq!(session.app.shown, Screen::Mistakes);
        let evaluation = session.app.session.live.evaluation.clone().expect("an evaluation");
        let expected: Vec<u32> =
            evaluation.predictions.iter().filter(|p| (p.label, p.digit) == (4, digit)).map(|p| p.index).collect();
        let listing = session.app.session.browser.listing();
        let found: Vec<u32> = listing.shown.iter().map(|p| p.index).collect();
        assert_eq!((found, listing.place), (expected.clone(), 0), "4 taken for {digit}");
        assert_eq!(expected.len() as u32, evaluation.confusion.0[4][usize::from(digit)]);
        assert_eq!(session.app.session.browser.correct_ones, digit == 4);
    }
}

#[test]
fn it_begins_at_the_most_frequent_mistake_and_continues_by_count() {
    let mut session = shown(COLOUR, SMALL);
    let counts = |session: &mut Session| {
        let evaluation = session.app.session.live.evaluation.clone();
        let cell = session.app.screens.confusion.cursor(evaluation.as_deref());
        let confusion = evaluation.expect("an evaluation").confusion.clone();
        (cell, cell.count(&confusion), confusion)
    };
    let (cell, first, confusion) = counts(&mut session);
    assert!(!cell.is_correct());
    let off_diagonal = (0..10).flat_map(|label| (0..10).map(move |digit| (label, digit))).filter(|(a, b)| a != b);
    let mut all: Vec<u32> = off_diagonal.map(|(a, b)| confusion.0[a][b]).filter(|count| *count > 0).collect();
    all.sort_by_key(|count| std::cmp::Reverse(*count));
    let mut seen = vec![first];
    for _ in 1..all.len() {
        session.press(KeyCode::PageDown);
        seen.push(counts(&mut session).1);
    }
    assert_eq!(seen, all);
    session.press(KeyCode::PageDown);
    assert_eq!(counts(&mut session).1, *all.last().expect("some"), "the rarest is the end");
    session.press(KeyCode::PageUp);
    assert_eq!(counts(&mut session).1, all[all.len() - 2]);
}

fn answers(digits: &[u8]) -> Evaluation {
    let mut confusion = Confusion::default();
    let predictions = digits.iter().enumerate().map(|(index, &digit)| {
        confusion.add(1, digit);
        Prediction { index: index as u32, label: 1, digit, probabilities: [0.1; 10] }
    });
    let predictions = predictions.collect();
    Evaluation { loss: 0.1, confusion, predictions }
}

#[test]
fn changes_are_counted_image_by_image_with_the_epoch_before() {
    let mut session = Session::new(COLOUR, MEDIUM);
    session.start();
    let mut evaluated = |epoch, digits: &[u8]| {
        session.event(Event::Evaluated { epoch, evaluation: Arc::new(answers(digits)) });
        session.app.session.live.answer_changes
    };
    assert_eq!(evaluated(1, &[1, 1, 7, 7, 2]), None);
    assert_eq!(evaluated(3, &[1, 7, 1, 7, 1]), Some(AnswerChanges { right: 2, wrong: 1, still_wrong: 1 }));
    assert_eq!(
        evaluated(3, &[1, 7, 1, 7, 1]),
        Some(AnswerChanges { right: 2, wrong: 1, still_wrong: 1 }),
        "the same once more"
    );
    session.keys("6");
    let text = session.text();
    for part in ["since epoch 1", "2 turned right", "1 turned wrong", "1 stayed wrong", "as many as after epoch 1"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    session.start();
    assert_eq!(session.app.session.live.evaluation_before, None, "the evaluation of another run is not compared");
}

#[test]
fn mistakes_kept_without_the_other_predictions_are_compared_too() {
    let mut session = shown(COLOUR, SMALL);
    let mut kept = evaluation(&session.app, 4);
    kept.predictions.retain(|prediction| !prediction.is_correct());
    session.event(Event::Evaluated { epoch: 4, evaluation: Arc::new(kept) });
    let from_mistakes = session.app.session.live.answer_changes;
    assert!(from_mistakes.is_some());
    let full = Arc::new(evaluation(&session.app, 4));
    session.event(Event::Evaluated { epoch: 4, evaluation: full });
    assert_eq!(session.app.session.live.answer_changes, from_mistakes);
    assert_eq!(session.app.session.live.evaluation_before.as_ref().map(|(epoch, _)| *epoch), Some(3));
}

#[test]
fn the_first_epoch_after_a_resume_is_compared_with_the_last_before() {
    let mut session = Session::new(COLOUR, MEDIUM);
    session.start();
    let mut saved = answers(&[1, 1, 7, 7, 2]);
    saved.predictions.retain(|prediction| !prediction.is_correct());
    session.event(Event::Evaluated { epoch: 11, evaluation: Arc::new(saved) });
    session.event(Event::Evaluated { epoch: 12, evaluation: Arc::new(answers(&[1, 7, 1, 7, 1])) });
    let text = session.keys("6").text();
    for part in ["since epoch 11", "2 turned right", "1 turned wrong", "1 stayed wrong"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn the_cursor_stays_where_it_was_put_during_training() {
    let mut session = shown(COLOUR, SMALL);
    session.press(KeyCode::Home).press(KeyCode::Right);
    let cursor =
        |session: &Session| session.app.screens.confusion.cursor(session.app.session.live.evaluation.as_deref());
    let before = cursor(&session);
    assert_eq!(before.digit, 1);
    session.epochs(4..=5).tell(Message::Resize(120, 40));
    assert_eq!(cursor(&session), before);
    assert_eq!(Pair { label: before.label, digit: 1 }, before);
}
