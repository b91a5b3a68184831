//! What happens to the screen, and what it wants done outside.

use std::path::PathBuf;

use crossterm::event::{KeyEvent, MouseEvent};

use crate::{
    sweep,
    train::{Command, Event, RunSpec},
    tui::{
        program::pictures::Opened,
        session::{
            library::{
                Library,
                run::{Entry, Removal, Tidied},
            },
            sweep::TableRead,
        },
    },
};

/// Something happened.
#[derive(Clone, Debug)]
pub enum Message {
    /// What time it is, in seconds since 1970. Comes before the others whenever the second has changed.
    Clock(u64),
    Key(KeyEvent),
    Paste(String),
    /// Comes only while the mouse is captured.
    Mouse(MouseEvent),
    /// Moves of one held button in a row, as far as they were not taken in one by one.
    Drag(Vec<MouseEvent>),
    /// Columns and rows.
    Resize(u16, u16),
    Worker(Event),
    /// The worker has ended; no event will follow.
    WorkerGone,
    /// How the sweep stands.
    Sweep(Box<sweep::Snapshot>),
    /// The sweep's threads have ended.
    SweepGone,
    /// A sweep's table was read, or looked for.
    Table(Box<TableRead>),
    /// The checkpoint folder was read.
    Checkpoints(Result<Vec<Entry>, String>),
    /// As `Checkpoints`, the files brought together as runs already.
    Library(Result<Library, String>),
    /// A picture was read, and brought into MNIST's form.
    PictureOpened(Result<Opened, String>),
    /// A picture was written to this file.
    PictureSaved(Result<PathBuf, String>),
    /// A run was renamed or removed, or could not be.
    Tidied(Result<Tidied, String>),
    /// A line for the log from elsewhere, such as a panic caught on another thread.
    Report(String),
    /// There is no terminal any more.
    TerminalGone,
}

/// What is to be done outside the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    Send(Command),
    /// Start a worker with this run.
    Start(Box<RunSpec>),
    /// Start a worker with this checkpoint, paused.
    StartFrom(PathBuf),
    /// To the sweep.
    Order(sweep::Order),
    ListCheckpoints,
    /// Of a sweep.
    ReadTable,
    /// Gives the run in this folder another name.
    Rename(PathBuf, String),
    Remove(Removal),
    /// Lines for the log file in this folder.
    WriteLog(PathBuf, Vec<String>),
    OpenPicture(PathBuf),
    /// Bytes for a new file.
    SavePicture(PathBuf, Vec<u8>),
    CaptureMouse(bool),
    Suspend,
    Redraw,
    Quit(Leave),
}

/// Why the screen is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// By key.
    Key,
    /// The terminal has vanished.
    TerminalGone,
}
