//! The form of hyperparameters accepts valid values, refuses others, and says why.

use crossterm::event::KeyCode;
use lenet_monitor::{
    train::{Activation, Architecture, Command, Event, Hyperparameter, OptimizerKind, Pooling, State, Value},
    tui::{Effect, Field, LibraryChange, Message},
};

use crate::fixture::{COLOUR, Session, entries, training};

fn at(field: Field) -> Session {
    let mut session = training(COLOUR, (80, 24));
    session.keys("3");
    if let Field::Of(which) = field
        && which.is_optional()
        && let Some((other, choices)) = which.needs()
    {
        session.app.screens.parameters.form.spec.hyper.set(other, Value::Name(choices[choices.len() - 1]));
    }
    while session.app.screens.parameters.form.field != field {
        if session.text().contains("Enter open") {
            session.press(KeyCode::Enter);
        }
        session.press(KeyCode::Down);
    }
    session.take_effects();
    session
}

/// Replaces the value of the field with `text`, and accepts it.
fn typed(field: Field, text: &str) -> Session {
    let mut session = at(field);
    session.keys("e").ctrl('u').keys(text).press(KeyCode::Enter);
    session
}

fn accepted(field: Field, text: &str) -> Session {
    let session = typed(field, text);
    assert_eq!(
        (&session.app.screens.parameters.form.typing, &session.app.screens.parameters.form.error),
        (&None, &None),
        "{field:?} {text}"
    );
    session
}

fn refused(field: Field, text: &str, reason: &str) {
    let session = typed(field, text);
    let editor = &session.app.screens.parameters.form;
    assert!(editor.typing.is_some(), "{field:?} took {text}");
    let error = editor.error.clone().unwrap_or_default();
    assert!(error.contains(reason), "{field:?} {text}: {error}");
    assert_eq!(editor.spec, editor.running, "no value is accepted");
    let first = error.split(' ').next().expect("a reason");
    assert!(session.text().contains(&format!("✗ {first}")), "the reason is beside the field");
}

#[test]
fn every_number_can_be_typed() {
    assert_eq!(
        accepted(Field::Of(Hyperparameter::LearningRate), "3e-4").app.screens.parameters.form.spec.hyper.learning_rate,
        3e-4
    );
    assert_eq!(
        accepted(Field::Of(Hyperparameter::Momentum), "0.95").app.screens.parameters.form.spec.hyper.momentum,
        0.95
    );
    assert_eq!(
        accepted(Field::Of(Hyperparameter::BatchSize), "4,096").app.screens.parameters.form.spec.hyper.batch_size,
        4_096
    );
    assert_eq!(accepted(Field::Of(Hyperparameter::Epochs), "25").app.screens.parameters.form.spec.hyper.epochs, 25);
    assert_eq!(
        accepted(Field::Of(Hyperparameter::Seed), "18446744073709551615").app.screens.parameters.form.spec.hyper.seed,
        u64::MAX
    );
    assert_eq!(accepted(Field::Holdout, "20").app.screens.parameters.form.spec.limits.holdout, 20);
    assert_eq!(accepted(Field::TrainLimit, "100").app.screens.parameters.form.spec.limits.train, Some(100));
    assert_eq!(accepted(Field::TestLimit, "100").app.screens.parameters.form.spec.limits.test, Some(100));
    assert_eq!(accepted(Field::TestLimit, "all").app.screens.parameters.form.spec.limits.test, None);
}

#[test]
fn wrong_values_are_refused_with_the_reason() {
    for text in ["0", "-0.1", "11", "NaN", "inf"] {
        refused(Field::Of(Hyperparameter::LearningRate), text, "above 0 and at most 10");
    }
    for text in ["", "abc", "0.0.1"] {
        refused(Field::Of(Hyperparameter::LearningRate), text, "a number such as 0.001");
    }
    for text in ["1", "-0.1", "nan"] {
        refused(Field::Of(Hyperparameter::Momentum), text, "0 or more and below 1");
    }
    refused(Field::Of(Hyperparameter::BatchSize), "0", "1 to 4096");
    refused(Field::Of(Hyperparameter::BatchSize), "4097", "1 to 4096");
    refused(Field::Of(Hyperparameter::BatchSize), "99999999999", "at most 4096");
    refused(Field::Of(Hyperparameter::BatchSize), "16.5", "a whole number");
    refused(Field::Of(Hyperparameter::Epochs), "0", "1 to 10000");
    refused(Field::Of(Hyperparameter::Seed), "-1", "a whole number");
    refused(Field::Holdout, "120", "leave some of the 120 training images");
    refused(Field::TrainLimit, "121", "there are only 120 training images");
    refused(Field::TrainLimit, "0", "1 or more");
    refused(Field::TestLimit, "401", "there are only 400 test images");
}

#[test]
fn choices_wrap_around_in_both_directions() {
    let mut session = at(Field::Of(Hyperparameter::Activation));
    session.press(KeyCode::Left);
    assert_eq!(session.app.screens.parameters.form.spec.hyper.activation, Activation::Sigmoid);
    session.press(KeyCode::Right).press(KeyCode::Enter);
    assert_eq!(session.app.screens.parameters.form.spec.hyper.activation, Activation::Tanh);
    let mut session = at(Field::Of(Hyperparameter::Optimizer));
    session.press(KeyCode::Right);
    assert_eq!(session.app.screens.parameters.form.spec.hyper.optimizer, OptimizerKind::Rmsprop);
    let mut session = at(Field::Of(Hyperparameter::Pooling));
    session.press(KeyCode::Right);
    assert_eq!(session.app.screens.parameters.form.spec.hyper.pooling, Pooling::Max);
}

#[test]
fn numbers_change_in_handy_steps_and_stay_in_range() {
    let mut session = at(Field::Of(Hyperparameter::LearningRate));
    let mut rates = Vec::new();
    for _ in 0..4 {
        session.press(KeyCode::Right);
        rates.push(session.app.screens.parameters.form.spec.hyper.learning_rate);
    }
    assert_eq!(rates, [0.002, 0.005, 0.01, 0.02]);
    for field in Field::all() {
        for code in [KeyCode::Left, KeyCode::Right] {
            let mut session = at(field);
            for _ in 0..40 {
                session.press(code);
                assert_eq!(session.app.screens.parameters.form.check(), Ok(()), "{field:?} {code:?}");
            }
        }
    }
}

#[test]
fn the_delay_is_shown_for_recurrent_networks() {
    let mut session = at(Field::Of(Hyperparameter::Network));
    for (network, is_shown) in [("lenet-5", false), ("mlp", false), ("rnn", true), ("lstm", true), ("gru", true)] {
        assert_eq!(session.app.screens.parameters.form.spec.hyper.network.to_string(), network);
        assert_eq!(session.text().contains("delay"), is_shown, "{network}");
        session.press(KeyCode::Right);
    }
    let mut session = at(Field::Of(Hyperparameter::Delay));
    session.press(KeyCode::Right).press(KeyCode::Right);
    assert_eq!(session.app.screens.parameters.form.spec.hyper.delay, 56);
    // Where the network changes, the cursor is on the line that took the place.
    session.app.screens.parameters.form.spec.hyper.network = Architecture::Mlp;
    session.press(KeyCode::Up);
    assert_eq!(session.app.screens.parameters.form.field, Field::Of(Hyperparameter::Network));
}

#[test]
fn a_cancelled_value_is_forgotten() {
    let mut session = at(Field::Of(Hyperparameter::Epochs));
    session.keys("e99").press(KeyCode::Esc);
    assert_eq!(session.app.screens.parameters.form.spec, session.app.screens.parameters.form.running);
    assert_eq!(session.app.context().name(), "parameters");
}

#[test]
fn differences_are_marked_with_what_they_need() {
    let mut session = at(Field::Of(Hyperparameter::BatchSize));
    session.press(KeyCode::Right);
    assert!(session.text().contains("needs a restart"));
    assert!(session.text().contains("1 value differs"));
    session.keys("u");
    assert!(!session.text().contains("needs a restart"));
}

#[test]
fn a_restart_uses_the_values_of_the_form() {
    let mut session = at(Field::Of(Hyperparameter::Activation));
    session.press(KeyCode::Right).keys("r");
    let effects = session.take_effects();
    let [Effect::Send(Command::Restart(spec))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(spec.hyper.activation, Activation::Tanh);
    assert_eq!(spec.dataset, session.app.session.dataset.id);
}

#[test]
fn edits_survive_the_start_of_a_run() {
    let mut session = at(Field::Of(Hyperparameter::Activation));
    session.press(KeyCode::Right).start();
    assert_eq!(session.app.screens.parameters.form.spec.hyper.activation, Activation::Tanh);
    assert!(session.app.screens.parameters.form.differs(Field::Of(Hyperparameter::Activation)));
}

#[test]
fn the_defaults_are_the_reports() {
    let mut session = at(Field::Of(Hyperparameter::BatchSize));
    session.press(KeyCode::Right).keys("p");
    assert_eq!(session.app.screens.parameters.form.spec.hyper, Default::default());
}

/// The form beside the runs of this data set: relu 0.9905 twice, tanh, sigmoid.
fn beside_tried(size: (u16, u16)) -> Session {
    let mut session = training(COLOUR, size);
    let entries = entries(&session.app);
    session.keys("3").take_effects();
    session.tell(Message::Checkpoints(Ok(entries)));
    session
}

#[test]
fn runs_of_earlier_sessions_on_this_data_set_are_ranked_by_result() {
    let mut session = training(COLOUR, (120, 40));
    session.keys("3");
    assert_eq!(session.take_effects(), [Effect::ListCheckpoints]);
    let session = beside_tried((120, 40));
    let text = session.text();
    let place = |values: &str| text.lines().position(|line| line.contains(values)).expect(values);
    assert!(place("0.9905   10/10  relu adam") < place("tanh rmsprop"), "{text}");
    assert!(place("tanh rmsprop") < place("sigmoid sgd"), "{text}");
    assert!(text.contains("tried before 4"), "a run on other data is not among them: {text}");
}

#[test]
fn values_of_a_run_tried_before_are_taken_into_the_form() {
    for size in [(120, 40), (80, 24), (40, 12)] {
        let mut session = beside_tried(size);
        session.keys("b").press(KeyCode::End).press(KeyCode::Enter);
        let screen = &session.app.screens.parameters;
        assert!(!screen.recalling, "the cursor is in the form again");
        assert_eq!(screen.form.spec.hyper.activation, Activation::Sigmoid, "{size:?}");
        assert_eq!((screen.form.spec.hyper.batch_size, screen.form.spec.hyper.learning_rate), (64, 0.01));
        session.keys("j");
        assert!(session.text().contains("‹sigmo"), "{}", session.text());
    }
}

#[test]
fn a_run_tried_before_is_named_by_its_first_and_last_learning_rate_and_gives_that_of_its_best_epoch() {
    let mut session = training(COLOUR, (120, 40));
    let mut entries = entries(&session.app);
    for contents in entries.iter_mut().filter_map(|entry| entry.contents.as_mut().ok()) {
        contents.learning_rate = 0.5;
    }
    session.keys("3").tell(Message::Checkpoints(Ok(entries)));
    assert!(session.text().contains("sigmoid sgd 0.01→0.5"), "{}", session.text());
    session.keys("b").press(KeyCode::End).press(KeyCode::Enter);
    assert_eq!(session.app.screens.parameters.form.spec.hyper.learning_rate, 0.01);
}

#[test]
fn the_values_of_a_run_tried_before_are_shortened_to_the_width() {
    let mut session = training(COLOUR, (120, 40));
    let mut entries = entries(&session.app);
    for contents in entries.iter_mut().filter_map(|entry| entry.contents.as_mut().ok()) {
        (contents.spec.hyper.optimizer, contents.spec.hyper.momentum) = (OptimizerKind::Sgd, 0.987_654);
    }
    session.keys("3").tell(Message::Checkpoints(Ok(entries)));
    let text = session.text();
    let row = text.lines().find(|line| line.contains("sigmoid sgd 0.01")).unwrap_or_else(|| panic!("{text}"));
    assert!(row.contains('…'), "{row}");
}

#[test]
fn a_renamed_run_is_one_of_those_tried_before() {
    let mut session = beside_tried((120, 40));
    let mut list = entries(&session.app);
    let from = list[0].path.parent().expect("a folder").to_owned();
    let to = from.with_file_name("renamed");
    session.another_run_before();
    session.keys("4").tell(Message::LibraryChanged(Ok(LibraryChange::Renamed { from: from.clone(), to: to.clone() })));
    for entry in list.iter_mut().filter(|entry| entry.path.starts_with(&from)) {
        entry.path = to.join(entry.path.file_name().expect("a file"));
        entry.run = "renamed".into();
    }
    session.tell(Message::Checkpoints(Ok(list))).keys("3");
    assert!(session.text().contains("tried before 4"), "{}", session.text());
}

#[test]
fn the_way_back_from_the_runs_tried_before_takes_nothing() {
    let mut session = beside_tried((80, 24));
    let before = session.app.screens.parameters.form.spec.clone();
    session.keys("bj");
    assert!(session.text().contains("Enter takes its values"), "{}", session.text());
    session.press(KeyCode::Esc);
    assert!(!session.app.screens.parameters.recalling);
    session.keys("bjb");
    assert_eq!((session.app.screens.parameters.recalling, &session.app.screens.parameters.form.spec), (false, &before));
}

#[test]
fn learning_rate_and_epochs_are_applied_without_a_restart() {
    for is_finished in [false, true] {
        let mut session = at(Field::Of(Hyperparameter::Epochs));
        if is_finished {
            session.ended(State::Finished, 10, None);
        }
        session.press(KeyCode::Right).keys("a");
        let epochs = session.app.screens.parameters.form.spec.hyper.epochs;
        assert!(epochs > 10);
        assert_eq!(session.take_effects(), [Effect::Send(Command::SetEpochs(epochs))]);
        session.event(Event::EpochsChanged(epochs));
        assert_eq!((session.app.session.live.epochs(), session.app.screens.parameters.form.differences()), (epochs, 0));
        session.keys("a");
        assert_eq!(session.take_effects(), [], "there is nothing left to apply");
        session.app.screens.parameters.form.spec.hyper.learning_rate = 0.01;
        session.press(KeyCode::Right).keys("a");
        let effects = session.take_effects();
        assert_eq!(effects[0], Effect::Send(Command::SetLearningRate(0.01)), "before the epochs: {effects:?}");
        assert!(matches!(effects[1..], [Effect::Send(Command::SetEpochs(_))]), "{effects:?}");
    }
}

#[test]
fn nothing_is_applied_if_the_run_has_begun_more_epochs() {
    for is_finished in [false, true] {
        let mut session = at(Field::Of(Hyperparameter::Epochs));
        if is_finished {
            session.ended(State::Finished, 10, None);
        }
        let hyper = &mut session.app.screens.parameters.form.spec.hyper;
        (hyper.learning_rate, hyper.epochs) = (0.01, 2);
        session.keys("a");
        assert_eq!(session.take_effects(), []);
        let notice = session.app.session.notice.as_ref().map(|(_, text)| text.as_str());
        assert!(notice.is_some_and(|text| text.contains("which the run has begun, found 2")), "{notice:?}");
    }
}
