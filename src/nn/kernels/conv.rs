//! The 5x5 convolution with its bias, activation and 2x2 pooling.
//!
//! Shapes, for one group: input `[I][X][X]`, pre-pooling maps `[O][Z][Z]` with `Z = X - 4`, pooled maps
//! `[O][Z/2][Z/2]`, weights `[O][I][5][5]`. Each element is a [`Lane`], except for the weights. Groups follow one
//! another.

use std::ops::Range;

use super::{Isa, Kernel, Lane, ZERO, activation, splat};
use crate::nn::{Activation, Pooling};

pub(crate) const KERNEL: usize = 5;
const TAPS: usize = KERNEL * KERNEL;

/// Returns the row of `N` lanes that starts at `start`.
#[inline(always)]
pub(super) fn row<const N: usize>(lanes: &[Lane], start: usize) -> &[Lane; N] {
    lanes[start..].first_chunk().expect("rows lie within their map")
}

/// Returns the five weights of a kernel's row.
#[inline(always)]
fn taps(weights: &[f32], start: usize) -> &[f32; KERNEL] {
    weights[start..].first_chunk().expect("kernels lie within the weights")
}

/// Computes pooled maps, and the activated maps before pooling.
pub struct ConvForward<'a, const I: usize, const X: usize, const Z: usize> {
    pub activation: Activation,
    pub pooling: Pooling,
    /// Input maps of all groups.
    pub input: &'a [Lane],
    pub weights: &'a [f32],
    pub bias: &'a [f32],
    /// Number of the first map to compute, counted over all groups.
    pub first: usize,
    /// Pooled maps to compute, from `first` on.
    pub pooled: &'a mut [Lane],
    /// The activated maps from `first` on, or empty if no gradients will be needed.
    pub activated: &'a mut [Lane],
}

impl<const I: usize, const X: usize, const Z: usize> Kernel for ConvForward<'_, I, X, Z> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let maps = self.pooled.len() / (Z / 2 * (Z / 2));
        let outputs = self.bias.len();
        let mut this = self;
        let mut done = 0;
        // A tile of several maps never crosses into the next group.
        while done < maps {
            let left = (maps - done).min(outputs - (this.first + done) % outputs);
            done += match left {
                4.. if A::WIDE && outputs.is_multiple_of(4) => this.tile::<A, 4>(isa, done),
                3.. if A::WIDE => this.tile::<A, 3>(isa, done),
                2.. if A::WIDE => this.tile::<A, 2>(isa, done),
                _ => this.tile::<A, 1>(isa, done),
            };
        }
    }
}

impl<const I: usize, const X: usize, const Z: usize> ConvForward<'_, I, X, Z> {
    /// Computes `N` maps together, pooling window by pooling window, after the first `done` maps of the outputs.
    #[inline(always)]
    fn tile<A: Isa, const N: usize>(&mut self, isa: A, done: usize) -> usize {
        let pooled_side = Z / 2;
        let (group, map) = ((self.first + done) / self.bias.len(), (self.first + done) % self.bias.len());
        let input = &self.input[group * I * X * X..][..I * X * X];
        let weights = &self.weights[map * I * TAPS..][..N * I * TAPS];
        let bias: &[f32; N] = self.bias[map..].first_chunk().expect("each map has a bias");
        for y in 0..pooled_side {
            for x in 0..pooled_side {
                let window = window::<A, N, I, X>(isa, input, weights, bias, 2 * y, 2 * x);
                for (n, mut values) in window.into_iter().enumerate() {
                    for value in values.as_flattened_mut() {
                        *value = activation::apply(isa, self.activation, *value);
                    }
                    self.pooled[((done + n) * pooled_side + y) * pooled_side + x] = pool(isa, self.pooling, &values);
                    if !self.activated.is_empty() {
                        for (dy, row) in values.iter().enumerate() {
                            let start = ((done + n) * Z + 2 * y + dy) * Z + 2 * x;
                            self.activated[start..start + 2].copy_from_slice(row);
                        }
                    }
                }
            }
        }
        N
    }
}

/// Returns the four pre-activations of one pooling window in each of `N` maps.
#[inline(always)]
fn window<A: Isa, const N: usize, const I: usize, const X: usize>(
    isa: A,
    input: &[Lane],
    weights: &[f32],
    bias: &[f32; N],
    y: usize,
    x: usize,
) -> [[[Lane; 2]; 2]; N] {
    let mut sums = bias.map(|bias| [[splat(bias); 2]; 2]);
    for channel in 0..I {
        for ky in 0..KERNEL {
            let start = (channel * X + y + ky) * X + x;
            let rows: [&[Lane; KERNEL + 1]; 2] = [row(input, start), row(input, start + X)];
            for kx in 0..KERNEL {
                unrolled!(n < N {
                    let tap = splat(weights[(n * I + channel) * TAPS + ky * KERNEL + kx]);
                    for dy in 0..2 {
                        for dx in 0..2 {
                            sums[n][dy][dx] = isa.madd(rows[dy][kx + dx], tap, sums[n][dy][dx]);
                        }
                    }
                });
            }
        }
    }
    sums
}

#[inline(always)]
fn pool<A: Isa>(isa: A, pooling: Pooling, [[a, b], [c, d]]: &[[Lane; 2]; 2]) -> Lane {
    match pooling {
        Pooling::Avg => isa.mul_f32s(splat(0.25), isa.add_f32s(isa.add_f32s(*a, *b), isa.add_f32s(*c, *d))),
        Pooling::Max => isa.max_f32s(isa.max_f32s(*a, *b), isa.max_f32s(*c, *d)),
    }
}

/// Computes the gradient of the pre-activations of some maps from that of the pooled maps, and adds the gradients of
/// their weights and biases to `weights` and `bias`.
pub struct ConvWeightGradient<'a, 'b, const I: usize, const X: usize, const Z: usize> {
    pub activation: Activation,
    pub pooling: Pooling,
    /// Input maps of all groups.
    pub input: &'a [Lane],
    /// Gradient of the pooled maps, for each group.
    pub pooled_gradient: &'a [&'a [Lane]],
    /// Activated maps, for each group, which are replaced by the gradient of their pre-activations.
    pub maps: &'a mut [&'b mut [Lane]],
    pub weights: &'a mut [f32],
    pub bias: &'a mut [f32],
}

impl<const I: usize, const X: usize, const Z: usize> Kernel for ConvWeightGradient<'_, '_, I, X, Z> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let maps = self.bias.len();
        let mut this = self;
        let mut done = 0;
        while done < maps {
            done += match maps - done {
                4.. if A::WIDE && maps.is_multiple_of(4) => this.tile::<A, 4>(isa, done),
                3.. if A::WIDE => this.tile::<A, 3>(isa, done),
                2.. if A::WIDE => this.tile::<A, 2>(isa, done),
                _ => this.tile::<A, 1>(isa, done),
            };
        }
    }
}

/// Sums over groups and positions for `N` maps, separately for each lane.
struct Sums<const N: usize, const I: usize> {
    /// By input map and row of the kernels.
    weights: [[[[Lane; KERNEL]; N]; KERNEL]; I],
    bias: [Lane; N],
}

impl<const I: usize, const X: usize, const Z: usize> ConvWeightGradient<'_, '_, I, X, Z> {
    /// Number of rows of the maps to process at a time. Those of four maps, about 400 lanes, fit the first-level cache.
    const ROWS: usize = 2 * if Z < 50 { 50 / Z } else { 1 };

    #[inline(always)]
    fn tile<A: Isa, const N: usize>(&mut self, isa: A, done: usize) -> usize {
        let mut sums = Sums { weights: [[[[ZERO; KERNEL]; N]; KERNEL]; I], bias: [ZERO; N] };
        for group in 0..self.maps.len() {
            for first in (0..Z).step_by(Self::ROWS) {
                let rows = first..Z.min(first + Self::ROWS);
                for n in 0..N {
                    self.unpool(isa, group, done + n, rows.clone());
                }
                self.add_rows(isa, group, done, rows, &mut sums);
            }
        }
        for n in 0..N {
            for channel in 0..I {
                for ky in 0..KERNEL {
                    let start = ((done + n) * I + channel) * TAPS + ky * KERNEL;
                    for (weight, &sum) in self.weights[start..].iter_mut().zip(&sums.weights[channel][ky][n]) {
                        *weight += isa.reduce_sum_f32s(sum);
                    }
                }
            }
            self.bias[done + n] += isa.reduce_sum_f32s(sums.bias[n]);
        }
        N
    }

    /// Replaces rows of a group's activated map by the gradient of their pre-activations.
    #[inline(always)]
    fn unpool<A: Isa>(&mut self, isa: A, group: usize, map: usize, rows: Range<usize>) {
        let pooled_gradient = &self.pooled_gradient[group][(map * (Z / 2) + rows.start / 2) * (Z / 2)..];
        let maps = &mut self.maps[group][(map * Z + rows.start) * Z..][..rows.len() * Z];
        for (pooled_row, rows) in pooled_gradient.chunks_exact(Z / 2).zip(maps.chunks_exact_mut(2 * Z)) {
            let (upper, lower) = rows.split_at_mut(Z);
            for (x, &gradient) in pooled_row.iter().enumerate() {
                let at = 2 * x;
                let a = [upper[at], upper[at + 1], lower[at], lower[at + 1]];
                let gradients = match self.pooling {
                    Pooling::Avg => [isa.mul_f32s(gradient, splat(0.25)); 4],
                    Pooling::Max => to_first_maximum(isa, &a, gradient),
                };
                let mut z = [ZERO; 4];
                for k in 0..4 {
                    z[k] = activation::backward(isa, self.activation, a[k], gradients[k]);
                }
                (upper[at], upper[at + 1], lower[at], lower[at + 1]) = (z[0], z[1], z[2], z[3]);
            }
        }
    }

    /// Adds the sums over rows of `N` maps of a group.
    #[inline(always)]
    fn add_rows<A: Isa, const N: usize>(
        &self,
        isa: A,
        group: usize,
        done: usize,
        rows: Range<usize>,
        sums: &mut Sums<N, I>,
    ) {
        let gradient = &self.maps[group][done * Z * Z..][..N * Z * Z];
        for place in rows.start * Z..rows.end * Z {
            for n in 0..N {
                sums.bias[n] = isa.add_f32s(sums.bias[n], gradient[n * Z * Z + place]);
            }
        }
        for channel in 0..I {
            let input = &self.input[(group * I + channel) * X * X..][..X * X];
            for ky in 0..KERNEL {
                let sums = &mut sums.weights[channel][ky];
                *sums = kernel_row::<A, N, X, Z>(isa, input, gradient, ky, rows.clone(), *sums);
            }
        }
    }
}

/// Returns the sums of row `ky` of the kernels of `N` maps with those over `rows` of a group's maps.
#[inline(always)]
fn kernel_row<A: Isa, const N: usize, const X: usize, const Z: usize>(
    isa: A,
    input: &[Lane],
    gradient: &[Lane],
    ky: usize,
    rows: Range<usize>,
    mut sums: [[Lane; KERNEL]; N],
) -> [[Lane; KERNEL]; N] {
    for y in rows {
        let inputs: &[Lane; X] = row(input, (y + ky) * X);
        let mut gradients = [inputs.first_chunk::<Z>().expect("Z is less than X"); N];
        for (n, gradients) in gradients.iter_mut().enumerate() {
            *gradients = row(gradient, (n * Z + y) * Z);
        }
        for x in 0..Z {
            for n in 0..N {
                for kx in 0..KERNEL {
                    sums[n][kx] = isa.madd(gradients[n][x], inputs[x + kx], sums[n][kx]);
                }
            }
        }
    }
    sums
}

/// Assigns the whole gradient to the first of the window's largest values, in reading order.
#[inline(always)]
fn to_first_maximum<A: Isa>(isa: A, a: &[Lane; 4], gradient: Lane) -> [Lane; 4] {
    let max = isa.max_f32s(isa.max_f32s(a[0], a[1]), isa.max_f32s(a[2], a[3]));
    let mut left = gradient;
    let mut assigned = [ZERO; 4];
    for (assigned, &a) in assigned.iter_mut().zip(a) {
        let is_max = isa.equal_f32s(a, max);
        *assigned = isa.select_f32s(is_max, left, ZERO);
        left = isa.select_f32s(is_max, ZERO, left);
    }
    assigned
}

/// Computes the gradient of the input.
pub struct ConvInputGradient<'a, const I: usize, const X: usize, const Z: usize> {
    /// Gradient of the pre-activations, for all groups.
    pub gradient: &'a [Lane],
    pub weights: &'a [f32],
    /// Number of the first input map whose gradient to compute, counted over all groups.
    pub first: usize,
    /// Gradients of the input maps from `first` on.
    pub input_gradient: &'a mut [Lane],
    /// Whether to add to the gradients instead of replacing them.
    pub adds: bool,
}

impl<const I: usize, const X: usize, const Z: usize> Kernel for ConvInputGradient<'_, I, X, Z> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let outputs = self.weights.len() / (I * TAPS);
        for (map, input_gradient) in self.input_gradient.chunks_exact_mut(X * X).enumerate() {
            let (group, channel) = ((self.first + map) / I, (self.first + map) % I);
            let gradient = &self.gradient[group * outputs * Z * Z..][..outputs * Z * Z];
            for (y, out) in input_gradient.as_chunks_mut::<X>().0.iter_mut().enumerate() {
                let before = if self.adds { *out } else { [ZERO; X] };
                *out = gradient_row::<A, I, X, Z>(isa, gradient, self.weights, channel, y, before);
            }
        }
    }
}

/// Returns `before` plus one row of the input's gradient: each gradient in reach, multiplied by the kernel row between.
#[inline(always)]
fn gradient_row<A: Isa, const I: usize, const X: usize, const Z: usize>(
    isa: A,
    gradient: &[Lane],
    weights: &[f32],
    channel: usize,
    y: usize,
    before: [Lane; X],
) -> [Lane; X] {
    let mut sums = before;
    for (output, gradient) in gradient.chunks_exact(Z * Z).enumerate() {
        for ky in (y + 1).saturating_sub(Z)..KERNEL.min(y + 1) {
            let gradients: &[Lane; Z] = row(gradient, (y - ky) * Z);
            let taps = taps(weights, (output * I + channel) * TAPS + ky * KERNEL).map(splat);
            for x in 0..Z {
                for kx in 0..KERNEL {
                    sums[x + kx] = isa.madd(gradients[x], taps[kx], sums[x + kx]);
                }
            }
        }
    }
    sums
}
