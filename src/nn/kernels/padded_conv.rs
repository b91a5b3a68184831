//! Convolutions with zero padding, which keep the side of their maps, and their gradients.
//!
//! Shapes, for one group: input `[I][S][S]`, output `[O][S][S]`, weights `[O][I][K][K]` with an odd `K`. Each element is
//! a [`Lane`], except for the weights. Groups follow one another. Places outside the maps are skipped, not multiplied by
//! zero.

use super::{Isa, Kernel, Lane, ZERO, activation, conv::row, splat};
use crate::nn::Activation;

/// Values that the products are added to.
#[derive(Clone, Copy)]
pub enum Start<'a> {
    /// Those of the output.
    Output,
    /// A bias per output map and, for the first maps, those of a shortcut: `[M][S][S]` for each group, `M` at most `O`.
    Bias { bias: &'a [f32], shortcut: &'a [Lane] },
}

/// Computes maps, or with `BACK` the gradient of the input maps, which is a convolution of the gradient of the output
/// maps with mirrored kernels.
pub struct PaddedConvolution<'a, const S: usize, const K: usize, const BACK: bool> {
    /// `None` to leave the sums unchanged.
    pub activation: Option<Activation>,
    /// All groups of the maps to convolve.
    pub input: &'a [Lane],
    /// Number of these maps per group.
    pub inputs: usize,
    pub weights: &'a [f32],
    pub start: Start<'a>,
    /// Number of maps to compute per group.
    pub outputs: usize,
    /// Number of the first map to compute, counted over all groups.
    pub first: usize,
    /// Maps to compute, from `first` on.
    pub output: &'a mut [Lane],
}

impl<const S: usize, const K: usize, const BACK: bool> Kernel for PaddedConvolution<'_, S, K, BACK> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let maps = self.output.len() / (S * S);
        let mut this = self;
        let mut done = 0;
        // The widest tile has 24 sums. A tile never crosses into the next group.
        while done < maps {
            done += match (maps - done).min(this.outputs - (this.first + done) % this.outputs) {
                8.. if A::WIDE && S <= 3 => this.tile::<A, 8>(isa, done),
                4.. if A::WIDE && S <= 6 => this.tile::<A, 4>(isa, done),
                2.. if A::WIDE || S <= 3 => this.tile::<A, 2>(isa, done),
                _ => this.tile::<A, 1>(isa, done),
            };
        }
    }
}

impl<const S: usize, const K: usize, const BACK: bool> PaddedConvolution<'_, S, K, BACK> {
    const RADIUS: usize = K / 2;

    /// Computes `N` maps together, row by row, after the first `done` maps of the outputs.
    #[inline(always)]
    fn tile<A: Isa, const N: usize>(&mut self, isa: A, done: usize) -> usize {
        let (group, map) = ((self.first + done) / self.outputs, (self.first + done) % self.outputs);
        let input = &self.input[group * self.inputs * S * S..][..self.inputs * S * S];
        for y in 0..S {
            let mut sums = [[ZERO; S]; N];
            for n in 0..N {
                sums[n] = self.start(isa, (group, map + n), done + n, y);
            }
            for (channel, input) in input.chunks_exact(S * S).enumerate() {
                for ky in Self::RADIUS.saturating_sub(y)..K.min(S + Self::RADIUS - y) {
                    let inputs: &[Lane; S] = row(input, (y + ky - Self::RADIUS) * S);
                    let mut taps = [&[0.0; K]; N];
                    for n in 0..N {
                        taps[n] = self.taps(map + n, channel, ky);
                    }
                    unrolled!(kx < K {
                        for n in 0..N {
                            let tap = splat(taps[n][if BACK { K - 1 - kx } else { kx }]);
                            for x in Self::RADIUS.saturating_sub(kx)..S.min(S + Self::RADIUS - kx) {
                                sums[n][x] = isa.madd(inputs[x + kx - Self::RADIUS], tap, sums[n][x]);
                            }
                        }
                    });
                }
            }
            for n in 0..N {
                if let Some(activation) = self.activation {
                    for x in 0..S {
                        sums[n][x] = activation::apply(isa, activation, sums[n][x]);
                    }
                }
                self.output[((done + n) * S + y) * S..][..S].copy_from_slice(&sums[n]);
            }
        }
        N
    }

    /// Returns the values that row `y` of a map starts with.
    #[inline(always)]
    fn start<A: Isa>(&self, isa: A, (group, map): (usize, usize), output: usize, y: usize) -> [Lane; S] {
        match self.start {
            Start::Output => *row(self.output, (output * S + y) * S),
            Start::Bias { bias, shortcut } => {
                let mut values = [splat(bias[map]); S];
                let maps = shortcut.len() * self.outputs / (self.groups() * S * S * self.outputs);
                if map < maps {
                    let shortcut: &[Lane; S] = row(shortcut, ((group * maps + map) * S + y) * S);
                    for x in 0..S {
                        values[x] = isa.add_f32s(values[x], shortcut[x]);
                    }
                }
                values
            }
        }
    }

    #[inline(always)]
    fn groups(&self) -> usize {
        self.input.len() / (self.inputs * S * S)
    }

    /// Returns the row of a kernel that multiplies the inputs `ky - RADIUS` rows below an output.
    #[inline(always)]
    fn taps(&self, output: usize, input: usize, ky: usize) -> &[f32; K] {
        let start = match BACK {
            true => (input * self.outputs + output) * K * K + (K - 1 - ky) * K,
            false => (output * self.inputs + input) * K * K + ky * K,
        };
        self.weights[start..].first_chunk().expect("kernels lie within the weights")
    }
}

/// Adds the gradients of weights and bias to `weights` and `bias`.
pub struct PaddedWeightGradient<'a, const S: usize, const K: usize> {
    /// Input maps of all groups.
    pub input: &'a [Lane],
    /// Number of input maps.
    pub inputs: usize,
    /// Gradient of the outputs before their activation, for all groups.
    pub gradient: &'a [Lane],
    /// Number of output maps.
    pub outputs: usize,
    /// Number of the first output map whose gradients to compute.
    pub first: usize,
    /// Gradients of the weights from map `first` on.
    pub weights: &'a mut [f32],
    /// Gradients of the biases from map `first` on.
    pub bias: &'a mut [f32],
}

impl<const S: usize, const K: usize> Kernel for PaddedWeightGradient<'_, S, K> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let mut this = self;
        let mut done = 0;
        while done < this.bias.len() {
            done += match this.bias.len() - done {
                4.. if A::WIDE => this.maps::<A, 4>(isa, done),
                2.. => this.maps::<A, 2>(isa, done),
                _ => this.maps::<A, 1>(isa, done),
            };
        }
    }
}

impl<const S: usize, const K: usize> PaddedWeightGradient<'_, S, K> {
    #[inline(always)]
    fn maps<A: Isa, const N: usize>(&mut self, isa: A, done: usize) -> usize {
        let mut channel = 0;
        while channel < self.inputs {
            channel += match self.inputs - channel {
                4.. if A::WIDE => self.tile::<A, N, 4>(isa, done, channel),
                2.. => self.tile::<A, N, 2>(isa, done, channel),
                _ => self.tile::<A, N, 1>(isa, done, channel),
            };
        }
        for n in 0..N {
            let mut sum = ZERO;
            for group in self.gradient.chunks_exact(self.outputs * S * S) {
                for &gradient in &group[(self.first + done + n) * S * S..][..S * S] {
                    sum = isa.add_f32s(sum, gradient);
                }
            }
            self.bias[done + n] += isa.reduce_sum_f32s(sum);
        }
        N
    }

    /// Adds to the kernels between `N` output maps and `M` input maps.
    #[inline(always)]
    fn tile<A: Isa, const N: usize, const M: usize>(&mut self, isa: A, done: usize, channel: usize) -> usize {
        for ky in 0..K {
            for kx in 0..K {
                let sums = self.tap::<A, N, M>(isa, self.first + done, channel, (ky, kx));
                for n in 0..N {
                    for m in 0..M {
                        let place = ((done + n) * self.inputs + channel + m) * K * K + ky * K + kx;
                        self.weights[place] += isa.reduce_sum_f32s(sums[n][m]);
                    }
                }
            }
        }
        M
    }

    /// Sums over groups and positions, separately for each lane, for one place of the kernels.
    #[inline(always)]
    fn tap<A: Isa, const N: usize, const M: usize>(
        &self,
        isa: A,
        map: usize,
        channel: usize,
        (ky, kx): (usize, usize),
    ) -> [[Lane; M]; N] {
        let radius = K / 2;
        let mut sums = [[ZERO; M]; N];
        let groups = self.input.chunks_exact(self.inputs * S * S).zip(self.gradient.chunks_exact(self.outputs * S * S));
        for (input, gradient) in groups {
            for y in radius.saturating_sub(ky)..S.min(S + radius - ky) {
                let mut gradients = [&[ZERO; S]; N];
                for n in 0..N {
                    gradients[n] = row(gradient, ((map + n) * S + y) * S);
                }
                let mut inputs = [&[ZERO; S]; M];
                for m in 0..M {
                    inputs[m] = row(input, ((channel + m) * S + y + ky - radius) * S);
                }
                for x in radius.saturating_sub(kx)..S.min(S + radius - kx) {
                    for n in 0..N {
                        for m in 0..M {
                            sums[n][m] = isa.madd(gradients[n][x], inputs[m][x + kx - radius], sums[n][m]);
                        }
                    }
                }
            }
        }
        sums
    }
}
