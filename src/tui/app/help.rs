//! Keys and mouse while help is open.

use super::{
    App,
    questions::{Asked, Asker},
};
use crate::tui::{
    frame::{self, Help},
    keys::{Action, line_edit::LineEdit, motion::Motion},
    question::Question,
};

/// Maximum bytes of the words searched for.
const MAX_WORDS: usize = 40;

impl App {
    /// Carries out an action on help. Returns whether it is one of help's.
    pub(super) fn act_on_help(&mut self, action: Action) -> bool {
        match Motion::of(action) {
            Some(motion) => self.scroll_help(motion),
            None if action == Action::Filter => self.search_help(),
            None => return false,
        }
        true
    }

    pub(super) fn scroll_help(&mut self, motion: Motion) {
        let Some(help) = &self.help else { return };
        let (lines, page) = frame::help::lines(&self.scene(), help, self.size);
        let scroll = help.scroll.saturating_add_signed(motion.by(1, page)).min(lines.saturating_sub(page));
        self.help = Some(Help { scroll, ..help.clone() });
    }

    fn search_help(&mut self) {
        let words = self.help.as_ref().map_or_else(String::new, |help| help.words.clone());
        let question = Question::search(LineEdit::with_room(words.clone(), MAX_WORDS));
        self.asked = Some(Asked { question, by: Asker::Help { before: words } });
    }

    pub(super) fn filter_help(&mut self, words: &str) {
        if self.help.as_ref().is_some_and(|help| help.words != words) {
            self.help = Some(Help { scroll: 0, words: words.to_owned() });
        }
    }

    /// Shows all keys again if they are filtered, else closes help. Returns whether help was open.
    pub(super) fn close_help(&mut self) -> bool {
        let Some(help) = self.help.take() else { return false };
        self.help = (!help.words.is_empty()).then(Help::default);
        true
    }
}
