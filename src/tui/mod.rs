//! The screen, in the Elm architecture: [`update()`] applies a [`Message`] to the [`App`] and returns the [`Effect`]s
//! to carry out; [`view()`] only draws the state. The loop in `program` delivers messages and carries out effects.
//!
//! Its floors, from the top; each imports only from those below, and no screen from another:
//!
//! - `watch`: a screen of its own, on the runs of other programs.
//! - `program`: the loop, the terminal, jobs that read and write files. `app`: who gets a key, a click, an event.
//! - `frame`: header, footer, help and questions around the screen that is shown.
//! - `screens`: one folder per screen with its state, keys, actions and drawing, behind the trait in `screen_view`.
//! - `widgets`: drawing of plain values.
//! - `session`: what all screens know: the run, the runs on disk, the sweep, the log. `message`, `question`: what goes
//!   between the parts.
//! - `keys`: the table of keys. `theme`: colours. `screen`: the names of the screens.

mod app;
mod axis_unit;
pub(crate) mod format;
mod frame;
pub mod keys;
mod message;
mod program;
mod question;
mod screen;
mod screen_view;
mod screens;
mod session;
mod theme;
pub mod watch;
mod widgets;

pub use self::{
    app::{App, replay, title, update, view},
    axis_unit::X,
    frame::Help,
    keys::{
        keymap::{self, Keymap},
        line_edit::LineEdit,
    },
    message::{Effect, Export, Leave, Message, NotWritten, Opened, Subject, Writing},
    program::{
        Exit, Loop, Options, ReadTable, SweepOutcome,
        foreground::may_write,
        host::Host,
        link::{AskStatus, AttachTo, BackgroundRuns, Link, StartSweep, StartWorker, Write},
        run,
        run_log::keep_log,
        run_loop,
        summary::summary,
        terminal::{begin_shutdown, is_shown, is_up, restore},
        wind_up,
    },
    question::{Entry as QuestionEntry, Question},
    screen::Screen,
    screens::{
        Screens, bindings,
        draw::pad::Pen,
        layers::state::{Layer, Source},
        parameters::form::Field,
        runs::order::{Row, Sort},
        sweep::state::Pane,
        train::plot::{Charts, Others, Sets},
    },
    session::{
        Session,
        answer_changes::AnswerChanges,
        attachment::Attachment,
        browse::{Filter, Order},
        library::{
            Library, SavedRuns,
            run::{Contents, Entry, LibraryChange, Removal, SavedRun},
        },
        log::Level,
        sweep,
        tried::{Preset, presets},
    },
    theme::{Depth, Meaning, Palette, Rgb, Theme, drawing::Drawing, nearest},
    widgets::area::{CEILING, FLOOR},
};
