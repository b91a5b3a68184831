//! Sums over the tokens of an image, and over images.
//!
//! Shapes, for one group: tokens `[T][D]`, each element a [`Lane`]. Groups follow one another.

use super::{Isa, Kernel, Lane, ZERO, splat};

/// Computes the mean of each image's tokens.
pub struct TokenMean<'a, const T: usize, const D: usize> {
    pub tokens: &'a [Lane],
    /// Means `[D]` of each group.
    pub mean: &'a mut [Lane],
}

impl<const T: usize, const D: usize> Kernel for TokenMean<'_, T, D> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let groups = self.tokens.as_chunks::<D>().0.as_chunks::<T>().0;
        for (mean, tokens) in self.mean.as_chunks_mut::<D>().0.iter_mut().zip(groups) {
            *mean = [ZERO; D];
            for token in tokens {
                for d in 0..D {
                    mean[d] = isa.madd(token[d], splat(1.0 / T as f32), mean[d]);
                }
            }
        }
    }
}

/// Computes the gradients of the tokens from those of their mean.
pub struct TokenMeanBackward<'a, const T: usize, const D: usize> {
    /// Gradients of the means.
    pub mean: &'a [Lane],
    /// Gradients of the tokens.
    pub tokens: &'a mut [Lane],
}

impl<const T: usize, const D: usize> Kernel for TokenMeanBackward<'_, T, D> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let groups = self.tokens.as_chunks_mut::<D>().0.as_chunks_mut::<T>().0;
        for (mean, tokens) in self.mean.as_chunks::<D>().0.iter().zip(groups) {
            for token in tokens {
                for d in 0..D {
                    token[d] = isa.mul_f32s(mean[d], splat(1.0 / T as f32));
                }
            }
        }
    }
}

/// Adds the sum of each value over all images to `sums`.
pub struct SumOverImages<'a> {
    /// Values of all groups.
    pub values: &'a [Lane],
    /// Number of values per group.
    pub per_group: usize,
    /// Number of the first value whose sum to compute.
    pub first: usize,
    /// Sums from value `first` on.
    pub sums: &'a mut [f32],
}

impl Kernel for SumOverImages<'_> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        for n in 0..self.sums.len() {
            let mut sum = ZERO;
            for group in self.values.chunks_exact(self.per_group) {
                sum = isa.add_f32s(sum, group[self.first + n]);
            }
            self.sums[n] += isa.reduce_sum_f32s(sum);
        }
    }
}
