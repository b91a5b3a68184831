//! The random choices of one image's writer.
//!
//! The generator is xoshiro256++ as `rand` ships it, promised to be the same on every platform. Numbers are made from its
//! bits with additions and multiplications only, so that they too are the same everywhere.

use rand::{Rng, SeedableRng, rngs::Xoshiro256PlusPlus};

/// Draws the choices of one image.
pub(super) struct Hand(Xoshiro256PlusPlus);

impl Hand {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// Uniform in `0.0..1.0`.
    fn unit(&mut self) -> f32 {
        fraction(self.0.next_u64() >> 40, 24)
    }

    /// Uniform in `low..high`.
    pub(crate) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Uniform in `-1.0..1.0`, in steps of 1/128: cheap, for noise.
    pub(crate) fn grain<const COUNT: usize>(&mut self) -> [f32; COUNT] {
        let mut bytes = [0; COUNT];
        self.0.fill_bytes(&mut bytes);
        bytes.map(|byte| f32::from(byte) / 128.0 - 1.0)
    }

    pub(crate) fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// Bell-shaped with mean 0 and deviation 1, never beyond 3: the sum of three uniform numbers in `-1.0..1.0`.
    pub(crate) fn normal(&mut self) -> f32 {
        let bits = self.0.next_u64();
        let part = |shift: u32| 2.0 * fraction(bits >> shift & 0x1f_ffff, 21) - 1.0;
        part(0) + part(21) + part(42)
    }

    /// Bell-shaped around `mean`.
    pub(crate) fn about(&mut self, mean: f32, deviation: f32) -> f32 {
        mean + deviation * self.normal()
    }
}

/// The lowest `bits` bits of a word as a fraction: exact, as they fit a float's mantissa.
fn fraction(word: u64, bits: u32) -> f32 {
    word as f32 / (1_u32 << bits) as f32
}
