//! The random choices of one image's writer.
//!
//! The generator is `rand`'s xoshiro256++, which is promised to be the same on every platform. Numbers are computed
//! from its bits with additions and multiplications only, so that they are the same everywhere, too.

use rand::{Rng, SeedableRng, rngs::Xoshiro256PlusPlus};

use crate::data::random::fraction;

/// The random generator of one image.
pub(super) struct Hand(Xoshiro256PlusPlus);

impl Hand {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// Draws uniformly from `low..high`.
    pub(crate) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * fraction(&mut self.0)
    }

    /// Draws noise uniformly from `-1.0..1.0`, in steps of 1/128, which is cheap.
    pub(crate) fn grain<const COUNT: usize>(&mut self) -> [f32; COUNT] {
        let mut bytes = [0; COUNT];
        self.0.fill_bytes(&mut bytes);
        bytes.map(|byte| f32::from(byte) / 128.0 - 1.0)
    }

    /// Returns `true` with the given probability.
    pub(crate) fn chance(&mut self, probability: f32) -> bool {
        fraction(&mut self.0) < probability
    }

    /// Draws from a bell-shaped distribution with mean 0 and deviation 1, within -3 to 3: the sum of three numbers
    /// uniform in `-1.0..1.0`.
    pub(crate) fn normal(&mut self) -> f32 {
        let bits = self.0.next_u64();
        // 21 bits fit a float's mantissa.
        let part = |shift: u32| 2.0 * ((bits >> shift & 0x1f_ffff) as f32 / (1_u32 << 21) as f32) - 1.0;
        part(0) + part(21) + part(42)
    }

    /// Draws from a bell-shaped distribution around `mean`.
    pub(crate) fn about(&mut self, mean: f32, deviation: f32) -> f32 {
        mean + deviation * self.normal()
    }
}
