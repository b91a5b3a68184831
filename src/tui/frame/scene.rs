//! What is drawn: a view of the state.

use crate::tui::{
    frame::help::Help, question::Question, screen::Screen, screen_view::ScreenView, screens::Screens, session::Session,
};

/// The parts of the state that are drawn.
pub(crate) struct Scene<'a> {
    pub session: &'a Session,
    pub screens: &'a Screens,
    pub shown: Screen,
    pub help: Option<&'a Help>,
    pub question: Option<&'a Question>,
}

impl<'a> Scene<'a> {
    pub(super) fn screen(&self) -> &'a dyn ScreenView {
        self.screens.get(self.shown)
    }

    /// Returns whether the header is about the sweep, not about a run.
    pub(super) fn shows_sweep(&self) -> bool {
        self.session.shows_sweep(self.shown)
    }
}
