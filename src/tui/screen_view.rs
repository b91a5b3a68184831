//! The interface of a screen, and what its methods are given.

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
    /// Area of the body, without header and footer, at the current size.
    pub area: Rect,
    /// Whether the screen is the one shown.
    pub is_shown: bool,
    /// Whether help or a question covers the screen shown.
    pub is_covered: bool,
}

/// What a screen reads besides itself to draw.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub session: &'a Session,
    /// Area of the body, without header and footer.
    pub area: Rect,
}

impl Cx<'_> {
    pub(crate) fn view(&self) -> View<'_> {
        View { session: self.session, area: self.area }
    }
}

/// A screen: its own state, its keys and its drawing.
pub trait ScreenView {
    /// Returns the key context while nothing is over the screen.
    fn context(&self) -> Context;

    /// Carries out an action. Returns `None` if it is none of this screen's.
    fn act(&mut self, cx: &mut Cx, action: Action) -> Option<Response>;

    fn draw(&self, view: View, surface: &mut Surface);

    /// Handles a click at `at` on a target drawn in `area`.
    fn click(&mut self, _cx: &mut Cx, _target: Target, _area: Rect, _at: Position) -> Response {
        Response::none()
    }

    /// Handles a notch of the mouse wheel; unless overridden, moves the cursor.
    fn wheel(&mut self, cx: &mut Cx, _at: Position, down: bool) -> Response {
        self.act(cx, if down { Action::Down } else { Action::Up }).unwrap_or_default()
    }

    /// Handles mouse events before they count as clicks. Returns whether the screen used them. Events after the first
    /// differ from it only in their positions.
    fn mouse(&mut self, _cx: &mut Cx, _events: &[MouseEvent]) -> bool {
        false
    }

    /// Handles a key without a binding, which may be typed.
    fn type_in(&mut self, _cx: &mut Cx, _key: &KeyEvent) {}

    /// Prepares to be shown.
    fn shown(&mut self, _cx: &mut Cx) -> Vec<Effect> {
        Vec::new()
    }

    /// Closes whatever was opened within the screen, since a screen, perhaps this one, is about to be shown.
    fn close_all(&mut self) {}

    /// Closes one open thing. Returns whether there was one.
    fn close(&mut self) -> bool {
        false
    }

    /// Reacts to news, after the session has.
    fn on_news(&mut self, _cx: &mut Cx, _news: News) -> Response {
        Response::none()
    }

    /// Returns the questions that are due while the screen is shown: to the worker, or about saved runs.
    fn inquiry(&mut self, _session: &mut Session) -> Vec<Effect> {
        Vec::new()
    }

    /// Handles the answer to the screen's question.
    fn answered(&mut self, _cx: &mut Cx, _answer: Answer) -> Response {
        Response::none()
    }

    /// Handles the words typed so far in the screen's search.
    fn searched(&mut self, _cx: &mut Cx, _words: &str) {}

    /// Returns whether an action can do anything now, or `None` if that is the same on every screen.
    fn offers(&self, _session: &Session, _action: Action) -> Option<bool> {
        None
    }

    /// Returns the current footer label of an action, if it differs from the table's.
    fn label(&self, _session: &Session, _action: Action) -> Option<&'static str> {
        None
    }

    /// Returns whether the header shows the whole progress of the run.
    fn has_whole_header(&self) -> bool {
        false
    }
}

/// Returns the target that a screen draws at a position, with its area.
pub(crate) fn target_of(screen: &dyn ScreenView, view: View, at: Position) -> Option<(Target, Rect)> {
    let mut buffer = Buffer::empty(view.area);
    let mut surface = Surface::new(&mut buffer);
    screen.draw(view, &mut surface);
    surface.at(at)
}
