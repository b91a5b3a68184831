//! Messages that reach the screen, and effects that it asks for.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use crossterm::event::{KeyEvent, MouseEvent};

use crate::{
    background::wire::Status,
    interop::Exported,
    sweep::{self, SweepPlan},
    train::{Command, Evaluation, Event, Hyperparameter, Member, Pair, Prediction, RunSpec, Value},
    tui::{
        question::Question,
        screen::Screen,
        session::{
            attachment::Attachment,
            inquiry::Image,
            library::{
                Library,
                run::{Entry, LibraryChange, Removal},
            },
            sweep::TableRead,
        },
        theme::Rgb,
    },
};

/// A picture in the network's input format.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    pub name: String,
    pub image: Image,
}

/// Input to the screen.
#[derive(Clone, Debug)]
pub enum Message {
    /// Current time, in seconds since 1970. Comes before other messages.
    Clock(u64),
    Key(KeyEvent),
    Paste(String),
    /// Mouse event, only while the mouse is captured.
    Mouse(MouseEvent),
    /// Consecutive moves of one held button, merged.
    Drag(Vec<MouseEvent>),
    /// The terminal's background colour.
    Background(Rgb),
    /// New size in columns and rows.
    Resize(u16, u16),
    Worker(Event),
    /// The worker has ended; no more events will follow.
    WorkerGone,
    /// New state of the sweep.
    Sweep(Box<sweep::Snapshot>),
    /// The sweep's threads have ended.
    SweepGone,
    /// A command to the sweep was refused for this reason.
    SweepRefused(String),
    /// Messages about the table of a sweep that has started, or why it could not start.
    SweepStarted(Result<Vec<String>, String>),
    /// Connection to a background run with what has happened in it, or why there is none.
    Attached(Result<Box<(Attachment, Vec<Event>)>, String>),
    /// States of background runs by their sockets, or why there is none.
    Statuses(Vec<(PathBuf, Result<Status, String>)>),
    /// Path of what was written: a report's page, a file or a folder; or why it was not.
    Written(Writing, Result<PathBuf, NotWritten>),
    /// Result of looking for a sweep's table.
    Table(Box<TableRead>),
    /// Keys of the runs in the file that a sweep would continue, or why it cannot be continued.
    KnownRuns(PathBuf, Result<HashSet<String>, String>),
    /// Contents of the checkpoint folder, or why it cannot be read.
    Checkpoints(Result<Vec<Entry>, String>),
    /// Contents of the checkpoint folder, already grouped into runs.
    Library(Result<Library, String>),
    /// A picture that was read and converted to MNIST's format, or why it could not be.
    PictureOpened(Result<Opened, String>),
    /// File that a picture was written to, or why it could not be.
    PictureSaved(Result<PathBuf, String>),
    /// Run that was renamed or removed, or why it could not be.
    LibraryChanged(Result<LibraryChange, String>),
    /// Evaluation of the saved run in a folder, or why there is none.
    Evaluated(PathBuf, Result<Arc<Evaluation>, String>),
    /// Answers of saved runs about an image, in the order of the question with this number, or why there is none.
    Consulted(u64, Vec<Result<Prediction, String>>),
    /// Line for the log, such as a panic on another thread.
    Report(String),
    /// The terminal has vanished.
    TerminalGone,
}

/// What is to be written about a saved run or a sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Writing {
    /// The report of a run's file or a sweep's table.
    Report(PathBuf),
    /// A checkpoint's network or curves, for other programs.
    Export(Export),
}

/// A file or folder to be made of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    pub checkpoint: PathBuf,
    pub exported: Exported,
    pub to: PathBuf,
    /// Whether files that exist are replaced.
    pub replaces: bool,
}

/// Why something was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotWritten {
    /// A file that would have been replaced.
    Exists(PathBuf),
    Failed(String),
}

/// Action to be carried out outside the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Sends a command to the worker.
    Send(Command),
    /// Starts a worker with this run.
    Start(Box<RunSpec>),
    /// Starts a worker with this checkpoint, paused.
    StartFrom(PathBuf),
    /// Sends a command to the sweep.
    SendToSweep(sweep::SweepCommand),
    /// Starts a sweep.
    StartSweep(Box<SweepPlan>),
    /// Attaches to the background run behind this socket.
    Attach(PathBuf),
    /// Asks the background runs behind these sockets for their states.
    AskStatuses(Vec<PathBuf>),
    /// Reads which runs are in the file that a sweep would continue.
    ReadKnownRuns(PathBuf),
    Write(Writing),
    ListCheckpoints,
    /// Evaluates a checkpoint of the run in a folder on the test images.
    Evaluate {
        run: PathBuf,
        file: PathBuf,
    },
    /// Asks the networks of saved runs about an image; `id` is returned with the answers.
    Consult {
        id: u64,
        members: Vec<Member>,
        pixels: Image,
    },
    /// Looks for a sweep's table and reads it.
    ReadTable,
    /// Renames the run in this folder.
    Rename(PathBuf, String),
    Remove(Removal),
    /// Appends lines to the log file in this folder.
    WriteLog(PathBuf, Vec<String>),
    OpenPicture(PathBuf),
    /// Writes these bytes to a new file.
    SavePicture(PathBuf, Vec<u8>),
    CaptureMouse(bool),
    RingBell,
    /// Sends a notification through the terminal. It has neither control characters nor semicolons.
    Notify(String),
    Suspend,
    Redraw,
    Quit(Leave),
}

/// Reason for leaving the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// The user quit by key.
    Key,
    /// The terminal has vanished.
    TerminalGone,
    /// The run, the sweep or both are to continue in the background.
    Detach,
    /// The screen was attached to a background run or sweep, which continues.
    Detached,
}

/// A screen's request to the other screens or the user. Only the app carries it out.
#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    Show(Screen),
    Ask(Question),
    /// Shows exactly the images of one cell of the confusion matrix on the Mistakes screen.
    Mistakes(Pair),
    /// Shows a digit on the Layers screen.
    Inspect(Subject),
    /// Fills these values into the form of the Parameters screen, which keeps its other values.
    Edit(Vec<(Hyperparameter, Value)>),
    /// Quits, after asking if anything is still in progress.
    Quit,
    /// Asks whether to replace the current run although it could not be saved.
    ReplaceUnsaved(Box<NextRun>),
}

/// Source of a digit to inspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Test image, by its index.
    Test(usize),
    /// Selected image on the Mistakes screen.
    Mistake,
    /// The user's drawing.
    Drawing,
}

/// A run that is to replace the current one.
#[derive(Clone, Debug, PartialEq)]
pub struct NextRun {
    /// Command that loads it, if there is a worker.
    pub(crate) command: Command,
    /// Effect that starts a worker with it, if there is none.
    pub(crate) start: Effect,
    /// Learning rate to set once it is loaded.
    pub(crate) rate: Option<f32>,
    /// Whether training is to resume immediately.
    pub(crate) resumes: bool,
}

/// Consequences of an action or an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    pub effects: Vec<Effect>,
    pub intent: Option<Intent>,
}

impl Response {
    /// Returns a response without any consequence.
    pub(crate) fn none() -> Self {
        Self::default()
    }
}

impl From<Vec<Effect>> for Response {
    fn from(effects: Vec<Effect>) -> Self {
        Self { effects, intent: None }
    }
}

impl From<Effect> for Response {
    fn from(effect: Effect) -> Self {
        vec![effect].into()
    }
}

impl From<Intent> for Response {
    fn from(intent: Intent) -> Self {
        Self { effects: Vec::new(), intent: Some(intent) }
    }
}

/// An event that screens may react to, after the session has processed it.
#[derive(Clone, Copy, Debug)]
pub enum News<'a> {
    /// Any event but progress.
    Worker(&'a Event),
    /// The sweep's state has changed.
    Sweep,
    SweepStarted(&'a Result<Vec<String>, String>),
    /// A sweep's table was looked for.
    Table,
    KnownRuns(&'a Path, &'a Result<HashSet<String>, String>),
    /// The list of saved runs was read.
    Library,
    /// Saved runs have answered about an image.
    Consulted(u64, &'a [Result<Prediction, String>]),
    LibraryChanged(&'a Result<LibraryChange, String>),
    PictureOpened(&'a Result<Opened, String>),
    PictureSaved(&'a Result<PathBuf, String>),
    /// A checkpoint was exported, or was not.
    Exported(&'a Export, &'a Result<PathBuf, NotWritten>),
}
