//! The screen's state, and the words that change it.

use std::sync::Arc;

use crate::tui::message::Effect;
use crate::tui::question::{Next, Prompt};
use crate::tui::screen::Screen;
use crate::tui::widgets::area::bounded_size;
use crate::{
    data::Dataset,
    train::{Hyperparameters, Limits, RunSpec},
    tui::{
        keys::{Action, Binding, Context, keymap::Keymap},
        screens::{
            confusion::Matrix, draw::Pad, layers::Layers, parameters::form::Editor, runs::Shelf, train::plot::Plot,
        },
        session::{
            browse::{Browser, Drawing},
            live::Live,
            log::{Level, Log},
            sweep::Watch,
            tried::{Preset, Tried, presets},
        },
        theme::Theme,
    },
};

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
    pub(crate) has_mouse: bool,
    pub log: Log,
    /// The answers last given to [`Prompt::Count`].
    pub counts: (u32, u32),
    /// Stop was sent; the screen closes once the worker has saved.
    pub leaving: bool,
    /// A restart or load was asked for and not yet answered.
    pub(crate) expecting_start: bool,
    /// What was loaded is to be trained on at once.
    pub(crate) going_on: bool,
    /// Flags that a command which resumes a run needs, quoted for a shell, each with a blank before it.
    pub resume_flags: String,
    /// What was asked for, to be asked for again if the present run cannot be saved.
    pub(crate) next: Option<Box<Next>>,
    /// A line for each run of this session that came before the present one.
    pub(crate) runs_before: Vec<String>,
    /// What was tried in this session before the present run, oldest first.
    pub tried: Vec<Tried>,
    /// The one of them that was last brought back into the form.
    pub(crate) recalled: Option<usize>,
    pub presets: Vec<Preset>,
    /// The preset that comes next.
    pub(crate) next_preset: usize,
}

impl App {
    /// `now` in seconds since 1970, `size` in columns and rows.
    pub fn new(dataset: Arc<Dataset>, theme: Theme, now: u64, size: (u16, u16)) -> Self {
        let spec =
            RunSpec { hyper: Hyperparameters::default(), limits: Limits::default(), dataset: dataset.id.clone() };
        let editor = Editor::new(spec, dataset.train.len(), dataset.test.len());
        let size = bounded_size(size.0, size.1);
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
    pub(crate) fn wants_mouse(&self) -> bool {
        self.mouse && self.context() != Context::Typing && !self.leaving
    }

    pub(crate) fn list_checkpoints(&mut self) -> Vec<Effect> {
        self.shelf.asked_at = self.now;
        vec![Effect::ListCheckpoints]
    }

    pub(crate) fn seconds_open(&self) -> u64 {
        self.now.saturating_sub(self.opened)
    }

    pub(crate) fn say(&mut self, level: Level, text: impl Into<String>) {
        self.log.say(self.seconds_open(), level, text);
    }

    /// Says it in the log, and over the screen until the next key.
    pub(crate) fn announce(&mut self, level: Level, text: impl Into<String>) {
        let text = crate::format::sanitized(&text.into());
        self.say(level, text.clone());
        self.notice = Some((level, text));
    }
}
