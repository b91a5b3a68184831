//! Dense layers: `y = W x + b` with an activation, and the gradients.
//!
//! Shapes, for one group: input `[I]`, output `[O]`, each element a [`Lane`]; weights `[O][I]`. Groups follow one
//! another.

use super::{Isa, Kernel, LANES, Lane, ZERO, activation, load, splat, store};
use crate::nn::Activation;

/// Computes activated outputs.
pub struct DenseForward<'a, const I: usize> {
    /// `None` to leave the sums unchanged.
    pub activation: Option<Activation>,
    /// Inputs of all groups.
    pub input: &'a [Lane],
    pub weights: &'a [f32],
    pub bias: &'a [f32],
    /// Number of the first output to compute, counted over all groups.
    pub first: usize,
    /// Outputs to compute, from `first` on.
    pub output: &'a mut [Lane],
}

impl<const I: usize> Kernel for DenseForward<'_, I> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let outputs = self.bias.len();
        let mut this = self;
        let mut done = 0;
        while done < this.output.len() {
            let left = (this.output.len() - done).min(outputs - (this.first + done) % outputs);
            done += match left {
                12.. if A::WIDE => this.tile::<A, 12>(isa, done),
                8.. if A::WIDE => this.tile::<A, 8>(isa, done),
                4.. => this.tile::<A, 4>(isa, done),
                _ => this.tile::<A, 1>(isa, done),
            };
        }
    }
}

impl<const I: usize> DenseForward<'_, I> {
    #[inline(always)]
    fn tile<A: Isa, const N: usize>(&mut self, isa: A, done: usize) -> usize {
        let (group, output) = ((self.first + done) / self.bias.len(), (self.first + done) % self.bias.len());
        let input: &[Lane; I] = self.input[group * I..].first_chunk().expect("a group has I inputs");
        let rows: &[[f32; I]] = self.weights[output * I..].as_chunks().0;
        let rows: &[[f32; I]; N] = rows.first_chunk().expect("each output has a row");
        let bias: &[f32; N] = self.bias[output..].first_chunk().expect("each output has a bias");
        let mut sums = bias.map(splat);
        for i in 0..I {
            for n in 0..N {
                sums[n] = isa.madd(input[i], splat(rows[n][i]), sums[n]);
            }
        }
        for n in 0..N {
            self.output[done + n] = match self.activation {
                Some(activation) => activation::apply(isa, activation, sums[n]),
                None => sums[n],
            };
        }
        N
    }
}

/// Adds the gradients of weights and bias to `weights` and `bias`.
pub struct DenseWeightGradient<'a, const I: usize> {
    /// Inputs of each group and image, padded with zeros to whole lanes: `[groups][LANES][ceil(I / LANES)]`.
    pub transposed_input: &'a [Lane],
    /// Gradient of the outputs, `[groups][O]`.
    pub gradient: &'a [Lane],
    /// Number of outputs.
    pub outputs: usize,
    /// Number of the first output whose gradients to compute.
    pub first: usize,
    /// Gradients of the weights from output `first` on.
    pub weights: &'a mut [f32],
    /// Gradients of the biases from output `first` on.
    pub bias: &'a mut [f32],
}

impl<const I: usize> Kernel for DenseWeightGradient<'_, I> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let mut this = self;
        let mut done = 0;
        while done < this.bias.len() {
            done += match this.bias.len() - done {
                4.. if A::WIDE => this.rows::<A, 4>(isa, done),
                2.. => this.rows::<A, 2>(isa, done),
                _ => this.rows::<A, 1>(isa, done),
            };
        }
    }
}

impl<const I: usize> DenseWeightGradient<'_, I> {
    #[inline(always)]
    fn rows<A: Isa, const N: usize>(&mut self, isa: A, done: usize) -> usize {
        let columns = I.div_ceil(LANES);
        let mut column = 0;
        while column < columns {
            column += match columns - column {
                5.. if A::WIDE && columns.is_multiple_of(5) => self.tile::<A, N, 5>(isa, done, column),
                4.. if A::WIDE => self.tile::<A, N, 4>(isa, done, column),
                2.. => self.tile::<A, N, 2>(isa, done, column),
                _ => self.tile::<A, N, 1>(isa, done, column),
            };
        }
        for n in 0..N {
            let mut sum = ZERO;
            for group in self.gradient.chunks_exact(self.outputs) {
                sum = isa.add_f32s(sum, group[self.first + done + n]);
            }
            self.bias[done + n] += isa.reduce_sum_f32s(sum);
        }
        N
    }

    /// Adds to the weights between `N` outputs and `M` times sixteen inputs: a sum of outer products over images.
    #[inline(always)]
    fn tile<A: Isa, const N: usize, const M: usize>(&mut self, isa: A, done: usize, column: usize) -> usize {
        let columns = I.div_ceil(LANES);
        let mut sums = [[ZERO; M]; N];
        let groups = self.transposed_input.chunks_exact(LANES * columns).zip(self.gradient.chunks_exact(self.outputs));
        for (inputs, gradients) in groups {
            let gradients: &[Lane; N] =
                gradients[self.first + done..].first_chunk().expect("each output has a gradient");
            let gradients: &[[f32; LANES]] = pulp::bytemuck::cast_slice(gradients);
            let gradients: &[[f32; LANES]; N] = gradients.first_chunk().expect("each output has a gradient");
            for image in 0..LANES {
                let inputs: &[Lane; M] =
                    inputs[image * columns + column..].first_chunk().expect("an image has all its inputs");
                for n in 0..N {
                    let gradient = splat(gradients[n][image]);
                    for m in 0..M {
                        sums[n][m] = isa.madd(gradient, inputs[m], sums[n][m]);
                    }
                }
            }
        }
        for (n, sums) in sums.iter().enumerate() {
            let row = &mut self.weights[(done + n) * I..][..I];
            for (weights, &sum) in row[column * LANES..].chunks_mut(LANES).zip(sums) {
                let before = load(weights);
                store(weights, isa.add_f32s(before, sum));
            }
        }
        M
    }
}

/// Computes the gradient of the input.
pub struct DenseInputGradient<'a, const I: usize> {
    /// Gradient of the outputs, `[groups][O]`.
    pub gradient: &'a [Lane],
    pub weights: &'a [f32],
    /// Number of the first input whose gradient to compute, counted over all groups.
    pub first: usize,
    /// Gradients of the inputs from `first` on.
    pub input_gradient: &'a mut [Lane],
    /// Whether to add to the gradients instead of replacing them.
    pub adds: bool,
}

impl<const I: usize> Kernel for DenseInputGradient<'_, I> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let mut this = self;
        let mut done = 0;
        while done < this.input_gradient.len() {
            let left = (this.input_gradient.len() - done).min(I - (this.first + done) % I);
            done += match left {
                16.. if A::WIDE => this.tile::<A, 16>(isa, done),
                8.. if A::WIDE => this.tile::<A, 8>(isa, done),
                4.. => this.tile::<A, 4>(isa, done),
                _ => this.tile::<A, 1>(isa, done),
            };
        }
    }
}

impl<const I: usize> DenseInputGradient<'_, I> {
    #[inline(always)]
    fn tile<A: Isa, const N: usize>(&mut self, isa: A, done: usize) -> usize {
        let (group, input) = ((self.first + done) / I, (self.first + done) % I);
        let rows: &[[f32; I]] = self.weights.as_chunks().0;
        let gradient = &self.gradient[group * rows.len()..][..rows.len()];
        let mut sums = [ZERO; N];
        for (row, &gradient) in rows.iter().zip(gradient) {
            let weights: &[f32; N] = row[input..].first_chunk().expect("each input has a weight");
            for n in 0..N {
                sums[n] = isa.madd(gradient, splat(weights[n]), sums[n]);
            }
        }
        for n in 0..N {
            let before = if self.adds { self.input_gradient[done + n] } else { ZERO };
            self.input_gradient[done + n] = isa.add_f32s(before, sums[n]);
        }
        N
    }
}

/// Multiplies `gradient` by the activation's derivative, which follows from the activated outputs.
pub struct ActivationBackward<'a> {
    pub activation: Activation,
    pub output: &'a [Lane],
    pub gradient: &'a mut [Lane],
}

impl Kernel for ActivationBackward<'_> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        for (gradient, &output) in self.gradient.iter_mut().zip(self.output) {
            *gradient = activation::backward(isa, self.activation, output, *gradient);
        }
    }
}
