//! The residual block: two convolutions with a shortcut, and pooling, as one dfdx operation.

use std::sync::Arc;

use dfdx::{
    nn::{Module, ModuleVisitor, TensorCollection},
    shapes::{Const, Dtype},
    tensor::{Cpu, Gradients, SplitTape, Storage, Tape},
    tensor_ops::Device,
};
use rand::rngs::Xoshiro256PlusPlus;

use super::{
    Activation, Engine, PaddedConv, Pooling,
    aligned::AlignedLanes,
    buffer_pool::BufferPool,
    kernels::{Add, Lane, lanes_mut},
    layout::{Cpu32, Maps, copy_lanes, gradient_mut, take_gradient, tensor},
    model::Block,
    pooling::{pool, pool_gradient},
};

/// A residual block (He et al. 2015) that turns `I` maps of `S` x `S` into `O` maps, at least as many, and pools them to
/// `P` x `P`: two 3x3 convolutions, to whose result the shortcut adds the input before the last activation. Where there
/// are more maps than inputs, the shortcut adds nothing to the last ones.
///
/// ```
/// use lenet_monitor::nn::{Maps, Residual};
/// use dfdx::prelude::*;
///
/// let device = Cpu::default();
/// let block = Residual::<16, 32, 6, 3>::build(&device);
/// let input: Tensor<Maps<16, 6>, f32, _> = device.zeros_like(&(1, Const, Const, Const, Const));
/// let output: Tensor<Maps<32, 3>, f32, _> = block.forward(input);
/// ```
///
/// Six rows cannot be pooled to four:
/// ```compile_fail
/// # use lenet_monitor::nn::{Maps, Residual};
/// # use dfdx::prelude::*;
/// # let device = Cpu::default();
/// let block = Residual::<16, 32, 6, 4>::build(&device);
/// # let input: Tensor<Maps<16, 6>, f32, _> = device.zeros_like(&(1, Const, Const, Const, Const));
/// let output = block.forward(input);
/// ```
///
/// The shortcut has nowhere to add 16 of 32 maps:
/// ```compile_fail
/// # use lenet_monitor::nn::{Maps, Residual};
/// # use dfdx::prelude::*;
/// # let device = Cpu::default();
/// let block = Residual::<32, 16, 6, 3>::build(&device);
/// # let input: Tensor<Maps<32, 6>, f32, _> = device.zeros_like(&(1, Const, Const, Const, Const));
/// let output = block.forward(input);
/// ```
///
/// Sixteen maps are expected, not eight:
/// ```compile_fail
/// # use lenet_monitor::nn::{Maps, Residual};
/// # use dfdx::prelude::*;
/// # let device = Cpu::default();
/// # let block = Residual::<16, 32, 6, 3>::build(&device);
/// let input: Tensor<Maps<8, 6>, f32, _> = device.zeros_like(&(1, Const, Const, Const, Const));
/// let output = block.forward(input);
/// ```
#[derive(Debug, Clone)]
pub struct Residual<const I: usize, const O: usize, const S: usize, const P: usize, E: Dtype = f32, D: Storage<E> = Cpu>
{
    pub first: PaddedConv<I, O, S, 3, E, D>,
    pub second: PaddedConv<O, O, S, 3, E, D>,
    pub pooling: Pooling,
    buffer_pool: BufferPool<Buffers>,
}

/// Values of a pass through the block.
#[derive(Debug, Default)]
struct Buffers {
    input: AlignedLanes,
    /// Maps of the first convolution.
    hidden: AlignedLanes,
    /// Maps before pooling; in the backward pass their gradient before the activation.
    maps: AlignedLanes,
    hidden_gradient: AlignedLanes,
}

impl<const I: usize, const O: usize, const S: usize, const P: usize, E: Dtype, D: Device<E>> TensorCollection<E, D>
    for Residual<I, O, S, P, E, D>
{
    type To<E2: Dtype, D2: Device<E2>> = Residual<I, O, S, P, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(visitor: &mut V) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::module("first", |s| &s.first, |s| &mut s.first),
                Self::module("second", |s| &s.second, |s| &mut s.second),
            ),
            |(first, second)| Residual { first, second, pooling: Pooling::Avg, buffer_pool: BufferPool::default() },
        )
    }
}

impl<const I: usize, const O: usize, const S: usize, const P: usize, T: Tape<f32, Cpu>> Module<Cpu32<Maps<I, S>, T>>
    for Residual<I, O, S, P>
{
    type Output = Cpu32<Maps<O, P>, T>;
    type Error = <Cpu as dfdx::tensor::HasErr>::Err;

    fn try_forward(&self, input: Cpu32<Maps<I, S>, T>) -> Result<Self::Output, Self::Error> {
        let (input, tape) = input.split_tape();
        let mut buffers = self.buffer_pool.take();
        copy_lanes(&input, &mut buffers.input);
        let output = self.compute(&mut buffers);
        Ok(self.buffer_pool.record(buffers, output, tape, || {
            let block = self.clone();
            move |gradients, output, buffers| block.backward(gradients, &input, output, buffers)
        }))
    }
}

impl<const I: usize, const O: usize, const S: usize, const P: usize> Residual<I, O, S, P> {
    /// Configures both convolutions and the pooling.
    pub fn configure(&mut self, activation: Activation, pooling: Pooling, engine: &Engine) {
        self.first.configure(activation, engine);
        self.second.configure(activation, engine);
        self.pooling = pooling;
    }

    /// Like `forward` without a tape; also returns the maps before pooling, `[groups][O][S][S]`.
    pub(super) fn forward_with_activations(&self, input: &Cpu32<Maps<I, S>>) -> (Vec<Lane>, Cpu32<Maps<O, P>>) {
        let mut buffers = Buffers::default();
        copy_lanes(input, &mut buffers.input);
        let output = self.compute(&mut buffers);
        (buffers.maps.to_vec(), output)
    }

    /// Computes all values from the input in `buffers`, and returns the pooled maps.
    fn compute(&self, buffers: &mut Buffers) -> Cpu32<Maps<O, P>> {
        const {
            assert!(I <= O, "the shortcut adds every input map");
        }
        let Buffers { input, hidden, maps, .. } = buffers;
        let groups = input.len() / (I * S * S);
        hidden.resize(groups * O * S * S);
        self.first.forward(input, &[], hidden);
        maps.resize(groups * O * S * S);
        self.second.forward(hidden, input, maps);
        let pooled = pool::<S, P>(&self.first.engine, self.pooling, maps);
        tensor(self.first.weight.device(), pooled, (groups, Const, Const, Const, Const))
    }

    /// Adds the gradients of all parameters and of `input`, from that of `output`.
    fn backward(
        &self,
        gradients: &mut Gradients<f32, Cpu>,
        input: &Cpu32<Maps<I, S>>,
        output: &Cpu32<Maps<O, P>>,
        buffers: &mut Buffers,
    ) {
        let Self { first, second, pooling, .. } = self;
        let engine = &first.engine;
        let pooled_gradient = take_gradient(gradients, output);
        let Buffers { input: values, hidden, maps, hidden_gradient } = buffers;
        pool_gradient::<S, P>(engine, (second.activation, *pooling), &pooled_gradient, maps);
        second.weight_gradient(gradients, hidden, maps);
        second.hidden_gradient(maps, hidden, hidden_gradient);
        first.weight_gradient(gradients, values, hidden_gradient);
        let mut input_gradient = take_gradient(gradients, input);
        let to_input = lanes_mut(&mut input_gradient);
        for (to_input, maps) in to_input.chunks_exact_mut(I * S * S).zip(maps.chunks_exact(O * S * S)) {
            engine.run(Add { from: maps, to: to_input });
        }
        first.input_gradient(hidden_gradient, to_input);
        *gradient_mut(gradients, input) = input_gradient;
    }
}

impl<const I: usize, const O: usize, const S: usize, const P: usize> Block for Residual<I, O, S, P> {
    fn init(&mut self, rng: &mut Xoshiro256PlusPlus) {
        self.first.init(rng);
        self.second.init(rng);
    }

    fn attach(&mut self, all: &Arc<Vec<f32>>, start: &mut usize) {
        self.first.attach(all, start);
        self.second.attach(all, start);
    }

    fn detach(&mut self) {
        self.first.detach();
        self.second.detach();
    }
}
