//! Activations and their derivatives, sixteen at a time.

use super::{Isa, Lane, ZERO, splat};
use crate::nn::Activation;

/// Smallest argument whose `tanh` in f32 is exactly 1.
const TANH_ONE: f32 = 9.02;

/// Numerator and denominator of `tanh(x) / x`, in powers of x^2, lowest first: the rational function with the smallest
/// relative error up to [`TANH_ONE`], 2.2e-8, by `contrib/kernels/fit_tanh.py`.
const TANH: [[f64; 5]; 2] = [
    [0.999_999_979, 1.337_971_14e-1, 3.494_026_77e-3, 2.058_335_34e-5, 1.331_889_89e-8],
    [1.0, 4.671_302_67e-1, 2.587_104_36e-2, 3.283_080_09e-4, 7.761_947_57e-7],
];

/// The same for `tanh(x / 2) / (2 x)`.
const HALF_TANH: [[f64; 5]; 2] = [scaled(TANH[0], 0.25), scaled(TANH[1], 1.0)];

/// Returns `factor` times a polynomial, for a fourth of its argument.
const fn scaled(mut coefficients: [f64; 5], factor: f64) -> [f64; 5] {
    let (mut power, mut scale) = (0, factor);
    while power < 5 {
        coefficients[power] *= scale;
        scale /= 4.0;
        power += 1;
    }
    coefficients
}

/// Returns `x` times a rational function of x^2 for an `x` within `limit`, and its value at the limit outside; the result
/// is within `bound`. NaN stays NaN.
#[inline(always)]
fn odd<I: Isa>(isa: I, x: Lane, limit: f32, [numerator, denominator]: &[[f64; 5]; 2], bound: f32) -> Lane {
    let x = isa.at_least(-limit, isa.at_most(limit, x));
    let square = isa.mul_f32s(x, x);
    let numerator = isa.mul_f32s(x, polynomial(isa, &numerator.map(|c| c as f32), square));
    let quotient = isa.div_f32s(numerator, polynomial(isa, &denominator.map(|c| c as f32), square));
    isa.at_least(-bound, isa.at_most(bound, quotient))
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
    let x = isa.at_least(EXP_LEAST, x);
    let shifted = isa.madd(x, splat(std::f32::consts::LOG2_E), splat(EXPONENT));
    let n = isa.sub_f32s(shifted, splat(EXPONENT));
    let rest = isa.madd(n, splat(-LN_2[1]), isa.madd(n, splat(-LN_2[0]), x));
    let exponent = isa.wrapping_dyn_shl_u32s(isa.transmute_u32s_f32s(shifted), isa.splat_u32s(23));
    isa.mul_f32s(polynomial(isa, &EXP, rest), isa.transmute_f32s_u32s(exponent))
}

/// Applies an activation: tanh with a relative error below 6e-7, sigmoid, which is `(1 + tanh(x / 2)) / 2`, with an
/// absolute error below 3e-7.
#[inline(always)]
pub(crate) fn apply<I: Isa>(isa: I, activation: Activation, x: Lane) -> Lane {
    match activation {
        Activation::Relu => isa.positive(x),
        Activation::Tanh => odd(isa, x, TANH_ONE, &TANH, 1.0),
        Activation::Sigmoid => isa.add_f32s(splat(0.5), odd(isa, x, 2.0 * TANH_ONE, &HALF_TANH, 0.5)),
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
