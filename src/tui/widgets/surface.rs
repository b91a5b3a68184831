//! What a frame is drawn on: its cells, and what each of them is to the mouse.

use std::ops::{Deref, DerefMut};

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};

use crate::tui::{
    app::App,
    keys::Action,
    screens::{confusion::Cell, layers::Layer, parameters::form::Field},
    widgets::text::{put, span},
};

/// What a click may be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// What a key would do.
    Action(Action),
    /// A digit, by its place among those that are looked at.
    Digit(usize),
    Confusion(Cell),
    Field(Field),
    /// A field and one of its values.
    Choice(Field, &'static str),
    /// A line of the Runs screen.
    Run(usize),
    /// A cell of the sweep's board.
    Configuration(usize),
    Layer(Layer),
    /// A chart with a cursor: the moment is the column's.
    Chart,
}

/// A buffer that remembers where its targets are.
pub struct Surface<'a> {
    buffer: &'a mut Buffer,
    /// In the order in which they were drawn; `None` is nothing, over whatever was there.
    targets: Vec<(Rect, Option<Target>)>,
}

impl<'a> Surface<'a> {
    pub fn new(buffer: &'a mut Buffer) -> Self {
        Self { buffer, targets: Vec::new() }
    }

    /// What `area` shows, over whatever was there.
    pub fn target(&mut self, area: Rect, target: Target) {
        self.targets.push((area, Some(target)));
    }

    /// What was drawn there so far can be clicked no more.
    pub fn cover(&mut self, area: Rect) {
        self.targets.push((area, None));
    }

    pub fn at(&self, place: Position) -> Option<(Target, Rect)> {
        let (area, target) = self.targets.iter().rev().find(|(area, _)| area.contains(place))?;
        target.map(|target| (target, *area))
    }
}

impl Deref for Surface<'_> {
    type Target = Buffer;

    fn deref(&self) -> &Buffer {
        self.buffer
    }
}

impl DerefMut for Surface<'_> {
    fn deref_mut(&mut self) -> &mut Buffer {
        self.buffer
    }
}

/// Words in a row, some of which do something.
#[derive(Default)]
pub struct Buttons(Vec<(Option<Action>, Vec<Span<'static>>)>);

impl Buttons {
    pub fn push(&mut self, action: Action, spans: Vec<Span<'static>>) {
        self.0.push((Some(action), spans));
    }

    /// Its key, and what it does.
    pub fn key(&mut self, app: &App, action: Action, text: &'static str) {
        let key = span(app.key(action), app.theme.accent());
        self.push(action, vec![key, span(text, app.theme.text())]);
    }

    /// What does nothing.
    pub fn text(&mut self, span: Span<'static>) {
        self.0.push((None, vec![span]));
    }

    pub fn width(&self) -> usize {
        self.0.iter().flat_map(|(_, spans)| spans).map(Span::width).sum()
    }

    pub fn draw(self, row: Rect, surface: &mut Surface) {
        let mut left = row;
        for (action, spans) in self.0 {
            let line = Line::from(spans);
            let width = (line.width() as u16).min(left.width);
            put(surface, left, &line);
            if let Some(action) = action {
                surface.target(Rect { width, height: 1.min(left.height), ..left }, Target::Action(action));
            }
            left = Rect { x: left.x + width, width: left.width - width, ..left };
        }
    }
}
