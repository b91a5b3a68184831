//! An axis of combinations: one level of labels per factor, the innermost nearest to the plot.

use super::{
    font,
    picture::{Picture, Stroke, Text},
    style::{EDGE, GRID, INK, MUTED, SMALL},
};
use crate::sweep::survey::{Configuration, Factor, Survey};

/// Height of a level of horizontal labels, with the line under them.
const LEVEL: f64 = 24.0;
/// Limit of combinations, beyond which the chart would be unreadable.
const MOST: usize = 240;

/// Combinations of some factors' values, side by side.
pub(super) struct Levels<'a> {
    survey: &'a Survey,
    /// Factors from the outermost level to the innermost.
    factors: Vec<Factor>,
    places: Vec<Vec<Option<usize>>>,
    /// Distance in pixels from a combination to the next.
    step: f64,
}

impl<'a> Levels<'a> {
    /// Returns the combinations of all other factors that vary; empty if there are none or too many.
    pub(super) fn beside(survey: &'a Survey, factor: Factor) -> Self {
        let factors: Vec<_> = survey.varying().iter().copied().filter(|&other| other != factor).collect();
        let values =
            |configuration: &Configuration| factors.iter().map(|&other| configuration.value(other)).collect::<Vec<_>>();
        let mut places: Vec<_> = survey.configurations().iter().map(values).collect();
        places.sort_by_key(|place| place.iter().map(|value| value.unwrap_or(usize::MAX)).collect::<Vec<_>>());
        places.dedup();
        if factors.is_empty() || places.len() > MOST {
            places.clear();
        }
        let step = (900.0 / places.len().max(1) as f64).clamp(18.0, 90.0);
        Self { survey, factors, places, step }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub(super) fn width(&self) -> f64 {
        self.places.len() as f64 * self.step
    }

    pub(super) fn step(&self) -> f64 {
        self.step
    }

    /// Returns the centre of a place.
    pub(super) fn x(&self, left: f64, place: usize) -> f64 {
        left + (place as f64 + 0.5) * self.step
    }

    /// Returns the configuration at a place, with this value of the factor that is not on the axis.
    pub(super) fn find<'b>(
        &self,
        survey: &'b Survey,
        place: usize,
        (factor, value): (Factor, usize),
    ) -> Option<&'b Configuration> {
        let matches = |configuration: &&Configuration| {
            configuration.value(factor) == Some(value)
                && self.factors.iter().zip(&self.places[place]).all(|(&of, at)| configuration.value(of) == *at)
        };
        survey.configurations().iter().find(matches)
    }

    /// Returns the ranges of places that differ only in the innermost factor: first, and one after the last.
    pub(super) fn innermost_groups(&self) -> Vec<(usize, usize)> {
        match self.factors.len() {
            0 | 1 => vec![(0, self.places.len())],
            levels => self.groups(levels - 2),
        }
    }

    /// Returns the ranges of places with the same values down to this level.
    fn groups(&self, level: usize) -> Vec<(usize, usize)> {
        let mut groups: Vec<(usize, usize)> = Vec::new();
        for place in 0..self.places.len() {
            match groups.last_mut() {
                Some(group) if self.places[group.0][..=level] == self.places[place][..=level] => group.1 = place + 1,
                _ => groups.push((place, place + 1)),
            }
        }
        groups
    }

    fn label(&self, place: usize, level: usize) -> String {
        font::clipped(self.survey.text(self.factors[level], self.places[place][level]), SMALL, 110.0)
    }

    /// Draws the axis under a plot from `top` to `bottom`, with the factors' names right-aligned at `left`. Returns its
    /// lower edge.
    pub(super) fn draw(&self, picture: &mut Picture, left: f64, (top, bottom): (f64, f64)) -> f64 {
        picture.line((left, bottom), (left + self.width(), bottom), Stroke::solid(EDGE, 1.0));
        let mut y = bottom;
        for level in (0..self.factors.len()).rev() {
            let groups = self.groups(level);
            if level + 1 < self.factors.len() {
                self.draw_groups(picture, left, (top, y), &groups, level == 0);
            }
            let name = font::clipped(self.factors[level].name(), SMALL, left - 20.0);
            picture.text(Text::new(name, (left - 10.0, y + 16.0), SMALL, MUTED).end());
            y += self.draw_labels(picture, left, y, &groups, level);
        }
        y
    }

    /// Draws the labels of a level, rotated if one does not fit. Returns the height.
    fn draw_labels(&self, picture: &mut Picture, left: f64, y: f64, groups: &[(usize, usize)], level: usize) -> f64 {
        let labels: Vec<_> = groups.iter().map(|group| self.label(group.0, level)).collect();
        let width = |group: &(usize, usize)| (group.1 - group.0) as f64 * self.step;
        let fits = groups.iter().zip(&labels).all(|(group, label)| font::width(label, SMALL) + 6.0 <= width(group));
        for (&(first, end), label) in groups.iter().zip(&labels) {
            let middle = left + (first + end) as f64 / 2.0 * self.step;
            match fits {
                true => picture.text(Text::new(label, (middle, y + 16.0), SMALL, INK).middle()),
                false => picture.text(Text::new(label, (middle + 4.0, y + 7.0), SMALL, INK).end().turned()),
            }
        }
        if fits { LEVEL } else { 14.0 + labels.iter().map(|label| font::width(label, SMALL)).fold(0.0, f64::max) }
    }

    /// Draws a line under each group of labels, and lines between the groups.
    fn draw_groups(
        &self,
        picture: &mut Picture,
        left: f64,
        (top, y): (f64, f64),
        groups: &[(usize, usize)],
        is_outermost: bool,
    ) {
        let colour = if is_outermost { EDGE } else { GRID };
        for &(first, end) in groups {
            let (from, to) = (left + first as f64 * self.step, left + end as f64 * self.step);
            picture.line((from + 3.0, y + 2.0), (to - 3.0, y + 2.0), Stroke::solid(EDGE, 1.0));
            if first > 0 {
                picture.line((from, top), (from, y), Stroke::solid(colour, 1.0));
            }
        }
    }
}
