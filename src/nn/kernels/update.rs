//! The optimizers' formulas, applied to contiguous parameters. All slices of a kernel are equally long.

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

/// Adds the squares of all numbers to `sum`, in a fixed order.
pub struct SumOfSquares<'a> {
    pub numbers: &'a [f32],
    pub sum: &'a mut f64,
}

/// `a += (1 - decay) (p - a)`.
pub struct AverageUpdate<'a> {
    pub decay: f32,
    pub parameters: &'a [f32],
    /// Empty if there is no average.
    pub average: &'a mut [f32],
}

/// Scales gradient and parameters by [`Factors`], and changes parameters and moments by a formula. It sets the gradient
/// to zero, for the next step to add to, and clears the flags in `finite` if a number is NaN or infinite.
pub struct Update<'a, F, const M: usize> {
    pub formula: F,
    pub factors: Factors,
    pub gradient: &'a mut [f32],
    pub parameters: &'a mut [f32],
    pub moments: [&'a mut [f32]; M],
    pub finite: &'a mut Finite,
}

/// An optimizer's formula with `M` moments per parameter. A trait, since a closure would not be compiled for the
/// instruction set.
pub trait Formula<const M: usize>: Copy {
    /// Returns the new parameters and moments of sixteen parameters.
    fn apply<I: Isa>(
        self,
        isa: I,
        rate: f32,
        gradient: Lane,
        parameters: Lane,
        moments: [Lane; M],
    ) -> (Lane, [Lane; M]);
}

/// `p -= lr g`.
#[derive(Clone, Copy, Debug)]
pub struct Sgd;

/// `v = momentum v - lr g, p += v`: SGD with this momentum, without Nesterov's look-ahead.
#[derive(Clone, Copy, Debug)]
pub struct Momentum(pub f32);

/// `v = 0.9 v + 0.1 g^2, p -= lr g / sqrt(v + 1e-7)`.
#[derive(Clone, Copy, Debug)]
pub struct Rmsprop;

/// `m = 0.9 m + 0.1 g, v = 0.999 v + 0.001 g^2, p -= alpha m / (sqrt(v) + 1e-7)`.
#[derive(Clone, Copy, Debug)]
pub struct Adam;

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

impl Formula<0> for Sgd {
    #[inline(always)]
    fn apply<I: Isa>(self, isa: I, rate: f32, gradient: Lane, parameters: Lane, _: [Lane; 0]) -> (Lane, [Lane; 0]) {
        (isa.madd(splat(-rate), gradient, parameters), [])
    }
}

impl Formula<1> for Momentum {
    #[inline(always)]
    fn apply<I: Isa>(self, isa: I, rate: f32, gradient: Lane, parameters: Lane, [v]: [Lane; 1]) -> (Lane, [Lane; 1]) {
        let kept = isa.mul_f32s(splat(self.0), v);
        let velocity = without_subnormals(isa, isa.madd(splat(-rate), gradient, kept));
        (isa.add_f32s(parameters, velocity), [velocity])
    }
}

impl Formula<1> for Rmsprop {
    #[inline(always)]
    fn apply<I: Isa>(self, isa: I, rate: f32, gradient: Lane, parameters: Lane, [v]: [Lane; 1]) -> (Lane, [Lane; 1]) {
        let kept = isa.mul_f32s(splat(0.9), v);
        let second = without_subnormals(isa, isa.madd(isa.mul_f32s(splat(0.1), gradient), gradient, kept));
        let root = isa.sqrt_f32s(isa.add_f32s(second, splat(1e-7)));
        (isa.sub_f32s(parameters, isa.div_f32s(isa.mul_f32s(splat(rate), gradient), root)), [second])
    }
}

impl Formula<2> for Adam {
    #[inline(always)]
    fn apply<I: Isa>(
        self,
        isa: I,
        rate: f32,
        gradient: Lane,
        parameters: Lane,
        [m, v]: [Lane; 2],
    ) -> (Lane, [Lane; 2]) {
        let first = without_subnormals(isa, isa.madd(splat(0.1), gradient, isa.mul_f32s(splat(0.9), m)));
        let kept = isa.mul_f32s(splat(0.999), v);
        let second = without_subnormals(isa, isa.madd(isa.mul_f32s(splat(0.001), gradient), gradient, kept));
        let root = isa.add_f32s(isa.sqrt_f32s(second), splat(1e-7));
        (isa.sub_f32s(parameters, isa.div_f32s(isa.mul_f32s(splat(rate), first), root)), [first, second])
    }
}

impl<F: Formula<M>, const M: usize> Update<'_, F, M> {
    #[inline(always)]
    fn row<I: Isa>(
        (formula, factors): (F, Factors),
        isa: I,
        probe: &mut NonFiniteProbe,
        gradient: Lane,
        parameters: Lane,
        moments: [Lane; M],
    ) -> (Lane, [Lane; M]) {
        let gradient = isa.mul_f32s(splat(factors.gradient), gradient);
        let parameters = isa.mul_f32s(splat(factors.parameters), parameters);
        let new = formula.apply(isa, factors.rate, gradient, parameters, moments);
        probe.observe(isa, gradient, new.0);
        new
    }
}

impl<F: Formula<M>, const M: usize> Kernel for Update<'_, F, M> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let settings = (self.formula, self.factors);
        let mut probe = NonFiniteProbe::EMPTY;
        let (gradients, gradient) = self.gradient.as_chunks_mut::<LANES>();
        let (parameters, parameter) = self.parameters.as_chunks_mut::<LANES>();
        let mut moments = self.moments.map(|moments| moments.as_chunks_mut::<LANES>());
        let rows = gradients.len();
        let mut whole = moments.each_mut().map(|(whole, _)| &mut whole[..rows]);
        for (row, (gradient, parameters)) in gradients.iter_mut().zip(parameters).enumerate() {
            let old = whole.each_ref().map(|moment| pulp::bytemuck::cast(moment[row]));
            let numbers = (pulp::bytemuck::cast(*gradient), pulp::bytemuck::cast(*parameters));
            let new = Self::row(settings, isa, &mut probe, numbers.0, numbers.1, old);
            *gradient = [0.0; LANES];
            *parameters = pulp::bytemuck::cast(new.0);
            for (moment, new) in whole.iter_mut().zip(new.1) {
                moment[row] = pulp::bytemuck::cast(new);
            }
        }
        let old = moments.each_ref().map(|(_, rest)| load(rest));
        let new = Self::row(settings, isa, &mut probe, load(gradient), load(parameter), old);
        gradient.fill(0.0);
        store(parameter, new.0);
        for ((_, rest), new) in moments.iter_mut().zip(new.1) {
            store(rest, new);
        }
        probe.report(isa, self.finite);
    }
}

impl Kernel for SumOfSquares<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        const RUN: usize = 4;
        let mut sums = [ZERO; RUN];
        let (whole, rest) = self.numbers.as_chunks::<LANES>();
        let (runs, single) = whole.as_chunks::<RUN>();
        for run in runs {
            for (sum, numbers) in sums.iter_mut().zip(run) {
                let numbers = pulp::bytemuck::cast(*numbers);
                *sum = isa.madd(numbers, numbers, *sum);
            }
        }
        let rest = single.iter().map(|numbers| &numbers[..]).chain([rest]);
        for (sum, numbers) in sums.iter_mut().zip(rest) {
            let numbers = load(numbers);
            *sum = isa.madd(numbers, numbers, *sum);
        }
        let [a, b, c, d] = sums;
        let all = isa.add_f32s(isa.add_f32s(a, b), isa.add_f32s(c, d));
        *self.sum += f64::from(isa.reduce_sum_f32s(all));
    }
}

impl AverageUpdate<'_> {
    #[inline(always)]
    fn mean<I: Isa>(isa: I, decay: f32, average: Lane, parameters: Lane) -> Lane {
        isa.madd(splat(1.0 - decay), isa.sub_f32s(parameters, average), average)
    }
}

impl Kernel for AverageUpdate<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let (average, last) = self.average.as_chunks_mut::<LANES>();
        let (parameters, last_parameters) = self.parameters.as_chunks::<LANES>();
        for (average, parameters) in average.iter_mut().zip(parameters) {
            let numbers = (pulp::bytemuck::cast(*average), pulp::bytemuck::cast(*parameters));
            *average = pulp::bytemuck::cast(Self::mean(isa, self.decay, numbers.0, numbers.1));
        }
        let mean = Self::mean(isa, self.decay, load(last), load(last_parameters));
        store(last, mean);
    }
}
