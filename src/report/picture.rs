//! Pictures as lists of marks, before they become SVG or PNG. Lengths are in SVG pixels; y grows downwards.

use crate::data::PIXELS;

/// Colour: red, green, blue and opacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour(pub u8, pub u8, pub u8, pub u8);

impl Colour {
    pub(super) const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self(red, green, blue, 255)
    }

    pub(super) const fn with_opacity(self, opacity: u8) -> Self {
        Self(self.0, self.1, self.2, opacity)
    }
}

pub(super) type Point = (f64, f64);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stroke {
    pub colour: Colour,
    pub width: f64,
    /// Lengths of dashes and gaps; empty for a solid line.
    pub dashes: &'static [f64],
}

impl Stroke {
    pub(super) const fn solid(colour: Colour, width: f64) -> Self {
        Self { colour, width, dashes: &[] }
    }
}

/// Part of a text that its position refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Line of text with its baseline at `at`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    pub text: String,
    pub at: Point,
    /// Size of an em.
    pub size: f64,
    pub colour: Colour,
    pub anchor: Anchor,
    pub is_bold: bool,
    /// Whether the text is rotated to read upwards.
    pub is_turned: bool,
}

impl Text {
    pub(super) fn new(text: impl Into<String>, at: Point, size: f64, colour: Colour) -> Self {
        let (is_bold, is_turned) = (false, false);
        Self { text: text.into(), at, size, colour, anchor: Anchor::Start, is_bold, is_turned }
    }

    pub(super) fn middle(self) -> Self {
        Self { anchor: Anchor::Middle, ..self }
    }

    pub(super) fn end(self) -> Self {
        Self { anchor: Anchor::End, ..self }
    }

    pub(super) fn bold(self) -> Self {
        Self { is_bold: true, ..self }
    }

    pub(super) fn turned(self) -> Self {
        Self { is_turned: true, ..self }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Form {
    /// Left, top, width, height.
    Rect([f64; 4], Colour),
    Line(Vec<Point>, Stroke),
    Polygon(Vec<Point>, Option<Colour>, Option<Stroke>),
    /// Centre and radius.
    Circle(Point, f64, Option<Colour>, Option<Stroke>),
    Text(Text),
    /// A digit's pixels as dark ink on white: left, top, side.
    Digit([f64; 3], Box<[u8; PIXELS]>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mark {
    pub form: Form,
    /// Tooltip in a browser.
    pub tip: Option<String>,
}

/// Picture, drawn in the order of its marks.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Description, also for screen readers.
    pub title: String,
    pub width: f64,
    pub height: f64,
    pub(super) marks: Vec<Mark>,
}

impl Picture {
    pub(super) fn new(title: impl Into<String>, width: f64, height: f64) -> Self {
        Self { title: title.into(), width: width.round(), height: height.round(), marks: Vec::new() }
    }

    pub(super) fn add(&mut self, form: Form) -> &mut Mark {
        self.marks.push(Mark { form, tip: None });
        self.marks.last_mut().expect("a mark was just added")
    }

    pub(super) fn text(&mut self, text: Text) {
        if !text.text.is_empty() {
            self.add(Form::Text(text));
        }
    }

    /// Adds a straight line.
    pub(super) fn line(&mut self, from: Point, to: Point, stroke: Stroke) {
        self.add(Form::Line(vec![from, to], stroke));
    }

    pub(super) fn rect(&mut self, left: f64, top: f64, width: f64, height: f64, fill: Colour) -> &mut Mark {
        self.add(Form::Rect([left, top, width, height], fill))
    }
}

impl Mark {
    pub(super) fn tip(&mut self, tip: impl Into<String>) {
        self.tip = Some(tip.into());
    }
}
