//! Keys of the Layers screen.

use crossterm::event::KeyCode;

use crate::tui::{
    keys::{Action, Binding, Context, Key, On},
    screen::Screen,
};

const HERE: On = On::these(&[Context::Screen(Screen::Layers)]);

pub(crate) const KEYS: &[Binding] = &[
    Binding::new(Action::Left, &[Key::Code(KeyCode::Left), Key::Char('h')], HERE, "previous", "The previous digit", 0),
    Binding::new(Action::Right, &[Key::Code(KeyCode::Right), Key::Char('l')], HERE, "next", "The next digit", 1),
    Binding::new(Action::PageUp, &[Key::Code(KeyCode::PageUp)], HERE, "back", "Twenty digits back", 0),
    Binding::new(Action::PageDown, &[Key::Code(KeyCode::PageDown)], HERE, "forward", "Twenty digits forward", 0),
    Binding::new(Action::First, &[Key::Code(KeyCode::Home), Key::Char('g')], HERE, "first", "The first digit", 0),
    Binding::new(Action::Last, &[Key::Code(KeyCode::End), Key::Char('G')], HERE, "last", "The last digit", 0),
    Binding::new(
        Action::Up,
        &[Key::Code(KeyCode::Up), Key::Char('k')],
        HERE,
        "layer",
        "The previous layer; before the first, all of them",
        0,
    ),
    Binding::new(
        Action::Down,
        &[Key::Code(KeyCode::Down), Key::Char('j')],
        HERE,
        "layer",
        "The next layer, enlarged",
        2,
    ),
    Binding::new(
        Action::Source,
        &[Key::Char('m')],
        HERE,
        "source",
        "Source of the digit: the test set, the mistakes, or your drawing",
        3,
    ),
    Binding::new(
        Action::Health,
        &[Key::Char('v')],
        HERE,
        "health",
        "Switch between the digit and each layer's health: does it learn?",
        5,
    ),
    Binding::new(Action::NextOf, &[Key::Char('t')], HERE, "a digit", "The next test image of a digit: asks which", 4),
];
