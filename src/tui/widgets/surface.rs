//! Surfaces that frames are drawn on: cells, and areas that the mouse can click.

use std::ops::{Deref, DerefMut};

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use crate::{train::Pair, tui::keys::Action};

/// Something that can be clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Button for an action.
    Action(Action),
    /// Digit, by its index in the list.
    Digit(usize),
    /// Cell of the confusion matrix.
    Pair(Pair),
    /// Line of a form, by its index.
    Field(usize),
    /// Value on a line of a form, with the line's index.
    Choice(usize, &'static str),
    /// Line of a list, by its index.
    Row(usize),
    /// Cell of the sweep's board, by its index.
    Configuration(usize),
    /// Layer of the network, by its index.
    Layer(usize),
    /// Chart with a cursor, which moves to the column clicked.
    Chart,
}

/// A buffer that records the areas of its targets.
pub struct Surface<'a> {
    buffer: &'a mut Buffer,
    /// Targets in drawing order; `None` hides whatever is below it.
    targets: Vec<(Rect, Option<Target>)>,
}

impl<'a> Surface<'a> {
    pub fn new(buffer: &'a mut Buffer) -> Self {
        Self { buffer, targets: Vec::new() }
    }

    /// Makes `area` a target, above any drawn there before.
    pub fn target(&mut self, area: Rect, target: Target) {
        self.targets.push((area, Some(target)));
    }

    /// Removes the targets drawn in `area` so far.
    pub fn cover(&mut self, area: Rect) {
        self.targets.push((area, None));
    }

    /// Returns the topmost target at a position, and its area.
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
