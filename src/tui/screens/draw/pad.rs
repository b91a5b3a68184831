//! The pad: the page, the pen, the digit that reaches the network, and the network's answer.

use crossterm::event::{MouseButton, MouseEventKind};

use crate::{
    data::{CLASSES, SIDE, picture},
    tui::{
        screens::draw::ink::{Ink, PAGE, Stroke},
        session::{
            ensemble::{Consultation, Together},
            inquiry::{Image, Inquiry},
            library::SavedRuns,
        },
    },
};

/// Widths of the brush, as parts of the pad's side. MNIST's strokes are about a fourteenth of it.
const BRUSHES: [f32; 5] = [0.03, 0.05, 0.075, 0.1, 0.14];
/// Width of the eraser relative to the brush: larger, so that it removes a stroke's soft edges, too.
const ERASER: f32 = 1.6;
/// Number of cursor steps from edge to edge.
const STEPS: u16 = SIDE as u16;
/// Maximum number of changes that can be undone.
const MAX_UNDO: usize = 100;
/// Maximum points of a stroke that are redrawn. A longer stroke is drawn in parts, so that adding a point takes no
/// longer.
const MAX_POINTS: usize = 200;

/// What the cursor does as it moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pen {
    #[default]
    Up,
    Draws,
    Erases,
}

/// The page that is drawn on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    pub ink: Ink,
    /// Picture that was opened, until something is drawn on it: it goes to the network unchanged.
    pub(super) picture: Option<Image>,
}

/// The network's answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) image: Image,
    pub probabilities: [f32; CLASSES],
    /// Epoch in progress when the answer came, from 1.
    pub epoch: u32,
    /// Steps done in that epoch.
    pub step: u32,
}

#[derive(Debug)]
pub struct Pad {
    pub sheet: Sheet,
    /// Pages before each change, the oldest first.
    undo: Vec<Sheet>,
    /// Stroke being drawn, and the ink below it.
    stroke: Option<(Stroke, Ink)>,
    /// Index into [`BRUSHES`].
    pub(super) brush: usize,
    pub pen: Pen,
    /// Column and row of the cursor, in steps.
    cursor: (u16, u16),
    /// Whether the newest stroke came from the mouse: then the cursor is hidden.
    pub by_mouse: bool,
    /// Digit that reaches the network, or why none does; `None` if the page is blank.
    pub seen: Option<Result<Image, String>>,
    pub(super) answer: Option<Answer>,
    pub(super) inquiry: Inquiry,
    /// Question to the marked runs.
    pub(super) consultation: Consultation,
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
            inquiry: Inquiry::default(),
            consultation: Consultation::default(),
        }
    }
}

impl Pad {
    /// Returns the number of the brush, from 1, and the number of brushes.
    pub fn brush(&self) -> (usize, usize) {
        (self.brush + 1, BRUSHES.len())
    }

    /// Returns the position of the cursor on a pad that is 1 wide and 1 high.
    pub fn cursor(&self) -> (f32, f32) {
        let place = |step: u16| (f32::from(step) + 0.5) / f32::from(STEPS);
        (place(self.cursor.0), place(self.cursor.1))
    }

    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    /// Returns the digit that reaches the network.
    pub fn digit(&self) -> Option<&Image> {
        self.seen.as_ref()?.as_ref().ok()
    }

    /// Returns the answer about the drawing, or the previous one while the next is pending.
    pub fn answer(&self) -> Option<&Answer> {
        let answer = self.answer.as_ref()?;
        let digit = self.digit()?;
        (answer.image == *digit || self.inquiry.is_open()).then_some(answer)
    }

    /// Returns the answer of the marked runs about the drawing. `None` unless there are at least two.
    pub(super) fn together(&self, library: &SavedRuns) -> Option<Together> {
        self.consultation.together(library, self.digit()?)
    }

    fn remember(&mut self) {
        if self.undo.len() == MAX_UNDO {
            self.undo.remove(0);
        }
        self.undo.push(self.sheet.clone());
    }

    fn begin(&mut self, at: (f32, f32), erases: bool) {
        self.lift();
        self.remember();
        let width = if erases { BRUSHES[self.brush] * ERASER } else { BRUSHES[self.brush] };
        let stroke = Stroke { points: vec![at], width, erases };
        self.stroke = Some((stroke, self.sheet.ink.clone()));
        self.draw_stroke();
    }

    fn extend(&mut self, at: (f32, f32)) {
        self.add(at);
        self.draw_stroke();
    }

    /// Extends the stroke, without drawing it yet.
    fn add(&mut self, at: (f32, f32)) {
        let Some((stroke, below)) = &mut self.stroke else { return };
        if stroke.points.last() == Some(&at) {
            return;
        }
        if stroke.points.len() >= MAX_POINTS {
            below.draw(stroke);
            // The curve through the last points is not final yet.
            stroke.points.drain(..MAX_POINTS - 3);
        }
        stroke.points.push(at);
    }

    fn draw_stroke(&mut self) {
        if let Some((stroke, below)) = &self.stroke {
            let mut ink = below.clone();
            ink.draw(stroke);
            self.sheet = Sheet { ink, picture: None };
            self.read();
        }
    }

    /// Ends the current stroke; the pen stays where it is.
    pub(super) fn lift(&mut self) {
        self.stroke = None;
    }

    /// Lifts the pen. Returns whether it was down.
    pub(super) fn put_away(&mut self) -> bool {
        self.lift();
        std::mem::take(&mut self.pen) != Pen::Up
    }

    /// Computes the digit that reaches the network.
    fn read(&mut self) {
        self.seen = match &self.sheet.picture {
            Some(picture) => Some(Ok(picture.clone())),
            None if self.sheet.ink.is_blank() => None,
            None => Some(picture::read_page(PAGE, self.sheet.ink.page()).map(Box::new).map_err(|e| e.to_string())),
        };
    }

    pub(super) fn undo(&mut self) {
        self.lift();
        self.pen = Pen::Up;
        if let Some(before) = self.undo.pop() {
            self.sheet = before;
            self.read();
        }
    }

    pub(super) fn replace(&mut self, sheet: Sheet) {
        self.lift();
        self.pen = Pen::Up;
        if sheet != self.sheet {
            self.remember();
            self.sheet = sheet;
            self.read();
        }
    }

    pub(super) fn set_pen(&mut self, pen: Pen) {
        self.lift();
        self.by_mouse = false;
        self.pen = if self.pen == pen { Pen::Up } else { pen };
        if self.pen != Pen::Up {
            self.begin(self.cursor(), self.pen == Pen::Erases);
        }
    }

    pub(super) fn set_brush(&mut self, brush: usize) {
        self.brush = brush.min(BRUSHES.len() - 1);
        // The line under the pen continues in the new width from here.
        if self.pen != Pen::Up {
            self.begin(self.cursor(), self.pen == Pen::Erases);
        }
    }

    pub(super) fn step(&mut self, columns: i16, rows: i16) {
        self.by_mouse = false;
        let step = |place: u16, by: i16| place.saturating_add_signed(by).min(STEPS - 1);
        self.cursor = (step(self.cursor.0, columns), step(self.cursor.1, rows));
        self.extend(self.cursor());
    }

    /// Draws along a path of the mouse. Returns whether the pad used it.
    pub(super) fn draw_path(&mut self, kind: MouseEventKind, path: &[(f32, f32)]) -> bool {
        let Some(&at) = path.last() else { return false };
        match kind {
            MouseEventKind::Down(button) if is_inside(at) => self.begin_by_mouse(at, button),
            MouseEventKind::Drag(button) => return self.drag(button, path),
            MouseEventKind::Up(_) if self.by_mouse => self.lift(),
            _ => return false,
        }
        true
    }

    /// Extends the stroke along a path, and draws it only once.
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

    /// Returns the drawing as a PNG, which `predict` reads exactly as it is read here.
    pub(super) fn png(&self) -> Vec<u8> {
        match &self.sheet.picture {
            Some(picture) => picture::png(SIDE, &picture[..]),
            None => picture::png(PAGE, &self.sheet.ink.page()),
        }
    }
}

fn is_inside(at: (f32, f32)) -> bool {
    (0.0..1.0).contains(&at.0) && (0.0..1.0).contains(&at.1)
}
