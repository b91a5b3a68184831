//! Exporting from the Runs screen: its questions, and what happens with files in the way.

use std::path::PathBuf;

use crossterm::event::KeyCode;
use lenet_monitor::{
    interop::{Exported, Format, Layout},
    tui::{Effect, Export, Message, NotWritten, Screen, Writing},
};

use crate::{
    fixture::{COLOUR, OPENED, Session, asked, entries, training},
    gallery::{MEDIUM, SMALL, keep},
};

const RUN: &str = "20261124-120000-relu-adam-0.001-b16";

fn listed(size: (u16, u16)) -> Session {
    let mut session = training(COLOUR, size);
    let entries = entries(&session.app);
    session.keys("4").tell(Message::Clock(OPENED)).tell(Message::Checkpoints(Ok(entries)));
    session.take_effects();
    session
}

fn order(exported: Exported, to: &str) -> Export {
    let checkpoint = PathBuf::from(format!("checkpoints/{RUN}/last.ckpt"));
    Export { checkpoint, exported, to: to.into(), replaces: false }
}

fn effect(order: &Export) -> [Effect; 1] {
    [Effect::Write(Writing::Export(order.clone()))]
}

const PYTORCH: Exported = Exported::Network(Format::Safetensors, Layout::PyTorch);

#[test]
fn it_looks_as_it_should_in_every_size() {
    for size in [SMALL, MEDIUM, (40, 12)] {
        let mut session = listed(size);
        keep("runs-export-format", session.keys("E"));
        keep("runs-export-name", session.keys("1"));
    }
}

#[test]
fn each_number_is_a_format_with_a_name_like_the_runs() {
    use Layout::{Keras, PyTorch};
    for (number, exported, to) in [
        ("1", PYTORCH, format!("{RUN}-last.safetensors")),
        ("2", Exported::Network(Format::Safetensors, Keras), format!("{RUN}-last.safetensors")),
        ("3", Exported::Network(Format::Npz, PyTorch), format!("{RUN}-last.npz")),
        ("4", Exported::Network(Format::Npz, Keras), format!("{RUN}-last.npz")),
        ("5", Exported::Network(Format::Onnx, PyTorch), format!("{RUN}-last.onnx")),
        ("6", Exported::Curves, format!("logs/{RUN}-last")),
    ] {
        let mut session = listed(SMALL);
        session.keys("E").keys(number).press(KeyCode::Enter);
        assert_eq!(session.take_effects(), effect(&order(exported, &to)));
        assert!(session.text().contains("exporting to"), "{}", session.text());
    }
    let mut session = listed(SMALL);
    session.keys("E0789xyE");
    assert_eq!((asked(&session.app), session.take_effects()), (Some("export"), Vec::new()), "no other key answers");
    session.press(KeyCode::Esc);
    assert_eq!((asked(&session.app), session.take_effects()), (None, Vec::new()));
}

#[test]
fn another_file_of_the_run_can_be_exported_and_a_damaged_one_cannot() {
    let mut session = listed(SMALL);
    session.press(KeyCode::Right).keys("E5").press(KeyCode::Enter);
    let Some(Effect::Write(Writing::Export(export))) = session.take_effects().pop() else { panic!("an export") };
    assert_eq!(export.checkpoint, PathBuf::from(format!("checkpoints/{RUN}/best.ckpt")));
    assert_eq!(export.to, PathBuf::from(format!("{RUN}-best.onnx")));
    session.press(KeyCode::End).keys("E");
    assert_eq!((asked(&session.app), session.take_effects()), (None, Vec::new()));
    assert!(session.text().contains("cannot export it: "), "{}", session.text());
}

/// Types a name in place of the suggested one.
fn named(session: &mut Session, number: &str, name: &str) {
    session.keys("E").keys(number).ctrl('u').keys(name).press(KeyCode::Enter);
}

#[test]
fn a_typed_name_gets_the_formats_ending_and_must_not_have_another() {
    let mut session = listed(SMALL);
    named(&mut session, "1", "lenet");
    assert_eq!(session.take_effects(), effect(&order(PYTORCH, "lenet.safetensors")));
    for (name, error) in
        [("lenet.onnx", "ends in .safetensors"), ("folder/", "not of a folder"), ("  ", "expected a path")]
    {
        named(&mut session, "1", name);
        assert_eq!((asked(&session.app), session.take_effects()), (Some("export"), Vec::new()));
        assert!(session.text().contains(error), "{}", session.text());
        session.press(KeyCode::Esc);
    }
    named(&mut session, "6", "'my logs'/run");
    assert_eq!(session.take_effects(), effect(&order(Exported::Curves, "my logs/run")));
}

#[test]
fn a_file_is_replaced_only_after_a_yes() {
    let mut session = listed(SMALL);
    named(&mut session, "1", "a.safetensors");
    let order = order(PYTORCH, "a.safetensors");
    let refused = || {
        let reason = NotWritten::Exists("a.safetensors".into());
        Message::Written(Writing::Export(order.clone()), Err(reason))
    };
    session.take_effects();
    session.tell(refused());
    keep("runs-export-replace", &session);
    session.keys("n");
    assert_eq!((asked(&session.app), session.take_effects()), (None, Vec::new()));
    session.tell(refused()).keys("y");
    assert_eq!(session.take_effects(), effect(&Export { replaces: true, ..order.clone() }));
    session.tell(Message::Written(Writing::Export(order.clone()), Ok("a.safetensors".into())));
    assert!(session.text().contains("exported: a.safetensors"), "{}", session.text());

    // Whoever is busy elsewhere is not interrupted by a question.
    session.keys("1").tell(refused());
    assert_eq!((asked(&session.app), session.app.shown), (None, Screen::Train));
    assert!(session.text().contains("not exported: a.safetensors exists"), "{}", session.text());
}

#[test]
fn a_name_that_cannot_be_written_is_asked_for_again() {
    let mut session = listed(SMALL);
    let order = order(PYTORCH, "nowhere/a.safetensors");
    let reason = NotWritten::Failed("cannot write nowhere/a.safetensors".into());
    session.tell(Message::Written(Writing::Export(order.clone()), Err(reason.clone())));
    assert!(session.text().contains("cannot write nowhere/a"), "{}", session.text());
    session.ctrl('u').keys("a").press(KeyCode::Enter);
    let to = "a.safetensors".into();
    assert_eq!(session.take_effects(), effect(&Export { to, ..order.clone() }));
    session.keys("1").tell(Message::Written(Writing::Export(order), Err(reason)));
    assert!(session.text().contains("not exported: cannot write"), "{}", session.text());
}
