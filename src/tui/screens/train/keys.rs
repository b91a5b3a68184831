//! Keys of the Train screen.

use crossterm::event::KeyCode;

use crate::tui::{
    keys::{Action, Binding, Context, Key, On},
    screen::Screen,
};

const HERE: On = On::these(&[Context::Screen(Screen::Train)]);
const CURVES: On = On::these(&[Context::Curves]);
const CHARTS: On = On::these(&[Context::Screen(Screen::Train), Context::Curves]);

pub(crate) const KEYS: &[Binding] = &[
    Binding::new(Action::Left, &[Key::Code(KeyCode::Left), Key::Char('h')], HERE, "mistake", "The previous mistake", 0),
    Binding::new(Action::Right, &[Key::Code(KeyCode::Right), Key::Char('l')], HERE, "mistake", "The next mistake", 20),
    Binding::new(Action::First, &[Key::Code(KeyCode::Home), Key::Char('g')], HERE, "first", "The first mistake", 0),
    Binding::new(Action::Last, &[Key::Code(KeyCode::End), Key::Char('G')], HERE, "last", "The last mistake", 0),
    Binding::new(
        Action::FullChart,
        &[Key::Char('f')],
        HERE,
        "full chart",
        "Full-screen charts, with a cursor and other runs",
        18,
    ),
    Binding::new(Action::FullChart, &[Key::Char('f')], CURVES, "small charts", "Back to the small charts", 9),
    Binding::new(
        Action::Left,
        &[Key::Code(KeyCode::Left), Key::Char('h')],
        CURVES,
        "back",
        "Move the cursor back: it reads values",
        0,
    ),
    Binding::new(
        Action::Right,
        &[Key::Code(KeyCode::Right), Key::Char('l')],
        CURVES,
        "forward",
        "Move the cursor forward",
        0,
    ),
    Binding::new(
        Action::First,
        &[Key::Code(KeyCode::Home), Key::Char('g')],
        CURVES,
        "first",
        "Move the cursor to the beginning",
        0,
    ),
    Binding::new(
        Action::Last,
        &[Key::Code(KeyCode::End), Key::Char('G')],
        CURVES,
        "last",
        "Move the cursor to the newest values",
        0,
    ),
    Binding::new(
        Action::ZoomIn,
        &[Key::Char('+'), Key::Char('=')],
        CURVES,
        "in",
        "Zoom in around the cursor, or on the newest values",
        2,
    ),
    Binding::new(Action::ZoomOut, &[Key::Char('-')], CURVES, "out", "Zoom out", 3),
    Binding::new(Action::PageUp, &[Key::Code(KeyCode::PageUp)], CURVES, "earlier", "Pan back by half the view", 0),
    Binding::new(Action::PageDown, &[Key::Code(KeyCode::PageDown)], CURVES, "later", "Pan forward by half the view", 0),
    Binding::new(
        Action::Others,
        &[Key::Char('b')],
        CURVES,
        "other runs",
        "Overlay other runs: none, the newest, or those marked on the Runs screen",
        1,
    ),
    Binding::new(
        Action::Charts,
        &[Key::Char('v')],
        CURVES,
        "which chart",
        "Both charts, accuracy only, loss only, or the learning rate",
        7,
    ),
    Binding::new(
        Action::Sets,
        &[Key::Char('V')],
        CURVES,
        "which curves",
        "Training and test curves, test only, or training only",
        8,
    ),
    Binding::new(
        Action::Zoom,
        &[Key::Char('z')],
        CHARTS,
        "zoom",
        "Charts: the whole run, or only its late, flat part",
        22,
    ),
    Binding::new(Action::Axis, &[Key::Char('X')], CHARTS, "axis", "Charts: along epochs, steps or time", 24),
    Binding::new(Action::Smoother, &[Key::Char('m')], CHARTS, "smoother", "Charts: smooth the values more", 25),
    Binding::new(Action::Rougher, &[Key::Char('M')], CHARTS, "rougher", "Charts: smooth the values less", 0),
    Binding::new(
        Action::Recover,
        &[Key::Char('r')],
        CHARTS,
        "recover",
        "Recover: load the last good checkpoint, or restart with what may help",
        10,
    ),
    Binding::new(Action::LogScale, &[Key::Char('L')], CHARTS, "log scale", "Loss chart: linear or logarithmic", 23),
];
