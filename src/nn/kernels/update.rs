//! The optimizers' formulas, applied to a run of parameters. All slices of a kernel are equally long. An update leaves the
//! gradient zero, for the next step to add to, and makes `finite` false where a new parameter is NaN or infinite.

use super::{Isa, Kernel, LANES, Lane, ZERO, load, splat, store};

/// `p -= lr g`.
pub struct SgdUpdate<'a> {
    pub learning_rate: f32,
    pub gradient: &'a mut [f32],
    pub parameters: &'a mut [f32],
    pub finite: &'a mut bool,
}

/// `v = 0.9 v + 0.1 g^2, p -= lr g / sqrt(v + 1e-7)`.
pub struct RmspropUpdate<'a> {
    pub learning_rate: f32,
    pub gradient: &'a mut [f32],
    pub v: &'a mut [f32],
    pub parameters: &'a mut [f32],
    pub finite: &'a mut bool,
}

/// `m = 0.9 m + 0.1 g, v = 0.999 v + 0.001 g^2, p -= alpha m / (sqrt(v) + 1e-7)`.
pub struct AdamUpdate<'a> {
    /// `lr sqrt(1 - 0.999^t) / (1 - 0.9^t)`.
    pub alpha: f32,
    pub gradient: &'a mut [f32],
    pub m: &'a mut [f32],
    pub v: &'a mut [f32],
    pub parameters: &'a mut [f32],
    pub finite: &'a mut bool,
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
        let mut excess = ZERO;
        for (p, g) in self.parameters.chunks_mut(LANES).zip(self.gradient.chunks_mut(LANES)) {
            let new = isa.madd(rate, load(g), load(p));
            excess = isa.madd(new, ZERO, excess);
            store(p, new);
            g.fill(0.0);
        }
        *self.finite &= is_zero(isa, excess);
    }
}

impl Kernel for RmspropUpdate<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let rate = splat(self.learning_rate);
        let moments = self.v.chunks_mut(LANES).zip(self.gradient.chunks_mut(LANES));
        let mut excess = ZERO;
        for (p, (v, g)) in self.parameters.chunks_mut(LANES).zip(moments) {
            let gradient = load(g);
            let kept = isa.mul_f32s(splat(0.9), load(v));
            let second = isa.madd(isa.mul_f32s(splat(0.1), gradient), gradient, kept);
            let root = isa.sqrt_f32s(isa.add_f32s(second, splat(1e-7)));
            let new = isa.sub_f32s(load(p), isa.div_f32s(isa.mul_f32s(rate, gradient), root));
            excess = isa.madd(new, ZERO, excess);
            store(v, second);
            store(p, new);
            g.fill(0.0);
        }
        *self.finite &= is_zero(isa, excess);
    }
}

impl Kernel for AdamUpdate<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let alpha = splat(self.alpha);
        let moments = self.m.chunks_mut(LANES).zip(self.v.chunks_mut(LANES)).zip(self.gradient.chunks_mut(LANES));
        let mut excess = ZERO;
        for (p, ((m, v), g)) in self.parameters.chunks_mut(LANES).zip(moments) {
            let gradient = load(g);
            let first = isa.madd(splat(0.1), gradient, isa.mul_f32s(splat(0.9), load(m)));
            let kept = isa.mul_f32s(splat(0.999), load(v));
            let second = isa.madd(isa.mul_f32s(splat(0.001), gradient), gradient, kept);
            let root = isa.add_f32s(isa.sqrt_f32s(second), splat(1e-7));
            let new = isa.sub_f32s(load(p), isa.div_f32s(isa.mul_f32s(alpha, first), root));
            excess = isa.madd(new, ZERO, excess);
            store(m, first);
            store(v, second);
            store(p, new);
            g.fill(0.0);
        }
        *self.finite &= is_zero(isa, excess);
    }
}

impl Kernel for CheckFinite<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let mut excess = [ZERO; 4];
        for values in self.values.chunks(4 * LANES) {
            for (excess, values) in excess.iter_mut().zip(values.chunks(LANES)) {
                *excess = isa.madd(load(values), ZERO, *excess);
            }
        }
        *self.finite &= excess.iter().all(|&excess| is_zero(isa, excess));
    }
}

/// Whether sums of zero times a number are zero, as they are unless a number was NaN or infinite.
#[inline(always)]
fn is_zero<I: Isa>(isa: I, excess: Lane) -> bool {
    isa.reduce_sum_f32s(excess) == 0.0
}
