//! Images sampled between their pixels.

use super::{PIXELS, SIDE};

/// Coordinate of an image's centre, where a pixel's coordinate is that of its own centre.
pub(super) const CENTRE: f32 = (SIDE - 1) as f32 / 2.0;

/// Width of a row of the padded image: pixel (x, y) is at (x + 1, y + 1), and there is no ink around.
const STRIDE: usize = 32;
/// Number of pixels of the padded image that can be the upper left of four neighbours, a power of two.
const CORNERS: usize = STRIDE * STRIDE;
/// Pixels that are computed together.
const BLOCK: usize = 16;
/// Floats around this number, 1.5 * 2^23, are one apart: adding it rounds to a whole number, which the lowest 22 bits of
/// the sum then contain. Conversions between floats and integers cost more.
const WHOLE: f32 = 12_582_912.0;

/// Number of bytes of the padded image, so that each corner has four neighbours.
const PADDED: usize = CORNERS + STRIDE + 1;

/// Where the pixels of an image come from: for each, the coordinates in another image.
pub(super) struct Sources {
    pub(super) x: [f32; PIXELS],
    pub(super) y: [f32; PIXELS],
}

impl Sources {
    /// Computes the source of each pixel; both are relative to the image's centre.
    pub(super) fn relative(source: impl Fn(f32, f32) -> (f32, f32)) -> Self {
        let mut sources = Self { x: [0.0; PIXELS], y: [0.0; PIXELS] };
        let rows = sources.x.as_chunks_mut::<SIDE>().0.iter_mut().zip(sources.y.as_chunks_mut::<SIDE>().0);
        for (row, (to_x, to_y)) in rows.enumerate() {
            for column in 0..SIDE {
                let (x, y) = source(column as f32 - CENTRE, row as f32 - CENTRE);
                (to_x[column], to_y[column]) = (x + CENTRE, y + CENTRE);
            }
        }
        sources
    }

    /// Writes the image that has the bilinear interpolation of `image` at the sources. There is no ink outside `image`.
    ///
    /// # Panics
    /// If an image does not have [`PIXELS`] bytes.
    pub(super) fn sample(&self, image: &[u8], out: &mut [u8]) {
        assert_eq!((image.len(), out.len()), (PIXELS, PIXELS), "an image has 784 bytes");
        let padded = padded(image);
        let sources = self.x.as_chunks().0.iter().zip(self.y.as_chunks().0);
        for ((x, y), out) in sources.zip(out.as_chunks_mut().0) {
            sample_block(&padded, x, y, out);
        }
    }
}

/// Returns images of [`PIXELS`] bytes each, shifted by a number of pixels to the right and down. What leaves an image is
/// lost; there is no ink outside.
///
/// # Panics
/// If the last image is incomplete.
pub fn shifted(images: &[u8], [right, down]: [f32; 2]) -> Vec<u8> {
    let sources = Sources::relative(|x, y| (x - right, y - down));
    let mut shifted = vec![0; images.len()];
    for (image, out) in images.chunks(PIXELS).zip(shifted.chunks_mut(PIXELS)) {
        sources.sample(image, out);
    }
    shifted
}

fn padded(image: &[u8]) -> [u8; PADDED] {
    let mut padded = [0; PADDED];
    for (row, pixels) in image.as_chunks::<SIDE>().0.iter().enumerate() {
        padded[(row + 1) * STRIDE + 1..][..SIDE].copy_from_slice(pixels);
    }
    padded
}

// Loops over fixed sizes without branches, which the compiler turns into vector instructions; only the second reads
// from different places.
#[allow(clippy::needless_range_loop)]
fn sample_block(padded: &[u8; PADDED], x: &[f32; BLOCK], y: &[f32; BLOCK], out: &mut [u8; BLOCK]) {
    let (mut right, mut down) = ([0.0; BLOCK], [0.0; BLOCK]);
    let mut corners = [0; BLOCK];
    for i in 0..BLOCK {
        let (column, row);
        (column, right[i]) = split(x[i]);
        (row, down[i]) = split(y[i]);
        corners[i] = (row * STRIDE as f32 + column + WHOLE).to_bits();
    }
    let mut neighbours = [0; BLOCK];
    for i in 0..BLOCK {
        let corner = corners[i] as usize % CORNERS;
        let ink = |place: usize| padded[corner + place];
        neighbours[i] = u32::from_le_bytes([ink(0), ink(1), ink(STRIDE), ink(STRIDE + 1)]);
    }
    for i in 0..BLOCK {
        let ink = |neighbour: u32| (neighbours[i] >> (8 * neighbour) & 0xff) as i32 as f32;
        let between = |a: f32, b: f32| a + right[i] * (b - a);
        let (upper, lower) = (between(ink(0), ink(1)), between(ink(2), ink(3)));
        out[i] = rounded(upper + down[i] * (lower - upper));
    }
}

/// Returns the column or row in the padded image that is left of or above the coordinate, and the distance from it. NaN
/// and what is outside the image become places without ink. A whole number may be a distance of 1 from its neighbour.
#[inline(always)]
fn split(coordinate: f32) -> (f32, f32) {
    let coordinate = if coordinate > -1.0 { coordinate } else { -1.0 };
    let coordinate = if coordinate < SIDE as f32 { coordinate } else { SIDE as f32 };
    let padded = coordinate + 0.5 + WHOLE - WHOLE;
    (padded, coordinate - (padded - 1.0))
}

/// Rounds a number from 0 to 255, halves up.
#[inline(always)]
fn rounded(number: f32) -> u8 {
    let number = number + 0.5;
    let nearest = number + WHOLE;
    nearest.to_bits().wrapping_sub(u32::from(nearest - WHOLE > number)) as u8
}
