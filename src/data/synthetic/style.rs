//! The style of a writer: a shaky hand, slant, proportions, bends, and the pen.

use super::{
    hand::Hand,
    raster::{Dab, Drawing},
    stroke::{Point, Stroke},
};

/// Displaces the knots, bends the curves and draws them with a pen.
pub(super) fn apply(digit: u8, mut strokes: Vec<Stroke>, hand: &mut Hand) -> Drawing {
    let shake = hand.between(0.005, 0.045);
    for knot in strokes.iter_mut().flat_map(|stroke| &mut stroke.knots) {
        knot.at.x += hand.about(0.0, shake);
        knot.at.y += hand.about(0.0, shake);
    }
    let bend = Bend::new(digit, hand);
    let pen = Pen::new(digit, hand);
    let strokes = strokes.iter().map(|stroke| pen.ink(stroke.flatten(), &bend, hand)).collect();
    Drawing { strokes, softness: pen.softness, roughness: pen.roughness }
}

/// A smooth map of the plane: a matrix and terms of second order.
struct Bend {
    x: [f32; 5],
    y: [f32; 5],
}

impl Bend {
    fn new(digit: u8, hand: &mut Hand) -> Self {
        let slant = if matches!(digit, 1 | 8 | 9) { hand.about(0.24, 0.26) } else { hand.about(0.18, 0.22) };
        let width = hand.about(1.0, 0.17).max(0.5);
        let tilt = hand.about(0.0, 0.11);
        let mut second = || hand.about(0.0, 0.11);
        Self {
            x: [width, -slant - tilt, second(), second(), second()],
            y: [tilt * width, 1.0, second(), second(), second()],
        }
    }

    fn map(&self, point: Point) -> Point {
        let (x, y) = (point.x - 0.4, point.y - 0.5);
        let terms = [x, y, x * x, x * y, y * y];
        let dot =
            |factors: &[f32; 5]| factors.iter().zip(terms).fold(0.0, |sum: f32, (factor, term)| sum + factor * term);
        Point { x: dot(&self.x), y: dot(&self.y) }
    }
}

struct Pen {
    radius: f32,
    softness: f32,
    roughness: f32,
}

impl Pen {
    fn new(digit: u8, hand: &mut Hand) -> Self {
        let mut radius = hand.about(1.28, 0.4).max(0.5);
        if hand.chance(if digit == 1 { 0.08 } else { 0.03 }) {
            radius += hand.between(0.0, 1.6);
        }
        Self { radius, softness: hand.between(0.9, 1.5), roughness: hand.between(0.0, 0.3) * radius.min(1.4) }
    }

    /// Returns a stroke's dabs, with pressure that changes along the stroke.
    fn ink(&self, points: Vec<Point>, bend: &Bend, hand: &mut Hand) -> Vec<Dab> {
        let (start, end) = (hand.about(1.0, 0.12), hand.about(1.0, 0.12));
        let last = points.len() - 1;
        let radius = |index: usize| self.radius * (start + (end - start) * (index as f32 / last as f32));
        points.into_iter().enumerate().map(|(index, at)| Dab { at: bend.map(at), radius: radius(index) }).collect()
    }
}
