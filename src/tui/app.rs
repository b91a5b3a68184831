//! The screen's state, and the words that change it.

use std::{path::PathBuf, sync::Arc};

use crossterm::event::{KeyEvent, MouseEvent};

use super::{
    browse::{Browser, Drawing},
    editor::Editor,
    input::Line,
    keymap::Keymap,
    keys::{Action, Binding, Context},
    layers::Layers,
    live::Live,
    log::{Level, Log},
    matrix::Matrix,
    pad::Pad,
    pictures::Opened,
    plot::Plot,
    shelf::{Entry, Library, Removal, Shelf, Tidied},
    sweep::{TableRead, Watch},
    terminal,
    theme::Theme,
    tried::{Preset, Tried, presets},
};
use crate::{
    data::Dataset,
    sweep,
    train::{Command, Event, Hyperparameters, Limits, RunSpec},
};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    #[default]
    Train,
    Mistakes,
    Parameters,
    Runs,
    Sweep,
    Confusion,
    Layers,
    Draw,
}

impl Screen {
    pub const ALL: [Self; 8] = [
        Self::Train,
        Self::Mistakes,
        Self::Parameters,
        Self::Runs,
        Self::Sweep,
        Self::Confusion,
        Self::Layers,
        Self::Draw,
    ];

    pub fn context(self) -> Context {
        match self {
            Self::Train => Context::Train,
            Self::Mistakes => Context::Mistakes,
            Self::Parameters => Context::Parameters,
            Self::Runs => Context::Runs,
            Self::Sweep => Context::Sweep,
            Self::Confusion => Context::Confusion,
            Self::Layers => Context::Layers,
            Self::Draw => Context::Draw,
        }
    }

    /// What shows it.
    pub fn action(self) -> Action {
        match self {
            Self::Train => Action::ShowTrain,
            Self::Mistakes => Action::ShowMistakes,
            Self::Parameters => Action::ShowParameters,
            Self::Runs => Action::ShowRuns,
            Self::Sweep => Action::ShowSweep,
            Self::Confusion => Action::ShowConfusion,
            Self::Layers => Action::ShowLayers,
            Self::Draw => Action::ShowDraw,
        }
    }

    pub fn name(self) -> &'static str {
        self.context().name()
    }

    /// Where there is little room.
    pub fn short_name(self) -> &'static str {
        match self {
            Self::Parameters => "params",
            other => other.name(),
        }
    }

    /// So many screens further, past the last one to the first.
    pub(super) fn beside(self, by: isize) -> Self {
        let place = Self::ALL.iter().position(|&screen| screen == self).unwrap_or(0) as isize;
        Self::ALL[(place + by).rem_euclid(Self::ALL.len() as isize) as usize]
    }
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

/// A number of these is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    Steps,
    Epochs,
}

/// A run that is to take the place of the present one.
#[derive(Clone, Debug, PartialEq)]
pub struct Next {
    /// For a worker that is there.
    pub(super) command: Command,
    /// Where there is none.
    pub(super) start: Effect,
    /// Once it is there.
    pub(super) rate: Option<f32>,
    /// It is to be trained on at once.
    pub(super) goes_on: bool,
}

/// What waits for an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Prompt {
    Count {
        what: Count,
        line: Line,
        error: Option<String>,
    },
    /// A digit to filter by: the true one, or the predicted one.
    Digit {
        predicted: bool,
    },
    /// The digit that the next test image is to show.
    NextOf,
    /// A picture's file.
    Path {
        /// To be written; else to be read.
        save: bool,
        line: Line,
        error: Option<String>,
    },
    /// The folder to save the run in, where its own takes nothing.
    Folder {
        line: Line,
        error: Option<String>,
    },
    /// Another name for the run in this folder.
    Rename {
        run: PathBuf,
        line: Line,
        error: Option<String>,
    },
    /// Words that runs are filtered by, at once, and those before.
    Filter {
        line: Line,
        before: String,
    },
    Delete(Removal),
    /// The present run could not be saved, and is to give way.
    Lose(Box<Next>),
    Quit,
    StopSweep,
}

/// Everything the screen shows.
#[derive(Debug)]
pub struct App {
    pub dataset: Arc<Dataset>,
    pub theme: Theme,
    pub keymap: Keymap,
    /// Columns and rows.
    pub size: (u16, u16),
    /// Seconds since 1970: now, and when the screen opened.
    pub now: u64,
    pub opened: u64,
    pub screen: Screen,
    /// Help is shown, scrolled down so many lines.
    pub help: Option<usize>,
    pub prompt: Option<Prompt>,
    pub notice: Option<(Level, String)>,
    pub live: Live,
    pub browser: Browser,
    pub drawing: Drawing,
    pub plot: Plot,
    pub editor: Editor,
    pub shelf: Shelf,
    pub sweep: Watch,
    pub matrix: Matrix,
    pub layers: Layers,
    pub pad: Pad,
    /// The mouse may be used.
    pub mouse: bool,
    /// It was asked for.
    pub(super) has_mouse: bool,
    pub log: Log,
    /// The answers last given to [`Prompt::Count`].
    pub counts: (u32, u32),
    /// Stop was sent; the screen closes once the worker has saved.
    pub leaving: bool,
    /// A restart or load was asked for and not yet answered.
    pub(super) expecting_start: bool,
    /// What was loaded is to be trained on at once.
    pub(super) going_on: bool,
    /// Flags that a command which resumes a run needs, quoted for a shell, each with a blank before it.
    pub resume_flags: String,
    /// What was asked for, to be asked for again if the present run cannot be saved.
    pub(super) next: Option<Box<Next>>,
    /// A line for each run of this session that came before the present one.
    pub(super) runs_before: Vec<String>,
    /// What was tried in this session before the present run, oldest first.
    pub tried: Vec<Tried>,
    /// The one of them that was last brought back into the form.
    pub(super) recalled: Option<usize>,
    pub presets: Vec<Preset>,
    /// The preset that comes next.
    pub(super) next_preset: usize,
}

impl App {
    /// `now` in seconds since 1970, `size` in columns and rows.
    pub fn new(dataset: Arc<Dataset>, theme: Theme, now: u64, size: (u16, u16)) -> Self {
        let spec =
            RunSpec { hyper: Hyperparameters::default(), limits: Limits::default(), dataset: dataset.id.clone() };
        let editor = Editor::new(spec, dataset.train.len(), dataset.test.len());
        let size = terminal::bounded_size(size.0, size.1);
        Self {
            dataset,
            theme,
            keymap: Keymap::default(),
            size: (size.width, size.height),
            now,
            opened: now,
            screen: Screen::default(),
            help: None,
            prompt: None,
            notice: None,
            live: Live::default(),
            browser: Browser::default(),
            drawing: if theme.ascii {
                Drawing::Ascii
            } else if theme.has_greys() {
                Drawing::Greys
            } else {
                Drawing::Shades
            },
            plot: Plot::default(),
            editor,
            shelf: Shelf::default(),
            sweep: Watch::default(),
            matrix: Matrix::default(),
            layers: Layers::default(),
            pad: Pad::default(),
            mouse: true,
            has_mouse: false,
            log: Log::default(),
            counts: (100, 1),
            leaving: false,
            expecting_start: false,
            going_on: false,
            resume_flags: String::new(),
            next: None,
            runs_before: Vec::new(),
            tried: Vec::new(),
            recalled: None,
            presets: presets(),
            next_preset: 0,
        }
    }

    /// Where a key goes now.
    pub fn context(&self) -> Context {
        match &self.prompt {
            Some(Prompt::Quit | Prompt::StopSweep) => Context::Asking,
            Some(
                Prompt::Count { .. }
                | Prompt::Path { .. }
                | Prompt::Folder { .. }
                | Prompt::Rename { .. }
                | Prompt::Filter { .. },
            ) => Context::Typing,
            Some(Prompt::Delete(_) | Prompt::Lose(_)) => Context::Confirming,
            Some(Prompt::Digit { .. } | Prompt::NextOf) => Context::Digit,
            None if self.help.is_some() => Context::Help,
            None if self.screen == Screen::Parameters && self.editor.typing.is_some() => Context::Typing,
            None if self.screen == Screen::Train && self.plot.full => Context::Curves,
            None if self.screen == Screen::Runs && self.shelf.comparing => Context::Compare,
            None => self.screen.context(),
        }
    }

    /// The key of an action here, else wherever it has one: for texts that name it.
    pub fn key(&self, action: Action) -> String {
        let here = self.keymap.on(self.context()).find(|binding| binding.action == action);
        here.map_or_else(|| self.keymap.first_key(action), Binding::first_key)
    }

    /// There is a run, or was one. A session that began with a sweep has none at first.
    pub fn has_run(&self) -> bool {
        self.live.started.is_some() || !self.live.gone
    }

    /// Returns whether the run has a state that could not be saved.
    pub fn is_unsaved(&self) -> bool {
        !self.live.gone && self.live.unsaved.is_some()
    }

    /// While something is typed the mouse is the terminal's, to paste with.
    pub(super) fn wants_mouse(&self) -> bool {
        self.mouse && self.context() != Context::Typing && !self.leaving
    }

    pub(super) fn list_checkpoints(&mut self) -> Vec<Effect> {
        self.shelf.asked_at = self.now;
        vec![Effect::ListCheckpoints]
    }

    pub(super) fn seconds_open(&self) -> u64 {
        self.now.saturating_sub(self.opened)
    }

    pub(super) fn say(&mut self, level: Level, text: impl Into<String>) {
        self.log.say(self.seconds_open(), level, text);
    }

    /// Says it in the log, and over the screen until the next key.
    pub(super) fn announce(&mut self, level: Level, text: impl Into<String>) {
        let text = crate::format::sanitized(&text.into());
        self.say(level, text.clone());
        self.notice = Some((level, text));
    }
}
