//! Activations and their derivatives, sixteen at a time.

use super::{Isa, Lane, ZERO, splat};
use crate::nn::Activation;

/// Smallest argument whose `tanh` in f32 is exactly 1.
const TANH_ONE: f32 = 9.02;

/// Numerator and denominator, in powers of x^2, of Lambert's continued fraction `x/(1 + x^2/(3 + x^2/(5 + ...)))` for
/// tanh, truncated after thirteen terms; its exact value is within 4e-8 up to [`TANH_ONE`].
const TANH_NUMERATOR: [f32; 7] =
    scaled([7_905_853_580_625.0, 1_159_525_191_825.0, 41_247_931_725.0, 523_783_260.0, 2_552_550.0, 4_095.0, 1.0]);
const TANH_DENOMINATOR: [f32; 7] = scaled([
    7_905_853_580_625.0,
    3_794_809_718_700.0,
    252_070_693_875.0,
    5_237_832_600.0,
    41_351_310.0,
    120_120.0,
    91.0,
]);

const fn scaled(coefficients: [f64; 7]) -> [f32; 7] {
    let mut scaled = [0.0; 7];
    let mut power = 0;
    while power < 7 {
        scaled[power] = (coefficients[power] / 7_905_853_580_625.0) as f32;
        power += 1;
    }
    scaled
}

/// Returns the hyperbolic tangent with a relative error below 6e-7. NaN stays NaN.
#[inline(always)]
fn tanh<I: Isa>(isa: I, x: Lane) -> Lane {
    let x = at_least(isa, -TANH_ONE, at_most(isa, TANH_ONE, x));
    let square = isa.mul_f32s(x, x);
    let numerator = isa.mul_f32s(x, polynomial(isa, &TANH_NUMERATOR, square));
    let quotient = isa.div_f32s(numerator, polynomial(isa, &TANH_DENOMINATOR, square));
    at_least(isa, -1.0, at_most(isa, 1.0, quotient))
}

/// Returns the larger of `floor` and `x`. NaN stays NaN, which a maximum would hide.
#[inline(always)]
fn at_least<I: Isa>(isa: I, floor: f32, x: Lane) -> Lane {
    isa.select_f32s(isa.less_than_f32s(x, splat(floor)), splat(floor), x)
}

/// Returns the smaller of `ceiling` and `x`, like [`at_least`].
#[inline(always)]
fn at_most<I: Isa>(isa: I, ceiling: f32, x: Lane) -> Lane {
    isa.select_f32s(isa.less_than_f32s(splat(ceiling), x), splat(ceiling), x)
}

#[inline(always)]
fn polynomial<I: Isa, const N: usize>(isa: I, coefficients: &[f32; N], x: Lane) -> Lane {
    let mut sum = splat(coefficients[N - 1]);
    for power in (0..N - 1).rev() {
        sum = isa.madd(sum, x, splat(coefficients[power]));
    }
    sum
}

/// Smallest argument of [`exp`] whose power of 2 is a normal number.
const EXP_LEAST: f32 = -87.0;
/// Added to a number `n` from -127 to 128, leaves `n + 127`, the exponent of `2^n`, in the lowest bits of the sum.
const EXPONENT: f32 = 12_582_912.0 + 127.0;
/// The natural logarithm of 2 in two parts, of which the first times any exponent is exact.
const LN_2: [f32; 2] = [0.693_359_4, -0.000_212_194_44];
/// Taylor series of the exponential function; its remainder is below 6e-9 within half of `ln 2`.
const EXP: [f32; 8] = [1.0, 1.0, 1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5_040.0];

/// Returns the exponential of `x`, which is 0 or less, with a relative error below 3e-7; that of -87 for anything
/// smaller. NaN stays NaN.
#[inline(always)]
pub(super) fn exp<I: Isa>(isa: I, x: Lane) -> Lane {
    let x = at_least(isa, EXP_LEAST, x);
    let shifted = isa.madd(x, splat(std::f32::consts::LOG2_E), splat(EXPONENT));
    let n = isa.sub_f32s(shifted, splat(EXPONENT));
    let rest = isa.madd(n, splat(-LN_2[1]), isa.madd(n, splat(-LN_2[0]), x));
    let exponent = isa.wrapping_dyn_shl_u32s(isa.transmute_u32s_f32s(shifted), isa.splat_u32s(23));
    isa.mul_f32s(polynomial(isa, &EXP, rest), isa.transmute_f32s_u32s(exponent))
}

/// Applies an activation. Sigmoid is computed as `(1 + tanh(x/2)) / 2`, with an absolute error below 2e-7.
#[inline(always)]
pub(crate) fn apply<I: Isa>(isa: I, activation: Activation, x: Lane) -> Lane {
    match activation {
        Activation::Relu => isa.positive(x),
        Activation::Tanh => tanh(isa, x),
        Activation::Sigmoid => {
            let half = splat(0.5);
            isa.madd(half, tanh(isa, isa.mul_f32s(half, x)), half)
        }
    }
}

/// Returns `gradient` times the activation's derivative, which follows from the activation's value `a`.
#[inline(always)]
pub(crate) fn backward<I: Isa>(isa: I, activation: Activation, a: Lane, gradient: Lane) -> Lane {
    match activation {
        Activation::Relu => isa.select_f32s(isa.less_than_f32s(ZERO, a), gradient, ZERO),
        Activation::Tanh => isa.mul_f32s(gradient, isa.sub_f32s(splat(1.0), isa.mul_f32s(a, a))),
        Activation::Sigmoid => isa.mul_f32s(gradient, isa.mul_f32s(a, isa.sub_f32s(splat(1.0), a))),
    }
}
