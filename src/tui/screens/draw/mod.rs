//! The Draw screen: the page, the pen, what of it reaches the network, and what that makes of it.

mod ink;
pub(crate) mod keys;
mod typed_path;
mod view;

use std::path::PathBuf;

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

pub use self::ink::Ink;
use self::ink::{PAGE, Stroke};
use crate::{
    data::{CLASSES, SIDE, picture},
    train::{Command, Event},
    tui::{
        keys::{Action, Context, line_edit::LineEdit, motion::Motion},
        message::{Effect, Intent, News, Opened, Response, Subject},
        question::{Answer as Reply, Question, Sentence},
        screen::Screen,
        screen_view::{Cx, ScreenView, View},
        session::{
            Session,
            inquiry::{Image, Inquiry},
            log::Level,
        },
        widgets::surface::Surface,
    },
};

/// Widths of the brush, as parts of the pad's side. MNIST's strokes are about a fourteenth of 28.
const BRUSHES: [f32; 5] = [0.03, 0.05, 0.075, 0.1, 0.14];
/// How much wider the rubber is, so that it takes a stroke's soft edges too.
const RUBBER: f32 = 1.6;
/// Steps of the cursor from edge to edge.
const STEPS: u16 = SIDE as u16;
/// So many changes can be undone.
const MAX_UNDO: usize = 100;
/// A longer stroke is drawn in parts, so that a point more costs no more time.
const MAX_POINTS: usize = 200;

/// What the cursor does where it goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pen {
    #[default]
    Up,
    Draws,
    RubsOut,
}

/// A page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    pub ink: Ink,
    /// The picture that was opened, as long as nothing is drawn on it: it goes to the network as it is.
    picture: Option<Image>,
}

/// What the network said.
#[derive(Clone, Debug)]
pub struct Answer {
    image: Image,
    pub probabilities: [f32; CLASSES],
    /// Epoch under way when it came, from 1, and steps done in it.
    pub epoch: u32,
    pub step: u32,
}

#[derive(Debug)]
pub struct DrawScreen {
    pub sheet: Sheet,
    /// Pages before the changes, oldest first.
    undo: Vec<Sheet>,
    /// Under the hand, and the ink below it.
    stroke: Option<(Stroke, Ink)>,
    /// Place in the widths.
    brush: usize,
    pub pen: Pen,
    /// Column and row, in steps.
    cursor: (u16, u16),
    /// The newest stroke came from the mouse: the cursor is in nobody's mind.
    pub by_mouse: bool,
    /// What reaches the network, or why nothing does. `None`: the page is blank.
    pub seen: Option<Result<Image, String>>,
    answer: Option<Answer>,
    inquiry: Inquiry,
    /// Number of the next file.
    next_file: u32,
    /// What it has asked.
    asked: Option<Asked>,
}

impl Default for DrawScreen {
    fn default() -> Self {
        Self {
            sheet: Sheet::default(),
            undo: Vec::new(),
            stroke: None,
            brush: 2,
            pen: Pen::Up,
            cursor: (STEPS / 2, STEPS / 2),
            by_mouse: false,
            seen: None,
            answer: None,
            inquiry: Inquiry::default(),
            next_file: 1,
            asked: None,
        }
    }
}

impl DrawScreen {
    /// The brush, from 1, and how many there are.
    pub fn brush(&self) -> (usize, usize) {
        (self.brush + 1, BRUSHES.len())
    }

    /// Where the cursor is on a pad that is 1 wide and 1 high.
    pub fn cursor(&self) -> (f32, f32) {
        let place = |step: u16| (f32::from(step) + 0.5) / f32::from(STEPS);
        (place(self.cursor.0), place(self.cursor.1))
    }

    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    /// The digit that reaches the network.
    pub fn digit(&self) -> Option<&Image> {
        self.seen.as_ref()?.as_ref().ok()
    }

    /// The answer about what is drawn; the one before it while the next is on its way.
    pub fn answer(&self) -> Option<&Answer> {
        let answer = self.answer.as_ref()?;
        let digit = self.digit()?;
        (answer.image == *digit || self.inquiry.is_open()).then_some(answer)
    }

    fn keep(&mut self) {
        if self.undo.len() == MAX_UNDO {
            self.undo.remove(0);
        }
        self.undo.push(self.sheet.clone());
    }

    fn begin(&mut self, at: (f32, f32), rubs_out: bool) {
        self.lift();
        self.keep();
        let width = if rubs_out { BRUSHES[self.brush] * RUBBER } else { BRUSHES[self.brush] };
        let stroke = Stroke { points: vec![at], width, rubs_out };
        self.stroke = Some((stroke, self.sheet.ink.clone()));
        self.draw_stroke();
    }

    fn extend(&mut self, at: (f32, f32)) {
        self.add(at);
        self.draw_stroke();
    }

    /// Lengthens the stroke, without drawing it yet.
    fn add(&mut self, at: (f32, f32)) {
        let Some((stroke, below)) = &mut self.stroke else { return };
        if stroke.points.last() == Some(&at) {
            return;
        }
        if stroke.points.len() >= MAX_POINTS {
            below.draw(stroke);
            // The last points' curve is still open.
            stroke.points.drain(..MAX_POINTS - 3);
        }
        stroke.points.push(at);
    }

    fn draw_stroke(&mut self) {
        if let Some((stroke, below)) = &self.stroke {
            let mut ink = below.clone();
            ink.draw(stroke);
            self.sheet = Sheet { ink, picture: None };
            self.look();
        }
    }

    /// Ends the stroke under the hand. The pen's place stays.
    fn lift(&mut self) {
        self.stroke = None;
    }

    /// Works out what reaches the network.
    fn look(&mut self) {
        self.seen = match &self.sheet.picture {
            Some(picture) => Some(Ok(picture.clone())),
            None if self.sheet.ink.is_blank() => None,
            None => Some(picture::read_page(PAGE, self.sheet.ink.page()).map(Box::new).map_err(|e| e.to_string())),
        };
    }

    fn undo(&mut self) {
        self.lift();
        self.pen = Pen::Up;
        if let Some(before) = self.undo.pop() {
            self.sheet = before;
            self.look();
        }
    }

    fn replace(&mut self, sheet: Sheet) {
        self.lift();
        self.pen = Pen::Up;
        if sheet != self.sheet {
            self.keep();
            self.sheet = sheet;
            self.look();
        }
    }

    fn set_pen(&mut self, pen: Pen) {
        self.lift();
        self.by_mouse = false;
        self.pen = if self.pen == pen { Pen::Up } else { pen };
        if self.pen != Pen::Up {
            self.begin(self.cursor(), self.pen == Pen::RubsOut);
        }
    }

    fn set_brush(&mut self, brush: usize) {
        self.brush = brush.min(BRUSHES.len() - 1);
        // The line under the pen goes on in the new width from here.
        if self.pen != Pen::Up {
            self.begin(self.cursor(), self.pen == Pen::RubsOut);
        }
    }

    fn step(&mut self, columns: i16, rows: i16) {
        self.by_mouse = false;
        let step = |place: u16, by: i16| place.saturating_add_signed(by).min(STEPS - 1);
        self.cursor = (step(self.cursor.0, columns), step(self.cursor.1, rows));
        self.extend(self.cursor());
    }

    /// Draws along a path of the mouse. Returns whether there was anything to draw with it there.
    fn take_path(&mut self, kind: MouseEventKind, path: &[(f32, f32)]) -> bool {
        let Some(&at) = path.last() else { return false };
        match kind {
            MouseEventKind::Down(button) if is_inside(at) => self.begin_by_mouse(at, button),
            MouseEventKind::Drag(button) => return self.drag(button, path),
            MouseEventKind::Up(_) if self.by_mouse => self.lift(),
            _ => return false,
        }
        true
    }

    /// Draws once, however many points there are.
    fn drag(&mut self, button: MouseButton, path: &[(f32, f32)]) -> bool {
        for &at in path {
            if self.stroke.is_some() && self.by_mouse {
                self.add(at);
            } else if is_inside(at) {
                // Pressed outside and drawn in.
                self.begin_by_mouse(at, button);
            }
        }
        let draws = self.stroke.is_some() && self.by_mouse;
        if draws {
            self.draw_stroke();
        }
        draws
    }

    fn begin_by_mouse(&mut self, at: (f32, f32), button: MouseButton) {
        self.pen = Pen::Up;
        self.by_mouse = true;
        self.begin(at, button == MouseButton::Right);
        let step = |part: f32| ((part * f32::from(STEPS)) as u16).min(STEPS - 1);
        self.cursor = (step(at.0), step(at.1));
    }

    /// For `predict` to read as it is read here.
    fn png(&self) -> Vec<u8> {
        match &self.sheet.picture {
            Some(picture) => picture::png(SIDE, &picture[..]),
            None => picture::png(PAGE, &self.sheet.ink.page()),
        }
    }
}

fn is_inside(at: (f32, f32)) -> bool {
    (0.0..1.0).contains(&at.0) && (0.0..1.0).contains(&at.1)
}

/// What the screen asks.
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
    /// Lets the other screens have the digit.
    fn publish(&self, session: &mut Session) {
        if session.drawn.as_ref() != self.digit() {
            session.drawn = self.digit().cloned();
        }
    }

    fn ask(&mut self, asked: Asked, line: LineEdit) -> Response {
        self.asked = Some(asked);
        Intent::Ask(asked.question(line)).into()
    }

    fn ask_to_save(&mut self, session: &mut Session) -> Response {
        if self.sheet.ink.is_blank() {
            session.notify(Level::Warn, "nothing is drawn yet");
            return Response::none();
        }
        let name = match self.next_file {
            1 => "digit.png".to_owned(),
            number => format!("digit-{number}.png"),
        };
        self.ask(Asked::Save, LineEdit::long(name))
    }

    /// Takes the path that was typed, or asks again.
    fn accept_path(&mut self, asked: Asked, line: LineEdit) -> Response {
        let path = typed_path::typed_path(&line.text);
        let text = line.text.trim().trim_matches('\'').trim_matches('"');
        let extension = path.extension().map(|extension| extension.to_ascii_lowercase());
        let error = match (asked, text.is_empty(), extension) {
            (_, true, _) => "the path of a file, not nothing",
            (Asked::Save, _, Some(extension)) if extension != "png" => "a name that ends in .png",
            (Asked::Save, _, None) if text.ends_with(['/', '\\']) => "a file's name, not a folder's",
            (Asked::Save, _, None) => return Effect::SavePicture(path.with_extension("png"), self.png()).into(),
            (Asked::Save, ..) => return Effect::SavePicture(path, self.png()).into(),
            (Asked::Open, ..) => return Effect::OpenPicture(path).into(),
        };
        self.asked = Some(asked);
        Intent::Ask(asked.question(line).with_error(format!("expected {error}"))).into()
    }

    fn opened(&mut self, session: &mut Session, picture: &Result<Opened, String>) {
        match picture {
            Ok(Opened { name, image }) => {
                self.replace(Sheet { ink: Ink::of(image), picture: Some(image.clone()) });
                session.announce(Level::Good, format!("opened {name}: this is how it reaches the network"));
            }
            Err(reason) => session.announce(Level::Bad, reason),
        }
    }

    fn saved(&mut self, session: &mut Session, path: &Result<PathBuf, String>) {
        self.next_file += 1;
        match path {
            Ok(path) => session.announce(Level::Good, format!("saved {}", path.display())),
            Err(reason) => session.announce(Level::Bad, reason),
        }
    }

    fn heed_worker(&mut self, session: &Session, event: &Event) {
        match event {
            Event::Predicted { id, probabilities } => {
                let (epoch, step, _) = session.live.place();
                if let Some(image) = self.inquiry.answered(*id) {
                    self.answer = Some(Answer { image, probabilities: *probabilities, epoch, step });
                }
            }
            Event::Started(_) => self.answer = None,
            _ => {}
        }
        self.inquiry.heed(event);
    }
}

impl ScreenView for DrawScreen {
    fn context(&self) -> Context {
        Context::Screen(Screen::Draw)
    }

    fn act(&mut self, cx: &mut Cx, action: Action) -> Option<Response> {
        if let Some(motion) = Motion::of(action) {
            let (columns, rows) = step_of(motion);
            self.step(columns, rows);
            self.publish(cx.session);
            return Some(Response::none());
        }
        match action {
            Action::Pen => self.set_pen(Pen::Draws),
            Action::Rubber => self.set_pen(Pen::RubsOut),
            Action::Wider => self.set_brush(self.brush + 1),
            Action::Thinner => self.set_brush(self.brush.saturating_sub(1)),
            Action::Undo => self.undo(),
            Action::Clear => self.replace(Sheet::default()),
            Action::OpenPicture => return Some(self.ask(Asked::Open, LineEdit::long(""))),
            Action::SavePicture => return Some(self.ask_to_save(cx.session)),
            Action::LookInside => return Some(Intent::Inspect(Subject::Drawing).into()),
            _ => return None,
        }
        self.publish(cx.session);
        Some(Response::none())
    }

    fn draw(&self, view: View, surface: &mut Surface) {
        view::draw(self, view.session, view.area, surface);
    }

    fn wheel(&mut self, cx: &mut Cx, _at: ratatui::layout::Position, down: bool) -> Response {
        self.act(cx, if down { Action::Thinner } else { Action::Wider }).unwrap_or_default()
    }

    fn mouse(&mut self, cx: &mut Cx, events: &[MouseEvent]) -> bool {
        if cx.is_covered {
            self.lift();
            return false;
        }
        let area = view::area(cx.area);
        let part = |place: u16, start: u16, length: u16| {
            ((f32::from(place) - f32::from(start) + 0.5) / f32::from(length.max(1))).clamp(-0.5, 1.5)
        };
        let at = |event: &MouseEvent| (part(event.column, area.x, area.width), part(event.row, area.y, area.height));
        let path: Vec<_> = events.iter().map(at).collect();
        let is_taken = events.first().is_some_and(|first| self.take_path(first.kind, &path));
        self.publish(cx.session);
        is_taken
    }

    fn left(&mut self) {
        self.lift();
    }

    fn heed(&mut self, cx: &mut Cx, news: News) -> Vec<Effect> {
        match news {
            News::Worker(event) => self.heed_worker(cx.session, event),
            News::PictureOpened(picture) => self.opened(cx.session, picture),
            News::PictureSaved(path) => self.saved(cx.session, path),
            _ => {}
        }
        self.publish(cx.session);
        Vec::new()
    }

    fn inquiry(&mut self, cx: &mut Cx) -> Option<Effect> {
        let Some(Ok(image)) = &self.seen else { return None };
        let (id, pixels) = self.inquiry.question(&image[..], &cx.session.live)?;
        Some(Effect::Send(Command::Predict { id, pixels }))
    }

    fn answered(&mut self, _cx: &mut Cx, reply: Reply) -> Response {
        match (self.asked.take(), reply) {
            (Some(asked), Reply::Text(line)) => self.accept_path(asked, line),
            _ => Response::none(),
        }
    }

    fn offers(&self, _session: &Session, action: Action) -> Option<bool> {
        match action {
            Action::Undo => Some(self.can_undo()),
            Action::Clear | Action::SavePicture => Some(!self.sheet.ink.is_blank()),
            Action::LookInside => Some(self.digit().is_some()),
            _ => None,
        }
    }

    fn label(&self, _session: &Session, action: Action) -> Option<&'static str> {
        match action {
            Action::Pen if self.pen == Pen::Draws => Some("pen up"),
            Action::Rubber if self.pen == Pen::RubsOut => Some("rubber up"),
            _ => None,
        }
    }
}

/// Returns the columns and rows by which a key moves the cursor. Home and its neighbours lie as on a number pad: they go
/// aslant.
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
