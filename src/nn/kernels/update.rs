//! The optimizers' formulas, applied to a run of parameters. All slices of a kernel are equally long.

use super::{Isa, Kernel, LANES, ZERO, load, splat, store};

/// `p -= lr g`.
pub struct SgdUpdate<'a> {
    pub learning_rate: f32,
    pub gradient: &'a [f32],
    pub parameters: &'a mut [f32],
}

/// `v = 0.9 v + 0.1 g^2, p -= lr g / sqrt(v + 1e-7)`.
pub struct RmspropUpdate<'a> {
    pub learning_rate: f32,
    pub gradient: &'a [f32],
    pub v: &'a mut [f32],
    pub parameters: &'a mut [f32],
}

/// `m = 0.9 m + 0.1 g, v = 0.999 v + 0.001 g^2, p -= alpha m / (sqrt(v) + 1e-7)`.
pub struct AdamUpdate<'a> {
    /// `lr sqrt(1 - 0.999^t) / (1 - 0.9^t)`.
    pub alpha: f32,
    pub gradient: &'a [f32],
    pub m: &'a mut [f32],
    pub v: &'a mut [f32],
    pub parameters: &'a mut [f32],
}

/// Makes `finite` false where a value is NaN or infinite.
pub struct CheckFinite<'a> {
    pub values: &'a [f32],
    pub finite: &'a mut bool,
}

impl Kernel for SgdUpdate<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let rate = splat(-self.learning_rate);
        for (p, g) in self.parameters.chunks_mut(LANES).zip(self.gradient.chunks(LANES)) {
            let new = isa.madd(rate, load(g), load(p));
            store(p, new);
        }
    }
}

impl Kernel for RmspropUpdate<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let rate = splat(self.learning_rate);
        let moments = self.v.chunks_mut(LANES).zip(self.gradient.chunks(LANES));
        for (p, (v, g)) in self.parameters.chunks_mut(LANES).zip(moments) {
            let g = load(g);
            let kept = isa.mul_f32s(splat(0.9), load(v));
            let second = isa.madd(isa.mul_f32s(splat(0.1), g), g, kept);
            let root = isa.sqrt_f32s(isa.add_f32s(second, splat(1e-7)));
            let new = isa.sub_f32s(load(p), isa.div_f32s(isa.mul_f32s(rate, g), root));
            store(v, second);
            store(p, new);
        }
    }
}

impl Kernel for AdamUpdate<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let alpha = splat(self.alpha);
        let moments = self.m.chunks_mut(LANES).zip(self.v.chunks_mut(LANES)).zip(self.gradient.chunks(LANES));
        for (p, ((m, v), g)) in self.parameters.chunks_mut(LANES).zip(moments) {
            let g = load(g);
            let first = isa.madd(splat(0.1), g, isa.mul_f32s(splat(0.9), load(m)));
            let kept = isa.mul_f32s(splat(0.999), load(v));
            let second = isa.madd(isa.mul_f32s(splat(0.001), g), g, kept);
            let root = isa.add_f32s(isa.sqrt_f32s(second), splat(1e-7));
            let new = isa.sub_f32s(load(p), isa.div_f32s(isa.mul_f32s(alpha, first), root));
            store(m, first);
            store(v, second);
            store(p, new);
        }
    }
}

impl Kernel for CheckFinite<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let mut sum = ZERO;
        for values in self.values.chunks(LANES) {
            // Zero for a finite value, NaN for any other.
            sum = isa.madd(load(values), ZERO, sum);
        }
        *self.finite &= isa.reduce_sum_f32s(sum) == 0.0;
    }
}
