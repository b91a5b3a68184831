//! Keys of the Parameters screen.

use crossterm::event::KeyCode;

use crate::tui::{
    keys::{Action, Binding, Context, Key, On},
    screen::Screen,
};

const HERE: On = On::these(&[Context::Screen(Screen::Parameters)]);

pub(crate) const KEYS: &[Binding] = &[
    Binding::new(Action::Up, &[Key::Code(KeyCode::Up), Key::Char('k')], HERE, "field", "The field above", 0),
    Binding::new(Action::Down, &[Key::Code(KeyCode::Down), Key::Char('j')], HERE, "field", "The field below", 0),
    Binding::new(
        Action::Left,
        &[Key::Code(KeyCode::Left), Key::Char('h')],
        HERE,
        "less",
        "The choice before, or a smaller number",
        0,
    ),
    Binding::new(
        Action::Right,
        &[Key::Code(KeyCode::Right), Key::Char('l')],
        HERE,
        "more",
        "The next choice, or a larger number",
        0,
    ),
    Binding::new(
        Action::Edit,
        &[Key::Char('e'), Key::Code(KeyCode::Enter)],
        HERE,
        "edit",
        "Type a value into the field (on a choice: the next one)",
        1,
    ),
    Binding::new(
        Action::Restart,
        &[Key::Char('r')],
        HERE,
        "restart",
        "Save the present run and start a new one with these values",
        2,
    ),
    Binding::new(
        Action::ApplyRate,
        &[Key::Char('a')],
        HERE,
        "apply rate",
        "Give the running training this learning rate, without starting over",
        3,
    ),
    Binding::new(Action::Undo, &[Key::Char('u')], HERE, "undo", "Back to the running values", 4),
    Binding::new(
        Action::Preset,
        &[Key::Char('p')],
        HERE,
        "preset",
        "The next preset into the form: the report's best, its worst, your own",
        5,
    ),
    Binding::new(
        Action::Recall,
        &[Key::Char('b')],
        HERE,
        "go back",
        "What was tried before into the form, the newest first",
        6,
    ),
];
