//! Random numbers, the same on every platform.
//!
//! The generator is `rand`'s xoshiro256++, whose output that crate promises to be the same on every platform. The draws
//! are implemented here because the values of `rand`'s distributions may change between releases.

use std::sync::LazyLock;

use rand::{Rng, SeedableRng, rngs::Xoshiro256PlusPlus};

/// Returns the generator of a place in a run, such as an epoch, or an epoch and an image. The seed and each number are
/// spread over 64 bits before they are combined with the next number, so that (1, 2) and (2, 1) differ.
pub(super) fn generator<const NUMBERS: usize>(seed: u64, place: [u32; NUMBERS]) -> Xoshiro256PlusPlus {
    let spread = |key| Xoshiro256PlusPlus::seed_from_u64(key).next_u64();
    let key = place.into_iter().fold(seed, |key, number| spread(key) ^ u64::from(number));
    Xoshiro256PlusPlus::seed_from_u64(key)
}

/// Draws uniformly from `0.0..1.0`.
pub(crate) fn fraction(rng: &mut impl Rng) -> f32 {
    (rng.next_u64() >> 40) as f32 / (1_u32 << 24) as f32
}

/// Draws uniformly from `-1.0..1.0`.
pub(super) fn signed_fraction(rng: &mut impl Rng) -> f32 {
    2.0 * fraction(rng) - 1.0
}

/// Number of quantiles of the normal distribution's upper half, of equal probability.
const QUANTILES: usize = 1024;
/// Sixteen random bits make a normal number: one is the sign, ten choose the quantile.
const BITS: usize = 16;

/// Fills the numbers from the normal distribution with mean 0 and variance 1: the quantile function (the inverse of the
/// distribution function) of uniform numbers, read from a table with 2,048 values of both signs. The values are at
/// most 3.5, and their variance is 0.999.
pub(super) fn fill_normal(numbers: &mut [f32], rng: &mut impl Rng) {
    let quantiles: &[f32; QUANTILES] = &NORMAL_QUANTILES;
    for numbers in numbers.chunks_mut(u64::BITS as usize / BITS) {
        let mut bits = rng.next_u64();
        for number in numbers {
            let sign = (bits as u32 >> (BITS - 1) & 1) << 31;
            *number = f32::from_bits(quantiles[bits as usize % QUANTILES].to_bits() | sign);
            bits >>= BITS;
        }
    }
}

/// Quantiles of the normal distribution at the middle of each of [`QUANTILES`] equal parts of its upper half.
static NORMAL_QUANTILES: LazyLock<[f32; QUANTILES]> = LazyLock::new(|| {
    let mut z = 0.0;
    std::array::from_fn(|part| {
        let wanted = (part as f64 + 0.5) / (2 * QUANTILES) as f64;
        // Newton's method: the area is concave, so it approaches from the left and never overshoots.
        for _ in 0..6 {
            let (area, density) = area_and_density(z);
            z += (wanted - area) / density;
        }
        z as f32
    })
});

/// Returns the normal distribution's area from 0 to `z` and its density at `z`, at most 4, by their Taylor series: the
/// library's exponential function may differ between platforms.
fn area_and_density(z: f64) -> (f64, f64) {
    let (mut area, mut density, mut term) = (0.0, 0.0, 1.0 / std::f64::consts::TAU.sqrt());
    for n in 0..64 {
        let n = f64::from(n);
        density += term;
        area += term * z / (2.0 * n + 1.0);
        term *= -z * z / (2.0 * (n + 1.0));
    }
    (area, density)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of the quantile function from SciPy 1.17.1: `scipy.stats.norm.ppf(0.5 + (part + 0.5) / 2048)`.
    #[test]
    fn quantiles_are_those_of_the_normal_distribution() {
        for (part, quantile) in
            [(0, 0.000_611_97), (1, 0.001_835_91), (511, 0.673_721_7), (1000, 2.274_279), (1023, 3.487_104)]
        {
            assert!((NORMAL_QUANTILES[part] - quantile).abs() < 1e-6, "{part}: {}", NORMAL_QUANTILES[part]);
        }
    }
}
