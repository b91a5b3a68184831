//! Layer normalisation (Ba et al., 2016) of each token, without a gain and a bias of its own, and its gradient.
//!
//! `y = (x - mean(x)) / sqrt(var(x) + 1e-5)` over the `D` values of a token.

use super::{Isa, Kernel, Lane, ZERO, splat};

/// Added to the variance.
const EPSILON: f32 = 1e-5;

/// Normalises tokens.
pub struct NormForward<'a, const D: usize> {
    /// Tokens `[D]`.
    pub input: &'a [Lane],
    /// Normalised tokens `[D]`.
    pub output: &'a mut [Lane],
    /// Factor of each token, `1 / sqrt(var(x) + 1e-5)`.
    pub factors: &'a mut [Lane],
}

impl<const D: usize> Kernel for NormForward<'_, D> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let share = splat(1.0 / D as f32);
        let tokens = self.input.as_chunks::<D>().0.iter().zip(self.output.as_chunks_mut::<D>().0);
        for ((input, output), factor) in tokens.zip(self.factors) {
            let mean = isa.mul_f32s(sum(isa, input), share);
            for d in 0..D {
                output[d] = isa.sub_f32s(input[d], mean);
            }
            let variance = isa.madd(product(isa, output, output), share, splat(EPSILON));
            *factor = isa.div_f32s(splat(1.0), isa.sqrt_f32s(variance));
            for d in 0..D {
                output[d] = isa.mul_f32s(output[d], *factor);
            }
        }
    }
}

/// Adds the gradient of the tokens to `input_gradient`.
pub struct NormBackward<'a, const D: usize> {
    /// Normalised tokens `[D]`.
    pub output: &'a [Lane],
    /// Factor of each token.
    pub factors: &'a [Lane],
    /// Gradients of the normalised tokens `[D]`.
    pub gradient: &'a [Lane],
    /// Gradients of the tokens `[D]`.
    pub input_gradient: &'a mut [Lane],
}

impl<const D: usize> Kernel for NormBackward<'_, D> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let share = splat(1.0 / D as f32);
        let tokens = self.output.as_chunks::<D>().0.iter().zip(self.gradient.as_chunks::<D>().0);
        let inputs = self.input_gradient.as_chunks_mut::<D>().0.iter_mut().zip(self.factors);
        for ((output, gradient), (input, &factor)) in tokens.zip(inputs) {
            let mean = isa.mul_f32s(sum(isa, gradient), share);
            let slope = isa.mul_f32s(product(isa, gradient, output), share);
            for d in 0..D {
                let apart = isa.sub_f32s(isa.sub_f32s(gradient[d], mean), isa.mul_f32s(output[d], slope));
                input[d] = isa.madd(apart, factor, input[d]);
            }
        }
    }
}

/// Number of partial sums, so that one addition need not wait for another.
const PARTS: usize = 4;

#[inline(always)]
fn sum<A: Isa, const D: usize>(isa: A, values: &[Lane; D]) -> Lane {
    const { assert!(D.is_multiple_of(PARTS)) }
    let mut sums = [ZERO; PARTS];
    for values in values.as_chunks::<PARTS>().0 {
        for n in 0..PARTS {
            sums[n] = isa.add_f32s(sums[n], values[n]);
        }
    }
    isa.add_f32s(isa.add_f32s(sums[0], sums[1]), isa.add_f32s(sums[2], sums[3]))
}

#[inline(always)]
fn product<A: Isa, const D: usize>(isa: A, a: &[Lane; D], b: &[Lane; D]) -> Lane {
    let mut sums = [ZERO; PARTS];
    for (a, b) in a.as_chunks::<PARTS>().0.iter().zip(b.as_chunks::<PARTS>().0) {
        for n in 0..PARTS {
            sums[n] = isa.madd(a[n], b[n], sums[n]);
        }
    }
    isa.add_f32s(isa.add_f32s(sums[0], sums[1]), isa.add_f32s(sums[2], sums[3]))
}
