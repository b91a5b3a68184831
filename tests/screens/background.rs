//! Runs that train in the background: on the Runs screen, and on a screen that is attached to one.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicU32},
};

use crossterm::event::KeyCode;
use lenet_monitor::{
    background::wire::Status,
    data::Fingerprint,
    sweep::{Snapshot, SweepCommand},
    train::{BackgroundRun, Command, Event, Holder, State},
    tui::{Attachment, Effect, Entry, Leave, Message, Screen, Theme},
};

use crate::{
    fixture::{ASCII, COLOUR, OPENED, Session, entries, progress, record, spec, started, training},
    gallery::{MEDIUM, SMALL, keep},
    sweeps::sweeping,
};

const RUN: &str = "20261124-114210-sigmoid-sgd-0.01-b64";
const SOCKET: &str = "/run/user/1000/lenet-monitor/4711.sock";

fn holder() -> Holder {
    let background = BackgroundRun {
        process: 4_711,
        since: OPENED - 60,
        version: "0.1.0".into(),
        socket: SOCKET.into(),
        run: PathBuf::from("/home/someone/checkpoints").join(RUN),
    };
    Holder { process: Some(4_711), background: Some(background) }
}

fn status(state: State, epoch: u32, accuracy: f64) -> Status {
    Status {
        run: PathBuf::from("/home/someone/checkpoints").join(RUN),
        process: 4_711,
        state: Some(state),
        epoch,
        epochs: 40,
        test_accuracy: Some(accuracy),
        dataset: "MNIST".into(),
        viewers: 2,
        since: OPENED - 60,
        images_per_second: Some(58_000.0),
        sweep: None,
    }
}

/// Lists the runs, of which one trains in the background.
fn list(session: &mut Session) {
    let mut list = entries(&session.app);
    for entry in list.iter_mut().filter(|entry| entry.run == RUN) {
        entry.holder = Some(holder());
    }
    session.tell(Message::Checkpoints(Ok(list)));
}

/// Shows the runs, with the one in the background under the cursor.
fn listed(mut session: Session) -> Session {
    session.keys("4").tell(Message::Clock(OPENED));
    list(&mut session);
    session.press(KeyCode::Down);
    session.take_effects();
    session
}

fn report(session: &mut Session, status: Result<Status, String>) {
    session.tell(Message::Statuses(vec![(SOCKET.into(), status)]));
}

fn attachment(viewers: u32, is_watching: bool) -> Attachment {
    Attachment {
        host: "trainer-7.example.org".into(),
        process: 4_711,
        viewers: Arc::new(AtomicU32::new(viewers)),
        is_watching,
    }
}

/// Returns what the trainer of the background run has reported.
fn recording(session: &Session) -> Vec<Event> {
    vec![
        Event::Started(Box::new(started(spec(&session.app), RUN))),
        Event::State(State::Training),
        Event::EpochEnded(Box::new(record(1))),
        Event::Progress(progress(2, 1_000)),
    ]
}

fn attached(theme: Theme, size: (u16, u16), attachment: Attachment) -> Session {
    let mut session = Session::new(theme, size);
    let recording = recording(&session);
    session.tell(Message::Attached(Ok(Box::new((attachment, recording)))));
    session.app.session.notice = None;
    session
}

#[test]
fn a_run_in_the_background_without_a_checkpoint_is_listed_first_and_attached_to() {
    for size in [SMALL, MEDIUM] {
        let mut session = training(COLOUR, size);
        session.keys("4").tell(Message::Clock(OPENED));
        let mut list = entries(&session.app);
        let path = PathBuf::from("checkpoints").join("20261124-120000-lenet5").join("last.ckpt");
        let begun = Entry { holder: Some(holder()), ..Entry::new(path, Err("no checkpoint yet".into())) };
        list.insert(1, begun);
        session.tell(Message::Checkpoints(Ok(list.clone())));
        session.press(KeyCode::Home);
        let text = session.text();
        assert!(text.contains("20261124-120000-lenet5  no checkpoint yet"), "{text}");
        assert!(!text.contains("damaged  20261124-12") && text.contains("process 4711): Enter attaches"), "{text}");
        let state = Status { test_accuracy: None, ..status(State::Training, 1, 0.0) };
        session.take_effects();
        report(&mut session, Ok(state));
        assert!(session.text().contains("training, epoch 1 of 40"), "{}", session.text());
        assert_eq!(session.take_effects(), []);
        // With the first evaluation comes the first checkpoint.
        session.tell(Message::Clock(OPENED + 30));
        session.take_effects();
        report(&mut session, Ok(status(State::Training, 2, 0.9)));
        assert_eq!(session.take_effects(), [Effect::ListCheckpoints]);
        session.press(KeyCode::Enter).keys("y");
        let effects = session.take_effects();
        assert_eq!(effects, [Effect::Send(Command::StopIfSaved)], "its own run is saved first");
    }
}

#[test]
fn a_run_in_the_background_is_listed_with_its_present_state() {
    for (theme, size, name) in [(COLOUR, SMALL, "runs-background"), (ASCII, MEDIUM, "runs-background-ascii")] {
        let mut session = listed(training(theme, size));
        assert!(
            session.text().contains("trains in the background (process 4711): Enter attaches"),
            "{}",
            session.text()
        );
        report(&mut session, Ok(status(State::Training, 12, 0.9731)));
        keep(name, &session);
        report(&mut session, Ok(status(State::Paused, 13, 0.9744)));
        let text = session.text();
        assert!(text.contains("13/40") && text.contains("0.9744") && text.contains("paused"), "{text}");
    }
    let mut session = listed(training(COLOUR, SMALL));
    session.keys("/in the background").press(KeyCode::Enter);
    assert_eq!(session.app.screens.runs.rows().len(), 1);
}

#[test]
fn its_state_is_asked_for_once_a_second_and_only_while_the_list_is_shown() {
    let mut session = listed(training(COLOUR, SMALL));
    let asked = |session: &mut Session, after: u64| {
        session.tell(Message::Clock(OPENED + after));
        session.take_effects().contains(&Effect::AskStatuses(vec![SOCKET.into()]))
    };
    assert!(asked(&mut session, 0));
    assert!(!asked(&mut session, 5), "the answer is pending");
    report(&mut session, Ok(status(State::Training, 12, 0.9731)));
    assert!(asked(&mut session, 6));
    report(&mut session, Ok(status(State::Training, 12, 0.9731)));
    assert!(!asked(&mut session, 6), "a second has not elapsed");
    assert!(asked(&mut session, 7));
    report(&mut session, Ok(status(State::Training, 12, 0.9731)));
    session.keys("1");
    assert!(!asked(&mut session, 20));
    session.keys("4");
    assert!(asked(&mut session, 21));
}

#[test]
fn a_run_that_ends_is_listed_as_it_is_on_disk() {
    let mut session = listed(training(COLOUR, SMALL));
    report(&mut session, Ok(status(State::Training, 12, 0.9731)));
    report(&mut session, Err("no run trains in the background there".into()));
    assert_eq!(session.take_effects(), [Effect::ListCheckpoints]);
    report(&mut session, Err("no run trains in the background there".into()));
    assert_eq!(session.take_effects(), [], "read once, not for ever");
    let list = entries(&session.app);
    session.tell(Message::Checkpoints(Ok(list)));
    assert!(!session.text().contains("in the background"), "{}", session.text());
}

#[test]
fn enter_attaches_after_the_run_of_this_screen_is_saved() {
    let mut session = listed(training(COLOUR, SMALL));
    session.press(KeyCode::Enter);
    keep("runs-attach-asked", &session);
    assert_eq!(session.take_effects(), []);
    session.press(KeyCode::Esc).press(KeyCode::Enter).keys("y");
    assert_eq!(session.take_effects(), [Effect::Send(Command::StopIfSaved)]);
    session.event(Event::State(State::Stopped)).ended(State::Stopped, 3, None);
    assert!(!session.take_effects().contains(&Effect::Attach(SOCKET.into())), "not before its worker has ended");
    session.tell(Message::WorkerGone);
    assert_eq!(session.take_effects(), [Effect::Attach(SOCKET.into())]);
    let recording = recording(&session);
    session.tell(Message::Attached(Ok(Box::new((attachment(2, false), recording)))));
    assert_eq!(session.app.shown, Screen::Train);
    assert_eq!(session.app.session.live.epochs_done(), 1);
    assert!(session.text().contains("attached to 20261124-114210"), "{}", session.text());
    assert!(session.take_effects().is_empty(), "nothing is written to its log, and no bell rings");
    // It is paused as any other run, and goes on when the screen closes.
    session.keys(" q");
    assert_eq!(session.take_effects(), [Effect::Send(Command::Pause), Effect::Quit(Leave::Detached)]);
}

#[test]
fn a_run_that_cannot_be_saved_is_not_left() {
    let mut session = listed(training(COLOUR, SMALL));
    session.press(KeyCode::Enter).keys("y");
    session.take_effects();
    let path = PathBuf::from("checkpoints/run/last.ckpt");
    session.event(Event::SaveFailed { path, reason: "no space left on device".into(), kept: None });
    assert!(session.text().contains("no space left"), "{}", session.text());
    session.tell(Message::WorkerGone);
    assert_eq!(session.take_effects(), []);
}

#[test]
fn nothing_is_asked_without_a_run_that_would_stop() {
    let mut other = attachment(1, false);
    other.process = 7;
    let mut session = listed(attached(COLOUR, SMALL, other));
    session.press(KeyCode::Enter);
    assert_eq!(session.take_effects(), [Effect::Attach(SOCKET.into())]);
    session.tell(Message::Attached(Err("the run has not answered within 2 s".into())));
    assert!(session.text().contains("not attached: the run has not answered"), "{}", session.text());
    // It is this screen's own already.
    let mut session = listed(attached(COLOUR, SMALL, attachment(1, false)));
    assert!(session.text().contains("shown on this screen"), "{}", session.text());
    session.press(KeyCode::Enter);
    assert_eq!((session.take_effects(), session.app.shown), (Vec::new(), Screen::Train));
}

#[test]
fn a_run_on_other_data_is_shown_by_another_command() {
    let mut session = training(COLOUR, MEDIUM);
    let mut list = entries(&session.app);
    for entry in list.iter_mut().filter(|entry| entry.run == RUN) {
        entry.holder = Some(holder());
        let contents = entry.contents.as_mut().unwrap();
        (contents.spec.dataset.name, contents.spec.dataset.fingerprint) = ("fashion".into(), Fingerprint([3; 32]));
    }
    session.keys("4").tell(Message::Checkpoints(Ok(list))).press(KeyCode::Down);
    session.take_effects();
    session.press(KeyCode::Enter);
    let text = session.text();
    assert!(text.contains(&format!("lenet-monitor attach {RUN}")) && text.contains("fashion"), "{text}");
    assert_eq!(session.take_effects(), []);
}

#[test]
fn an_attached_screen_says_so_at_every_width() {
    for (theme, size, is_watching, name) in [
        (COLOUR, SMALL, false, "attached"),
        (COLOUR, MEDIUM, false, "attached"),
        (COLOUR, SMALL, true, "attached-watching"),
        (COLOUR, MEDIUM, true, "attached-watching"),
        (ASCII, SMALL, false, "attached-ascii"),
    ] {
        keep(name, &attached(theme, size, attachment(2, is_watching)));
    }
    for width in 40..=200 {
        for (is_watching, word) in [(false, "attached"), (true, "watching")] {
            let session = attached(COLOUR, (width, 24), attachment(12, is_watching));
            let title = session.text().lines().next().unwrap_or_default().to_owned();
            assert!(title.contains(word), "{width}: {title}");
            assert!(width < 80 || title.contains("12 viewers"), "{width}: {title}");
        }
    }
}

#[test]
fn quitting_an_attached_screen_with_a_sweep_stops_only_the_sweep() {
    let mut session = sweeping(COLOUR, SMALL);
    let recording = recording(&session);
    session.tell(Message::Attached(Ok(Box::new((attachment(1, false), recording)))));
    session.take_effects();
    session.keys("q");
    assert!(!session.text().contains("The run is saved first"), "{}", session.text());
    session.keys("y");
    let effects = session.take_effects();
    assert!(
        !effects.iter().any(|effect| matches!(effect, Effect::Send(Command::Stop | Command::StopIfSaved))),
        "{effects:?}"
    );
    assert!(effects.contains(&Effect::Quit(Leave::Detached)), "{effects:?}");
}

/// A sweep that another process trains.
fn attached_to_sweep(theme: Theme, size: (u16, u16), attachment: Attachment) -> Session {
    let mut session = sweeping(theme, size);
    session.app.session.sweep.attachment = Some(attachment);
    session
}

#[test]
fn a_screen_on_a_background_sweep_says_so_at_every_width() {
    for (theme, size) in [(COLOUR, SMALL), (COLOUR, MEDIUM), (ASCII, SMALL)] {
        let name = if theme.ascii { "attached-sweep-ascii" } else { "attached-sweep" };
        keep(name, &attached_to_sweep(theme, size, attachment(2, false)));
    }
    for width in 40..=200 {
        for (is_watching, word) in [(false, "attached"), (true, "watching")] {
            let session = attached_to_sweep(COLOUR, (width, 24), attachment(12, is_watching));
            let title = session.text().lines().next().unwrap_or_default().to_owned();
            assert!(title.contains(word), "{width}: {title}");
            assert!(width < 80 || title.contains("12 viewers"), "{width}: {title}");
        }
    }
}

#[test]
fn a_background_sweep_is_commanded_and_left_without_a_question() {
    let mut session = attached_to_sweep(COLOUR, SMALL, attachment(1, false));
    session.keys(" ");
    assert_eq!(session.take_effects(), [Effect::SendToSweep(SweepCommand::Pause)]);
    session.tell(Message::SweepRefused("this viewer only watches".into()));
    assert!(session.text().contains("only watches") && session.text().contains("sweeping"), "{}", session.text());
    session.keys("q");
    assert_eq!(session.take_effects(), [Effect::Quit(Leave::Detached)]);
    let mut session = attached_to_sweep(COLOUR, SMALL, attachment(1, false));
    session.ctrl('\\');
    assert_eq!(session.take_effects(), [Effect::Quit(Leave::Detached)]);
    // Its stopping is the sweep's end, after which it is an ended sweep like any other.
    let mut session = attached_to_sweep(COLOUR, SMALL, attachment(1, false));
    session.keys("Sy");
    assert_eq!(session.take_effects(), [Effect::SendToSweep(SweepCommand::Stop)]);
    let over = Snapshot { is_over: true, ..session.app.session.sweep.snapshot.clone().unwrap() };
    session.sweep(over).tell(Message::SweepGone);
    let title = session.text().lines().next().unwrap_or_default().to_owned();
    assert!(title.contains("stopped") && !title.contains("attached"), "{title}");
}

#[test]
fn a_sweep_is_interrupted_to_continue_in_the_background() {
    let detach = |session: &mut Session| session.ctrl('\\').take_effects();
    let mut session = sweeping(COLOUR, SMALL);
    assert_eq!(detach(&mut session), []);
    keep("detach-sweep", &session);
    session.keys("y");
    let effects = session.take_effects();
    assert!(effects.contains(&Effect::SendToSweep(SweepCommand::Interrupt)), "{effects:?}");
    assert_eq!(effects.last(), Some(&Effect::Quit(Leave::Detach)));
    // A run beside it is saved first.
    let mut session = sweeping(COLOUR, SMALL);
    let recording = recording(&session);
    session.app.session.live.gone = false;
    for event in recording {
        session.event(event);
    }
    assert_eq!(detach(&mut session), []);
    let text = session.text();
    assert!(text.contains("lenet-monitor attach sweep.csv") && text.contains(&format!("attach {RUN}")), "{text}");
    session.take_effects();
    session.keys("y");
    assert_eq!(session.take_effects(), [Effect::Send(Command::StopIfSaved)]);
    session.event(Event::State(State::Stopped)).ended(State::Stopped, 1, None);
    let effects = session.take_effects();
    assert!(effects.contains(&Effect::SendToSweep(SweepCommand::Interrupt)), "{effects:?}");
    assert_eq!(effects.last(), Some(&Effect::Quit(Leave::Detach)));
    // There is nothing to continue once it is over.
    let mut session = sweeping(COLOUR, SMALL);
    let over = Snapshot { is_over: true, ..session.app.session.sweep.snapshot.clone().unwrap() };
    session.sweep(over);
    assert_eq!(detach(&mut session), []);
    assert!(session.text().contains("nothing to continue in the background"), "{}", session.text());
}
