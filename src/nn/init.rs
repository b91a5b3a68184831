//! Keras's initial weights.

use dfdx::{
    shapes::{HasShape, Shape},
    tensor::{Cpu, Tensor},
};
use rand::{Rng, SeedableRng, rngs::Xoshiro256PlusPlus};

use crate::data::random::fraction;

/// Returns the generator of initial weights. It is independent of the order of the images, which has the same seed.
pub(crate) fn generator(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed ^ u64::from_be_bytes(*b"weights "))
}

/// Fills the tensor with values uniform within `sqrt(6 / (fan_in + fan_out))` of zero (Glorot and Bengio 2010, with the
/// fans as Keras counts them).
pub(crate) fn glorot_uniform<S: Shape>(
    tensor: &mut Tensor<S, f32, Cpu>,
    fan_in: usize,
    fan_out: usize,
    rng: &mut impl Rng,
) {
    let limit = (6.0 / (fan_in + fan_out) as f32).sqrt();
    let values: Vec<f32> = (0..tensor.shape().num_elements()).map(|_| (2.0 * fraction(rng) - 1.0) * limit).collect();
    tensor.copy_from(&values);
}

/// Fills the recurrent weights `[H][G][H]` of `units` units so that the rows of Keras's matrix, the weights of each state
/// over all gates, are orthogonal and of length 1: normal numbers, orthogonalized row by row (Saxe et al. 2013).
pub(crate) fn orthogonal<S: Shape>(tensor: &mut Tensor<S, f32, Cpu>, units: usize, rng: &mut impl Rng) {
    let columns = tensor.shape().num_elements() / units;
    let mut rows: Vec<Vec<f64>> = Vec::with_capacity(units);
    for _ in 0..units {
        let mut row: Vec<f64> = (0..columns).map(|_| normal(rng)).collect();
        // The second time removes what rounding left the first time.
        for other in rows.iter().chain(&rows) {
            let along = dot(&row, other);
            row.iter_mut().zip(other).for_each(|(value, other)| *value -= along * other);
        }
        let length = dot(&row, &row).sqrt();
        row.iter_mut().for_each(|value| *value /= length);
        rows.push(row);
    }
    let values: Vec<f32> = (0..columns).flat_map(|column| rows.iter().map(move |row| row[column] as f32)).collect();
    tensor.copy_from(&values);
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Draws a number from the normal distribution with mean 0 and variance 1 (Box and Muller 1958).
fn normal(rng: &mut impl Rng) -> f64 {
    let radius = (-2.0 * (1.0 - f64::from(fraction(rng))).ln()).sqrt();
    radius * (std::f64::consts::TAU * f64::from(fraction(rng))).cos()
}
