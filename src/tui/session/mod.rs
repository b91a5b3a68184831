//! What is known: the run, the runs on the disk, the sweep, the mistakes, the log. No key, no drawing, no area.

pub(crate) mod batch_history;
pub(crate) mod browse;
pub(crate) mod contrast;
mod control;
mod events;
pub(crate) mod inquiry;
pub(crate) mod library;
pub(crate) mod live;
pub(crate) mod log;
pub(crate) mod place;
pub(crate) mod series;
pub mod sweep;
pub(crate) mod tried;
pub(crate) mod turned;

use std::sync::Arc;

use crate::{
    data::Dataset,
    train::Pair,
    tui::{
        keys::{Action, Binding, Context, keymap::Keymap},
        message::{Effect, Next},
        screen::Screen,
        session::{
            browse::{Browser, Filter},
            inquiry::Image,
            library::SavedRuns,
            live::Live,
            log::{Level, Log},
            sweep::{SweepStatus, Sweeping},
            tried::{Preset, Tried, presets},
        },
        theme::{Theme, drawing::Drawing},
    },
};

/// What all screens know.
#[derive(Debug)]
pub struct Session {
    pub dataset: Arc<Dataset>,
    pub theme: Theme,
    pub keymap: Keymap,
    pub drawing: Drawing,
    /// Whether the mouse may be used.
    pub mouse: bool,
    /// Where the keys go.
    pub context: Context,
    /// Whether a question is open.
    pub(crate) is_asking: bool,
    /// Seconds since 1970: now, and when the screen opened.
    pub now: u64,
    pub opened: u64,
    pub live: Live,
    pub browser: Browser,
    pub library: SavedRuns,
    pub sweep: SweepStatus,
    /// One's own drawing, as it reaches the network.
    pub drawn: Option<Image>,
    pub log: Log,
    /// News over the screen, until the next key.
    pub notice: Option<(Level, String)>,
    /// Whether Stop was sent; the screen closes once the worker has saved.
    pub leaving: bool,
    /// Whether a restart or load was asked for and not yet answered.
    expecting_start: bool,
    /// Whether what was loaded is to be trained on at once.
    resuming: bool,
    /// What was asked for, to be asked for again if the present run cannot be saved.
    next: Option<Box<Next>>,
    /// Flags that a command which resumes a run needs, quoted for a shell, each with a blank before it.
    pub resume_flags: String,
    /// A line for each run of this session that came before the present one.
    pub(crate) runs_before: Vec<String>,
    /// What was tried in this session before the present run, oldest first.
    pub tried: Vec<Tried>,
    pub presets: Vec<Preset>,
}

impl Session {
    /// `now` in seconds since 1970.
    pub(crate) fn new(dataset: Arc<Dataset>, theme: Theme, now: u64) -> Self {
        Self {
            dataset,
            theme,
            keymap: Keymap::new(Vec::new()),
            drawing: Drawing::fitting(theme),
            mouse: true,
            context: Context::Screen(Screen::Train),
            is_asking: false,
            now,
            opened: now,
            live: Live::default(),
            browser: Browser::default(),
            library: SavedRuns::default(),
            sweep: SweepStatus::default(),
            drawn: None,
            log: Log::default(),
            notice: None,
            leaving: false,
            expecting_start: false,
            resuming: false,
            next: None,
            resume_flags: String::new(),
            runs_before: Vec::new(),
            tried: Vec::new(),
            presets: presets(),
        }
    }

    /// The key of an action here, else wherever it has one: for texts that name it.
    pub fn key(&self, action: Action) -> String {
        let here = self.keymap.on(self.context).find(|binding| binding.action == action);
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

    /// Returns whether the header is the sweep's, not a run's, while `screen` is shown.
    pub(crate) fn shows_sweep(&self, screen: Screen) -> bool {
        self.sweep.sweeping.is_some() && (screen == Screen::Sweep || !self.has_run())
    }

    /// Begins with a sweep: there is no run of training at first.
    pub(crate) fn watch_sweep(&mut self, sweeping: Sweeping) {
        self.sweep = SweepStatus::of(sweeping);
        self.live.gone = true;
    }

    pub(crate) fn list_checkpoints(&mut self) -> Vec<Effect> {
        self.library.asked_at = self.now;
        vec![Effect::ListCheckpoints]
    }

    /// Filters exactly the images of a cell of the confusion matrix, from the first.
    pub(crate) fn browse(&mut self, pair: Pair) {
        self.browser.filter = Filter { label: Some(pair.label), digit: Some(pair.digit) };
        self.browser.correct_ones = pair.is_correct();
        self.list_mistakes();
        self.browser.listing_mut().go_first();
    }

    pub(crate) fn list_mistakes(&mut self) {
        self.browser.list(self.live.evaluation.as_deref());
    }

    /// Returns whether the mouse may be used, and has anything to do.
    pub(crate) fn takes_mouse(&self) -> bool {
        self.mouse && !self.leaving
    }

    fn seconds_open(&self) -> u64 {
        self.now.saturating_sub(self.opened)
    }

    pub(crate) fn say(&mut self, level: Level, text: impl Into<String>) {
        self.log.say(self.seconds_open(), level, text);
    }

    /// Says in the log what went wrong.
    pub(crate) fn warn(&mut self, text: impl Into<String>) {
        self.say(Level::Warn, text);
    }

    /// Says it in the log, and over the screen until the next key.
    pub(crate) fn announce(&mut self, level: Level, text: impl Into<String>) {
        let text = crate::format::sanitized(&text.into());
        self.say(level, text.clone());
        self.notice = Some((level, text));
    }

    /// Says it over the screen until the next key.
    pub(crate) fn notify(&mut self, level: Level, text: impl Into<String>) {
        self.notice = Some((level, text.into()));
    }
}
