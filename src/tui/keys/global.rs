//! Keys that work on several screens, and keys that answer questions.

use crossterm::event::KeyCode;

use crate::tui::{
    keys::{Action, Binding, Context, Key, On},
    screen::Screen,
};

/// Keys that switch screens. In the table, the keys of each screen follow them.
pub(crate) const BETWEEN_SCREENS: &[Binding] = &[
    Binding::new(Action::NextScreen, &[Key::Code(KeyCode::Tab)], On::Screens, "next screen", "The next screen", 0),
    Binding::new(
        Action::PreviousScreen,
        &[Key::Code(KeyCode::BackTab)],
        On::Screens,
        "previous screen",
        "The previous screen",
        0,
    ),
];

/// Keys for the run, for help and for questions.
pub(crate) const REST: &[Binding] = &[
    Binding::new(
        Action::PauseOrResume,
        &[Key::Char(' ')],
        On::ScreensExceptHelp,
        "pause",
        "Pause or resume; extend a finished run; on the Sweep screen, the running sweep",
        11,
    ),
    Binding::new(
        Action::Step,
        &[Key::Char('s')],
        On::ScreensExceptHelp,
        "step",
        "Train one batch, then pause: also a finished run",
        12,
    ),
    Binding::new(
        Action::RunSteps,
        &[Key::Char('n')],
        On::ScreensExceptHelp,
        "steps",
        "Train n batches, then pause: asks how many",
        14,
    ),
    Binding::new(
        Action::RunEpochs,
        &[Key::Char('N')],
        On::ScreensExceptHelp,
        "epochs",
        "Train n more epochs, then pause: asks how many; extends a finished run",
        0,
    ),
    Binding::new(
        Action::Edit,
        &[Key::Char('e')],
        On::ScreensExcept(Context::Screen(Screen::Parameters)),
        "edit",
        "Edit the hyperparameters",
        13,
    ),
    Binding::new(Action::Save, &[Key::Char('w')], On::ScreensExceptHelp, "save", "Save a checkpoint now", 15),
    Binding::new(Action::Help, &[Key::Char('?')], On::Screens, "help", "Help: every key", 16),
    Binding::new(
        Action::Back,
        &[Key::Code(KeyCode::Esc)],
        On::ScreensExceptHelp,
        "back",
        "Release the cursor, close what is open, or go back to Train (or the running sweep)",
        0,
    ),
    Binding::new(
        Action::Back,
        &[Key::Code(KeyCode::Esc)],
        On::these(&[Context::Help]),
        "back",
        "Back to the previous screen",
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
        "Accept the value",
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
        "Save the run in another folder, then quit: if its own folder cannot be written",
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
        "Cancel",
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
        "Yes: this cannot be undone",
        1,
    ),
    Binding::new(
        Action::Interrupt,
        &[Key::Ctrl('c')],
        On::Everywhere,
        "quit",
        "Quit: asks while a run or a sweep is under way; pressed again, saves and quits at once",
        0,
    ),
    Binding::new(
        Action::Suspend,
        &[Key::Ctrl('z')],
        On::Everywhere,
        "suspend",
        "Suspend to the shell; `fg` resumes",
        0,
    ),
    Binding::new(Action::Redraw, &[Key::Ctrl('l')], On::Everywhere, "redraw", "Redraw the screen", 0),
];
