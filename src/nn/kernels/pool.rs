//! Pooling after an activation, over windows of any side.
//!
//! Shapes, for one map: activated values `[Z][Z]`, pooled values `[P][P]`, where the windows' side `Z / P` is whole.

use super::{Isa, Kernel, Lane, ZERO, activation, splat};
use crate::nn::{Activation, Pooling};

/// Computes pooled values.
pub struct Pool<'a, const Z: usize, const P: usize> {
    pub pooling: Pooling,
    /// The rows that the windows of `pooled` lie in.
    pub maps: &'a [Lane],
    /// Whole rows.
    pub pooled: &'a mut [Lane],
}

impl<const Z: usize, const P: usize> Kernel for Pool<'_, Z, P> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let side = Z / P;
        let scale = splat(1.0 / (side * side) as f32);
        for (row, maps) in self.pooled.chunks_exact_mut(P).zip(self.maps.chunks_exact(side * Z)) {
            for x in 0..P {
                let mut value = maps[x * side];
                for k in 1..side * side {
                    let next = maps[k / side * Z + x * side + k % side];
                    value = match self.pooling {
                        Pooling::Avg => isa.add_f32s(value, next),
                        Pooling::Max => isa.max_f32s(value, next),
                    };
                }
                row[x] = match self.pooling {
                    Pooling::Avg => isa.mul_f32s(value, scale),
                    Pooling::Max => value,
                };
            }
        }
    }
}

/// Computes the gradient of the values before the activation from that of the pooled ones.
pub struct PoolGradient<'a, const Z: usize, const P: usize> {
    pub activation: Activation,
    pub pooling: Pooling,
    /// Whole rows.
    pub pooled_gradient: &'a [Lane],
    /// Activated values of the windows, which are replaced by the gradient.
    pub maps: &'a mut [Lane],
}

impl<const Z: usize, const P: usize> Kernel for PoolGradient<'_, Z, P> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let side = Z / P;
        let scale = splat(1.0 / (side * side) as f32);
        for (row, maps) in self.pooled_gradient.chunks_exact(P).zip(self.maps.chunks_exact_mut(side * Z)) {
            for x in 0..P {
                let place = |k: usize| k / side * Z + x * side + k % side;
                let mut max = maps[place(0)];
                for k in 1..side * side {
                    max = isa.max_f32s(max, maps[place(k)]);
                }
                // The first of the largest values, in reading order, receives the whole gradient.
                let mut left = row[x];
                for k in 0..side * side {
                    let value = maps[place(k)];
                    let gradient = match self.pooling {
                        Pooling::Avg => isa.mul_f32s(row[x], scale),
                        Pooling::Max => {
                            let is_max = isa.equal_f32s(value, max);
                            let gradient = isa.select_f32s(is_max, left, ZERO);
                            left = isa.select_f32s(is_max, ZERO, left);
                            gradient
                        }
                    };
                    maps[place(k)] = activation::backward(isa, self.activation, value, gradient);
                }
            }
        }
    }
}

/// Computes one value for each place of maps `[Z][Z]`, of the 3x3 values around it. Outside the maps there are zeros for
/// an average, and nothing for a maximum.
pub struct SlidingPool<'a, const Z: usize> {
    pub pooling: Pooling,
    pub maps: &'a [Lane],
    /// As many whole maps.
    pub pooled: &'a mut [Lane],
}

impl<const Z: usize> Kernel for SlidingPool<'_, Z> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        for (map, pooled) in self.maps.chunks_exact(Z * Z).zip(self.pooled.chunks_exact_mut(Z * Z)) {
            for y in 0..Z {
                for x in 0..Z {
                    pooled[y * Z + x] = match self.pooling {
                        Pooling::Avg => isa.mul_f32s(sum_around::<A, Z>(isa, map, y, x), splat(1.0 / 9.0)),
                        Pooling::Max => max_around::<A, Z>(isa, map, y, x),
                    };
                }
            }
        }
    }
}

/// Adds the gradient of the maps to `gradient`.
pub struct SlidingPoolGradient<'a, const Z: usize> {
    pub pooling: Pooling,
    pub maps: &'a [Lane],
    pub pooled_gradient: &'a [Lane],
    /// As many whole maps.
    pub gradient: &'a mut [Lane],
}

impl<const Z: usize> Kernel for SlidingPoolGradient<'_, Z> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let maps = self.maps.chunks_exact(Z * Z).zip(self.pooled_gradient.chunks_exact(Z * Z));
        for ((map, pooled), gradient) in maps.zip(self.gradient.chunks_exact_mut(Z * Z)) {
            for y in 0..Z {
                for x in 0..Z {
                    let place = y * Z + x;
                    match self.pooling {
                        // Each value is in the windows of the places around it.
                        Pooling::Avg => {
                            let sum = sum_around::<A, Z>(isa, pooled, y, x);
                            gradient[place] = isa.madd(sum, splat(1.0 / 9.0), gradient[place]);
                        }
                        Pooling::Max => {
                            let max = max_around::<A, Z>(isa, map, y, x);
                            let mut left = pooled[place];
                            for near in around(Z, y) {
                                for place in around(Z, x) {
                                    let place = near * Z + place;
                                    let is_max = isa.equal_f32s(map[place], max);
                                    let assigned = isa.select_f32s(is_max, left, ZERO);
                                    gradient[place] = isa.add_f32s(gradient[place], assigned);
                                    left = isa.select_f32s(is_max, ZERO, left);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Returns the rows or columns within 1 of `place`.
#[inline(always)]
fn around(side: usize, place: usize) -> std::ops::Range<usize> {
    place.saturating_sub(1)..side.min(place + 2)
}

#[inline(always)]
fn sum_around<A: Isa, const Z: usize>(isa: A, map: &[Lane], y: usize, x: usize) -> Lane {
    let mut sum = ZERO;
    for row in around(Z, y) {
        for &value in &map[row * Z..][around(Z, x)] {
            sum = isa.add_f32s(sum, value);
        }
    }
    sum
}

#[inline(always)]
fn max_around<A: Isa, const Z: usize>(isa: A, map: &[Lane], y: usize, x: usize) -> Lane {
    let mut max = map[y * Z + x];
    for row in around(Z, y) {
        for &value in &map[row * Z..][around(Z, x)] {
            max = isa.max_f32s(max, value);
        }
    }
    max
}
