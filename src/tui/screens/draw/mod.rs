//! The Draw screen: the user's own digit, read as it is drawn.

pub(crate) mod ink;
pub(crate) mod keys;
pub(crate) mod pad;
mod view;

use std::path::PathBuf;

use crossterm::event::MouseEvent;

use self::{
    ink::Ink,
    pad::{Answer, Pad, Pen, Sheet},
};
use crate::{
    format::typed_path,
    train::{Command, Event},
    tui::{
        keys::{Action, Context, line_edit::LineEdit, motion::Motion},
        message::{Effect, Intent, News, Opened, Response, Subject},
        question::{Answer as Reply, Question, Sentence},
        screen::Screen,
        screen_view::{Cx, ScreenView, View},
        session::{Session, log::Level},
        widgets::surface::Surface,
    },
};

#[derive(Debug, Default)]
pub struct DrawScreen {
    pub pad: Pad,
    /// Number of attempts to save so far, by which the next file's name is chosen.
    files: u32,
    /// Open question of this screen.
    asked: Option<Asked>,
    /// Question that was answered last, and the path typed.
    answered: Option<(Asked, LineEdit)>,
}

/// A question of this screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// A file to read.
    Open,
    /// A file to write.
    Save,
}

impl Asked {
    fn question(self, line: LineEdit) -> Question {
        let (title, text) = match self {
            Self::Save => ("save", "Save the drawing as a new PNG file:"),
            Self::Open => ("open", "A picture of one digit (PNG, JPEG or PGM):"),
        };
        Question::text(title, vec![Sentence::plain(text)], "", line)
    }
}

impl DrawScreen {
    /// Makes the digit available to the other screens.
    fn publish(&self, session: &mut Session) {
        if session.drawn.as_ref() != self.pad.digit() {
            session.drawn = self.pad.digit().cloned();
        }
    }

    fn ask(&mut self, asked: Asked, line: LineEdit) -> Response {
        self.asked = Some(asked);
        Intent::Ask(asked.question(line)).into()
    }

    fn ask_to_save(&mut self, session: &mut Session) -> Response {
        if self.pad.sheet.ink.is_blank() {
            session.notify(Level::Warn, "nothing is drawn yet");
            return Response::none();
        }
        let name = match self.files {
            0 => "digit.png".to_owned(),
            files => format!("digit-{}.png", files + 1),
        };
        self.ask(Asked::Save, LineEdit::long(name))
    }

    /// Uses the path that was typed, or asks again.
    fn accept_path(&mut self, asked: Asked, line: LineEdit) -> Response {
        let path = typed_path(&line.text);
        let text = line.text.trim().trim_matches('\'').trim_matches('"');
        let extension = path.extension().map(|extension| extension.to_ascii_lowercase());
        let effect = match (asked, text.is_empty(), extension) {
            (_, true, _) => Err("the path of a file, found nothing"),
            (Asked::Save, _, Some(extension)) if extension != "png" => Err("a name that ends in .png"),
            (Asked::Save, _, None) if text.ends_with(['/', '\\']) => Err("the name of a file, not of a folder"),
            (Asked::Save, _, None) => Ok(Effect::SavePicture(path.with_extension("png"), self.pad.png())),
            (Asked::Save, ..) => Ok(Effect::SavePicture(path, self.pad.png())),
            (Asked::Open, ..) => Ok(Effect::OpenPicture(path)),
        };
        match effect {
            Ok(effect) => {
                self.answered = Some((asked, line));
                effect.into()
            }
            Err(error) => self.ask_again(asked, line, &format!("expected {error}")),
        }
    }

    fn ask_again(&mut self, asked: Asked, line: LineEdit, error: &str) -> Response {
        self.asked = Some(asked);
        Intent::Ask(asked.question(line).with_error(error)).into()
    }

    /// Asks again for a path that could not be used, unless the user is busy with something else.
    fn failed(&mut self, cx: &mut Cx, reason: &str) -> Response {
        match self.answered.take() {
            Some((asked, line)) if cx.is_shown && !cx.is_covered => self.ask_again(asked, line, reason),
            _ => {
                cx.session.notify(Level::Bad, reason);
                Response::none()
            }
        }
    }

    fn opened(&mut self, cx: &mut Cx, picture: &Result<Opened, String>) -> Response {
        match picture {
            Ok(Opened { name, image }) => {
                self.pad.replace(Sheet { ink: Ink::of(image), picture: Some(image.clone()) });
                cx.session.notify(Level::Good, format!("opened {name}: this is how it reaches the network"));
                Response::none()
            }
            Err(reason) => self.failed(cx, reason),
        }
    }

    fn saved(&mut self, cx: &mut Cx, path: &Result<PathBuf, String>) -> Response {
        self.files += 1;
        match path {
            Ok(path) => {
                cx.session.notify(Level::Good, format!("saved {}", path.display()));
                Response::none()
            }
            Err(reason) => self.failed(cx, reason),
        }
    }

    fn on_worker_event(&mut self, session: &Session, event: &Event) {
        match event {
            Event::Predicted { id, probabilities } => {
                let (epoch, step, _) = session.live.place();
                if let Some(image) = self.pad.inquiry.answered(*id) {
                    self.pad.answer = Some(Answer { image, probabilities: *probabilities, epoch, step });
                }
            }
            Event::Started(_) => self.pad.answer = None,
            _ => {}
        }
        self.pad.inquiry.heed(event);
    }
}

impl ScreenView for DrawScreen {
    fn context(&self) -> Context {
        Context::Screen(Screen::Draw)
    }

    fn act(&mut self, cx: &mut Cx, action: Action) -> Option<Response> {
        if let Some(motion) = Motion::of(action) {
            let (columns, rows) = step_of(motion);
            self.pad.step(columns, rows);
            self.publish(cx.session);
            return Some(Response::none());
        }
        match action {
            Action::Pen => self.pad.set_pen(Pen::Draws),
            Action::Eraser => self.pad.set_pen(Pen::Erases),
            Action::Wider => self.pad.set_brush(self.pad.brush + 1),
            Action::Thinner => self.pad.set_brush(self.pad.brush.saturating_sub(1)),
            Action::Undo => self.pad.undo(),
            Action::Clear => self.pad.replace(Sheet::default()),
            Action::OpenPicture => return Some(self.ask(Asked::Open, LineEdit::long(""))),
            Action::SavePicture => return Some(self.ask_to_save(cx.session)),
            Action::LookInside => return Some(Intent::Inspect(Subject::Drawing).into()),
            _ => return None,
        }
        self.publish(cx.session);
        Some(Response::none())
    }

    fn draw(&self, view: View, surface: &mut Surface) {
        view::draw(&self.pad, view.session, view.area, surface);
    }

    fn wheel(&mut self, cx: &mut Cx, _at: ratatui::layout::Position, down: bool) -> Response {
        self.act(cx, if down { Action::Thinner } else { Action::Wider }).unwrap_or_default()
    }

    fn mouse(&mut self, cx: &mut Cx, events: &[MouseEvent]) -> bool {
        if cx.is_covered {
            self.pad.lift();
            return false;
        }
        let area = view::area(cx.area);
        let part = |place: u16, start: u16, length: u16| {
            ((f32::from(place) - f32::from(start) + 0.5) / f32::from(length.max(1))).clamp(-0.5, 1.5)
        };
        let at = |event: &MouseEvent| (part(event.column, area.x, area.width), part(event.row, area.y, area.height));
        let path: Vec<_> = events.iter().map(at).collect();
        let is_used = events.first().is_some_and(|first| self.pad.draw_path(first.kind, &path));
        self.publish(cx.session);
        is_used
    }

    fn shown(&mut self, _cx: &mut Cx) -> Vec<Effect> {
        self.pad.lift();
        Vec::new()
    }

    fn close(&mut self) -> bool {
        self.pad.put_away()
    }

    fn on_news(&mut self, cx: &mut Cx, news: News) -> Response {
        let response = match news {
            News::PictureOpened(picture) => self.opened(cx, picture),
            News::PictureSaved(path) => self.saved(cx, path),
            News::Consulted(id, answers) => {
                self.pad.consultation.take(id, answers);
                Response::none()
            }
            News::Worker(event) => {
                self.on_worker_event(cx.session, event);
                Response::none()
            }
            _ => Response::none(),
        };
        self.publish(cx.session);
        response
    }

    fn inquiry(&mut self, session: &mut Session) -> Vec<Effect> {
        let Some(Ok(image)) = &self.pad.seen else { return Vec::new() };
        let to_run = self.pad.inquiry.question(&image[..], &session.live);
        let to_run = to_run.map(|(id, pixels)| Effect::Send(Command::Predict { id, pixels }));
        let to_marked = self.pad.consultation.question(&session.library, image);
        let to_marked = to_marked.map(|(id, members, pixels)| Effect::Consult { id, members, pixels });
        to_run.into_iter().chain(to_marked).collect()
    }

    fn answered(&mut self, _cx: &mut Cx, reply: Reply) -> Response {
        match (self.asked.take(), reply) {
            (Some(asked), Reply::Text(line)) => self.accept_path(asked, line),
            _ => Response::none(),
        }
    }

    fn offers(&self, _session: &Session, action: Action) -> Option<bool> {
        match action {
            Action::Undo => Some(self.pad.can_undo()),
            Action::Clear | Action::SavePicture => Some(!self.pad.sheet.ink.is_blank()),
            Action::LookInside => Some(self.pad.digit().is_some()),
            _ => None,
        }
    }

    fn label(&self, _session: &Session, action: Action) -> Option<&'static str> {
        match action {
            Action::Pen if self.pad.pen == Pen::Draws => Some("pen up"),
            Action::Eraser if self.pad.pen == Pen::Erases => Some("eraser up"),
            _ => None,
        }
    }
}

/// Returns the columns and rows by which a key moves the cursor. Home, End, PgUp and PgDn move it diagonally, as on a
/// number pad.
fn step_of(motion: Motion) -> (i16, i16) {
    match motion {
        Motion::Left => (-1, 0),
        Motion::Right => (1, 0),
        Motion::Up => (0, -1),
        Motion::Down => (0, 1),
        Motion::First => (-1, -1),
        Motion::PageUp => (1, -1),
        Motion::Last => (-1, 1),
        Motion::PageDown => (1, 1),
    }
}
