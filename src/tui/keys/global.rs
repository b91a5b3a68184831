//! Keys that hold on more than one screen, and those that answer questions.

use crossterm::event::KeyCode;

use crate::tui::{
    keys::{Action, Binding, Context, Key, On},
    screen::Screen,
};

/// Keys between screens; those of the screens themselves come before them.
pub(crate) const BETWEEN_SCREENS: &[Binding] = &[
    Binding::new(Action::NextScreen, &[Key::Code(KeyCode::Tab)], On::Screens, "next screen", "The next screen", 0),
    Binding::new(
        Action::PreviousScreen,
        &[Key::Code(KeyCode::BackTab)],
        On::Screens,
        "screen before",
        "The screen before",
        0,
    ),
];

/// Keys of the run, of help and of questions.
pub(crate) const REST: &[Binding] = &[
    Binding::new(
        Action::PauseOrResume,
        &[Key::Char(' ')],
        On::Work,
        "pause",
        "Pause, or go on: the run; on the Sweep screen a sweep under way",
        11,
    ),
    Binding::new(Action::Step, &[Key::Char('s')], On::Work, "step", "Train one batch, then pause", 12),
    Binding::new(
        Action::RunSteps,
        &[Key::Char('n')],
        On::Work,
        "steps",
        "Train so many batches, then pause: asks how many",
        14,
    ),
    Binding::new(
        Action::RunEpochs,
        &[Key::Char('N')],
        On::Work,
        "epochs",
        "Train until so many epochs have ended, then pause: asks how many",
        0,
    ),
    Binding::new(
        Action::Edit,
        &[Key::Char('e')],
        On::WorkBut(Context::Screen(Screen::Parameters)),
        "edit",
        "Edit the hyperparameters",
        13,
    ),
    Binding::new(Action::Save, &[Key::Char('w')], On::Work, "save", "Save a checkpoint now", 15),
    Binding::new(Action::Help, &[Key::Char('?')], On::Screens, "help", "Help: every key", 16),
    Binding::new(
        Action::Back,
        &[Key::Code(KeyCode::Esc)],
        On::Work,
        "back",
        "Let go of the cursor, close what is open, or back to Train (or to the sweep under way)",
        0,
    ),
    Binding::new(
        Action::Back,
        &[Key::Code(KeyCode::Esc)],
        On::these(&[Context::Help]),
        "back",
        "Back to the screen before",
        1,
    ),
    Binding::new(
        Action::Quit,
        &[Key::Char('q')],
        On::Screens,
        "quit",
        "Quit: asks while a run or a sweep is under way, and saves it",
        17,
    ),
    Binding::new(
        Action::Accept,
        &[Key::Code(KeyCode::Enter)],
        On::these(&[Context::Typing]),
        "accept",
        "Take the value",
        1,
    ),
    Binding::new(
        Action::Accept,
        &[Key::Code(KeyCode::Enter), Key::Char('y')],
        On::these(&[Context::Asking]),
        "yes",
        "Yes",
        1,
    ),
    Binding::new(
        Action::SaveElsewhere,
        &[Key::Char('f')],
        On::these(&[Context::Asking]),
        "another folder",
        "Quit, but save the run in another folder first, where its own takes nothing",
        3,
    ),
    Binding::new(
        Action::ClearFilter,
        &[Key::Code(KeyCode::Backspace), Key::Char('x')],
        On::these(&[Context::Digit]),
        "any digit",
        "Any digit",
        2,
    ),
    Binding::new(
        Action::Cancel,
        &[Key::Code(KeyCode::Esc)],
        On::these(&[Context::Typing, Context::Digit]),
        "cancel",
        "Leave it as it was",
        3,
    ),
    Binding::new(
        Action::Cancel,
        &[Key::Code(KeyCode::Esc), Key::Char('n')],
        On::these(&[Context::Asking, Context::Confirming]),
        "no",
        "No",
        2,
    ),
    Binding::new(
        Action::Accept,
        &[Key::Char('y')],
        On::these(&[Context::Confirming]),
        "yes",
        "Yes: it cannot be taken back",
        1,
    ),
    Binding::new(
        Action::Interrupt,
        &[Key::Ctrl('c')],
        On::Everywhere,
        "quit",
        "Quit: asks while a run or a sweep is under way; pressed again, saves and leaves at once",
        0,
    ),
    Binding::new(
        Action::Suspend,
        &[Key::Ctrl('z')],
        On::Everywhere,
        "suspend",
        "Suspend to the shell; `fg` comes back",
        0,
    ),
    Binding::new(Action::Redraw, &[Key::Ctrl('l')], On::Everywhere, "redraw", "Draw the screen afresh", 0),
];
