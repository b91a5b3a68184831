//! The Draw screen's state: the page, the pen, what of it reaches the network, and what that makes of it.

pub(crate) mod ink;
pub(crate) mod view;

use std::path::PathBuf;

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use crate::{
    data::{CLASSES, SIDE, picture},
    train::{Command, Event},
    tui::{
        app::App,
        keys::{Action, Context, line_edit::Line, motion::Motion},
        message::Effect,
        program::pictures::{self, Opened},
        question::Prompt,
        screen::Screen,
        screens::draw::ink::{PAGE, Stroke},
        session::{
            inquiry::{Asking, Image},
            log::Level,
        },
    },
};

pub use crate::tui::screens::draw::ink::Ink;

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

#[derive(Clone, Debug)]
pub struct Pad {
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
    asking: Asking,
    /// Number of the next file.
    next_file: u32,
}

impl Default for Pad {
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
            asking: Asking::default(),
            next_file: 1,
        }
    }
}

impl Pad {
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
        (answer.image == *digit || self.asking.is_open()).then_some(answer)
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
        self.draw();
    }

    fn go_on(&mut self, at: (f32, f32)) {
        self.add(at);
        self.draw();
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

    fn draw(&mut self) {
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

    fn go(&mut self, columns: i16, rows: i16) {
        self.by_mouse = false;
        let step = |place: u16, by: i16| place.saturating_add_signed(by).min(STEPS - 1);
        self.cursor = (step(self.cursor.0, columns), step(self.cursor.1, rows));
        self.go_on(self.cursor());
    }

    /// Whether there is anything to draw with it there.
    fn mouse(&mut self, kind: MouseEventKind, path: &[(f32, f32)]) -> bool {
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
            self.draw();
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

pub(crate) fn act(app: &mut App, action: Action) {
    let pad = &mut app.pad;
    match action {
        Action::Pen => pad.set_pen(Pen::Draws),
        Action::Rubber => pad.set_pen(Pen::RubsOut),
        Action::Wider => pad.set_brush(pad.brush + 1),
        Action::Thinner => pad.set_brush(pad.brush.saturating_sub(1)),
        Action::Undo => pad.undo(),
        Action::Clear => pad.replace(Sheet::default()),
        _ => {}
    }
}

/// Moves the cursor. Home and its neighbours lie as on a number pad: they go aslant.
pub(crate) fn go(app: &mut App, way: Motion) {
    let (columns, rows) = match way {
        Motion::Left => (-1, 0),
        Motion::Right => (1, 0),
        Motion::Up => (0, -1),
        Motion::Down => (0, 1),
        Motion::First => (-1, -1),
        Motion::PageUp => (1, -1),
        Motion::Last => (-1, 1),
        Motion::PageDown => (1, 1),
    };
    app.pad.go(columns, rows);
}

/// Whether it was for the pad. Events after the first differ from it only in their places.
pub(crate) fn mouse(app: &mut App, events: &[MouseEvent]) -> bool {
    if app.context() != Context::Draw {
        app.pad.lift();
        return false;
    }
    let area = crate::tui::screens::draw::view::area(app);
    let part = |place: u16, start: u16, length: u16| {
        ((f32::from(place) - f32::from(start) + 0.5) / f32::from(length.max(1))).clamp(-0.5, 1.5)
    };
    let at = |event: &MouseEvent| (part(event.column, area.x, area.width), part(event.row, area.y, area.height));
    let path: Vec<_> = events.iter().map(at).collect();
    events.first().is_some_and(|first| app.pad.mouse(first.kind, &path))
}

pub(crate) fn ask_to_open(app: &mut App) {
    app.prompt = Some(Prompt::Path { save: false, line: Line::long(""), error: None });
}

pub(crate) fn ask_to_save(app: &mut App) {
    if app.pad.sheet.ink.is_blank() {
        app.notice = Some((Level::Warn, "nothing is drawn yet".into()));
        return;
    }
    let name = match app.pad.next_file {
        1 => "digit.png".to_owned(),
        number => format!("digit-{number}.png"),
    };
    app.prompt = Some(Prompt::Path { save: true, line: Line::long(name), error: None });
}

/// Takes the path that was typed, or asks again.
pub(crate) fn accept_path(app: &mut App, save: bool, line: Line) -> Vec<Effect> {
    let path = pictures::typed(&line.text);
    let text = line.text.trim().trim_matches('\'').trim_matches('"');
    let extension = path.extension().map(|extension| extension.to_ascii_lowercase());
    let error = match (save, text.is_empty(), extension) {
        (_, true, _) => "the path of a file, not nothing",
        (true, _, Some(extension)) if extension != "png" => "a name that ends in .png",
        (true, _, None) if text.ends_with(['/', '\\']) => "a file's name, not a folder's",
        (true, _, None) => return vec![Effect::SavePicture(path.with_extension("png"), app.pad.png())],
        (true, ..) => return vec![Effect::SavePicture(path, app.pad.png())],
        (false, ..) => return vec![Effect::OpenPicture(path)],
    };
    app.prompt = Some(Prompt::Path { save, line, error: Some(error.into()) });
    Vec::new()
}

pub(crate) fn opened(app: &mut App, picture: Result<Opened, String>) {
    match picture {
        Ok(Opened { name, image }) => {
            app.pad.replace(Sheet { ink: Ink::of(&image), picture: Some(image) });
            app.announce(Level::Good, format!("opened {name}: this is how it reaches the network"));
        }
        Err(reason) => app.announce(Level::Bad, reason),
    }
}

pub(crate) fn saved(app: &mut App, path: Result<PathBuf, String>) {
    app.pad.next_file += 1;
    match path {
        Ok(path) => app.announce(Level::Good, format!("saved {}", path.display())),
        Err(reason) => app.announce(Level::Bad, reason),
    }
}

pub(crate) fn predicted(app: &mut App, id: u64, probabilities: [f32; CLASSES]) {
    let (epoch, step, _) = app.live.place();
    if let Some(image) = app.pad.asking.answered(id) {
        app.pad.answer = Some(Answer { image, probabilities, epoch, step });
    }
}

/// What other events of the worker change here.
pub(crate) fn heed(app: &mut App, event: &Event) {
    if let Event::Started(_) = event {
        app.pad.answer = None;
    }
    app.pad.asking.heed(event);
}

/// The question to ask now, while the screen is shown.
pub(crate) fn ask(app: &mut App) -> Option<Effect> {
    if app.screen != Screen::Draw || app.help.is_some() {
        return None;
    }
    let Some(Ok(image)) = &app.pad.seen else { return None };
    let (id, pixels) = app.pad.asking.question(&image[..], &app.live)?;
    Some(Effect::Send(Command::Predict { id, pixels }))
}
