//! What is drawn.

use crate::tui::{question::Question, screen::Screen, screen_view::ScreenView, screens::Screens, session::Session};

/// What is drawn.
pub(crate) struct Scene<'a> {
    pub session: &'a Session,
    pub screens: &'a Screens,
    pub shown: Screen,
    /// Lines by which help is scrolled down, where it is open.
    pub help: Option<usize>,
    pub question: Option<&'a Question>,
}

impl<'a> Scene<'a> {
    pub(super) fn screen(&self) -> &'a dyn ScreenView {
        self.screens.get(self.shown)
    }

    /// Whether the header is the sweep's, not a run's.
    pub(super) fn shows_sweep(&self) -> bool {
        self.session.shows_sweep(self.shown)
    }
}
