//! What a frame is drawn on: its cells, and what each of them is to the mouse.

use std::ops::{Deref, DerefMut};

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use crate::{train::Pair, tui::keys::Action};

/// What a click may be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// What a key would do.
    Action(Action),
    /// A digit, by its place among those that are looked at.
    Digit(usize),
    /// A cell of the confusion matrix.
    Pair(Pair),
    /// A line of a form, by its place.
    Field(usize),
    /// A line of a form and one of its values.
    Choice(usize, &'static str),
    /// A line of a list, by its place.
    Row(usize),
    /// A cell of the sweep's board.
    Configuration(usize),
    /// A layer of the network, by its place.
    Layer(usize),
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
