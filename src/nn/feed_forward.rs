//! The position-wise network of an encoder block with its normalisation and its shortcut, as one dfdx operation.

use std::sync::Arc;

use dfdx::{
    nn::{Module, ModuleVisitor, TensorCollection},
    shapes::{Dtype, HasShape},
    tensor::{Cpu, Gradients, SplitTape, Storage, Tape},
    tensor_ops::Device,
};
use rand::rngs::Xoshiro256PlusPlus;

use super::{
    Activation, Dense, Engine,
    aligned::AlignedLanes,
    buffer_pool::BufferPool,
    kernels::{ActivationBackward, Add, LANES, Lane, lanes, lanes_mut},
    layout::{Cpu32, Tokens, copy_lanes, gradient_mut, take_gradient, tensor},
    linear,
    model::Block,
    norm::Normalized,
    parameters::Parameters,
};

/// Two dense layers that change each token of `D` values alone, by way of `M` hidden ones:
/// `x + W_2 f(W_1 norm(x) + b_1) + b_2`. The activation `f` is that of the hidden layer, or none if it has none.
///
/// ```
/// use lenet_monitor::nn::{FeedForward, Tokens};
/// use dfdx::prelude::*;
///
/// let device = Cpu::default();
/// let network = FeedForward::<56, 144>::build(&device);
/// let tokens: Tensor<Tokens<28, 56>, f32, _> = device.zeros_like(&(1, Const, Const, Const));
/// let output: Tensor<Tokens<28, 56>, f32, _> = network.forward(tokens);
/// ```
///
/// Tokens keep their 56 values:
/// ```compile_fail
/// # use lenet_monitor::nn::{FeedForward, Tokens};
/// # use dfdx::prelude::*;
/// # let device = Cpu::default();
/// # let network = FeedForward::<56, 144>::build(&device);
/// # let tokens: Tensor<Tokens<28, 56>, f32, _> = device.zeros_like(&(1, Const, Const, Const));
/// let output: Tensor<Tokens<28, 144>, f32, _> = network.forward(tokens);
/// ```
#[derive(Clone, Debug)]
pub struct FeedForward<const D: usize, const M: usize, E: Dtype = f32, Dev: Storage<E> = Cpu> {
    pub hidden: Dense<D, M, E, Dev>,
    pub output: Dense<M, D, E, Dev>,
    buffer_pool: BufferPool<Buffers>,
}

/// Values of a pass, for each token of each group.
#[derive(Debug, Default)]
struct Buffers {
    /// `[D]`
    input: AlignedLanes,
    normalized: Normalized,
    /// Activated, `[M]`.
    hidden: AlignedLanes,
    /// Gradients of the hidden values, and of values `[D]`.
    gradients: [AlignedLanes; 2],
    transposed: AlignedLanes,
}

impl<const D: usize, const M: usize, E: Dtype, Dev: Device<E>> TensorCollection<E, Dev> for FeedForward<D, M, E, Dev> {
    type To<E2: Dtype, D2: Device<E2>> = FeedForward<D, M, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, Dev>>(visitor: &mut V) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::module("hidden", |s| &s.hidden, |s| &mut s.hidden),
                Self::module("output", |s| &s.output, |s| &mut s.output),
            ),
            |(hidden, output)| FeedForward { hidden, output, buffer_pool: BufferPool::default() },
        )
    }
}

impl<const T: usize, const D: usize, const M: usize, P: Tape<f32, Cpu>> Module<Cpu32<Tokens<T, D>, P>>
    for FeedForward<D, M>
{
    type Output = Cpu32<Tokens<T, D>, P>;
    type Error = <Cpu as dfdx::tensor::HasErr>::Err;

    fn try_forward(&self, input: Cpu32<Tokens<T, D>, P>) -> Result<Self::Output, Self::Error> {
        let (input, tape) = input.split_tape();
        let mut buffers = self.buffer_pool.take();
        let parameters = [self.hidden.parameters(), self.output.parameters()];
        let output = self.run(&input, &parameters, &mut buffers);
        Ok(self.buffer_pool.record(buffers, output, tape, || {
            let layer = self.clone();
            move |gradients, output, buffers| layer.backward(gradients, &parameters, &input, output, buffers)
        }))
    }
}

impl<const D: usize, const M: usize> FeedForward<D, M> {
    /// Sets the activation of the hidden layer, and the engine.
    pub fn configure(&mut self, activation: Activation, engine: &Engine) {
        (self.hidden.activation, self.hidden.engine) = (Some(activation), engine.clone());
    }

    /// Returns the hidden values `[T][M]`, and the output.
    pub(super) fn hidden<const T: usize>(&self, input: &Cpu32<Tokens<T, D>>) -> (Vec<Lane>, Cpu32<Tokens<T, D>>) {
        let mut buffers = Buffers::default();
        let output = self.run(input, &[self.hidden.parameters(), self.output.parameters()], &mut buffers);
        (buffers.hidden.to_vec(), output)
    }

    fn run<const T: usize>(
        &self,
        input: &Cpu32<Tokens<T, D>>,
        [first, second]: &[Parameters; 2],
        buffers: &mut Buffers,
    ) -> Cpu32<Tokens<T, D>> {
        let (engine, activation) = (&self.hidden.engine, self.hidden.activation);
        let Buffers { input: tokens, normalized, hidden, .. } = buffers;
        copy_lanes(input, tokens);
        let count = tokens.len() / D;
        normalized.compute::<D>(engine, tokens);
        hidden.resize(count * M);
        linear::forward::<D>(engine, activation, &normalized.values, (first.weights(), first.bias()), hidden);
        let mut values = vec![0.0; count * D * LANES];
        linear::forward::<M>(engine, None, hidden, (second.weights(), second.bias()), lanes_mut(&mut values));
        engine.run(Add { from: tokens, to: lanes_mut(&mut values) });
        tensor(input.device(), values, *input.shape())
    }

    fn backward<const T: usize>(
        &self,
        gradients: &mut Gradients<f32, Cpu>,
        [first, second]: &[Parameters; 2],
        input: &Cpu32<Tokens<T, D>>,
        output: &Cpu32<Tokens<T, D>>,
        buffers: &mut Buffers,
    ) {
        let engine = &self.hidden.engine;
        let Buffers { normalized, hidden, gradients: [of_hidden, of_values], transposed, .. } = buffers;
        let gradient = take_gradient(gradients, output);
        let gradient = lanes(&gradient);
        self.output.weight_gradient(gradients, engine, hidden, gradient, transposed);
        of_hidden.resize(hidden.len());
        linear::input_gradient::<M>(engine, gradient, second.weights(), of_hidden, false);
        if let Some(activation) = self.hidden.activation {
            engine.run(ActivationBackward { activation, output: hidden, gradient: of_hidden });
        }
        self.hidden.weight_gradient(gradients, engine, &normalized.values, of_hidden, transposed);
        of_values.resize(gradient.len());
        linear::input_gradient::<D>(engine, of_hidden, first.weights(), of_values, false);
        let input_gradient = lanes_mut(gradient_mut(gradients, input));
        engine.run(Add { from: gradient, to: input_gradient });
        normalized.backward::<D>(engine, of_values, input_gradient);
    }
}

impl<const D: usize, const M: usize> Block for FeedForward<D, M> {
    fn init(&mut self, rng: &mut Xoshiro256PlusPlus) {
        self.hidden.init(rng);
        self.output.init(rng);
    }

    fn attach(&mut self, all: &Arc<Vec<f32>>, start: &mut usize) {
        self.hidden.attach(all, start);
        self.output.attach(all, start);
    }

    fn detach(&mut self) {
        self.hidden.detach();
        self.output.detach();
    }
}
