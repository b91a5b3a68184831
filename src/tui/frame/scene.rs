//! What is drawn: a view of the state.

use crate::tui::{question::Question, screen::Screen, screen_view::ScreenView, screens::Screens, session::Session};

/// Help, while it is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Help {
    /// Number of lines by which it is scrolled.
    pub scroll: usize,
    /// Words that each key shown has to contain in its names, its text or its title.
    pub words: String,
}

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
