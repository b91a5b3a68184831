//! Strokes as pixels.

use crate::data::{PIXELS, SIDE};

/// Pixels per side of the drawing area: four for each of MNIST's.
pub(crate) const RESOLUTION: usize = SIDE * 4;
/// Blank margin around the drawing in the page to read, so that a stroke along the edge is not taken for a frame or a
/// ruled line.
const MARGIN: usize = RESOLUTION / 4;
/// Pixels per side of the page to read.
pub(crate) const PAGE: usize = RESOLUTION + 2 * MARGIN;

/// A stroke, drawn or erased. The pad is 1 wide and 1 high; points may lie outside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stroke {
    pub points: Vec<(f32, f32)>,
    /// Width, as a part of the pad's side.
    pub width: f32,
    pub erases: bool,
}

/// The amount of ink per pixel, row by row; 0 is blank paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Ink(Vec<u8>);

impl Default for Ink {
    fn default() -> Self {
        Self(vec![0; RESOLUTION * RESOLUTION])
    }
}

impl Ink {
    /// Enlarges a digit in MNIST's form.
    pub fn of(digit: &[u8; PIXELS]) -> Self {
        let times = RESOLUTION / SIDE;
        let places = (0..RESOLUTION * RESOLUTION).map(|at| (at % RESOLUTION / times, at / RESOLUTION / times));
        Self(places.map(|(x, y)| digit[y * SIDE + x]).collect())
    }

    pub fn is_blank(&self) -> bool {
        self.0.iter().all(|&ink| ink == 0)
    }

    /// Draws a stroke with slightly rounded corners: cells and cursor steps make corners that a hand would not.
    pub fn draw(&mut self, stroke: &Stroke) {
        let points = smooth(&stroke.points);
        let radius = (stroke.width * RESOLUTION as f32 / 2.0).max(0.5);
        let last = points.len().saturating_sub(1);
        for pair in points[..last].iter().zip(points.iter().skip(1)) {
            self.line(*pair.0, *pair.1, radius, stroke.erases);
        }
        if let [dot] = points[..] {
            self.line(dot, dot, radius, stroke.erases);
        }
    }

    fn line(&mut self, from: (f32, f32), to: (f32, f32), radius: f32, erases: bool) {
        let scale = RESOLUTION as f32;
        let (from, to) = ((from.0 * scale, from.1 * scale), (to.0 * scale, to.1 * scale));
        let range = |a: f32, b: f32| {
            let (low, high) = (a.min(b) - radius - 1.0, a.max(b) + radius + 2.0);
            (low.max(0.0) as usize).min(RESOLUTION)..(high.max(0.0) as usize).min(RESOLUTION)
        };
        for y in range(from.1, to.1) {
            for x in range(from.0, to.0) {
                let distance = distance((x as f32 + 0.5, y as f32 + 0.5), from, to);
                let cover = ((radius + 0.5 - distance).clamp(0.0, 1.0) * 255.0) as u8;
                let ink = &mut self.0[y * RESOLUTION + x];
                *ink = if erases { (*ink).min(255 - cover) } else { (*ink).max(cover) };
            }
        }
    }

    /// Returns the page to read, [`PAGE`] pixels per row, light ink on dark paper.
    pub fn page(&self) -> Vec<u8> {
        let mut page = vec![0; PAGE * PAGE];
        for (line, ink) in page.chunks_exact_mut(PAGE).skip(MARGIN).zip(self.0.chunks_exact(RESOLUTION)) {
            line[MARGIN..MARGIN + RESOLUTION].copy_from_slice(ink);
        }
        page
    }

    /// Returns the ink as `side` x `side` numbers from 0 to 1, each the mean of the pixels that it covers.
    pub fn sampled(&self, side: usize) -> Vec<f32> {
        let covers = |place: usize| {
            let start = place * RESOLUTION / side;
            start..((place + 1) * RESOLUTION / side).max(start + 1)
        };
        let mean = |x: usize, y: usize| {
            let rows = covers(y).map(|y| &self.0[y * RESOLUTION..][covers(x)]);
            let (sum, count) = rows.flatten().fold((0, 0), |(sum, count), &ink| (sum + u32::from(ink), count + 1));
            sum as f32 / (count * 255) as f32
        };
        (0..side * side).map(|at| mean(at % side, at / side)).collect()
    }
}

fn smooth(points: &[(f32, f32)]) -> Vec<(f32, f32)> {
    let mut smooth = points.to_vec();
    for (at, near) in points.windows(3).enumerate() {
        let mean = |of: fn(&(f32, f32)) -> f32| (of(&near[0]) + 2.0 * of(&near[1]) + of(&near[2])) / 4.0;
        smooth[at + 1] = (mean(|point| point.0), mean(|point| point.1));
    }
    smooth
}

fn distance(at: (f32, f32), from: (f32, f32), to: (f32, f32)) -> f32 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 { ((at.0 - from.0) * dx + (at.1 - from.1) * dy) / length } else { 0.0 };
    let along = along.clamp(0.0, 1.0);
    (at.0 - from.0 - along * dx).hypot(at.1 - from.1 - along * dy)
}
