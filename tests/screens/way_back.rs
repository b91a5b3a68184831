//! Escape goes back one level, wherever a screen was opened.

use crossterm::event::KeyCode;
use lenet_monitor::tui::{Pen, Screen, keys::Context};

use crate::{
    fixture::{COLOUR, training},
    keys::at,
};

#[test]
fn escape_goes_back_one_level() {
    let ways: [(&str, Vec<&str>); 12] = [
        ("7j", vec!["layers", "train"]),
        ("2i", vec!["mistakes", "train"]),
        ("i", vec!["train"]),
        ("8e", vec!["draw", "train"]),
        ("f", vec!["train"]),
        ("fe", vec!["curves", "train"]),
        ("6e", vec!["confusion", "train"]),
        ("6", vec!["train"]),
        ("3jjjje", vec!["parameters", "train"]),
        ("2ij", vec!["layers", "mistakes", "train"]),
        ("2ie", vec!["layers", "mistakes", "train"]),
        ("2i4", vec!["train"]),
    ];
    for (keys, levels) in ways {
        let mut session = training(COLOUR, (80, 24));
        session.keys(keys);
        for level in levels {
            session.press(KeyCode::Esc);
            assert_eq!(session.app.context().name(), level, "{keys}");
        }
    }
    // Enter opens a cell of the matrix, a digit of which is inspected.
    let mut session = training(COLOUR, (80, 24));
    session.keys("6").press(KeyCode::Enter).keys("i");
    for screen in [Screen::Mistakes, Screen::Confusion, Screen::Train] {
        session.press(KeyCode::Esc);
        assert_eq!(session.app.shown, screen);
    }
    let mut session = at(Context::Compare);
    session.keys("e").press(KeyCode::Esc);
    assert_eq!(session.app.context(), Context::Compare);
    let mut session = at(Context::Screen(Screen::Sweep));
    session.press(KeyCode::Enter).press(KeyCode::Esc);
    assert_eq!(session.app.shown, Screen::Sweep);
    let mut session = at(Context::Screen(Screen::Draw));
    session.press(KeyCode::Enter).press(KeyCode::Esc);
    assert_eq!((session.app.shown, session.app.screens.draw.pad.pen), (Screen::Draw, Pen::Up));
}
