//! The Confusion screen: which digits are mistaken for which, and what changed.

mod classes;
pub(crate) mod keys;
mod reliability;
mod state;
mod summary;
mod view;

pub(crate) use self::state::ConfusionScreen;
use ratatui::layout::{Position, Rect};

use crate::tui::{
    keys::{Action, Context, motion::Motion},
    message::{Intent, Response},
    screen::Screen,
    screen_view::{Cx, ScreenView, View},
    session::Session,
    widgets::surface::{Surface, Target},
};

impl ScreenView for ConfusionScreen {
    fn context(&self) -> Context {
        Context::Screen(Screen::Confusion)
    }

    fn act(&mut self, cx: &mut Cx, action: Action) -> Option<Response> {
        let evaluation = cx.session.live.evaluation.as_deref();
        if let Some(motion) = Motion::of(action) {
            self.go(evaluation, motion);
            return Some(Response::none());
        }
        match action {
            Action::Percent => self.percent = !self.percent,
            Action::Changes => self.changes = !self.changes,
            Action::Reliability => self.reliability = !self.reliability,
            Action::OpenCell => return Some(Intent::Mistakes(self.cursor(evaluation)).into()),
            _ => return None,
        }
        Some(Response::none())
    }

    fn draw(&self, view: View, surface: &mut Surface) {
        view::draw(self, view.session, view.area, surface);
    }

    fn click(&mut self, cx: &mut Cx, target: Target, _area: Rect, _at: Position) -> Response {
        let Target::Pair(pair) = target else { return Response::none() };
        let again = self.cursor(cx.session.live.evaluation.as_deref()) == pair;
        self.choose(pair);
        if again { Intent::Mistakes(pair).into() } else { Response::none() }
    }

    fn wheel(&mut self, cx: &mut Cx, _at: Position, down: bool) -> Response {
        self.act(cx, if down { Action::PageDown } else { Action::PageUp }).unwrap_or_default()
    }

    fn label(&self, _session: &Session, action: Action) -> Option<&'static str> {
        match action {
            Action::Percent if self.percent => Some("counts"),
            Action::Changes if self.changes => Some("no changes"),
            Action::Reliability if self.reliability => Some("each digit"),
            _ => None,
        }
    }
}
