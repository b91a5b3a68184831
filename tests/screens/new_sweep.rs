//! The form of a new sweep on the Sweep screen: its looks, what is refused, and what starts.

use std::collections::HashSet;

use crossterm::event::KeyCode;
use lenet_monitor::{
    sweep::{Grid, SweepCommand, SweepPlan, key},
    train::{Activation, Command, Hyperparameter, Limits, OptimizerKind, RunSpec, State},
    tui::{Effect, Message},
};

use crate::{
    fixture::{ASCII, COLOUR, Session, training},
    gallery::{LARGE, MEDIUM, SMALL, keep, keep_styled},
    sweeps::{complete, looking, sweeping},
};

/// Returns a session without a sweep and without a table, at the form.
pub fn form((width, height): (u16, u16)) -> Session {
    let mut session = training(COLOUR, (width, height));
    session.app.session.cores = 2;
    session.keys("5").tell(Message::Table(Box::new(Ok(None))));
    session.take_effects();
    session
}

/// Moves to the field with this name, and types.
pub fn type_into(session: &mut Session, field: Hyperparameter, text: &str) {
    session.keys("g");
    // Without a recurrent network there is no line for its delay.
    let shown = Grid::order().filter(|&which| which.is_swept() && which != Hyperparameter::Delay);
    for _ in shown.take_while(|&which| which != field) {
        session.press(KeyCode::Down);
    }
    retype(session, text);
}

pub fn retype(session: &mut Session, text: &str) {
    session.press(KeyCode::Enter).ctrl('u').keys(text).press(KeyCode::Enter);
}

/// Returns the plan that the form shows.
fn requested(session: &mut Session) -> SweepPlan {
    session.keys("G").press(KeyCode::Enter);
    let effects = session.take_effects();
    let plan = effects.into_iter().find_map(|effect| match effect {
        Effect::StartSweep(plan) => Some(*plan),
        _ => None,
    });
    plan.unwrap_or_else(|| panic!("no sweep was requested\n{}", session.text()))
}

#[test]
fn a_form_stands_where_there_is_no_sweep() {
    for size in [SMALL, MEDIUM, LARGE, (80, 40), (60, 18), (40, 12)] {
        keep("sweep-form", &form(size));
    }
    keep_styled("sweep-form-colour", &form(SMALL));
    let mut session = training(ASCII, SMALL);
    session.keys("5").tell(Message::Table(Box::new(Ok(None))));
    keep("sweep-form-ascii", &session);
}

#[test]
fn delays_are_offered_for_recurrent_networks() {
    let mut session = form(SMALL);
    assert!(!session.text().contains("delays"), "{}", session.text());
    type_into(&mut session, Hyperparameter::Network, "lenet-5,gru");
    session.keys("jjjj");
    keep("sweep-form-delays", &session);
    retype(&mut session, "0,56");
    // The grid's 27 runs of LeNet-5 for each activation, and 27 of a GRU for each delay.
    assert_eq!(session.app.screens.sweep.form.grid.runs().len(), 81 + 2 * 27);
}

#[test]
fn a_field_is_described_while_the_cursor_is_on_it() {
    let mut session = form(SMALL);
    session.keys("gjj");
    keep("sweep-form-field", &session);
    assert!(session.text().contains("separated by commas"), "{}", session.text());
}

#[test]
fn a_wrong_value_stays_in_its_field_with_the_reason() {
    for (field, text, reason) in [
        (Hyperparameter::LearningRate, "0.1,abc", "a number such as 0.001, not `abc`"),
        (Hyperparameter::LearningRate, "0.1,-1", "-1"),
        (Hyperparameter::LearningRate, "0.1,0.1", "twice"),
        (Hyperparameter::Optimizer, "adam,lion", "lion"),
        (Hyperparameter::BatchSize, "", "batch"),
    ] {
        let mut session = form(SMALL);
        type_into(&mut session, field, text);
        let screen = session.text();
        let lines: Vec<&str> = screen.lines().collect();
        let at = lines.iter().position(|line| line.contains("▸")).expect("a field");
        assert!(lines[at].contains(text), "{screen}");
        assert!(lines[at + 1].contains('✗') && lines[at + 1].contains(reason), "{reason}\n{screen}");
        session.press(KeyCode::Esc);
        assert_eq!(session.app.screens.sweep.form.grid, Grid::default(), "nothing is taken over");
        assert_eq!(session.take_effects(), []);
    }
    let mut session = form(SMALL);
    type_into(&mut session, Hyperparameter::LearningRate, "0.1,abc");
    keep("sweep-form-refused", &session);
}

#[test]
fn the_typed_values_are_trained() {
    let mut session = form(SMALL);
    type_into(&mut session, Hyperparameter::Activation, "relu");
    type_into(&mut session, Hyperparameter::LearningRate, "0.01, 0.003");
    type_into(&mut session, Hyperparameter::Optimizer, "adam,sgd");
    type_into(&mut session, Hyperparameter::BatchSize, "64");
    type_into(&mut session, Hyperparameter::Seed, "1");
    session.press(KeyCode::Down);
    retype(&mut session, "1");
    // The number of jobs is above the file, the choice for the run, and the start.
    session.keys("Gkkk");
    retype(&mut session, "1");
    session.press(KeyCode::Down);
    retype(&mut session, "my results.csv");
    assert!(session.text().contains("4 runs"), "{}", session.text());
    let grid = Grid::default()
        .with(Hyperparameter::Activation, [Activation::Relu])
        .with(Hyperparameter::LearningRate, [0.01_f32, 0.003])
        .with(Hyperparameter::Optimizer, [OptimizerKind::Adam, OptimizerKind::Sgd])
        .with(Hyperparameter::BatchSize, [64_u32])
        .with(Hyperparameter::Epochs, [1_u32]);
    let out = "my results.csv".into();
    assert_eq!(requested(&mut session), SweepPlan { grid, limits: Limits::default(), jobs: Some(1), out });
}

#[test]
fn arrows_add_and_remove_values() {
    let mut session = form(SMALL);
    session.keys("gjjll");
    assert_eq!(session.app.screens.sweep.form.grid.text(Hyperparameter::LearningRate), "0.01,0.001,0.0001,5e-5,2e-5");
    session.keys("hhhhhhhh");
    assert_eq!(session.app.screens.sweep.form.grid.text(Hyperparameter::LearningRate), "0.01");
    assert_eq!(session.app.screens.sweep.form.counts().0, 27);
    session.keys("u");
    assert_eq!(session.app.screens.sweep.form.counts().0, 81);
}

#[test]
fn the_run_makes_room_for_the_sweep_and_is_remembered_at_its_end() {
    let mut session = form(SMALL);
    requested(&mut session);
    session.tell(Message::SweepStarted(Ok(Vec::new())));
    assert_eq!(session.take_effects(), [Effect::Send(Command::Pause)]);
    session.event(lenet_monitor::train::Event::State(State::Paused));
    session.swept(2, [0.4, 0.1]);
    keep("sweep-form-started", &session);
    session.keys("1");
    for size in [SMALL, (40, 12)] {
        session.app.size = size;
        assert!(session.text().contains("● sweeping 2/81"), "{}", session.text());
    }
    session.keys("5");
    session.swept(81, [0.0; 2]).with_sweep(|sweep| sweep.is_over = true);
    let notice = session.app.session.notice.clone().expect("a notice").1;
    assert!(notice.ends_with("complete; the run is still paused: Space resumes it"), "{notice}");
}

#[test]
fn the_run_continues_beside_the_sweep_if_the_user_chooses_so() {
    let mut session = form(SMALL);
    session.keys("Gkl");
    requested(&mut session);
    session.tell(Message::SweepStarted(Ok(vec!["2 of 81 runs are already in sweep.csv".into()])));
    assert_eq!(session.take_effects(), []);
    session.swept(2, [0.4, 0.1]);
    assert!(session.text().contains("sweeping"), "{}", session.text());
}

#[test]
fn the_cursor_moves_over_the_choice_for_a_run_that_is_over() {
    let mut session = form(SMALL);
    session.ended(State::Finished, 3, None).keys("G");
    for key in ["k", "j"] {
        session.keys(key);
        assert!(session.text().contains("│ ▸ "), "{key}\n{}", session.text());
    }
    session.keys("k");
    let screen = session.text();
    assert!(screen.lines().any(|line| line.contains("▸ file")), "{screen}");
}

#[test]
fn a_sweep_that_cannot_start_says_why_on_its_field() {
    let mut session = form(SMALL);
    requested(&mut session);
    let reason = "/nowhere/sweep.csv: permission denied";
    session.tell(Message::SweepStarted(Err(reason.into())));
    keep("sweep-form-failed", &session);
    requested(&mut session);
}

#[test]
fn runs_in_the_file_are_not_trained_again() {
    let mut session = form(SMALL);
    let dataset = session.app.session.dataset.id.clone();
    let spec = |hyper| RunSpec::new(hyper, Limits::default(), dataset.clone());
    let keys: HashSet<String> = Grid::default().runs().into_iter().take(30).map(|hyper| key(&spec(hyper))).collect();
    session.tell(Message::KnownRuns("sweep.csv".into(), Ok(keys)));
    keep("sweep-form-continues", &session);
    assert!(session.text().contains("Enter continue"), "{}", session.text());
    session.tell(Message::KnownRuns("sweep.csv".into(), Err("sweep.csv: expected a sweep's table".into())));
    assert!(session.text().contains("✗ sweep.csv: expected a sweep's table"), "{}", session.text());
}

#[test]
fn a_key_opens_the_form_over_a_table_or_after_a_sweep_but_not_during_one() {
    for mut session in [looking(COLOUR, SMALL), complete(COLOUR, SMALL)] {
        session.keys("5B");
        assert!(session.text().contains("start the sweep"), "{}", session.text());
        session.press(KeyCode::Esc);
        assert!(!session.text().contains("start the sweep"), "{}", session.text());
    }
    let mut session = sweeping(COLOUR, SMALL);
    session.keys("B");
    assert!(!session.text().contains("start the sweep"), "{}", session.text());
    let notice = session.app.session.notice.clone().expect("a reason").1;
    assert!(notice.contains("S stops it first"), "{notice}");
}

#[test]
fn quitting_while_a_sweep_starts_stops_it() {
    let mut session = form(SMALL);
    requested(&mut session);
    session.ctrl('c').ctrl('c').take_effects();
    session.tell(Message::SweepStarted(Ok(Vec::new())));
    assert_eq!(session.take_effects(), [Effect::SendToSweep(SweepCommand::Stop)]);
}
