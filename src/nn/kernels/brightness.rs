//! Pixels as numbers.

use super::{Isa, Kernel, LANES, Lane, splat};

/// 1 / 255 in two parts, of which the first times any pixel is exact: the sum of both products, unlike a product with
/// 1 / 255, is the quotient to the last bit, without a division.
const SCALE: [f32; 2] = [0.003_921_628, -5.937_09e-8];

/// Computes the brightness, 0 to 1, of a row of pixels in up to sixteen images.
pub struct Brightness<'a> {
    /// All pixels of each image. Images that are missing are blank.
    pub images: &'a [&'a [u8]],
    /// Place of the row's first pixel.
    pub start: usize,
    /// The row, of at least sixteen pixels.
    pub lanes: &'a mut [Lane],
}

impl Kernel for Brightness<'_> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        // The last sixteen pixels overlap those before.
        let last = self.lanes.len() - LANES;
        for first in (0..last + LANES).step_by(LANES) {
            let first = first.min(last);
            let mut pixels = [[0; LANES]; LANES];
            for (row, image) in pixels.iter_mut().zip(self.images) {
                *row = *image[self.start + first..].first_chunk().expect("an image has all its pixels");
            }
            transpose(&mut pixels);
            for (lane, pixels) in self.lanes[first..].iter_mut().zip(pixels) {
                let mut numbers = [0.0; LANES];
                for (number, pixel) in numbers.iter_mut().zip(pixels) {
                    *number = f32::from(pixel);
                }
                let numbers = pulp::bytemuck::cast(numbers);
                *lane = isa.madd(numbers, splat(SCALE[1]), isa.mul_f32s(numbers, splat(SCALE[0])));
            }
        }
    }
}

/// Exchanges rows and columns. Interleaving the first half of the rows with the second one rotates the bits of a byte's
/// place, four of its row and four of its column, by one bit.
///
/// Not compiled for an instruction set: with AVX-512, the compiler makes more instructions of it than without.
#[inline(never)]
fn transpose(rows: &mut [[u8; LANES]; LANES]) {
    for _ in 0..LANES.ilog2() {
        let mut interleaved = [[0; LANES]; LANES];
        for (n, pair) in interleaved.as_chunks_mut::<2>().0.iter_mut().enumerate() {
            let (a, b) = (rows[n], rows[n + LANES / 2]);
            for (k, bytes) in pair.as_flattened_mut().as_chunks_mut::<2>().0.iter_mut().enumerate() {
                *bytes = [a[k], b[k]];
            }
        }
        *rows = interleaved;
    }
}
