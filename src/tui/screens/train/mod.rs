//! The Train screen: the live run, with small charts among other panes, or with full-screen charts.

mod curves;
mod epochs;
mod facts;
mod health;
pub(crate) mod keys;
mod log;
mod overlaid;
pub(crate) mod plot;
mod trouble;
mod update;
mod view;
mod window;

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use self::plot::Plot;
use crate::{
    train::Event,
    tui::{
        keys::{Action, Context, motion::Motion},
        message::{Intent, News, Response, Subject},
        screen::Screen,
        screen_view::{Cx, ScreenView, View, target_of},
        session::Session,
        widgets::{
            chart::window::part,
            surface::{Surface, Target},
        },
    },
};

#[derive(Debug, Default)]
pub struct TrainScreen {
    pub plot: Plot,
}

impl TrainScreen {
    fn go(&mut self, cx: &mut Cx, motion: Motion) {
        if self.plot.full {
            self.go_on_chart(cx, motion);
        } else {
            cx.session.browser.mistakes.go(motion.by(1, 1));
        }
    }

    /// Returns the position of the mouse along a chart's width, 0 to 1, if it is on a chart.
    fn part_of_chart(&self, view: View, at: Position) -> Option<f64> {
        let (target, area) = target_of(self, view, at)?;
        (target == Target::Chart).then(|| part(at, area))
    }
}

impl ScreenView for TrainScreen {
    fn context(&self) -> Context {
        if self.plot.full { Context::Curves } else { Context::Screen(Screen::Train) }
    }

    fn act(&mut self, cx: &mut Cx, action: Action) -> Option<Response> {
        if let Some(motion) = Motion::of(action) {
            self.go(cx, motion);
            return Some(Response::none());
        }
        let plot = &mut self.plot;
        match action {
            Action::FullChart => return Some(self.toggle_full(cx.session).into()),
            Action::Zoom => self.toggle_late(),
            Action::LogScale => plot.log_scale = !plot.log_scale,
            Action::Axis => (plot.x, plot.window) = (plot.x.next(), None),
            Action::Smoother => plot.smooth(true),
            Action::Rougher => plot.smooth(false),
            Action::ZoomIn => self.zoom(cx, 0.5),
            Action::ZoomOut => self.zoom(cx, 2.0),
            Action::Charts => plot.charts = plot.charts.next(),
            Action::Sets => plot.sets = plot.sets.next(),
            Action::Others => return Some(self.next_others(cx.session).into()),
            Action::ClearFilter => cx.session.clear_filter(),
            Action::Recover => return Some(cx.session.recover()),
            Action::LookInside => return Some(Intent::Inspect(Subject::Mistake).into()),
            _ => return None,
        }
        Some(Response::none())
    }

    fn draw(&self, view: View, surface: &mut Surface) {
        let View { session, area } = view;
        if self.plot.full {
            curves::full::draw(&self.plot, session, area, surface);
        } else {
            view::draw(&self.plot, session, area, surface);
        }
        trouble::draw(session, area, surface);
    }

    fn click(&mut self, cx: &mut Cx, target: Target, area: Rect, at: Position) -> Response {
        match target {
            Target::Digit(place) => cx.session.browser.mistakes.place = place,
            Target::Pair(pair) => return Intent::Mistakes(pair).into(),
            Target::Chart => self.point_at(cx, part(at, area)),
            _ => {}
        }
        Response::none()
    }

    fn wheel(&mut self, cx: &mut Cx, at: Position, down: bool) -> Response {
        if !self.plot.full {
            self.go(cx, if down { Motion::Right } else { Motion::Left });
        } else if let Some(part) = self.part_of_chart(cx.view(), at) {
            self.zoom_at(cx, part, !down);
        }
        Response::none()
    }

    fn mouse(&mut self, cx: &mut Cx, events: &[MouseEvent]) -> bool {
        let Some(last) = events.last() else { return false };
        let drags = last.kind == MouseEventKind::Drag(MouseButton::Left) && self.plot.full && !cx.is_covered;
        if drags
            && cx.session.takes_mouse()
            && let Some(part) = self.part_of_chart(cx.view(), Position::new(last.column, last.row))
        {
            self.point_at(cx, part);
        }
        drags
    }

    fn close_all(&mut self) {
        self.plot.full = false;
    }

    fn close(&mut self) -> bool {
        if self.plot.cursor.take().is_some() {
            return true;
        }
        std::mem::take(&mut self.plot.full)
    }

    fn on_news(&mut self, _cx: &mut Cx, news: News) -> Response {
        if let News::Worker(Event::Started(_)) = news {
            self.plot.begin();
        }
        Response::none()
    }

    fn offers(&self, session: &Session, action: Action) -> Option<bool> {
        match action {
            Action::Left | Action::Right if !self.plot.full => Some(!session.browser.mistakes.shown.is_empty()),
            Action::ClearFilter => Some(session.is_filtered()),
            Action::Recover => Some(session.live.can_recover()),
            _ => None,
        }
    }

    fn label(&self, _session: &Session, action: Action) -> Option<&'static str> {
        let plot = &self.plot;
        match action {
            Action::LogScale if plot.log_scale => Some("linear"),
            Action::Zoom if plot.late || (plot.full && plot.window.is_some()) => Some("whole run"),
            _ => None,
        }
    }

    fn has_whole_header(&self) -> bool {
        !self.plot.full
    }
}
