//! The optimizers' formulas, applied to contiguous parameters. All slices of a kernel are equally long. An update first
//! scales gradient and parameters by [`Factors`]. It sets the gradient to zero, for the next step to add to, and clears
//! the flags in `finite` if a number is NaN or infinite.

use super::{Isa, Kernel, LANES, Lane, ZERO, load, splat, store};

/// Factors of an update, the same for all parameters.
#[derive(Clone, Copy, Debug)]
pub struct Factors {
    /// The learning rate, or Adam's `lr sqrt(1 - 0.999^t) / (1 - 0.9^t)`.
    pub rate: f32,
    /// Factor of the gradient: below 1 where it is clipped.
    pub gradient: f32,
    /// Factor of the parameters: below 1 with weight decay.
    pub parameters: f32,
}

impl Factors {
    #[inline(always)]
    fn scaled<I: Isa>(self, isa: I, gradient: &[f32], parameters: &[f32]) -> (Lane, Lane) {
        let gradient = isa.mul_f32s(splat(self.gradient), load(gradient));
        (gradient, isa.mul_f32s(splat(self.parameters), load(parameters)))
    }
}

/// Adds the squares of all numbers to `sum`, in a fixed order.
pub struct SumOfSquares<'a> {
    pub numbers: &'a [f32],
    pub sum: &'a mut f64,
}

/// `a += (1 - decay) (p - a)`.
pub struct AverageUpdate<'a> {
    pub decay: f32,
    pub parameters: &'a [f32],
    pub average: &'a mut [f32],
}

/// `p -= lr g`.
pub struct SgdUpdate<'a> {
    pub factors: Factors,
    pub gradient: &'a mut [f32],
    pub parameters: &'a mut [f32],
    pub finite: &'a mut Finite,
}

/// `v = momentum v - lr g, p += v`: SGD with momentum, without Nesterov's look-ahead.
pub struct MomentumUpdate<'a> {
    pub factors: Factors,
    pub momentum: f32,
    pub gradient: &'a mut [f32],
    pub v: &'a mut [f32],
    pub parameters: &'a mut [f32],
    pub finite: &'a mut Finite,
}

/// `v = 0.9 v + 0.1 g^2, p -= lr g / sqrt(v + 1e-7)`.
pub struct RmspropUpdate<'a> {
    pub factors: Factors,
    pub gradient: &'a mut [f32],
    pub v: &'a mut [f32],
    pub parameters: &'a mut [f32],
    pub finite: &'a mut Finite,
}

/// `m = 0.9 m + 0.1 g, v = 0.999 v + 0.001 g^2, p -= alpha m / (sqrt(v) + 1e-7)`.
pub struct AdamUpdate<'a> {
    pub factors: Factors,
    pub gradient: &'a mut [f32],
    pub m: &'a mut [f32],
    pub v: &'a mut [f32],
    pub parameters: &'a mut [f32],
    pub finite: &'a mut Finite,
}

/// Whether all gradients and all parameters are finite.
#[derive(Clone, Copy, Debug)]
pub struct Finite {
    pub gradient: bool,
    pub parameters: bool,
}

/// Sums of zero times each number, which are zero unless a number is NaN or infinite.
struct NonFiniteProbe {
    gradient: Lane,
    parameters: Lane,
}

impl NonFiniteProbe {
    const EMPTY: Self = Self { gradient: ZERO, parameters: ZERO };

    #[inline(always)]
    fn observe<I: Isa>(&mut self, isa: I, gradient: Lane, parameters: Lane) {
        self.gradient = isa.madd(gradient, ZERO, self.gradient);
        self.parameters = isa.madd(parameters, ZERO, self.parameters);
    }

    #[inline(always)]
    fn report<I: Isa>(self, isa: I, finite: &mut Finite) {
        finite.gradient &= isa.reduce_sum_f32s(self.gradient) == 0.0;
        finite.parameters &= isa.reduce_sum_f32s(self.parameters) == 0.0;
    }
}

/// Replaces a moment too small to change a parameter by zero: otherwise the moments of weights without a gradient (of
/// dead units, for example) become subnormal numbers, which are slow to compute with.
#[inline(always)]
fn without_subnormals<I: Isa>(isa: I, moment: Lane) -> Lane {
    isa.select_f32s(isa.less_than_f32s(isa.abs_f32s(moment), splat(1e-30)), ZERO, moment)
}

impl Kernel for SumOfSquares<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        const RUN: usize = 4;
        let mut sums = [ZERO; RUN];
        for numbers in self.numbers.chunks(RUN * LANES) {
            for (sum, numbers) in sums.iter_mut().zip(numbers.chunks(LANES)) {
                let numbers = load(numbers);
                *sum = isa.madd(numbers, numbers, *sum);
            }
        }
        let [a, b, c, d] = sums;
        let all = isa.add_f32s(isa.add_f32s(a, b), isa.add_f32s(c, d));
        *self.sum += f64::from(isa.reduce_sum_f32s(all));
    }
}

impl Kernel for AverageUpdate<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let rest = splat(1.0 - self.decay);
        for (a, p) in self.average.chunks_mut(LANES).zip(self.parameters.chunks(LANES)) {
            let average = load(a);
            store(a, isa.madd(rest, isa.sub_f32s(load(p), average), average));
        }
    }
}

impl Kernel for SgdUpdate<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let rate = splat(-self.factors.rate);
        let mut probe = NonFiniteProbe::EMPTY;
        for (p, g) in self.parameters.chunks_mut(LANES).zip(self.gradient.chunks_mut(LANES)) {
            let (gradient, old) = self.factors.scaled(isa, g, p);
            let new = isa.madd(rate, gradient, old);
            probe.observe(isa, gradient, new);
            store(p, new);
            store(g, ZERO);
        }
        probe.report(isa, self.finite);
    }
}

impl Kernel for MomentumUpdate<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let (rate, momentum) = (splat(-self.factors.rate), splat(self.momentum));
        let velocities = self.v.chunks_mut(LANES).zip(self.gradient.chunks_mut(LANES));
        let mut probe = NonFiniteProbe::EMPTY;
        for (p, (v, g)) in self.parameters.chunks_mut(LANES).zip(velocities) {
            let (gradient, old) = self.factors.scaled(isa, g, p);
            let velocity = without_subnormals(isa, isa.madd(rate, gradient, isa.mul_f32s(momentum, load(v))));
            let new = isa.add_f32s(old, velocity);
            probe.observe(isa, gradient, new);
            store(v, velocity);
            store(p, new);
            store(g, ZERO);
        }
        probe.report(isa, self.finite);
    }
}

impl Kernel for RmspropUpdate<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let rate = splat(self.factors.rate);
        let moments = self.v.chunks_mut(LANES).zip(self.gradient.chunks_mut(LANES));
        let mut probe = NonFiniteProbe::EMPTY;
        for (p, (v, g)) in self.parameters.chunks_mut(LANES).zip(moments) {
            let (gradient, old) = self.factors.scaled(isa, g, p);
            let kept = isa.mul_f32s(splat(0.9), load(v));
            let second = without_subnormals(isa, isa.madd(isa.mul_f32s(splat(0.1), gradient), gradient, kept));
            let root = isa.sqrt_f32s(isa.add_f32s(second, splat(1e-7)));
            let new = isa.sub_f32s(old, isa.div_f32s(isa.mul_f32s(rate, gradient), root));
            probe.observe(isa, gradient, new);
            store(v, second);
            store(p, new);
            store(g, ZERO);
        }
        probe.report(isa, self.finite);
    }
}

impl Kernel for AdamUpdate<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let alpha = splat(self.factors.rate);
        let moments = self.m.chunks_mut(LANES).zip(self.v.chunks_mut(LANES)).zip(self.gradient.chunks_mut(LANES));
        let mut probe = NonFiniteProbe::EMPTY;
        for (p, ((m, v), g)) in self.parameters.chunks_mut(LANES).zip(moments) {
            let (gradient, old) = self.factors.scaled(isa, g, p);
            let first = without_subnormals(isa, isa.madd(splat(0.1), gradient, isa.mul_f32s(splat(0.9), load(m))));
            let kept = isa.mul_f32s(splat(0.999), load(v));
            let second = without_subnormals(isa, isa.madd(isa.mul_f32s(splat(0.001), gradient), gradient, kept));
            let root = isa.add_f32s(isa.sqrt_f32s(second), splat(1e-7));
            let new = isa.sub_f32s(old, isa.div_f32s(isa.mul_f32s(alpha, first), root));
            probe.observe(isa, gradient, new);
            store(m, first);
            store(v, second);
            store(p, new);
            store(g, ZERO);
        }
        probe.report(isa, self.finite);
    }
}
