//! What a screen has to do, and what it is given for it.

use crossterm::event::{KeyEvent, MouseEvent};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use crate::tui::{
    keys::{Action, Context},
    message::{Effect, News, Response},
    question::Answer,
    session::Session,
    widgets::surface::{Surface, Target},
};

/// What a screen may change besides itself.
pub struct Cx<'a> {
    pub session: &'a mut Session,
    /// The body, header and footer left out, at the present size.
    pub area: Rect,
    /// Whether the screen is the one that is shown.
    pub is_shown: bool,
    /// Whether help or a question is over the screen that is shown.
    pub is_covered: bool,
}

/// What a screen draws besides itself.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub session: &'a Session,
    /// The body, header and footer left out.
    pub area: Rect,
}

impl Cx<'_> {
    pub(crate) fn view(&self) -> View<'_> {
        View { session: self.session, area: self.area }
    }
}

/// A screen: state that only it has, with its keys and its drawing.
pub trait ScreenView {
    /// Returns where the keys go while nothing is over it.
    fn context(&self) -> Context;

    /// Does what a key asks for. `None`: it is not for this screen.
    fn act(&mut self, cx: &mut Cx, action: Action) -> Option<Response>;

    fn draw(&self, view: View, surface: &mut Surface);

    /// Does what a click on something drawn asks for; `at` is the place in its `area`.
    fn click(&mut self, _cx: &mut Cx, _target: Target, _area: Rect, _at: Position) -> Response {
        Response::none()
    }

    /// Turns what the screen is about by a notch of the wheel.
    fn wheel(&mut self, cx: &mut Cx, _at: Position, down: bool) -> Response {
        self.act(cx, if down { Action::Down } else { Action::Up }).unwrap_or_default()
    }

    /// Takes moves of the mouse that are no clicks. Returns whether they were for this screen. Events after the first differ
    /// from it only in their places.
    fn mouse(&mut self, _cx: &mut Cx, _events: &[MouseEvent]) -> bool {
        false
    }

    /// Takes a key that does nothing by the table: it may be typed.
    fn type_in(&mut self, _cx: &mut Cx, _key: &KeyEvent) {}

    /// Prepares to be shown.
    fn shown(&mut self, _cx: &mut Cx) -> Vec<Effect> {
        Vec::new()
    }

    /// Leaves whatever was opened within it, since another screen is shown, or itself from the beginning.
    fn left(&mut self) {}

    /// Closes what is open, one thing at a time. Returns whether there was anything.
    fn close(&mut self) -> bool {
        false
    }

    /// Takes in what has happened elsewhere, after the session has.
    fn heed(&mut self, _cx: &mut Cx, _news: News) -> Vec<Effect> {
        Vec::new()
    }

    /// Returns the question to the worker that is due while it is shown.
    fn inquiry(&mut self, _cx: &mut Cx) -> Option<Effect> {
        None
    }

    /// Takes the answer to what it has asked.
    fn answered(&mut self, _cx: &mut Cx, _answer: Answer) -> Response {
        Response::none()
    }

    /// Takes the words typed so far in its search.
    fn searched(&mut self, _cx: &mut Cx, _words: &str) {}

    /// Returns whether an action could do anything now. `None`: as on every screen.
    fn offers(&self, _session: &Session, _action: Action) -> Option<bool> {
        None
    }

    /// Returns what the footer calls an action now, where that is not what the table says.
    fn label(&self, _session: &Session, _action: Action) -> Option<&'static str> {
        None
    }

    /// Returns whether the header has room for the whole progress of the run.
    fn has_whole_header(&self) -> bool {
        false
    }
}

/// Returns what a screen has drawn at a place, and the whole area that it takes.
pub(crate) fn target_of(screen: &dyn ScreenView, view: View, at: Position) -> Option<(Target, Rect)> {
    let mut buffer = Buffer::empty(view.area);
    let mut surface = Surface::new(&mut buffer);
    screen.draw(view, &mut surface);
    surface.at(at)
}
