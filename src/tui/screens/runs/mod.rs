//! The Runs screen: the saved runs, their order, and the one under the cursor.

mod export;
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
        message::{Effect, Intent, News, Response, Subject},
        question::Answer,
        screen::Screen,
        screen_view::{Cx, ScreenView, View},
        session::{Session, log::Level},
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
            Motion::Left | Motion::Right if self.images.is_none() => {}
            motion if self.images.is_some() => self.go_image(motion, cx),
            motion => {
                let page = if self.comparing { COMPARED_PAGE } else { view::page(cx.area, self.rows().len()) };
                self.go_to(self.place.saturating_add_signed(motion.by(1, page)), library);
            }
        }
    }

    /// Chooses another of the images that not all compared runs read.
    fn go_image(&mut self, motion: Motion, cx: &Cx) {
        let images = self.images_read_by_some(cx.session).len();
        let grid = view::images::grid(cx.area);
        let (columns, rows) = (usize::from(grid.columns), usize::from(grid.rows));
        let by = motion.by(columns, columns * rows);
        self.images = self.images.map(|place| place.saturating_add_signed(by).min(images.saturating_sub(1)));
    }

    /// Shows the images that not all compared runs read, or the chosen one on the Layers screen.
    fn open_images(&mut self, session: &mut Session) -> Response {
        let images = self.images_read_by_some(session);
        match self.images {
            Some(place) => match images.get(place) {
                Some(&image) => return Intent::Inspect(Subject::Test(image)).into(),
                None => self.images = None,
            },
            None if images.is_empty() => {
                session.notify(Level::Warn, "there are no images that only some of these runs read, or not yet")
            }
            None => self.images = Some(0),
        }
        Response::none()
    }

    fn images_read_by_some(&self, session: &Session) -> Vec<usize> {
        self.differences(&session.library).map_or_else(Vec::new, |differences| differences.images)
    }

    /// Returns the effects that evaluate the compared runs.
    fn evaluate_compared(&self, session: &mut Session) -> Vec<Effect> {
        if !self.comparing {
            return Vec::new();
        }
        let compared =
            self.compared(&session.library).iter().map(|compared| compared.run.path.clone()).collect::<Vec<_>>();
        session.evaluate(&compared)
    }
}

impl ScreenView for RunsScreen {
    fn context(&self) -> Context {
        if self.comparing { Context::Compare } else { Context::Screen(Screen::Runs) }
    }

    fn act(&mut self, cx: &mut Cx, action: Action) -> Option<Response> {
        if let Some(motion) = Motion::of(action) {
            self.go(motion, cx);
            return Some(self.evaluate_compared(cx.session).into());
        }
        let session = &mut *cx.session;
        match action {
            Action::Load => return Some(self.load(session)),
            Action::ResumeFrom => return Some(self.resume(session)),
            Action::WriteReport => return Some(self.write_report(session)),
            Action::Export => return Some(self.ask_format(session)),
            Action::Rename => return Some(self.ask_name(session)),
            Action::Delete => return Some(self.ask_removal(session)),
            Action::Filter => return Some(self.ask_filter()),
            Action::Refresh => return Some(session.list_checkpoints().into()),
            Action::ClearFilter => self.filter_by("", &session.library),
            Action::Order => self.sort_by(self.sort.next(), &session.library),
            Action::Mark => self.mark(&mut session.library),
            Action::Compare => {
                self.compare(session);
                return Some(self.evaluate_compared(session).into());
            }
            Action::OpenCell if self.comparing => return Some(self.open_images(session)),
            _ => return None,
        }
        Some(Response::none())
    }

    fn draw(&self, view: View, surface: &mut Surface) {
        if let Some(place) = self.images.filter(|_| self.comparing) {
            view::images::draw(self, view.session, place, view.area, surface);
        } else if self.comparing {
            view::compare::draw(self, view.session, view.area, surface);
        } else {
            view::draw(self, view.session, view.area, surface);
        }
    }

    fn click(&mut self, cx: &mut Cx, target: Target, _area: Rect, _at: Position) -> Response {
        match target {
            Target::Row(place) => self.go_to(place, &cx.session.library),
            Target::Digit(place) if self.images == Some(place) => return self.open_images(cx.session),
            Target::Digit(place) => self.images = Some(place),
            _ => {}
        }
        Response::none()
    }

    fn shown(&mut self, cx: &mut Cx) -> Vec<Effect> {
        self.was_shown = true;
        cx.session.list_checkpoints()
    }

    fn close_all(&mut self) {
        (self.comparing, self.images) = (false, None);
    }

    fn close(&mut self) -> bool {
        self.images.take().is_some() || std::mem::take(&mut self.comparing)
    }

    fn on_news(&mut self, cx: &mut Cx, news: News) -> Response {
        match news {
            News::Library => {
                self.list(&cx.session.library);
                // Nobody has chosen a run yet: the first one stays chosen.
                self.chosen_path.take_if(|_| !self.was_shown);
                self.comparing &= self.compared(&cx.session.library).len() > 1;
                return self.evaluate_compared(cx.session).into();
            }
            News::LibraryChanged(result) => return self.tidied(cx, result),
            News::Exported(export, result) => return self.exported(cx, export, result),
            News::Worker(Event::Saved { kind, .. }) if cx.is_shown => {
                return cx.session.list_after_save(*kind).into();
            }
            _ => {}
        }
        Response::none()
    }

    fn answered(&mut self, cx: &mut Cx, answer: Answer) -> Response {
        match (self.asked.take(), answer) {
            (Some(Asked::Rename(run)), Answer::Text(line)) => self.rename(run, line),
            (Some(Asked::Delete(removal)), Answer::Yes) => Effect::Remove(removal).into(),
            (Some(Asked::Format(checkpoint)), Answer::Digit(Some(number))) => self.ask_target(checkpoint, number),
            (Some(Asked::Target(export)), Answer::Text(line)) => self.export_to(cx.session, export, line),
            (Some(Asked::Replace(export)), Answer::Yes) => cx.session.export(export).into(),
            (Some(Asked::Attach(socket)), Answer::Yes) => cx.session.attach(socket).into(),
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
        match action {
            Action::ClearFilter => Some(!self.filter.is_empty()),
            Action::Left | Action::Right if self.comparing => Some(self.images.is_some()),
            _ => None,
        }
    }

    fn label(&self, session: &Session, action: Action) -> Option<&'static str> {
        match action {
            Action::OpenCell => self.images.map(|_| "layers"),
            Action::Load => self.attachable(session).map(|_| "attach"),
            _ => None,
        }
    }
}
