//! The Runs screen: the saved runs, their order, and the one under the cursor.

pub(crate) mod keys;
pub(crate) mod order;
mod state;
mod update;
mod view;

use self::state::Asked;
pub(crate) use self::state::RunsScreen;
use ratatui::layout::{Position, Rect};

use crate::{
    train::Event,
    tui::{
        keys::{Action, Context, motion::Motion},
        message::{Effect, News, Response},
        question::Answer,
        screen::Screen,
        screen_view::{Cx, ScreenView, View},
        session::Session,
        widgets::surface::{Surface, Target},
    },
};

/// Number of runs that a page key moves by while some are compared.
const COMPARED_PAGE: usize = 10;

impl RunsScreen {
    fn go(&mut self, motion: Motion, cx: &Cx) {
        let library = &cx.session.library;
        match motion {
            Motion::Left if !self.comparing => self.go_file(-1, library),
            Motion::Right if !self.comparing => self.go_file(1, library),
            motion => {
                let page = if self.comparing { COMPARED_PAGE } else { view::page(cx.area, self.rows().len()) };
                self.go_to(self.place.saturating_add_signed(motion.by(1, page)), library);
            }
        }
    }
}

impl ScreenView for RunsScreen {
    fn context(&self) -> Context {
        if self.comparing { Context::Compare } else { Context::Screen(Screen::Runs) }
    }

    fn act(&mut self, cx: &mut Cx, action: Action) -> Option<Response> {
        if let Some(motion) = Motion::of(action) {
            self.go(motion, cx);
            return Some(Response::none());
        }
        let session = &mut *cx.session;
        match action {
            Action::Load => return Some(self.load(session)),
            Action::ResumeFrom => return Some(self.resume(session)),
            Action::Rename => return Some(self.ask_name(session)),
            Action::Delete => return Some(self.ask_removal(session)),
            Action::FilterRuns => return Some(self.ask_filter()),
            Action::Refresh => return Some(session.list_checkpoints().into()),
            Action::ClearFilter => self.filter_by("", &session.library),
            Action::Order => self.sort_by(self.sort.next(), &session.library),
            Action::Mark => self.mark(&mut session.library),
            Action::Compare => self.compare(session),
            _ => return None,
        }
        Some(Response::none())
    }

    fn draw(&self, view: View, surface: &mut Surface) {
        if self.comparing {
            view::compare::draw(self, view.session, view.area, surface);
        } else {
            view::draw(self, view.session, view.area, surface);
        }
    }

    fn click(&mut self, cx: &mut Cx, target: Target, _area: Rect, _at: Position) -> Response {
        if let Target::Row(place) = target {
            self.go_to(place, &cx.session.library);
        }
        Response::none()
    }

    fn shown(&mut self, cx: &mut Cx) -> Vec<Effect> {
        cx.session.list_checkpoints()
    }

    fn close_all(&mut self) {
        self.comparing = false;
    }

    fn close(&mut self) -> bool {
        std::mem::take(&mut self.comparing)
    }

    fn on_news(&mut self, cx: &mut Cx, news: News) -> Vec<Effect> {
        match news {
            News::Library => {
                self.list(&cx.session.library);
                self.comparing &= self.compared(&cx.session.library).len() > 1;
            }
            News::LibraryChanged(result) => return self.tidied(cx.session, result),
            News::Worker(Event::Saved { kind, .. }) if cx.is_shown => return cx.session.list_after_save(*kind),
            _ => {}
        }
        Vec::new()
    }

    fn answered(&mut self, cx: &mut Cx, answer: Answer) -> Response {
        match (self.asked.take(), answer) {
            (Some(Asked::Rename(run)), Answer::Text(line)) => self.rename(run, line),
            (Some(Asked::Delete(removal)), Answer::Yes) => Effect::Remove(removal).into(),
            (Some(Asked::Filter { before }), Answer::No) => {
                self.filter_by(&before, &cx.session.library);
                Response::none()
            }
            _ => Response::none(),
        }
    }

    fn searched(&mut self, cx: &mut Cx, words: &str) {
        if words != self.filter {
            self.filter_by(words, &cx.session.library);
        }
    }

    fn offers(&self, _session: &Session, action: Action) -> Option<bool> {
        (action == Action::ClearFilter).then_some(!self.filter.is_empty())
    }
}
