//! Layer normalisation of tokens, as part of other operations and before the mean over tokens.

use dfdx::{
    nn::Module,
    shapes::{Const, HasShape},
    tensor::{Cpu, Gradients, SplitTape, Tape},
};

use super::{
    Engine,
    aligned::AlignedLanes,
    buffer_pool::BufferPool,
    engine::Units,
    kernels::{LANES, Lane, NormBackward, NormForward, TokenMean, TokenMeanBackward, lanes, lanes_mut},
    layout::{Cpu32, Features, Grouped, Tokens, copy_lanes, gradient_mut, take_gradient, tensor},
};

/// Normalised tokens, and what their gradient needs.
#[derive(Debug, Default)]
pub(super) struct Normalized {
    /// `[D]`
    pub(super) values: AlignedLanes,
    /// `1 / sqrt(variance)` of each token.
    factors: AlignedLanes,
}

impl Normalized {
    /// Normalises tokens of `D` values.
    pub(super) fn compute<const D: usize>(&mut self, engine: &Engine, input: &[Lane]) {
        self.values.resize(input.len());
        self.factors.resize(input.len() / D);
        let parts = (Units(&mut self.values[..], D), Units(&mut self.factors[..], 1));
        engine.split(parts, 1, |first, (output, factors)| {
            let input = &input[first * D..][..output.0.len()];
            engine.run(NormForward::<D> { input, output: output.0, factors: factors.0 });
        });
    }

    /// Adds the gradient of the tokens to `input_gradient`; `gradient` is that of the normalised ones.
    pub(super) fn backward<const D: usize>(&self, engine: &Engine, gradient: &[Lane], input_gradient: &mut [Lane]) {
        engine.split(Units(input_gradient, D), 1, |first, part| {
            engine.run(NormBackward::<D> {
                output: &self.values[first * D..][..part.0.len()],
                factors: &self.factors[first..],
                gradient: &gradient[first * D..][..part.0.len()],
                input_gradient: part.0,
            });
        });
    }
}

/// Normalises tokens and returns the mean of an image's tokens, as one dfdx operation without parameters.
///
/// ```
/// use lenet_monitor::nn::{Features, NormalizedMean, Tokens};
/// use dfdx::prelude::*;
///
/// let device = Cpu::default();
/// let tokens: Tensor<Tokens<28, 56>, f32, _> = device.zeros_like(&(1, Const, Const, Const));
/// let mean: Tensor<Features<56>, f32, _> = NormalizedMean::default().forward(tokens);
/// ```
#[derive(Clone, Debug, Default)]
pub struct NormalizedMean {
    pub engine: Engine,
    buffer_pool: BufferPool<Buffers>,
}

#[derive(Debug, Default)]
struct Buffers {
    input: AlignedLanes,
    normalized: Normalized,
    gradient: AlignedLanes,
}

impl<const N: usize, const D: usize, T: Tape<f32, Cpu>> Module<Cpu32<Tokens<N, D>, T>> for NormalizedMean {
    type Output = Cpu32<Features<D>, T>;
    type Error = <Cpu as dfdx::tensor::HasErr>::Err;

    fn try_forward(&self, input: Cpu32<Tokens<N, D>, T>) -> Result<Self::Output, Self::Error> {
        let (input, tape) = input.split_tape();
        let groups = input.shape().groups();
        let mut buffers = self.buffer_pool.take();
        copy_lanes(&input, &mut buffers.input);
        buffers.normalized.compute::<D>(&self.engine, &buffers.input);
        let mut values = vec![0.0; groups * D * LANES];
        self.engine.run(TokenMean::<N, D> { tokens: &buffers.normalized.values, mean: lanes_mut(&mut values) });
        let output = tensor(input.device(), values, (groups, Const, Const));
        Ok(self.buffer_pool.record(buffers, output, tape, || {
            let layer = self.clone();
            move |gradients, output, buffers| layer.backward(gradients, &input, output, buffers)
        }))
    }
}

impl NormalizedMean {
    fn backward<const N: usize, const D: usize>(
        &self,
        gradients: &mut Gradients<f32, Cpu>,
        input: &Cpu32<Tokens<N, D>>,
        output: &Cpu32<Features<D>>,
        buffers: &mut Buffers,
    ) {
        let mean = take_gradient(gradients, output);
        buffers.gradient.resize(buffers.input.len());
        self.engine.run(TokenMeanBackward::<N, D> { mean: lanes(&mean), tokens: &mut buffers.gradient });
        let input_gradient = lanes_mut(gradient_mut(gradients, input));
        buffers.normalized.backward::<D>(&self.engine, &buffers.gradient, input_gradient);
    }
}
