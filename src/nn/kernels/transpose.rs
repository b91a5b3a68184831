//! Lanes of images as images' values.

use super::{Isa, Kernel, LANES, Lane, ZERO};

/// Transposes one group: values `[I]` to `[LANES][ceil(I / LANES)]`, each image's values together, padded with zeros.
pub struct Transpose<'a> {
    pub values: &'a [Lane],
    pub transposed: &'a mut [Lane],
}

impl Kernel for Transpose<'_> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let columns = self.values.len().div_ceil(LANES);
        for (column, values) in self.values.chunks(LANES).enumerate() {
            let mut tile = [ZERO; LANES];
            tile[..values.len()].copy_from_slice(values);
            for (image, values) in isa.transpose(tile).into_iter().enumerate() {
                self.transposed[image * columns + column] = values;
            }
        }
    }
}
