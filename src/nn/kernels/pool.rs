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

/// Adds `values` to as many `sums`.
pub struct Add<'a> {
    pub values: &'a [Lane],
    pub sums: &'a mut [Lane],
}

impl Kernel for Add<'_> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        for (sum, &value) in self.sums.iter_mut().zip(self.values) {
            *sum = isa.add_f32s(*sum, value);
        }
    }
}
