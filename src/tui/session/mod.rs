//! State shared by all screens: the current run, saved runs, the sweep, evaluated images, the log. Nothing about keys,
//! drawing or areas.

pub(crate) mod answer_changes;
pub(crate) mod attachment;
mod background;
pub(crate) mod browse;
pub(crate) mod contrast;
mod control;
pub(crate) mod ensemble;
mod events;
pub(crate) mod inquiry;
pub(crate) mod library;
pub(crate) mod live;
pub(crate) mod log;
mod new_sweep;
pub(crate) mod place;
pub(crate) mod series;
pub mod sweep;
pub(crate) mod tried;
pub(crate) mod variant;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    data::{Dataset, Gallery},
    train::{Pair, SaveKind},
    tui::{
        keys::{Action, Binding, Context, keymap::Keymap},
        message::{Effect, Leave, NextRun},
        screen::Screen,
        session::{
            attachment::Attachment,
            browse::{Browser, Filter},
            inquiry::Image,
            library::SavedRuns,
            live::Live,
            log::{Level, Log},
            sweep::{SweepStatus, Sweeping},
            tried::{Preset, Trial, presets},
            variant::Variant,
        },
        theme::{Theme, drawing::Drawing},
    },
};

/// Minimum seconds between two readings of the checkpoint folder, unless the user has saved.
const SECONDS_BETWEEN_READINGS: u64 = 10;
/// Number of seconds after which a notice fades.
const NOTICE_SECONDS: u64 = 5;

/// State shared by all screens.
#[derive(Debug)]
pub struct Session {
    /// The data set; without images if it is elsewhere.
    pub dataset: Arc<Dataset>,
    pub images: Gallery,
    pub theme: Theme,
    pub keymap: Keymap,
    pub drawing: Drawing,
    /// Whether the mouse may be used.
    pub mouse: bool,
    /// Whether the terminal's bell rings when the run or the sweep ends.
    pub bell: bool,
    /// Whether the terminal sends a notification then.
    pub notifies: bool,
    /// Context whose key bindings apply.
    pub context: Context,
    /// Whether a question is open.
    pub(crate) is_asking: bool,
    /// Current time, in seconds since 1970.
    pub now: u64,
    /// Time at which the screen opened, in seconds since 1970.
    pub opened: u64,
    pub live: Live,
    pub browser: Browser,
    pub library: SavedRuns,
    pub sweep: SweepStatus,
    /// The user's drawing in the network's input format.
    pub drawn: Option<Image>,
    pub log: Log,
    /// Notice on a line of its own, until the next key; unless it is an error, for a few seconds only.
    pub notice: Option<(Level, String)>,
    /// Time of the notice, in seconds since 1970.
    noticed_at: u64,
    /// Whether the user is quitting: Stop was sent, and the screen closes once the worker has saved.
    pub leaving: bool,
    /// Background run that the screen is attached to.
    pub attachment: Option<Attachment>,
    /// Socket of the background run to attach to, once the run of this screen is saved and its worker has ended.
    attaching: Option<PathBuf>,
    /// How the screen is left once the run is saved, if not just to quit.
    leaves_by: Option<Leave>,
    /// Whether a restart or load was requested and has not started yet.
    expecting_start: bool,
    /// Whether training is to resume once the checkpoint is loaded.
    resuming: bool,
    /// Requested run, kept to be requested again if the current run cannot be saved.
    next: Option<Box<NextRun>>,
    /// Flags that a command needs to resume a run, quoted for a shell, each preceded by a blank.
    pub resume_flags: String,
    /// Flags that a command needs to sweep on the same data, quoted for a shell, each preceded by a blank.
    pub sweep_flags: String,
    /// Number of cores that this process may use.
    pub cores: u32,
    /// Summary lines of this session's earlier runs.
    pub(crate) runs_before: Vec<String>,
    /// This session's earlier runs, oldest first.
    pub tried: Vec<Trial>,
    pub presets: Vec<Preset>,
    /// Random change of the digit that is shown.
    pub variant: Variant,
}

impl Session {
    /// Returns the state at the start. `now` is in seconds since 1970.
    pub(crate) fn new(images: Gallery, theme: Theme, now: u64) -> Self {
        Self {
            dataset: Arc::clone(images.dataset()),
            images,
            theme,
            keymap: Keymap::new(Vec::new()),
            drawing: Drawing::fitting(theme),
            mouse: true,
            bell: false,
            notifies: false,
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
            noticed_at: now,
            leaving: false,
            attachment: None,
            attaching: None,
            leaves_by: None,
            expecting_start: false,
            resuming: false,
            next: None,
            resume_flags: String::new(),
            sweep_flags: String::new(),
            cores: 1,
            runs_before: Vec::new(),
            tried: Vec::new(),
            presets: presets(),
            variant: Variant::default(),
        }
    }

    /// Returns the key of an action in the current context, else in any other, for texts that mention it.
    pub fn key(&self, action: Action) -> String {
        let here = self.keymap.on(self.context).find(|binding| binding.action == action);
        here.map_or_else(|| self.keymap.first_key(action), Binding::first_key)
    }

    /// Returns whether there is or was a run. A session that begins with a sweep has none at first.
    pub fn has_run(&self) -> bool {
        self.live.started.is_some() || !self.live.gone
    }

    /// Returns whether the run's last state could not be saved.
    pub fn is_unsaved(&self) -> bool {
        !self.live.gone && self.live.unsaved.is_some()
    }

    /// Returns whether the header shows the sweep, not a run, while `screen` is shown.
    pub(crate) fn shows_sweep(&self, screen: Screen) -> bool {
        self.sweep.sweeping.is_some() && (screen == Screen::Sweep || !self.has_run())
    }

    /// Begins the session with a sweep, and without a run.
    pub(crate) fn watch_sweep(&mut self, sweeping: Sweeping) {
        self.sweep = SweepStatus::of(sweeping);
        self.live.gone = true;
    }

    pub(crate) fn list_checkpoints(&mut self) -> Vec<Effect> {
        self.library.requested_at = self.now;
        vec![Effect::ListCheckpoints]
    }

    /// Updates a run that has moved to another folder.
    pub(crate) fn run_moved(&mut self, from: &Path, to: &Path) {
        self.library.moved(from, to);
        let trials = self.tried.iter_mut().map(|trial| &mut trial.run_dir);
        let previous = self.live.previous.as_mut().map(|previous| &mut previous.run_dir);
        trials.chain(previous).filter(|path| **path == from).for_each(|path| *path = to.to_owned());
    }

    /// Reads the runs again after a save, but not too often: a folder may hold hundreds of megabytes, and an epoch may
    /// take a second.
    pub(crate) fn list_after_save(&mut self, kind: SaveKind) -> Vec<Effect> {
        let is_due = self.now.saturating_sub(self.library.requested_at) >= SECONDS_BETWEEN_READINGS;
        if kind == SaveKind::ByHand || is_due { self.list_checkpoints() } else { Vec::new() }
    }

    /// Browses exactly the images of one cell of the confusion matrix, from the first.
    pub(crate) fn browse(&mut self, pair: Pair) {
        self.browser.filter = Filter { label: Some(pair.label), digit: Some(pair.digit) };
        self.browser.correct_ones = pair.is_correct();
        self.list_mistakes();
        self.browser.listing_mut().go_first();
    }

    /// Lists every mistake, and every correct image, again.
    pub(crate) fn clear_filter(&mut self) {
        self.browser.filter = Filter::default();
        self.list_mistakes();
    }

    pub(crate) fn is_filtered(&self) -> bool {
        self.browser.filter != Filter::default()
    }

    pub(crate) fn list_mistakes(&mut self) {
        self.browser.list(self.live.evaluation.as_deref());
    }

    /// Returns whether the mouse is to be captured.
    pub(crate) fn takes_mouse(&self) -> bool {
        self.mouse && !self.leaving
    }

    /// Returns the time of a log line: the run's, as the header shows it, or without a run that of the screen.
    fn log_time(&self) -> u64 {
        match self.live.started {
            Some(_) => self.live.elapsed() as u64,
            None => self.now.saturating_sub(self.opened),
        }
    }

    pub(crate) fn say(&mut self, level: Level, text: impl Into<String>) {
        self.log.say(self.log_time(), level, text);
    }

    /// Adds a warning to the log.
    pub(crate) fn warn(&mut self, text: impl Into<String>) {
        self.say(Level::Warn, text);
    }

    /// Adds the reasons for the data set to the log, each with shorter texts. Beside a sweep, whose screen has no log,
    /// the first one is also shown over the screen.
    pub fn explain_data(&mut self, notes: Vec<(String, Vec<String>)>) {
        if let Some((text, _)) = notes.first().filter(|_| self.sweep.sweeping.is_some()) {
            self.notify(Level::Warn, text.clone());
        }
        for (text, shorter) in notes {
            self.log.say_short(self.log_time(), Level::Warn, text, shorter);
        }
    }

    /// Reports an event of the run or the sweep: adds a line to the log, and shows it as a notice.
    pub(crate) fn announce(&mut self, level: Level, text: impl Into<String>) {
        let text = text.into();
        self.say(level, text.clone());
        self.notify(level, text);
    }

    /// Shows a notice, which does not appear in the log: why a key does nothing, or what it did elsewhere.
    pub(crate) fn notify(&mut self, level: Level, text: impl Into<String>) {
        self.notice = Some((level, crate::format::sanitized(&text.into())));
        self.noticed_at = self.now;
    }

    /// Sets the clock, by which a notice fades.
    pub(crate) fn set_clock(&mut self, now: u64) {
        self.now = self.now.max(now);
        if self.notice_fades_at().is_some_and(|at| at <= self.now) {
            self.notice = None;
        }
    }

    /// Returns the time at which the notice fades, if there is one that does.
    pub(crate) fn notice_fades_at(&self) -> Option<u64> {
        let (level, _) = self.notice.as_ref()?;
        (*level != Level::Bad).then_some(self.noticed_at + NOTICE_SECONDS)
    }
    /// Returns the time at which something changes without a message: a notice fades, or background runs are to be asked.
    pub(crate) fn wakes_at(&self) -> Option<u64> {
        self.notice_fades_at().into_iter().chain(self.statuses_due_at()).min()
    }
}
