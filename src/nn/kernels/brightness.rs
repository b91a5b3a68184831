//! Pixels as numbers.

use super::{Isa, Kernel, LANES, Lane, splat};

/// Computes the brightness of pixels, 0 to 1.
pub struct Brightness<'a> {
    pub pixels: &'a [[u8; LANES]],
    pub lanes: &'a mut [Lane],
}

impl Kernel for Brightness<'_> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        for (lane, pixels) in self.lanes.iter_mut().zip(self.pixels) {
            let mut numbers = [0.0; LANES];
            for (number, &pixel) in numbers.iter_mut().zip(pixels) {
                *number = f32::from(pixel);
            }
            *lane = isa.div_f32s(pulp::bytemuck::cast(numbers), splat(255.0));
        }
    }
}
