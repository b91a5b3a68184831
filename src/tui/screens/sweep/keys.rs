//! Keys of the Sweep screen.

use crossterm::event::KeyCode;

use crate::tui::{
    keys::{Action, Binding, Context, Key, On},
    screen::Screen,
};

const HERE: On = On::these(&[Context::Screen(Screen::Sweep)]);

pub(crate) const KEYS: &[Binding] = &[
    Binding::new(
        Action::Left,
        &[Key::Code(KeyCode::Left), Key::Char('h')],
        HERE,
        "left",
        "The configuration to the left",
        0,
    ),
    Binding::new(
        Action::Right,
        &[Key::Code(KeyCode::Right), Key::Char('l')],
        HERE,
        "right",
        "The configuration to the right",
        0,
    ),
    Binding::new(
        Action::Up,
        &[Key::Code(KeyCode::Up), Key::Char('k')],
        HERE,
        "up",
        "The configuration above (in the rank: the next better)",
        0,
    ),
    Binding::new(
        Action::Down,
        &[Key::Code(KeyCode::Down), Key::Char('j')],
        HERE,
        "down",
        "The configuration below (in the rank: the next worse)",
        0,
    ),
    Binding::new(Action::PageUp, &[Key::Code(KeyCode::PageUp)], HERE, "page", "One page up", 0),
    Binding::new(Action::PageDown, &[Key::Code(KeyCode::PageDown)], HERE, "page", "One page down", 0),
    Binding::new(
        Action::First,
        &[Key::Code(KeyCode::Home), Key::Char('g')],
        HERE,
        "first",
        "The first in the row (in the rank: the best)",
        0,
    ),
    Binding::new(
        Action::Last,
        &[Key::Code(KeyCode::End), Key::Char('G')],
        HERE,
        "last",
        "The last in the row (in the rank: the worst)",
        0,
    ),
    Binding::new(
        Action::OpenInEditor,
        &[Key::Code(KeyCode::Enter)],
        HERE,
        "train it",
        "Open it on the Parameters screen, to train it in full",
        1,
    ),
    Binding::new(
        Action::TurnMap,
        &[Key::Char('t')],
        HERE,
        "turn",
        "Turn the map: other factors as rows and columns",
        2,
    ),
    Binding::new(
        Action::NextPane,
        &[Key::Char('v')],
        HERE,
        "view",
        "Switch between the map, the rank and the factors' effects",
        3,
    ),
    Binding::new(
        Action::DropRun,
        &[Key::Char('D'), Key::Code(KeyCode::Delete)],
        HERE,
        "drop",
        "Drop a run from the sweep, or restore it",
        4,
    ),
    Binding::new(
        Action::StopSweep,
        &[Key::Char('S')],
        HERE,
        "stop",
        "Stop the sweep and keep the runs that have ended: asks first",
        5,
    ),
    Binding::new(Action::Follow, &[Key::Char('f')], HERE, "follow", "Follow the runs in training", 6),
    Binding::new(
        Action::Refresh,
        &[Key::Ctrl('r'), Key::Code(KeyCode::F(5))],
        HERE,
        "read again",
        "Read the table again",
        7,
    ),
];
