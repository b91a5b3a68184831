//! Conversion of a drawing to an image in MNIST's format.
//!
//! MNIST's makers fitted the ink into 20x20 pixels, keeping its aspect ratio, and shifted that box by whole pixels so
//! that the ink's centre of mass is in the middle of 28x28.

use crate::data::{PIXELS, SIDE};

use super::{hand::Hand, stroke::Point};

/// Side of the box that the ink is fitted into.
const BOX: usize = 20;
/// How far a stroke's soft fringe may extend beyond the box, in pixels, so that the ink fills the outer rows.
const OVERHANG: f32 = 0.3;

/// A point of a drawing, and the pen's radius there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dab {
    pub at: Point,
    pub radius: f32,
}

/// A drawing: strokes of dabs, with radii in pixels and coordinates in any unit.
pub(super) struct Drawing {
    pub strokes: Vec<Vec<Dab>>,
    /// Width of the edge between full ink and background, in pixels.
    pub softness: f32,
    /// Amount by which the pen's edge varies from pixel to pixel because of paper and ink, in pixels.
    pub roughness: f32,
}

/// Draws into `image`, [`PIXELS`] bytes.
pub(super) fn render(mut drawing: Drawing, hand: &mut Hand, image: &mut [u8]) {
    fit(&mut drawing);
    let mut depth = [f32::MIN; BOX * BOX];
    for stroke in &drawing.strokes {
        for pair in stroke.windows(2) {
            line(&mut depth, pair[0], pair[1], drawing.softness);
        }
    }
    for (depth, grain) in depth.iter_mut().zip(hand.grain::<{ BOX * BOX }>()) {
        *depth += drawing.roughness * grain;
    }
    let cover = depth.map(|depth| (0.5 + depth / drawing.softness).clamp(0.0, 1.0));
    // A thin, soft pen covers no pixel completely, but MNIST's ink always reaches white.
    let white = 255.0 / cover.iter().fold(0.0, |most: f32, &cover| most.max(cover));
    let ink = cover.map(|cover| (cover * white + 0.5) as u8);
    place(&ink, image);
}

/// Scales and moves the drawing so that the ink fills the box in one direction and is centred in the other.
fn fit(drawing: &mut Drawing) {
    let fringe = 0.5 * drawing.softness;
    let room = BOX as f32 + 2.0 * OVERHANG;
    let dabs = || drawing.strokes.iter().flatten();
    // The pen's width does not scale with the drawing, so extent and scale are computed alternately: two rounds are
    // accurate to thousandths of a pixel.
    let mut scale = 16.0;
    let mut low = Point { x: 0.0, y: 0.0 };
    let mut high = low;
    for _ in 0..3 {
        low = Point { x: f32::MAX, y: f32::MAX };
        high = Point { x: f32::MIN, y: f32::MIN };
        for dab in dabs() {
            let reach = dab.radius + fringe;
            low.x = low.x.min(dab.at.x * scale - reach);
            low.y = low.y.min(dab.at.y * scale - reach);
            high.x = high.x.max(dab.at.x * scale + reach);
            high.y = high.y.max(dab.at.y * scale + reach);
        }
        let extent = (high.x - low.x).max(high.y - low.y);
        scale += (room - extent) * scale / (extent - 2.0);
    }
    let middle = Point { x: 0.5 * (low.x + high.x), y: 0.5 * (low.y + high.y) };
    let half = 0.5 * BOX as f32;
    for dab in drawing.strokes.iter_mut().flatten() {
        dab.at.x = dab.at.x * scale - middle.x + half;
        dab.at.y = dab.at.y * scale - middle.y + half;
    }
}

/// Raises the depth of each pixel near the line from `a` to `b` to its distance inside the pen's edge.
fn line(depth: &mut [f32; BOX * BOX], a: Dab, b: Dab, softness: f32) {
    let reach = a.radius.max(b.radius) + 0.5 * softness;
    let (left, right) = pixels(a.at.x.min(b.at.x) - reach, a.at.x.max(b.at.x) + reach);
    let (top, bottom) = pixels(a.at.y.min(b.at.y) - reach, a.at.y.max(b.at.y) + reach);
    let (dx, dy) = (b.at.x - a.at.x, b.at.y - a.at.y);
    let inverse = 1.0 / (dx * dx + dy * dy + 1e-12);
    for row in top..bottom {
        let y = row as f32 + 0.5 - a.at.y;
        for column in left..right {
            let x = column as f32 + 0.5 - a.at.x;
            let along = ((x * dx + y * dy) * inverse).clamp(0.0, 1.0);
            let (off_x, off_y) = (x - along * dx, y - along * dy);
            let inside = a.radius + along * (b.radius - a.radius) - (off_x * off_x + off_y * off_y).sqrt();
            let pixel = &mut depth[row * BOX + column];
            *pixel = pixel.max(inside);
        }
    }
}

/// Returns the range of the box's pixels whose centres lie between two coordinates.
fn pixels(low: f32, high: f32) -> (usize, usize) {
    let side = BOX as f32;
    ((low + 0.5).clamp(0.0, side) as usize, (high + 0.5).clamp(0.0, side) as usize)
}

/// Copies the box to where its centre of mass is nearest to the middle of the image.
fn place(ink: &[u8; BOX * BOX], image: &mut [u8]) {
    let (mut mass, mut sum_x, mut sum_y) = (0_usize, 0, 0);
    for (index, &ink) in ink.iter().enumerate() {
        let ink = usize::from(ink);
        mass += ink;
        sum_x += ink * (index % BOX);
        sum_y += ink * (index / BOX);
    }
    let offset = |sum: usize| {
        let middle = (2 * sum + mass) / (2 * mass).max(1);
        (SIDE / 2).saturating_sub(middle).min(SIDE - BOX)
    };
    let (left, top) = (offset(sum_x), offset(sum_y));
    image[..PIXELS].fill(0);
    for row in 0..BOX {
        image[(top + row) * SIDE + left..][..BOX].copy_from_slice(&ink[row * BOX..][..BOX]);
    }
}
