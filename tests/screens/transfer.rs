//! A run that began with the weights of another one: where that is said, and how it is restarted.

use crossterm::event::KeyCode;
use lenet_monitor::{
    train::{Architecture, Command, Event, Hyperparameter, RunSpec, State, Transfer},
    tui::{Effect, Field, Message},
};

use crate::{
    fixture::{COLOUR, OPENED, Session, entries, spec, started},
    gallery::LARGE,
};

const SAID: &str = "the weights of the source after epoch 20 on SYNTHETIC, C1 and C3 frozen";

fn begun(session: &Session) -> RunSpec {
    let transfer = Transfer {
        path: "/runs/the source/last.ckpt".into(),
        network: Architecture::LeNet5,
        epoch: 20,
        step: 0,
        dataset: "SYNTHETIC".into(),
        frozen: vec!["C1", "C3"],
    };
    RunSpec { transfer: Some(transfer), ..spec(&session.app) }
}

fn training() -> Session {
    let mut session = Session::new(COLOUR, LARGE);
    let run = started(begun(&session), "20261124-120000-relu-adam-0.001-b16");
    session.event(Event::Started(Box::new(run))).event(Event::State(State::Training));
    session
}

#[test]
fn the_log_and_the_list_of_runs_say_where_its_weights_came_from() {
    let mut session = Session::new(COLOUR, LARGE);
    let run = started(begun(&session), "20261124-120000-relu-adam-0.001-b16");
    session.event(Event::Started(Box::new(run)));
    let is_logged = session
        .effects
        .iter()
        .any(|effect| matches!(effect, Effect::WriteLog(_, lines) if format!("{lines:?}").contains(SAID)));
    assert!(is_logged);
    let mut entries = entries(&session.app);
    entries.truncate(1);
    session.keys("4").tell(Message::Clock(OPENED)).tell(Message::Checkpoints(Ok(entries.clone())));
    assert!(!session.text().contains("the source"));
    entries[0].contents.as_mut().unwrap().spec = begun(&session);
    session.tell(Message::Checkpoints(Ok(entries)));
    let said = "weights from SYNTHETIC, C1 and C3 frozen   after epoch 20 of the source";
    assert!(session.text().contains(said), "{}", session.text());
    session.keys("/source after");
    assert!(session.text().contains(said), "{}", session.text());
    // In less space the log and the list leave out details.
    session.press(KeyCode::Esc).tell(Message::Resize(80, 24));
    assert!(session.text().contains("weights from SYNTHETIC, C1 and C3 frozen"), "{}", session.text());
    session.keys("1");
    assert!(session.text().contains("run begins, weights from SYNTHETIC "), "{}", session.text());
}

#[test]
fn a_restart_keeps_them_unless_the_network_is_another() {
    let mut session = training();
    session.keys("3");
    session.take_effects();
    let restarted = |session: &mut Session| {
        session.keys("r");
        session.take_effects().into_iter().find_map(|effect| match effect {
            Effect::Send(Command::Restart(spec)) => Some(*spec),
            _ => None,
        })
    };
    session.app.screens.parameters.form.spec.hyper.seed = 7;
    let spec = restarted(&mut session).expect("a restart");
    assert_eq!((spec.hyper.seed, &spec.transfer), (7, &begun(&session).transfer));
    assert!(!session.text().contains("random weights"));

    let mut session = training();
    session.keys("3");
    let form = &mut session.app.screens.parameters.form;
    form.field = Field::Of(Hyperparameter::Network);
    form.change(true);
    let spec = restarted(&mut session).expect("a restart");
    assert_eq!((spec.hyper.network, spec.transfer), (Architecture::Mlp, None));
    assert!(session.text().contains("the run begins with random weights"), "{}", session.text());
}
