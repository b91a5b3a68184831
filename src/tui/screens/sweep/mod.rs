//! The Sweep screen: the configurations of a sweep as a map and as a rank, with the results of each.

pub(crate) mod board;
mod cursor;
pub(crate) mod form;
pub(crate) mod keys;
mod opening;
mod orders;
mod starting;
pub(crate) mod state;
mod view;

use crossterm::event::KeyEvent;
use ratatui::layout::{Position, Rect};

use self::form::SweepField;
pub(crate) use self::state::{Pane, SweepScreen};
use crate::{
    sweep::SweepCommand,
    tui::{
        keys::{Action, Context, motion::Motion},
        message::{Effect, News, Response},
        question::Answer,
        screen::Screen,
        screen_view::{Cx, ScreenView, View},
        session::Session,
        widgets::{
            folds::Foldable,
            surface::{Surface, Target},
        },
    },
};

impl SweepScreen {
    fn move_cursor(&mut self, session: &Session, motion: Motion, area: Rect) {
        self.follows = false;
        let page = view::page(self, session, area);
        let to = match self.pane {
            Pane::Rank => cursor::in_rank(&self.rank, self.chosen, motion, page),
            Pane::Map | Pane::Effects => cursor::on_board(&self.board, self.chosen, motion, page),
        };
        self.chosen = to.unwrap_or(self.chosen);
    }
}

impl ScreenView for SweepScreen {
    fn context(&self) -> Context {
        match (self.shows_form(), &self.form.typing) {
            (true, Some(_)) => Context::Typing,
            (true, None) => Context::NewSweep,
            (false, _) => Context::Screen(Screen::Sweep),
        }
    }

    fn act(&mut self, cx: &mut Cx, action: Action) -> Option<Response> {
        if self.shows_form() {
            return self.act_on_form(cx.session, action);
        }
        if let Some(motion) = Motion::of(action) {
            self.move_cursor(cx.session, motion, cx.area);
            return Some(Response::none());
        }
        match action {
            Action::OpenInEditor => return Some(self.open(cx.session)),
            Action::DropRun => return Some(self.drop_or_restore(cx.session).into()),
            Action::NewSweep => return Some(self.open_form(cx.session)),
            Action::WriteReport => return Some(self.write_report(cx.session)),
            Action::StopSweep => return Some(orders::ask_to_stop(cx.session)),
            Action::Refresh => return Some(Effect::ReadTable.into()),
            Action::PauseOrResume => return cx.session.pause_or_resume_sweep().map(Response::from),
            Action::TurnMap => self.board.arrange(self.board.arrangement() + 1),
            Action::NextPane => self.pane = self.pane.next(),
            Action::Follow => self.set_following(!self.follows),
            _ => return None,
        }
        Some(Response::none())
    }

    fn type_in(&mut self, _cx: &mut Cx, key: &KeyEvent) {
        if let Some(line) = &mut self.form.typing {
            line.press(key);
            self.form.error = None;
        }
    }

    fn close_all(&mut self) {
        self.form.cancel();
        self.form.is_open = false;
    }

    fn close(&mut self) -> bool {
        std::mem::take(&mut self.form.is_open)
    }

    fn draw(&self, view: View, surface: &mut Surface) {
        view::draw(self, view.session, view.area, surface);
    }

    /// Moves the cursor to a configuration, or opens the one under it.
    fn click(&mut self, cx: &mut Cx, target: Target, _area: Rect, _at: Position) -> Response {
        if self.shows_form() {
            return self.click_on_form(cx.session, target);
        }
        let Target::Configuration(cell) = target else { return Response::none() };
        let is_chosen = self.chosen == cell;
        (self.chosen, self.follows) = (cell, false);
        if is_chosen { self.open(cx.session) } else { Response::none() }
    }

    fn shown(&mut self, cx: &mut Cx) -> Vec<Effect> {
        if cx.session.sweep.sweeping.is_none() { vec![Effect::ReadTable] } else { Vec::new() }
    }

    fn on_news(&mut self, cx: &mut Cx, news: News) -> Response {
        let status = &cx.session.sweep;
        match news {
            News::Sweep => self.show_snapshot(status),
            News::Table if status.sweeping.is_none() => self.show_table(status),
            _ => {}
        }
        self.form_news(cx.session, news).into()
    }

    fn answered(&mut self, cx: &mut Cx, answer: Answer) -> Response {
        let stops = answer == Answer::Yes && cx.session.sweep.is_under_way();
        if stops { Effect::SendToSweep(SweepCommand::Stop).into() } else { Response::none() }
    }

    fn offers(&self, session: &Session, action: Action) -> Option<bool> {
        let is_under_way = session.sweep.is_under_way();
        Some(match action {
            Action::PauseOrResume if is_under_way => true,
            Action::StopSweep | Action::DropRun => is_under_way,
            Action::NewSweep => !is_under_way,
            Action::Last => !self.shows_form() || self.form.cursor(session) != SweepField::Start,
            Action::Follow => is_under_way && !self.follows,
            Action::OpenInEditor | Action::NextPane | Action::WriteReport => self.cell().is_some(),
            Action::TurnMap => self.board.arrangement_count() > 1,
            Action::Refresh => session.sweep.sweeping.is_none(),
            _ => return None,
        })
    }

    fn label(&self, session: &Session, action: Action) -> Option<&'static str> {
        match action {
            Action::PauseOrResume if session.sweep.is_under_way() => {
                Some(if session.sweep.is_paused() { "resume" } else { "pause" })
            }
            Action::NextPane if self.board.is_of_methods && self.pane.next() == Pane::Effects => Some("tests"),
            Action::NextPane => Some(self.pane.next().name()),
            Action::Edit if self.shows_form() => match self.form.cursor(session) {
                SweepField::Start => Some(self.form.start_label().0),
                group if group.is_group() => Some(self.form.folds.label(group)),
                _ => None,
            },
            _ => None,
        }
    }
}
