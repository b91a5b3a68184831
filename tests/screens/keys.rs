//! Every key on every screen does what the table says, and no other key does any harm.

use std::{collections::HashSet, path::PathBuf};

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use lenet_monitor::{
    train::{
        Activation, Cause, Command, Event, Hyperparameter, Hyperparameters, OptimizerKind, Recipe, SaveKind,
        SavedCheckpoint, State, Symptom,
    },
    tui::{
        App, Charts, Drawing, Effect, Field, Help, Keymap, Leave, Message, Order, Others, Pane, Pen, Question, Removal,
        Screen, Sets, Sort, Source, Writing, X, bindings,
        keys::{self, Action, Context, Key},
    },
};

use crate::{
    fixture::{COLOUR, Session, asked, entries, finished, health, progress, record, spec, started, training},
    sweeps::looking,
};

/// Returns a session in this key context.
pub fn at(context: Context) -> Session {
    let mut session =
        if context == Context::Screen(Screen::Sweep) { looking(COLOUR, (80, 24)) } else { training(COLOUR, (80, 24)) };
    match context {
        Context::Screen(Screen::Train) => session.keys("1"),
        Context::Screen(Screen::Mistakes) => session.keys("2"),
        Context::Screen(Screen::Parameters) => session.keys("3"),
        Context::Screen(Screen::Runs) => {
            let entries = entries(&session.app);
            session.keys("4").tell(Message::Checkpoints(Ok(entries)))
        }
        Context::Screen(Screen::Sweep) => &mut session,
        Context::Curves => session.keys("f"),
        Context::Compare => {
            let entries = entries(&session.app);
            session.keys("4").tell(Message::Checkpoints(Ok(entries))).keys("cjc")
        }
        Context::NewSweep => session.keys("5").tell(Message::Table(Box::new(Ok(None)))),
        Context::Confirming => {
            let entries = entries(&session.app);
            session.keys("4").tell(Message::Checkpoints(Ok(entries))).keys("jD")
        }
        Context::Screen(Screen::Confusion) => session.keys("6"),
        Context::Screen(Screen::Layers) => session.keys("7"),
        // With something drawn and undone, so that every key has something to do.
        Context::Screen(Screen::Draw) => session.keys("8").drag(&[(10, 8), (20, 8), (12, 16)]),
        Context::Help => session.keys("?"),
        Context::Typing => session.keys("n"),
        Context::Digit => session.keys("2t"),
        Context::Asking => session.keys("q"),
    };
    session.take_effects();
    assert_eq!(session.app.context(), context);
    session
}

fn press(context: Context, key: Key) -> Session {
    let mut session = at(context);
    session.tell(Message::Key(key.event()));
    session
}

/// Checks the outcome of `action`, whichever key caused it.
fn check(context: Context, action: Action, before: &App, session: &mut Session) {
    let effects = session.take_effects();
    let app = &session.app;
    let sent = |command: Command| assert_eq!(effects, [Effect::Send(command)]);
    match action {
        Action::Show(Screen::Train) => assert_eq!((app.shown, app.help.is_some()), (Screen::Train, false)),
        Action::Show(Screen::Mistakes) => assert_eq!((app.shown, app.help.is_some()), (Screen::Mistakes, false)),
        Action::Show(Screen::Parameters) => assert_eq!((app.shown, app.help.is_some()), (Screen::Parameters, false)),
        Action::Show(Screen::Runs) => {
            assert_eq!((app.shown, app.help.is_some()), (Screen::Runs, false));
            assert_eq!(effects, [Effect::ListCheckpoints]);
        }
        Action::Show(Screen::Sweep) => {
            assert_eq!((app.shown, app.help.is_some()), (Screen::Sweep, false));
            assert_eq!(effects, [Effect::ReadTable]);
        }
        Action::Show(Screen::Confusion) => assert_eq!((app.shown, app.help.is_some()), (Screen::Confusion, false)),
        Action::Show(Screen::Layers) => {
            assert_eq!((app.shown, app.help.is_some()), (Screen::Layers, false));
            assert!(
                context == Context::Screen(Screen::Layers)
                    || matches!(effects[..], [Effect::Send(Command::Inspect { .. })])
            );
        }
        Action::LookInside => {
            let source = if context == Context::Screen(Screen::Draw) { Source::Drawing } else { Source::Mistake };
            assert_eq!((app.shown, app.screens.layers.source), (Screen::Layers, source));
        }
        Action::Health => assert!(app.screens.layers.shows_health),
        Action::Source => assert_eq!(app.screens.layers.source, Source::Mistake),
        Action::NextOf => assert_eq!(asked(app), Some("next")),
        Action::Augment => assert_ne!(app.session.variant, Default::default()),
        Action::Show(Screen::Draw) => assert_eq!((app.shown, app.help.is_some()), (Screen::Draw, false)),
        Action::Pen => assert_eq!(app.screens.draw.pad.pen, Pen::Draws),
        Action::Eraser => assert_eq!(app.screens.draw.pad.pen, Pen::Erases),
        Action::Wider => assert!(app.screens.draw.pad.brush() > before.screens.draw.pad.brush()),
        Action::Thinner => assert!(app.screens.draw.pad.brush() < before.screens.draw.pad.brush()),
        Action::Undo if context == Context::Screen(Screen::Draw) => assert!(app.screens.draw.pad.sheet.ink.is_blank()),
        Action::Clear => assert!(app.screens.draw.pad.sheet.ink.is_blank() && app.screens.draw.pad.can_undo()),
        Action::OpenPicture => assert_eq!(asked(app), Some("open")),
        Action::SavePicture => assert_eq!(asked(app), Some("save")),
        Action::NextScreen | Action::PreviousScreen => assert_ne!(app.shown, before.shown),
        Action::Help => assert_eq!(app.help.is_some(), context != Context::Help),
        Action::Back if context == Context::Compare => assert!(!app.screens.runs.comparing),
        Action::Back => assert_eq!((app.shown, app.help.is_some()), (Screen::Train, false)),
        Action::Quit => assert_eq!(asked(app), Some("quit?")),
        Action::Interrupt if context == Context::Asking => {
            assert_eq!(effects, [Effect::Send(Command::Stop), Effect::Quit(Leave::Key)]);
        }
        Action::Interrupt => assert_eq!(asked(app), Some("quit?")),
        // Nothing is unsaved.
        Action::SaveElsewhere => assert_eq!(asked(app), Some("quit?")),
        Action::Detach => assert_eq!(asked(app), Some("detach?")),
        Action::Suspend => assert_eq!(effects, [Effect::Suspend]),
        Action::Redraw => assert_eq!(effects, [Effect::Redraw]),
        Action::PauseOrResume => sent(Command::Pause),
        Action::Step => sent(Command::RunSteps(1)),
        Action::RunSteps => assert_eq!(asked(app), Some("more steps")),
        Action::RunEpochs => assert_eq!(asked(app), Some("more epochs")),
        Action::Save => sent(Command::Save),
        Action::Edit if context == Context::Screen(Screen::Parameters) => {
            assert_ne!(app.screens.parameters.form.spec, before.screens.parameters.form.spec)
        }
        Action::Edit if context == Context::NewSweep => assert!(matches!(effects[..], [Effect::StartSweep(_)])),
        Action::Edit => assert_eq!(app.shown, Screen::Parameters),
        Action::Zoom => assert!(app.screens.train.plot.late),
        Action::LogScale => assert!(app.screens.train.plot.log_scale),
        Action::FullChart => assert_eq!(app.screens.train.plot.full, context == Context::Screen(Screen::Train)),
        Action::Axis => assert_eq!(app.screens.train.plot.x, X::Steps),
        Action::Smoother => assert_eq!(app.screens.train.plot.smoothing(), 0.2),
        Action::Rougher => assert_eq!(app.screens.train.plot.smoothing(), 0.05),
        Action::ZoomIn => assert!(app.screens.train.plot.window.is_some()),
        Action::ZoomOut => assert_eq!(app.screens.train.plot.window, None),
        Action::Charts => assert_eq!(app.screens.train.plot.charts, Charts::Accuracy),
        Action::Sets => assert_eq!(app.screens.train.plot.sets, Sets::Test),
        Action::Others => {
            assert_eq!(app.screens.train.plot.others, Others::Newest);
            assert_eq!(effects, [Effect::ListCheckpoints]);
        }
        Action::Drawing => assert_eq!(app.session.drawing, Drawing::Shades),
        Action::FilterTrue | Action::FilterPredicted => {
            let question = app.question().expect("a question");
            let digit = if action == Action::FilterTrue { "true" } else { "predicted" };
            assert_eq!((question.title, question.text[0].text.contains(digit)), ("filter", true));
        }
        Action::ClearFilter if context == Context::Screen(Screen::Runs) => assert_eq!(app.screens.runs.filter, ""),
        Action::ClearFilter => assert_eq!((asked(app), app.session.browser.filter), (None, Default::default())),
        Action::Order if context == Context::Screen(Screen::Runs) => assert_eq!(app.screens.runs.sort, Sort::Best),
        Action::Order => assert_eq!(app.session.browser.order, Order::SurestFirst),
        Action::SwitchSet => assert!(app.session.browser.correct_ones),
        Action::Restart => sent(Command::Restart(Box::new(app.screens.parameters.form.spec.clone()))),
        Action::Apply => assert!(app.session.notice.is_some(), "it says that there is nothing to apply"),
        Action::Undo if context == Context::NewSweep => assert_eq!(app.screens.sweep.form.grid, Default::default()),
        Action::Undo => assert_eq!(app.screens.parameters.form.spec, app.screens.parameters.form.running),
        Action::Preset => assert_eq!(app.screens.parameters.form.spec.hyper, Default::default()),
        Action::Recall => {
            assert!(app.session.notice.as_ref().is_some_and(|(_, text)| text.contains("nothing was tried")))
        }
        Action::Recover => {
            assert!(app.session.notice.as_ref().is_some_and(|(_, text)| text.contains("nothing to recover")))
        }
        Action::Load | Action::ResumeFrom => sent(Command::Load(first_file())),
        Action::Rename | Action::Delete => assert!(app.session.notice.is_some(), "it says that this run is open here"),
        Action::Filter => assert_eq!(asked(app), Some("filter")),
        Action::WriteReport => {
            assert!(matches!(effects[..], [Effect::Write(Writing::Report(_))]), "{effects:?}");
        }
        Action::Export => assert_eq!(asked(app), Some("export")),
        Action::Mark => assert_eq!(app.session.library.marked.len(), 1),
        Action::Compare if context == Context::Compare => assert!(!app.screens.runs.comparing),
        Action::Compare => assert_eq!(app.session.library.marked.len(), 1),
        Action::Refresh if context == Context::Screen(Screen::Sweep) => assert_eq!(effects, [Effect::ReadTable]),
        Action::Refresh if context == Context::NewSweep => {
            assert_eq!(effects, [Effect::ReadTable, Effect::ReadKnownRuns("sweep.csv".into())]);
        }
        Action::NewSweep => {
            assert!(app.screens.sweep.form.is_open);
            assert_eq!(effects, [Effect::ReadKnownRuns("sweep.csv".into())]);
        }
        Action::Percent => assert!(app.screens.confusion.percent),
        Action::Changes => assert!(app.screens.confusion.changes),
        Action::Reliability => assert!(app.screens.confusion.reliability),
        Action::OpenCell if context == Context::Compare => assert!(app.session.notice.is_some(), "not yet evaluated"),
        Action::OpenCell => assert_eq!(app.shown, Screen::Mistakes),
        Action::Refresh => assert_eq!(effects, [Effect::ListCheckpoints]),
        Action::OpenInEditor => {
            assert_eq!(app.shown, Screen::Parameters);
            assert_eq!(app.screens.parameters.form.spec.hyper.epochs, 10);
        }
        Action::DropRun | Action::StopSweep => {
            assert!(app.session.notice.is_some(), "it says that no sweep is running")
        }
        Action::TurnMap => assert_ne!(app.screens.sweep.board.arrangement(), before.screens.sweep.board.arrangement()),
        Action::NextPane => assert_eq!(app.screens.sweep.pane, Pane::Rank),
        Action::Follow => assert!(app.screens.sweep.follows),
        Action::Accept if context == Context::Asking => {
            assert!(app.session.leaving);
            sent(Command::StopIfSaved);
        }
        Action::Accept if context == Context::Confirming => {
            let run = PathBuf::from("checkpoints/20261124-114210-sigmoid-sgd-0.01-b64");
            assert_eq!(effects, [Effect::Remove(Removal::Run(run))]);
        }
        Action::Accept => sent(Command::RunSteps(100)),
        Action::Cancel => assert_eq!((asked(app), effects), (None, Vec::new())),
        Action::Left | Action::Right | Action::Up | Action::Down => moves(context, session),
        Action::PageUp | Action::PageDown | Action::First | Action::Last => moves(context, session),
    }
}

/// Returns the checkpoint of the current run, which is the newest.
fn first_file() -> PathBuf {
    "checkpoints/20261124-120000-relu-adam-0.001-b16/last.ckpt".into()
}

/// Checks that a movement sends nothing and leaves the screen as it is; other tests check where it leads.
fn moves(context: Context, session: &mut Session) {
    assert_eq!(session.app.context(), context);
    assert_eq!(session.take_effects(), []);
}

#[test]
fn each_key_does_what_its_row_of_the_table_says() {
    let mut seen = 0;
    for binding in bindings() {
        for context in Context::all().filter(|&context| binding.holds(context)) {
            for &key in binding.keys.iter() {
                let before = at(context).app;
                let mut session = press(context, key);
                check(context, binding.action, &before, &mut session);
                seen += 1;
            }
        }
    }
    assert!(seen > 150, "{seen}");
}

#[test]
fn no_key_has_two_meanings_in_a_context() {
    for context in Context::all() {
        let keys: Vec<_> =
            Keymap::default().on(context).flat_map(|binding| binding.keys.to_vec()).map(|key| key.event()).collect();
        let distinct: HashSet<_> = keys.iter().collect();
        assert_eq!(keys.len(), distinct.len(), "{context:?}");
    }
}

#[test]
fn only_q_and_ctrl_c_quit() {
    let others = (' '..='~').filter(|&char| char != 'q').map(KeyCode::Char).chain([KeyCode::Esc, KeyCode::Enter]);
    for code in others {
        for modifiers in [KeyModifiers::NONE, KeyModifiers::CONTROL, KeyModifiers::ALT] {
            if code == KeyCode::Char('c') && modifiers == KeyModifiers::CONTROL {
                continue;
            }
            let numbers = (1..=Screen::ALL.len()).map(|number| number.to_string());
            for screen in numbers.chain(["f".into(), "?".into()]) {
                let mut session = finished(COLOUR, (80, 24));
                session.keys(&screen).tell(Message::Key(KeyEvent::new(code, modifiers)));
                let effects = session.take_effects();
                let quits =
                    effects.iter().any(|effect| matches!(effect, Effect::Quit(_) | Effect::Send(Command::Stop)));
                assert!(!quits, "{modifiers:?} {code:?} on {screen}");
            }
        }
    }
}

#[test]
fn quitting_a_run_that_is_over_asks_nothing() {
    let mut session = finished(COLOUR, (80, 24));
    session.keys("q");
    assert_eq!(session.take_effects(), [Effect::Send(Command::Stop), Effect::Quit(Leave::Key)]);
}

#[test]
fn quitting_a_run_that_is_under_way_waits_until_it_is_saved() {
    for state in [State::Training, State::Evaluating, State::Paused] {
        let mut session = training(COLOUR, (80, 24));
        session.event(Event::State(state)).keys("q");
        assert_eq!(session.take_effects(), [], "it asks");
        session.keys("y");
        assert_eq!(session.take_effects(), [Effect::Send(Command::StopIfSaved)]);
        session.ended(State::Stopped, 3, None);
        assert_eq!(session.take_effects(), [Effect::Quit(Leave::Key)]);
    }
}

#[test]
fn quitting_succeeds_when_the_worker_has_vanished() {
    let mut session = training(COLOUR, (80, 24));
    session.keys("qy").tell(Message::WorkerGone);
    assert_eq!(session.take_effects(), [Effect::Send(Command::StopIfSaved), Effect::Quit(Leave::Key)]);
}

#[test]
fn a_second_interrupt_quits_at_once_from_everywhere() {
    for context in Context::all() {
        let mut session = at(context);
        session.ctrl('c').ctrl('c');
        let effects = session.take_effects();
        assert!(
            effects.ends_with(&[Effect::Send(Command::Stop), Effect::Quit(Leave::Key)]),
            "{context:?}: {effects:?}"
        );
    }
    let mut session = training(COLOUR, (80, 24));
    session.keys("qy").take_effects();
    session.ctrl('c');
    assert_eq!(session.take_effects(), [Effect::Send(Command::Stop), Effect::Quit(Leave::Key)], "while it saves, too");
}

#[test]
fn a_vanished_terminal_stops_the_run() {
    let mut session = training(COLOUR, (80, 24));
    session.tell(Message::TerminalGone);
    assert_eq!(session.take_effects(), [Effect::Send(Command::Stop), Effect::Quit(Leave::TerminalGone)]);
}

#[test]
fn space_pauses_and_resumes_faster_than_the_worker_answers() {
    let mut session = training(COLOUR, (80, 24));
    session.keys("   ");
    let sent = [Command::Pause, Command::Resume, Command::Pause].map(Effect::Send);
    assert_eq!(session.take_effects(), sent);
    session.event(Event::State(State::Paused)).keys(" ");
    assert_eq!(session.take_effects(), [Effect::Send(Command::Resume)]);
}

#[test]
fn a_finished_run_is_trained_on() {
    for (keys, command) in [
        (" ", Command::Resume),
        ("s", Command::RunSteps(1)),
        ("n", Command::RunSteps(100)),
        ("N", Command::RunEpochs(1)),
    ] {
        let mut session = finished(COLOUR, (80, 24));
        session.keys(keys).press(KeyCode::Enter);
        assert_eq!(session.take_effects(), [Effect::Send(command)], "{keys}");
        session.event(Event::EpochsChanged(11)).event(Event::State(State::Training));
        assert!(session.app.session.live.is_under_way(), "{keys}");
        assert_eq!(session.app.session.live.place(), (11, 0, 3_750), "{keys}");
    }
}

#[test]
fn a_diverged_run_refuses_steps_with_a_notice() {
    let mut session = training(COLOUR, (80, 24));
    session.ended(State::Diverged, 3, Some("loss is not finite")).take_effects();
    session.keys(" s");
    assert_eq!(session.take_effects(), []);
    assert!(session.app.session.notice.as_ref().is_some_and(|(_, text)| text.contains("the run is diverged")));
    session.keys("1");
    assert_eq!(session.app.session.notice, None, "until the next key");
}

#[test]
fn counts_are_asked_for_and_remembered() {
    let mut session = training(COLOUR, (80, 24));
    session.keys("n").press(KeyCode::Backspace).press(KeyCode::Backspace).keys("2").press(KeyCode::Enter);
    assert_eq!(session.take_effects(), [Effect::Send(Command::RunSteps(12))]);
    session.keys("n").press(KeyCode::Enter);
    assert_eq!(session.take_effects(), [Effect::Send(Command::RunSteps(12))]);
    session.keys("N3").press(KeyCode::Enter);
    assert_eq!(session.take_effects(), [Effect::Send(Command::RunEpochs(3))]);
    session.keys("n50").press(KeyCode::Enter);
    assert_eq!(
        session.take_effects(),
        [Effect::Send(Command::RunSteps(50))],
        "the first digit replaces the suggestion"
    );
    session.keys("n0").press(KeyCode::Enter);
    let error = session.app.question().and_then(Question::error);
    assert!(error.is_some(), "no steps are refused");
    assert_eq!(session.take_effects(), []);
}

#[test]
fn a_count_that_cannot_be_trained_stays_with_the_reason() {
    let mut session = training(COLOUR, (80, 24));
    session.keys("n").ended(State::Diverged, 3, Some("loss is not finite")).keys("7").press(KeyCode::Enter);
    let question = session.app.question().expect("the question stays");
    assert!(question.error().is_some_and(|reason| reason.contains("the run is diverged")), "{question:?}");
    assert_eq!(question.line().map(|line| line.text.as_str()), Some("7"));
}

#[test]
fn letters_typed_into_a_question_are_text() {
    let mut session = training(COLOUR, (80, 24));
    session.keys("nq4w");
    let line = session.app.question().and_then(Question::line);
    assert_eq!(line.map(|line| line.text.as_str()), Some("4"), "a count takes only digits");
    let error = session.app.question().and_then(Question::error);
    assert_eq!(error, Some("only digits can be typed here"));
    session.press(KeyCode::Esc);
    assert_eq!((asked(&session.app), session.app.shown), (None, Screen::Train));
}

#[test]
fn a_count_is_visible_on_a_small_terminal() {
    for key in ["n", "N"] {
        let mut session = training(COLOUR, (40, 12));
        session.keys(key).keys("1234567");
        assert!(session.text().contains("1234567"), "{}", session.text());
    }
}

#[test]
fn questions_on_a_small_terminal_are_whole() {
    let mut session = training(COLOUR, (40, 12));
    session.keys("q");
    let text = session.text();
    assert!(
        ["The run is saved first.", "y  save and quit", "n  stay", "save and quit now"]
            .iter()
            .all(|word| text.contains(word)),
        "{text}"
    );
}

#[test]
fn pasted_text_is_not_a_command() {
    let mut session = training(COLOUR, (80, 24));
    session.tell(Message::Paste("q y 4\x03".into()));
    assert_eq!((asked(&session.app), session.app.shown), (None, Screen::Train));
    session.keys("n").press(KeyCode::Backspace).press(KeyCode::Backspace).press(KeyCode::Backspace);
    session.tell(Message::Paste("250\n".into())).press(KeyCode::Enter);
    assert_eq!(session.take_effects(), [Effect::Send(Command::RunSteps(250))]);
}

#[test]
fn releases_of_keys_are_ignored() {
    let mut session = training(COLOUR, (80, 24));
    let mut release = KeyEvent::new(KeyCode::Char('w'), KeyModifiers::NONE);
    release.kind = KeyEventKind::Release;
    session.tell(Message::Key(release));
    assert_eq!(session.take_effects(), []);
}

#[test]
fn mistakes_are_stepped_through_to_both_ends() {
    for screen in "12".chars() {
        let mut session = training(COLOUR, (80, 24));
        session.keys(&screen.to_string());
        let all = session.app.session.browser.mistakes.shown.len();
        assert!(all > 20);
        let place = |session: &Session| session.app.session.browser.mistakes.place;
        session.press(KeyCode::Left);
        assert_eq!(place(&session), 0);
        session.press(KeyCode::Right).press(KeyCode::Right);
        assert_eq!(place(&session), 2);
        session.press(KeyCode::End);
        assert_eq!(place(&session), all - 1);
        session.press(KeyCode::Right);
        assert_eq!(place(&session), all - 1);
        session.press(KeyCode::Home);
        assert_eq!(place(&session), 0);
    }
}

#[test]
fn rows_and_pages_of_mistakes_follow_the_size_of_the_screen() {
    let mut session = training(COLOUR, (80, 24));
    let place = |session: &Session| session.app.session.browser.mistakes.place;
    session.keys("2").press(KeyCode::Down);
    let columns = place(&session);
    assert!(columns > 1);
    session.press(KeyCode::Up).press(KeyCode::PageDown);
    let page = place(&session);
    assert_eq!(page, columns * 2, "two rows at 80x24");
    session.tell(Message::Resize(200, 60)).press(KeyCode::Home).press(KeyCode::PageDown);
    assert!(place(&session) > page);
}

#[test]
fn filters_select_what_they_name_and_keep_the_chosen_digit() {
    let mut session = training(COLOUR, (80, 24));
    session.keys("2t4");
    let browser = &session.app.session.browser;
    assert!(!browser.mistakes.shown.is_empty());
    assert!(browser.mistakes.shown.iter().all(|mistake| mistake.label == 4 && mistake.digit != 4));
    assert!(browser.correct.shown.iter().all(|prediction| prediction.label == 4 && prediction.digit == 4));
    session.press(KeyCode::Right);
    let chosen = session.app.session.browser.mistakes.current().copied();
    session.keys("x");
    assert_eq!(session.app.session.browser.mistakes.current().copied(), chosen);
    session.keys("p3");
    assert!(session.app.session.browser.mistakes.shown.iter().all(|mistake| mistake.digit == 3));
    session.keys("t4");
    assert!(session.app.session.browser.mistakes.shown.is_empty(), "no 4 is read as a 3");
    session.keys("px");
    assert!(session.app.session.browser.mistakes.shown.iter().all(|mistake| mistake.label == 4));
}

#[test]
fn orders_sort_by_confidence() {
    let mut session = training(COLOUR, (80, 24));
    session.keys("2o");
    let confidences = |session: &Session| {
        session.app.session.browser.mistakes.shown.iter().map(|m| m.confidence()).collect::<Vec<_>>()
    };
    assert!(confidences(&session).is_sorted_by(|a, b| a >= b));
    session.keys("o");
    assert!(confidences(&session).is_sorted());
    session.keys("o");
    assert!(session.app.session.browser.mistakes.shown.iter().map(|mistake| mistake.index).is_sorted());
}

#[test]
fn a_new_evaluation_keeps_the_place() {
    let mut session = training(COLOUR, (80, 24));
    session.keys("2").press(KeyCode::End);
    let evaluation = session.app.session.live.evaluation.clone().expect("an evaluation");
    let chosen = session.app.session.browser.mistakes.current().copied();
    session.event(Event::Evaluated { epoch: 4, evaluation });
    assert_eq!(session.app.session.browser.mistakes.current().copied(), chosen);
}

#[test]
fn a_damaged_checkpoint_is_not_loaded() {
    let mut session = at(Context::Screen(Screen::Runs));
    session.press(KeyCode::End).press(KeyCode::Enter);
    assert_eq!(session.take_effects(), []);
    assert!(session.app.session.notice.is_some());
}

#[test]
fn a_requested_run_is_shown_once_it_has_started() {
    let mut session = at(Context::Screen(Screen::Runs));
    session.press(KeyCode::Enter).take_effects();
    assert_eq!(session.app.shown, Screen::Runs);
    session.start();
    assert_eq!(session.app.shown, Screen::Train);
    session.keys("4").start();
    assert_eq!(session.app.shown, Screen::Runs, "a run that was not requested does not change the screen");
}

#[test]
fn the_list_of_checkpoints_is_read_again_after_a_save() {
    let mut session = at(Context::Screen(Screen::Runs));
    let lists = |session: &mut Session| session.take_effects().contains(&Effect::ListCheckpoints);
    session.epochs(4..=4);
    assert!(!lists(&mut session), "not after every epoch");
    let later = session.app.session.now + 10;
    session.tell(Message::Clock(later)).epochs(5..=5);
    assert!(lists(&mut session));
    let path = "checkpoints/run/last.ckpt".into();
    session.event(Event::Saved { kind: SaveKind::ByHand, path });
    assert!(lists(&mut session), "but after a requested save");
}

#[test]
fn a_learning_rate_is_applied_in_place() {
    let mut session = at(Context::Screen(Screen::Parameters));
    while session.app.screens.parameters.form.field != Field::Of(Hyperparameter::LearningRate) {
        session.press(KeyCode::Down);
    }
    session.press(KeyCode::Right).keys("a");
    assert_eq!(session.take_effects(), [Effect::Send(Command::SetLearningRate(0.002))]);
    session.event(Event::LearningRateChanged(0.002));
    assert_eq!(session.app.screens.parameters.form.differences(), 0);
    assert!(session.text().contains("adam 0.002") || session.keys("1").text().contains("adam 0.002"));
}

#[test]
fn the_previous_run_is_kept_when_another_begins() {
    let mut session = training(COLOUR, (80, 24));
    session.start();
    let before = session.app.session.live.previous.as_ref().expect("the run before");
    assert_eq!(before.history, [record(1), record(2), record(3)]);
    assert!(session.app.session.live.curves.is_empty() && session.app.session.browser.mistakes.shown.is_empty());
}

#[test]
fn each_single_step_has_a_column_of_the_sparklines_and_fast_batches_share_them() {
    let mut session = Session::new(COLOUR, (80, 24));
    session.start();
    for step in 1..=100 {
        let mut progress = progress(1, step);
        progress.elapsed = f64::from(step) * 1e-3;
        session.event(Event::Progress(progress));
    }
    assert_eq!(session.app.session.live.batches.len(), 1);
    for step in 101..=105 {
        session.event(Event::State(State::Paused));
        let mut progress = progress(1, step);
        (progress.batches, progress.elapsed) = (1, f64::from(step) * 1e-3);
        session.event(Event::Progress(progress));
    }
    assert_eq!(session.app.session.live.batches.len(), 6);
}

#[test]
fn the_table_for_the_documentation_has_a_row_for_each_binding() {
    let table = keys::markdown_table(&bindings());
    assert_eq!(table.lines().count(), bindings().len() + 2);
    assert!(table.contains(
        "| `Space` | every screen but help | Pause or resume; extend a finished run; on the Sweep screen, the running sweep |"
    ));
}

#[test]
fn keys_of_the_users_own_are_obeyed_and_shown() {
    let mut session = training(COLOUR, (120, 40));
    session.app.session.keymap.bind(Some("train"), "zoom", &[Key::Char('Z'), Key::Code(KeyCode::F(5))]).unwrap();
    session.app.session.keymap.bind(None, "quit", &[Key::Char('X')]).unwrap();
    session.app.session.keymap.check().unwrap();
    session.app.session.keymap.bind(None, "show-mistakes", &[Key::Code(KeyCode::F(2))]).unwrap();
    assert!(session.text().contains(" F2 mistakes"), "{}", session.text());
    assert!(session.text().contains("Z zoom") && session.text().contains("X quit"), "{}", session.text());
    assert!(
        !session.keys("z").app.screens.train.plot.late
            && session.keys("Z").app.screens.train.plot.late
            && !session.press(KeyCode::F(5)).app.screens.train.plot.late
    );
    session.keys("q");
    assert_eq!(asked(&session.app), None);
    session.keys("X");
    assert_eq!(asked(&session.app), Some("quit?"));
    session.press(KeyCode::Esc).keys("?");
    session.tell(Message::Resize(200, 100));
    assert!(session.text().contains("Z F5"), "{}", session.text());
}

#[test]
fn help_begins_with_the_keys_of_the_screen_below_it() {
    for context in
        Context::all().filter(|&context| matches!(context, Context::Screen(_) | Context::Curves | Context::Compare))
    {
        let mut session = at(context);
        session.keys("?").tell(Message::Resize(100, 400));
        let text = session.text();
        let own = text.find(&format!("│ {} ", context.name())).expect("the keys of this screen");
        let every = text.find("│ every screen ").expect("the keys of every screen");
        let first = text.find("│ ").expect("a first line");
        assert!(own == first && own < every, "{text}");
    }
}

#[test]
fn help_shows_the_keys_with_the_words_typed() {
    let mut session = training(COLOUR, (100, 40));
    session.keys("?/Delete runs");
    assert!(session.text().contains("Delete the run") && !session.text().contains("Pause"), "{}", session.text());
    session.press(KeyCode::Enter);
    assert_eq!(session.app.context(), Context::Help);
    assert!(!session.text().contains("Pause"), "the filter stays");
    session.keys("/").press(KeyCode::Backspace).keys("zzz").press(KeyCode::Esc);
    assert_eq!(session.app.help.as_ref().map(|help| help.words.as_str()), Some("Delete runs"), "as before");
    session.press(KeyCode::Esc);
    assert_eq!(session.app.help, Some(Help::default()), "every key again");
    session.press(KeyCode::Esc);
    assert_eq!(session.app.help, None);
}

#[test]
fn former_names_of_actions_are_still_understood() {
    let mut keymap = Keymap::default();
    keymap.bind(Some("runs"), "filter-runs", &[Key::Char('F')]).unwrap();
    assert_eq!(keymap.action(Context::Screen(Screen::Runs), &Key::Char('F').event()), Some(Action::Filter));
}

#[test]
fn texts_and_questions_name_the_users_own_keys() {
    let mut session = training(COLOUR, (120, 40));
    let keymap = &mut session.app.session.keymap;
    keymap.bind(Some("mistakes"), "clear-filter", &[Key::Code(KeyCode::F(6))]).unwrap();
    keymap.bind(Some("answering"), "accept", &[Key::Char('j')]).unwrap();
    keymap.bind(Some("parameters"), "restart", &[Key::Char('T')]).unwrap();
    session.keys("2t1p1");
    assert!(session.text().contains("F6 clears them"), "{}", session.text());
    session.keys("3").press(KeyCode::Right);
    assert!(session.text().contains("needs a restart: T") && session.text().contains("T restarts"));
    session.keys("q");
    assert!(session.text().contains("j  save and quit"), "{}", session.text());
}

#[test]
fn a_divergence_offers_the_last_good_checkpoint_with_a_lower_rate() {
    let mut session = training(COLOUR, (80, 24));
    session.ended(State::Diverged, 3, Some("loss is not finite"));
    session.take_effects();
    session.keys("r");
    let [Effect::Send(Command::Load(path)), Effect::Send(Command::SetLearningRate(rate))] = &session.take_effects()[..]
    else {
        panic!("a load and a lower rate");
    };
    assert!(path.ends_with("last.ckpt"));
    assert_eq!(*rate, 0.0001);

    // In the first epoch, with nothing saved: the same from the beginning.
    let mut session = Session::new(COLOUR, (80, 24));
    session.start().ended(State::Diverged, 0, Some("loss is not finite"));
    session.take_effects();
    session.keys("r");
    let [Effect::Send(Command::Restart(spec))] = &session.take_effects()[..] else { panic!("a restart") };
    assert_eq!(spec.hyper.learning_rate, 0.0001);
}

#[test]
fn a_run_that_learns_nothing_offers_a_restart_with_what_may_help() {
    let dead = Some(Symptom::Dead { layer: "C1", units: 6 });
    let chance = Some(Symptom::Chance { accuracy: 0.1135 });
    let vanishing = Some(Cause::VanishingGradient { layer: "C1", times: 310.0 });
    type Change = fn(&mut Hyperparameters);
    let cases: [(_, _, Change, Change); 4] = [
        (&dead, Some(Cause::LargeUpdates), |_| {}, |hyper| hyper.learning_rate = 0.0001),
        (&chance, vanishing.clone(), |hyper| hyper.optimizer = OptimizerKind::Sgd, |_| {}),
        (&chance, Some(Cause::SmallUpdates), |hyper| hyper.learning_rate = 1e-5, |_| {}),
        (&chance, None, |hyper| hyper.activation = Activation::Tanh, |_| {}),
    ];
    // From the small charts and from the full-screen ones.
    let cases = ["", "f"].iter().flat_map(|chart| cases.iter().cloned().map(move |case| (chart, case)));
    for (chart, (symptom, cause, before, after)) in cases {
        let mut session = Session::new(COLOUR, (80, 24));
        session.keys(chart).take_effects();
        let mut run = spec(&session.app);
        before(&mut run.hyper);
        session.event(Event::Started(Box::new(started(run, "run")))).event(Event::State(State::Training));
        session.keys("r");
        assert_eq!(session.take_effects(), [], "it learns");
        session.event(Event::Health(Box::new(health(2, symptom.clone(), cause))));
        assert!(session.text().contains("learns nothing"));
        session.keys("r");
        let [Effect::Send(Command::Restart(restart))] = &session.take_effects()[..] else { panic!("a restart") };
        let mut expected = spec(&session.app);
        after(&mut expected.hyper);
        assert_eq!(**restart, expected);
    }
}

#[test]
fn a_failed_worker_is_replaced_by_one_that_has_the_last_good_checkpoint() {
    let mut session = training(COLOUR, (80, 24));
    session.ended(State::Failed, 3, Some("the trainer panicked")).tell(Message::WorkerGone);
    session.take_effects();
    session.keys("r");
    let [Effect::StartFrom(path)] = &session.take_effects()[..] else { panic!("a new worker") };
    assert!(path.ends_with("last.ckpt"));
    assert_eq!(session.app.session.live.state, None, "{}", session.text());

    // With nothing saved: the same run from its beginning, at the same rate. Or another one, from the form.
    for keys in ["r", "3r"] {
        let mut session = Session::new(COLOUR, (80, 24));
        session.start().ended(State::Failed, 0, Some("the trainer panicked")).tell(Message::WorkerGone);
        session.take_effects();
        session.keys(keys);
        let effects = session.take_effects();
        let Some(Effect::Start(spec)) = effects.last() else { panic!("a new worker") };
        assert_eq!(spec.hyper, Default::default());
    }
}

#[test]
fn presets_and_earlier_values_are_filled_into_the_form() {
    let mut session = crate::fixture::restarted(COLOUR, (120, 40));
    let running = session.app.screens.parameters.form.running.clone();
    session.keys("3pp");
    assert_eq!(session.app.screens.parameters.form.spec.hyper.activation.name(), "sigmoid");
    for recipe in [Recipe::Fast, Recipe::Best, Recipe::Report] {
        session.keys("p");
        assert_eq!(session.app.screens.parameters.form.spec.hyper, recipe.hyperparameters());
    }
    session.keys("b").press(KeyCode::Enter);
    let before = &session.app.screens.parameters.form.spec.hyper;
    assert_eq!((before.activation.name(), before.optimizer.name()), ("tanh", "rmsprop"));
    assert!(session.text().contains("tanh rmsprop 0.001 b16"), "{}", session.text());
    assert!(session.text().contains("a restart takes about"), "{}", session.text());
    session.keys("u");
    assert_eq!(session.app.screens.parameters.form.spec, running);
}

#[test]
fn a_failed_save_is_reported_until_one_succeeds() {
    let mut session = training(COLOUR, (80, 24));
    let path: std::path::PathBuf = "checkpoints/run/last.ckpt".into();
    session.event(Event::SaveFailed { path: path.clone(), reason: "no space left on device".into(), kept: None });
    session.keys("1");
    assert!(session.text().contains("no space left on device; training continues"), "{}", session.text());
    session.event(Event::Saved { kind: SaveKind::Last, path });
    assert!(!session.text().contains("training continues"), "{}", session.text());
}

#[test]
fn a_save_that_fails_while_quitting_leaves_the_user_a_choice() {
    let failed = || Event::SaveFailed {
        path: "checkpoints/run/last.ckpt".into(),
        reason: "No space left on device (os error 28)".into(),
        kept: Some(SavedCheckpoint { path: "checkpoints/run/last.ckpt".into(), epoch: 2, step: 0 }),
    };
    let mut session = training(COLOUR, (80, 24));
    session.keys("qy");
    assert_eq!(session.take_effects(), [Effect::Send(Command::StopIfSaved)]);
    session.event(failed());
    assert_eq!((asked(&session.app), session.app.session.leaving), (Some("quit?"), false));
    // The save elsewhere fails, too: the folder can be changed.
    session.keys("f/mnt/other").press(KeyCode::Enter);
    let elsewhere = [Command::SaveIn("/mnt/other".into()), Command::StopIfSaved].map(Effect::Send);
    assert_eq!(session.take_effects(), elsewhere);
    session.event(failed()).event(failed());
    assert_eq!(session.app.question().and_then(Question::error), Some("No space left on device (os error 28)"));
    session.keys("/b").press(KeyCode::Enter);
    assert_eq!(session.take_effects()[0], Effect::Send(Command::SaveIn("/mnt/other/b".into())));
    session.event(failed());
    assert_eq!(asked(&session.app), Some("save elsewhere"));
    session.press(KeyCode::Esc);
    assert_eq!(asked(&session.app), Some("quit?"), "back to where the folder was asked for");
    // After quitting in any case there is no further question.
    session.keys("y");
    assert_eq!(session.take_effects(), [Effect::Send(Command::Stop)]);
    session.event(failed()).ended(State::Stopped, 3, None);
    assert_eq!(session.take_effects(), [Effect::Quit(Leave::Key)]);
}

#[test]
fn quitting_a_finished_run_that_could_not_be_saved_asks() {
    let mut session = finished(COLOUR, (80, 24));
    let path = "checkpoints/run/last.ckpt".into();
    session.event(Event::SaveFailed { path, reason: "disk full".into(), kept: None }).keys("q");
    assert_eq!((session.take_effects(), asked(&session.app)), (vec![], Some("quit?")));
    assert!(session.text().contains("There is no checkpoint of this run"), "{}", session.text());
}
