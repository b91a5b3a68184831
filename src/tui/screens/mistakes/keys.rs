//! Keys of the Mistakes screen.

use crossterm::event::KeyCode;

use crate::tui::{
    keys::{Action, Binding, Context, Key, On},
    screen::Screen,
};

const HERE: On = On::these(&[Context::Screen(Screen::Mistakes)]);

/// Screens that step through the mistakes.
const LISTS: On =
    On::these(&[Context::Screen(Screen::Train), Context::Screen(Screen::Mistakes), Context::Screen(Screen::Layers)]);

pub(crate) const KEYS: &[Binding] = &[
    Binding::new(Action::Left, &[Key::Code(KeyCode::Left), Key::Char('h')], HERE, "previous", "The previous digit", 1),
    Binding::new(Action::Right, &[Key::Code(KeyCode::Right), Key::Char('l')], HERE, "next", "The next digit", 2),
    Binding::new(Action::Up, &[Key::Code(KeyCode::Up), Key::Char('k')], HERE, "row", "One row up", 0),
    Binding::new(Action::Down, &[Key::Code(KeyCode::Down), Key::Char('j')], HERE, "row", "One row down", 0),
    Binding::new(Action::PageUp, &[Key::Code(KeyCode::PageUp)], HERE, "page", "The previous page", 0),
    Binding::new(Action::PageDown, &[Key::Code(KeyCode::PageDown)], HERE, "page", "The next page", 0),
    Binding::new(Action::First, &[Key::Code(KeyCode::Home), Key::Char('g')], HERE, "first", "The first digit", 0),
    Binding::new(Action::Last, &[Key::Code(KeyCode::End), Key::Char('G')], HERE, "last", "The last digit", 0),
    Binding::new(Action::FilterTrue, &[Key::Char('t')], HERE, "true", "Only images of one digit: asks which", 4),
    Binding::new(
        Action::FilterPredicted,
        &[Key::Char('p')],
        HERE,
        "predicted",
        "Only images read as one digit: asks which",
        5,
    ),
    Binding::new(Action::ClearFilter, &[Key::Char('x')], LISTS, "all", "Clear both filters of the digits", 6),
    Binding::new(
        Action::Order,
        &[Key::Char('o')],
        HERE,
        "order",
        "Order: as in the test set, surest first, least sure first",
        7,
    ),
    Binding::new(
        Action::SwitchSet,
        &[Key::Char('v')],
        HERE,
        "correct",
        "Switch between the mistakes and the correct ones",
        3,
    ),
    Binding::new(
        Action::Augment,
        &[Key::Char('a')],
        On::these(&[Context::Screen(Screen::Mistakes), Context::Screen(Screen::Layers)]),
        "augmented",
        "The digit with the next random change, as augmentation makes it in training",
        8,
    ),
    Binding::new(
        Action::Drawing,
        &[Key::Char('d')],
        On::these(&[
            Context::Screen(Screen::Train),
            Context::Screen(Screen::Mistakes),
            Context::Screen(Screen::Layers),
            Context::Screen(Screen::Draw),
        ]),
        "drawing",
        "How digits are drawn: greys, shades or plain ASCII",
        21,
    ),
    Binding::new(
        Action::LookInside,
        &[Key::Char('i')],
        On::these(&[Context::Screen(Screen::Train), Context::Screen(Screen::Mistakes), Context::Screen(Screen::Draw)]),
        "look inside",
        "What the network sees in this digit, layer by layer",
        24,
    ),
];
