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
    Binding::new(Action::PageUp, &[Key::Code(KeyCode::PageUp)], HERE, "page", "One page up", 0),
    Binding::new(Action::PageDown, &[Key::Code(KeyCode::PageDown)], HERE, "page", "One page down", 0),
    Binding::new(Action::First, &[Key::Code(KeyCode::Home), Key::Char('g')], HERE, "first", "The first field", 0),
    Binding::new(Action::Last, &[Key::Code(KeyCode::End), Key::Char('G')], HERE, "last", "The last field", 0),
    Binding::new(
        Action::Left,
        &[Key::Code(KeyCode::Left), Key::Char('h')],
        HERE,
        "less",
        "The previous choice, or a smaller number; folds a group",
        0,
    ),
    Binding::new(
        Action::Right,
        &[Key::Code(KeyCode::Right), Key::Char('l')],
        HERE,
        "more",
        "The next choice, or a larger number; opens a group",
        0,
    ),
    Binding::new(
        Action::Edit,
        &[Key::Code(KeyCode::Enter), Key::Char('e')],
        HERE,
        "edit",
        "Type a value into the field (for a choice: take the next one); open or fold a group",
        1,
    ),
    Binding::new(
        Action::Restart,
        &[Key::Char('r')],
        HERE,
        "restart",
        "Save the current run and start a new one with these values",
        2,
    ),
    Binding::new(
        Action::Apply,
        &[Key::Char('a')],
        HERE,
        "apply",
        "Apply this learning rate and these epochs to the current run, without a restart",
        3,
    ),
    Binding::new(Action::Undo, &[Key::Char('u')], HERE, "undo", "Reset to the values of the current run", 4),
    Binding::new(
        Action::Preset,
        &[Key::Char('p')],
        HERE,
        "preset",
        "Fill in the next preset: the report's best, its worst, your own",
        5,
    ),
    Binding::new(
        Action::Recall,
        &[Key::Char('b')],
        HERE,
        "tried before",
        "Choose among the runs tried before (Enter takes one's values), or back to the form",
        6,
    ),
];
