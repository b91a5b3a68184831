//! Keys of the Runs screen.

use crossterm::event::KeyCode;

use crate::tui::{
    keys::{Action, Binding, Context, Key, On},
    screen::Screen,
};

const HERE: On = On::these(&[Context::Screen(Screen::Runs)]);
const LISTS: On = On::these(&[Context::Screen(Screen::Runs), Context::Compare, Context::Help]);

pub(crate) const KEYS: &[Binding] = &[
    Binding::new(Action::Up, &[Key::Code(KeyCode::Up), Key::Char('k')], LISTS, "up", "One line up", 0),
    Binding::new(Action::Down, &[Key::Code(KeyCode::Down), Key::Char('j')], LISTS, "down", "One line down", 2),
    Binding::new(Action::PageUp, &[Key::Code(KeyCode::PageUp)], LISTS, "page", "One page up", 0),
    Binding::new(Action::PageDown, &[Key::Code(KeyCode::PageDown)], LISTS, "page", "One page down", 0),
    Binding::new(Action::First, &[Key::Code(KeyCode::Home), Key::Char('g')], LISTS, "first", "The first line", 0),
    Binding::new(Action::Last, &[Key::Code(KeyCode::End), Key::Char('G')], LISTS, "last", "The last line", 0),
    Binding::new(
        Action::Load,
        &[Key::Code(KeyCode::Enter)],
        HERE,
        "load",
        "Save the current run and open this checkpoint, paused; or attach to a run in the background",
        1,
    ),
    Binding::new(
        Action::ResumeFrom,
        &[Key::Char('r')],
        HERE,
        "resume",
        "Save the current run and train on from this checkpoint",
        3,
    ),
    Binding::new(
        Action::Left,
        &[Key::Code(KeyCode::Left), Key::Char('h')],
        HERE,
        "file",
        "The run's previous file: last, best",
        0,
    ),
    Binding::new(Action::Right, &[Key::Code(KeyCode::Right), Key::Char('l')], HERE, "file", "The run's next file", 10),
    Binding::new(
        Action::Order,
        &[Key::Char('o')],
        HERE,
        "order",
        "Order: newest first, best accuracy first, last accuracy first, by name",
        4,
    ),
    Binding::new(
        Action::Filter,
        &[Key::Char('/')],
        HERE,
        "filter",
        "Only runs with certain words in their name, data, parameters or state",
        5,
    ),
    Binding::new(Action::ClearFilter, &[Key::Char('x')], HERE, "all", "Clear the filter", 6),
    Binding::new(
        Action::Compare,
        &[Key::Char('c')],
        HERE,
        "compare",
        "Compare the marked runs and this one; without marks, mark this one first",
        7,
    ),
    Binding::new(Action::Compare, &[Key::Char('c')], On::these(&[Context::Compare]), "close", "Back to the list", 3),
    Binding::new(
        Action::WriteReport,
        &[Key::Char('W')],
        HERE,
        "report",
        "Write a report of this file: pictures, and a page with all of them and tables",
        9,
    ),
    Binding::new(
        Action::Mark,
        &[Key::Char('m')],
        HERE,
        "mark",
        "Mark the run: for Train's charts, to compare it, to answer together with others on Draw and Mistakes",
        8,
    ),
    Binding::new(
        Action::OpenCell,
        &[Key::Code(KeyCode::Enter)],
        On::these(&[Context::Compare]),
        "images",
        "Images that only some of the runs read; then the chosen one in every layer",
        1,
    ),
    Binding::new(
        Action::Left,
        &[Key::Code(KeyCode::Left), Key::Char('h')],
        On::these(&[Context::Compare]),
        "previous",
        "The previous of these images",
        1,
    ),
    Binding::new(
        Action::Right,
        &[Key::Code(KeyCode::Right), Key::Char('l')],
        On::these(&[Context::Compare]),
        "next",
        "The next of these images",
        1,
    ),
    Binding::new(Action::Rename, &[Key::Char('R')], HERE, "rename", "Rename the run: asks for the new name", 10),
    Binding::new(
        Action::Delete,
        &[Key::Char('D'), Key::Code(KeyCode::Delete)],
        HERE,
        "delete",
        "Delete the run, or the damaged file: asks first",
        10,
    ),
    Binding::new(
        Action::Refresh,
        &[Key::Ctrl('r'), Key::Code(KeyCode::F(5))],
        HERE,
        "read again",
        "Read the checkpoint folder again",
        0,
    ),
];
