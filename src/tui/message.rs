//! What happens to the screen, and what it wants done outside.

use std::path::PathBuf;

use crossterm::event::{KeyEvent, MouseEvent};

use crate::{
    sweep,
    train::{Command, Event, Hyperparameter, Pair, RunSpec, Value},
    tui::{
        question::Question,
        screen::Screen,
        session::{
            inquiry::Image,
            library::{
                Library,
                run::{Entry, Removal, Tidied},
            },
            sweep::TableRead,
        },
    },
};

/// A picture as the network takes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    pub name: String,
    pub image: Image,
}

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
    SendToSweep(sweep::SweepCommand),
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

/// What a screen wants of the others, or of the user. It is followed in one place, by the app.
#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    Show(Screen),
    Ask(Question),
    /// Exactly the images of a cell of the confusion matrix, on the Mistakes screen.
    Mistakes(Pair),
    /// The digit that the Layers screen is to look at.
    Inspect(Subject),
    /// Values for the form of the Parameters screen, which keeps its own of all others.
    Edit(Vec<(Hyperparameter, Value)>),
    /// To leave; asks, where anything is under way.
    Quit,
    /// A run for the place of the present one, which could not be saved: asks.
    Lose(Box<Next>),
}

/// Where a digit to look at comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A test image, by its index.
    Test(usize),
    /// The mistake that is looked at.
    Mistake,
    /// One's own drawing.
    Drawing,
}

/// A run that is to take the place of the present one.
#[derive(Clone, Debug, PartialEq)]
pub struct Next {
    /// For a worker that is there.
    pub(crate) command: Command,
    /// Where there is none.
    pub(crate) start: Effect,
    /// Learning rate to set once it is there.
    pub(crate) rate: Option<f32>,
    /// Whether it is to be trained on at once.
    pub(crate) resumes: bool,
}

/// What follows from an action or an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    pub effects: Vec<Effect>,
    pub intent: Option<Intent>,
}

impl Response {
    /// Returns a response by which nothing follows.
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

/// What a screen may heed, once the session has taken it in.
#[derive(Clone, Copy, Debug)]
pub enum News<'a> {
    Worker(&'a Event),
    /// The sweep has moved.
    Sweep,
    /// A sweep's table was read, or looked for.
    Table,
    /// The runs on the disk were read.
    Library,
    Tidied(&'a Result<Tidied, String>),
    PictureOpened(&'a Result<Opened, String>),
    PictureSaved(&'a Result<PathBuf, String>),
}
