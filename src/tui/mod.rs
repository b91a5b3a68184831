//! The screen, after the Elm architecture: [`update()`] takes a [`Message`] into the [`App`] and says which [`Effect`]s are
//! to follow; [`view()`] draws the state and nothing else. The loop carries messages in and effects out.

mod app;
mod asking;
mod browse;
mod editor;
mod errands;
mod events;
pub(crate) mod format;
mod input;
pub mod keymap;
pub mod keys;
mod layers;
mod live;
mod log;
mod matrix;
mod pad;
mod panics;
mod pictures;
mod run;
mod shelf;
mod summary;
pub mod sweep;
mod terminal;
mod theme;
mod tried;
mod update;
mod view;

pub use app::{App, Count, Effect, Leave, Message, Prompt, Screen};
pub use browse::{Browser, Drawing, Filter, Listing, Order};
pub use editor::{Editor, Field};
pub use input::Line;
pub use keymap::Keymap;
pub use layers::{Layer, Layers, Source};
pub use live::Live;
pub use log::Level;
pub use matrix::{Cell, Matrix, Turned};
pub use pad::{Pad, Pen};
pub use pictures::Opened;
pub use run::{Exit, Host, Link, ListCheckpoints, Loop, Options, ReadTable, StartWorker, run, run_loop, wind_up};
pub use shelf::{Contents, Entry, Shelf};
pub use summary::summary;
pub use terminal::{is_up, restore};
pub use theme::{Depth, Meaning, Palette, Theme, nearest};
pub use tried::{Preset, Tried, presets};
pub use update::update;
pub use view::{FLOOR, view};
