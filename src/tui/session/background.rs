//! Background runs among the saved ones: their states, and attaching this screen to one.

use std::path::PathBuf;

use crate::{
    background::wire::Status,
    train::{BackgroundRun, Command, SaveKind},
    tui::{
        keys::{Action, Context},
        message::Effect,
        screen::Screen,
        session::{Session, attachment::Attachment, library::run::SavedRun, log::Level},
    },
};

impl Session {
    /// Returns the time at which background runs are to be asked for their states: while the list is shown.
    pub(crate) fn statuses_due_at(&self) -> Option<u64> {
        let is_shown = self.context == Context::Screen(Screen::Runs);
        self.library.background.due_at().filter(|_| is_shown)
    }

    /// Returns the effect that asks the listed background runs for their states, if that is due.
    pub(crate) fn ask_statuses(&mut self) -> Vec<Effect> {
        if self.statuses_due_at().is_none_or(|at| at > self.now) {
            return Vec::new();
        }
        vec![Effect::AskStatuses(self.library.background.ask(self.now))]
    }

    /// Stores the states of background runs. Reads the runs again if one has ended.
    pub(crate) fn take_statuses(&mut self, states: Vec<(PathBuf, Result<Status, String>)>) -> Vec<Effect> {
        if self.library.background.answered(states) {
            return self.list_checkpoints();
        }
        // Its first checkpoint comes with its first evaluation.
        let state = |run: &SavedRun| self.library.background.state(run.background()?).cloned();
        let has_saved =
            |run: &SavedRun| run.is_begun() && state(run).is_some_and(|state| state.test_accuracy.is_some());
        match self.library.runs().iter().any(has_saved) {
            true => self.list_after_save(SaveKind::Last),
            false => Vec::new(),
        }
    }

    /// Returns whether this screen is attached to the run.
    pub(crate) fn shows(&self, run: &BackgroundRun) -> bool {
        self.is_attached() && self.attachment.as_ref().is_some_and(|attachment| attachment.process == run.process)
    }

    /// Returns whether a run of this process stops if the screen attaches to another.
    pub(crate) fn has_own_run(&self) -> bool {
        !self.is_attached() && (self.live.is_under_way() || self.is_unsaved())
    }

    /// Attaches the screen to a background run: once this process' own is saved, if there is one.
    pub(crate) fn attach(&mut self, socket: PathBuf) -> Vec<Effect> {
        if self.live.gone || self.is_attached() {
            self.notify(Level::Plain, "attaching");
            return vec![Effect::Attach(socket)];
        }
        self.notify(Level::Plain, "saving the run of this screen, then attaching");
        self.attaching = Some(socket);
        vec![Effect::Send(Command::StopIfSaved)]
    }

    /// Prepares for the events of the run that the screen is attached to now.
    pub(crate) fn show_attached(&mut self, attachment: Attachment) {
        self.live.expect_worker();
        self.attachment = Some(attachment);
        (self.next, self.attaching, self.resuming, self.expecting_start) = (None, None, false, true);
    }

    /// Says that the screen is attached.
    pub(crate) fn greet(&mut self) {
        let Some(attachment) = &self.attachment else { return };
        let text = format!(
            "attached to {} (process {}): {} detaches, and the run continues",
            self.live.run_name(),
            attachment.process,
            self.keymap.first_key(Action::Detach)
        );
        self.notify(Level::Good, text);
    }
}
