//! Keras's initial weights.

use dfdx::{
    shapes::{HasShape, Shape},
    tensor::{Cpu, Tensor},
};
use rand::{Rng, SeedableRng, rngs::Xoshiro256PlusPlus};

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
    let values: Vec<f32> = (0..tensor.shape().num_elements()).map(|_| (2.0 * unit(rng) - 1.0) * limit).collect();
    tensor.copy_from(&values);
}

/// Draws a number uniformly from [0, 1), using the upper 24 bits.
fn unit(rng: &mut impl Rng) -> f32 {
    (rng.next_u64() >> 40) as f32 / (1 << 24) as f32
}
