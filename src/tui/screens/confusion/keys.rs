//! Keys of the Confusion screen.

use crossterm::event::KeyCode;

use crate::tui::{
    keys::{Action, Binding, Context, Key, On},
    screen::Screen,
};

const HERE: On = On::these(&[Context::Screen(Screen::Confusion)]);

pub(crate) const KEYS: &[Binding] = &[
    Binding::new(Action::Left, &[Key::Code(KeyCode::Left), Key::Char('h')], HERE, "cell", "The cell to the left", 0),
    Binding::new(Action::Right, &[Key::Code(KeyCode::Right), Key::Char('l')], HERE, "cell", "The cell to the right", 0),
    Binding::new(Action::Up, &[Key::Code(KeyCode::Up), Key::Char('k')], HERE, "cell", "The true digit above", 0),
    Binding::new(Action::Down, &[Key::Code(KeyCode::Down), Key::Char('j')], HERE, "cell", "The true digit below", 0),
    Binding::new(Action::First, &[Key::Code(KeyCode::Home), Key::Char('g')], HERE, "first", "The row's first cell", 0),
    Binding::new(Action::Last, &[Key::Code(KeyCode::End), Key::Char('G')], HERE, "last", "The row's last cell", 0),
    Binding::new(Action::PageDown, &[Key::Code(KeyCode::PageDown)], HERE, "rarer", "The next less frequent mistake", 4),
    Binding::new(
        Action::PageUp,
        &[Key::Code(KeyCode::PageUp)],
        HERE,
        "more frequent",
        "The next more frequent mistake",
        0,
    ),
    Binding::new(
        Action::OpenCell,
        &[Key::Code(KeyCode::Enter)],
        HERE,
        "images",
        "Show the cell's images on the Mistakes screen",
        1,
    ),
    Binding::new(
        Action::Percent,
        &[Key::Char('p')],
        HERE,
        "percent",
        "Cells: counts, or percentages of the true digit's images",
        2,
    ),
    Binding::new(
        Action::Changes,
        &[Key::Char('c')],
        HERE,
        "changes",
        "Cells: current values, or changes since the previous evaluation",
        3,
    ),
    Binding::new(
        Action::Reliability,
        &[Key::Char('v')],
        HERE,
        "reliability",
        "Beside the matrix: the scores of each digit, or how often answers of each confidence are right",
        5,
    ),
];
