//! Keys of the Draw screen.

use crossterm::event::KeyCode;

use crate::tui::{
    keys::{Action, Binding, Context, Key, On},
    screen::Screen,
};

const HERE: On = On::these(&[Context::Screen(Screen::Draw)]);

pub(crate) const KEYS: &[Binding] = &[
    Binding::new(Action::Pen, &[Key::Code(KeyCode::Enter)], HERE, "pen", "Put the pen down, or lift it", 1),
    Binding::new(Action::Eraser, &[Key::Char('E')], HERE, "erase", "Put the eraser down, or lift it", 6),
    Binding::new(Action::Left, &[Key::Code(KeyCode::Left), Key::Char('h')], HERE, "left", "Move the pen left", 0),
    Binding::new(Action::Right, &[Key::Code(KeyCode::Right), Key::Char('l')], HERE, "right", "Move the pen right", 0),
    Binding::new(Action::Up, &[Key::Code(KeyCode::Up), Key::Char('k')], HERE, "up", "Move the pen up", 0),
    Binding::new(Action::Down, &[Key::Code(KeyCode::Down), Key::Char('j')], HERE, "down", "Move the pen down", 0),
    Binding::new(Action::First, &[Key::Code(KeyCode::Home)], HERE, "up and left", "Move the pen up and left", 0),
    Binding::new(Action::PageUp, &[Key::Code(KeyCode::PageUp)], HERE, "up and right", "Move the pen up and right", 0),
    Binding::new(Action::Last, &[Key::Code(KeyCode::End)], HERE, "down and left", "Move the pen down and left", 0),
    Binding::new(
        Action::PageDown,
        &[Key::Code(KeyCode::PageDown)],
        HERE,
        "down and right",
        "Move the pen down and right",
        0,
    ),
    Binding::new(Action::Wider, &[Key::Char('+'), Key::Char('=')], HERE, "wider", "A wider brush", 4),
    Binding::new(Action::Thinner, &[Key::Char('-')], HERE, "thinner", "A thinner brush", 5),
    Binding::new(Action::Undo, &[Key::Char('u')], HERE, "undo", "Undo the last stroke", 2),
    Binding::new(Action::Clear, &[Key::Char('x')], HERE, "clear", "Clear the page; undo brings the drawing back", 3),
    Binding::new(
        Action::OpenPicture,
        &[Key::Char('O')],
        HERE,
        "open",
        "Open a picture of a digit: PNG, JPEG or PGM",
        7,
    ),
    Binding::new(
        Action::SavePicture,
        &[Key::Char('p')],
        HERE,
        "save PNG",
        "Save the drawing as a PNG that `predict` can read",
        8,
    ),
];
