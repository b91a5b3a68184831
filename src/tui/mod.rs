//! The screen, after the Elm architecture: [`update()`] takes a [`Message`] into the [`App`] and says which [`Effect`]s are
//! to follow; [`view()`] draws the state and nothing else. The loop carries messages in and effects out.

mod app;
pub(crate) mod format;
mod frame;
pub mod keys;
mod message;
mod mouse;
mod program;
mod question;
mod screen;
mod screens;
mod session;
mod theme;
mod update;
mod widgets;

pub use self::{
    app::App,
    frame::view,
    keys::{
        keymap::{self, Keymap},
        line_edit::Line,
    },
    message::{Effect, Leave, Message},
    program::{
        Exit, Host, Link, Loop, Options, ReadTable, StartWorker,
        job_control::may_write,
        pictures::Opened,
        run, run_loop,
        summary::summary,
        terminal::{begin_to_end, is_shown, is_up, restore},
        wind_up,
    },
    question::{Count, Prompt},
    screen::Screen,
    screens::{
        confusion::{Cell, Matrix, Turned},
        draw::{Pad, Pen},
        layers::{Layer, Layers, Source},
        parameters::form::{Editor, Field},
        runs::{
            Shelf,
            order::{Row, Sort},
        },
        train::plot::{Charts, Others, Plot, Sets},
    },
    session::{
        browse::{Browser, Drawing, Filter, Listing, Order},
        library::{
            Library,
            run::{Contents, Entry, Removal, Run, Tidied},
        },
        live::Live,
        log::Level,
        series::X,
        sweep,
        tried::{Preset, Tried, presets},
    },
    theme::{Depth, Meaning, Palette, Theme, nearest},
    update::update,
    widgets::area::{CEILING, FLOOR},
};
