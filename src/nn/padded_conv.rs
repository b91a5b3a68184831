//! A convolution with zero padding, as the blocks of larger networks use it.

use std::sync::Arc;

use dfdx::{
    nn::{ModuleVisitor, TensorCollection, TensorOptions},
    shapes::{Dtype, Rank1, Rank4},
    tensor::{Cpu, Gradients, Storage, Tensor},
    tensor_ops::Device,
};
use rand::rngs::Xoshiro256PlusPlus;

use super::{
    Activation, Engine,
    aligned::AlignedLanes,
    engine::Units,
    init::glorot_uniform,
    kernels::{ActivationBackward, Lane, PaddedConvolution, PaddedWeightGradient, Start},
    layout::{gradient_mut, take_gradient},
    model::Block,
    parameters::Parameters,
};

/// A convolution with kernels of `K` x `K`, an odd number, that turns `I` maps of `S` x `S` into `O` maps of that size:
/// outside the maps there are zeros.
#[derive(Debug, Clone)]
pub struct PaddedConv<
    const I: usize,
    const O: usize,
    const S: usize,
    const K: usize,
    E: Dtype = f32,
    D: Storage<E> = Cpu,
> {
    pub weight: Tensor<Rank4<O, I, K, K>, E, D>,
    pub bias: Tensor<Rank1<O>, E, D>,
    pub activation: Activation,
    pub engine: Engine,
    /// Parameters to use instead of the tensors' values.
    attached: Option<Parameters>,
}

impl<const I: usize, const O: usize, const S: usize, const K: usize, E: Dtype, D: Device<E>> TensorCollection<E, D>
    for PaddedConv<I, O, S, K, E, D>
{
    type To<E2: Dtype, D2: Device<E2>> = PaddedConv<I, O, S, K, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(visitor: &mut V) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::tensor("weight", |s| &s.weight, |s| &mut s.detached().weight, TensorOptions::reset_to_zeros()),
                Self::tensor("bias", |s| &s.bias, |s| &mut s.detached().bias, TensorOptions::reset_to_zeros()),
            ),
            |(weight, bias)| PaddedConv {
                weight,
                bias,
                activation: Activation::Relu,
                engine: Engine::default(),
                attached: None,
            },
        )
    }
}

impl<const I: usize, const O: usize, const S: usize, const K: usize, E: Dtype, D: Storage<E>>
    PaddedConv<I, O, S, K, E, D>
{
    /// Makes the convolution use its tensors' values again.
    fn detached(&mut self) -> &mut Self {
        self.attached = None;
        self
    }
}

impl<const I: usize, const O: usize, const S: usize, const K: usize> PaddedConv<I, O, S, K> {
    /// Number of maps of which a thread's share is a multiple: those of the kernels' widest tile.
    const TILE: usize = if S <= 3 { 8 } else { 4 };

    pub(super) fn configure(&mut self, activation: Activation, engine: &Engine) {
        (self.activation, self.engine) = (activation, engine.clone());
    }

    fn parameters(&self) -> Parameters {
        self.attached.clone().unwrap_or_else(|| Parameters::copied(&self.weight, &self.bias))
    }

    /// Computes the activated maps of all groups. `shortcut` is added before the activation: for each group as many maps
    /// as there are, at most `O`.
    pub(super) fn forward(&self, input: &[Lane], shortcut: &[Lane], output: &mut [Lane]) {
        const { assert!(K % 2 == 1, "kernels have a middle") }
        let parameters = self.parameters();
        self.engine.split(Units(output, S * S), Self::TILE, |first, part| {
            self.engine.run(PaddedConvolution::<S, K, false> {
                activation: Some(self.activation),
                input,
                inputs: I,
                weights: parameters.weights(),
                start: Start::Bias { bias: parameters.bias(), shortcut },
                outputs: O,
                first,
                output: part.0,
            });
        });
    }

    /// Adds to the gradient of the input that which `gradient`, of the maps before their activation, leads to.
    pub(super) fn input_gradient(&self, gradient: &[Lane], input_gradient: &mut [Lane]) {
        let parameters = self.parameters();
        self.engine.split(Units(input_gradient, S * S), Self::TILE, |first, part| {
            self.engine.run(PaddedConvolution::<S, K, true> {
                activation: None,
                input: gradient,
                inputs: O,
                weights: parameters.weights(),
                start: Start::Output,
                outputs: I,
                first,
                output: part.0,
            });
        });
    }

    /// Replaces `hidden_gradient` by the gradient of the input before its activation. `input` are its activated values.
    pub(super) fn hidden_gradient(&self, gradient: &[Lane], input: &[Lane], hidden_gradient: &mut AlignedLanes) {
        hidden_gradient.clear();
        hidden_gradient.resize(input.len());
        self.input_gradient(gradient, hidden_gradient);
        self.engine.split(Units(hidden_gradient, 1), 1, |first, part| {
            let output = &input[first..];
            self.engine.run(ActivationBackward { activation: self.activation, output, gradient: part.0 });
        });
    }

    /// Adds to the gradients of weights and bias those which `gradient`, of the maps before their activation, leads to.
    pub(super) fn weight_gradient(&self, gradients: &mut Gradients<f32, Cpu>, input: &[Lane], gradient: &[Lane]) {
        let mut weights = take_gradient(gradients, &self.weight);
        let mut bias = take_gradient(gradients, &self.bias);
        let parts = (Units(&mut bias[..], 1), Units(&mut weights[..], I * K * K));
        self.engine.split(parts, 4, |first, (bias, weights)| {
            self.engine.run(PaddedWeightGradient::<S, K> {
                input,
                inputs: I,
                gradient,
                outputs: O,
                first,
                weights: weights.0,
                bias: bias.0,
            });
        });
        *gradient_mut(gradients, &self.weight) = weights;
        *gradient_mut(gradients, &self.bias) = bias;
    }
}

impl<const I: usize, const O: usize, const S: usize, const K: usize> Block for PaddedConv<I, O, S, K> {
    fn init(&mut self, rng: &mut Xoshiro256PlusPlus) {
        glorot_uniform(&mut self.weight, I * K * K, O * K * K, rng);
    }

    fn attach(&mut self, all: &Arc<Vec<f32>>, start: &mut usize) {
        self.attached = Some(Parameters::shared(all, start, [O * I * K * K, O]));
    }

    fn detach(&mut self) {
        self.detached();
    }
}
