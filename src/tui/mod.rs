//! The screen, after the Elm architecture: [`update()`] takes a [`Message`] into the [`App`] and says which [`Effect`]s are
//! to follow; [`view()`] draws the state and nothing else. The loop carries messages in and effects out.

mod app;
mod browse;
mod editor;
mod events;
mod format;
mod input;
pub mod keys;
mod live;
mod log;
mod shelf;
mod summary;
mod theme;
mod update;
mod view;

pub use app::{App, Count, Effect, Leave, Message, Prompt, Screen};
pub use browse::{Browser, Drawing, Filter, Listing, Order};
pub use editor::{Editor, Field};
pub use input::Line;
pub use live::Live;
pub use log::Level;
pub use shelf::{Contents, Entry, Shelf};
pub use summary::summary;
pub use theme::Theme;
pub use update::update;
pub use view::{FLOOR, view};
