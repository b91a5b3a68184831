//! The inception block: four branches side by side, and pooling, as one dfdx operation.

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
    engine::Units,
    kernels::{Lane, SlidingPool, SlidingPoolGradient, lanes_mut},
    layout::{Cpu32, Maps, copy_lanes, gradient_mut, take_gradient, tensor},
    model::Block,
    pooling::{pool, pool_gradient},
};

/// A branch of an inception block: a 1x1 convolution from `I` maps to `R`, and one of `K` x `K` from these to `O`.
#[derive(Debug, Clone)]
pub struct Branch<
    const I: usize,
    const R: usize,
    const O: usize,
    const S: usize,
    const K: usize,
    E: Dtype = f32,
    D: Storage<E> = Cpu,
> {
    pub reduce: PaddedConv<I, R, S, 1, E, D>,
    pub conv: PaddedConv<R, O, S, K, E, D>,
}

/// An inception block (Szegedy et al. 2014) that turns `I` maps of `S` x `S` into `O` and pools them to `P` x `P`. The
/// maps are, in this order, `A` of a 1x1 convolution, `B` of a 1x1 convolution to `RB` maps and a 3x3 one, `C` of a 1x1
/// convolution to `RC` maps and a 5x5 one, and the rest of a 1x1 convolution, to `Q` maps, after 3x3 pooling that keeps
/// the side.
///
/// ```
/// use lenet_monitor::nn::{Inception, Maps};
/// use dfdx::prelude::*;
///
/// let device = Cpu::default();
/// let block = Inception::<16, 8, 8, 16, 4, 8, 8, 40, 12, 6>::build(&device);
/// let input: Tensor<Maps<16, 12>, f32, _> = device.zeros_like(&(1, Const, Const, Const, Const));
/// let output: Tensor<Maps<40, 6>, f32, _> = block.forward(input);
/// ```
///
/// 8, 16, 8 and 8 maps are 40, not 48:
/// ```compile_fail
/// # use lenet_monitor::nn::{Inception, Maps};
/// # use dfdx::prelude::*;
/// # let device = Cpu::default();
/// let block = Inception::<16, 8, 8, 16, 4, 8, 8, 48, 12, 6>::build(&device);
/// # let input: Tensor<Maps<16, 12>, f32, _> = device.zeros_like(&(1, Const, Const, Const, Const));
/// let output = block.forward(input);
/// ```
///
/// Twelve rows cannot be pooled to five:
/// ```compile_fail
/// # use lenet_monitor::nn::{Inception, Maps};
/// # use dfdx::prelude::*;
/// # let device = Cpu::default();
/// let block = Inception::<16, 8, 8, 16, 4, 8, 8, 40, 12, 5>::build(&device);
/// # let input: Tensor<Maps<16, 12>, f32, _> = device.zeros_like(&(1, Const, Const, Const, Const));
/// let output = block.forward(input);
/// ```
///
/// Sixteen maps are expected, not eight:
/// ```compile_fail
/// # use lenet_monitor::nn::{Inception, Maps};
/// # use dfdx::prelude::*;
/// # let device = Cpu::default();
/// # let block = Inception::<16, 8, 8, 16, 4, 8, 8, 40, 12, 6>::build(&device);
/// let input: Tensor<Maps<8, 12>, f32, _> = device.zeros_like(&(1, Const, Const, Const, Const));
/// let output = block.forward(input);
/// ```
#[derive(Debug, Clone)]
pub struct Inception<
    const I: usize,
    const A: usize,
    const RB: usize,
    const B: usize,
    const RC: usize,
    const C: usize,
    const Q: usize,
    const O: usize,
    const S: usize,
    const P: usize,
    E: Dtype = f32,
    D: Storage<E> = Cpu,
> {
    pub one: PaddedConv<I, A, S, 1, E, D>,
    pub three: Branch<I, RB, B, S, 3, E, D>,
    pub five: Branch<I, RC, C, S, 5, E, D>,
    pub pooled: PaddedConv<I, Q, S, 1, E, D>,
    pub pooling: Pooling,
    buffer_pool: BufferPool<Buffers>,
}

/// Values of a pass through the block.
#[derive(Debug, Default)]
struct Buffers {
    input: AlignedLanes,
    /// Maps of the 1x1 convolutions before those of 3x3 and of 5x5.
    reduced: [AlignedLanes; 2],
    /// The input after 3x3 pooling.
    surroundings: AlignedLanes,
    /// Maps of all branches before pooling; in the backward pass their gradient before the activation.
    maps: AlignedLanes,
    /// Gradient of the values between a branch's two steps, of one group.
    between: AlignedLanes,
}

impl<const I: usize, const R: usize, const O: usize, const S: usize, const K: usize, E: Dtype, D: Device<E>>
    TensorCollection<E, D> for Branch<I, R, O, S, K, E, D>
{
    type To<E2: Dtype, D2: Device<E2>> = Branch<I, R, O, S, K, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(visitor: &mut V) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::module("reduce", |s| &s.reduce, |s| &mut s.reduce),
                Self::module("conv", |s| &s.conv, |s| &mut s.conv),
            ),
            |(reduce, conv)| Branch { reduce, conv },
        )
    }
}

impl<const I: usize, const R: usize, const O: usize, const S: usize, const K: usize> Branch<I, R, O, S, K> {
    fn configure(&mut self, activation: Activation, engine: &Engine) {
        self.reduce.configure(activation, engine);
        self.conv.configure(activation, engine);
    }

    fn forward(&self, input: &[Lane], reduced: &mut [Lane], output: &mut [Lane]) {
        self.reduce.forward(input, &[], reduced);
        self.conv.forward(reduced, &[], output);
    }

    /// Adds the gradients of all parameters and of the input, from that of the output before its activation.
    fn backward(
        &self,
        gradients: &mut Gradients<f32, Cpu>,
        (input, reduced): (&[Lane], &[Lane]),
        gradient: &[Lane],
        between: &mut AlignedLanes,
        input_gradient: &mut [Lane],
    ) {
        self.conv.weight_gradient(gradients, reduced, gradient);
        self.conv.hidden_gradient(gradient, reduced, between);
        self.reduce.weight_gradient(gradients, input, between);
        self.reduce.input_gradient(between, input_gradient);
    }
}

impl<
    const I: usize,
    const A: usize,
    const RB: usize,
    const B: usize,
    const RC: usize,
    const C: usize,
    const Q: usize,
    const O: usize,
    const S: usize,
    const P: usize,
    E: Dtype,
    D: Device<E>,
> TensorCollection<E, D> for Inception<I, A, RB, B, RC, C, Q, O, S, P, E, D>
{
    type To<E2: Dtype, D2: Device<E2>> = Inception<I, A, RB, B, RC, C, Q, O, S, P, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(visitor: &mut V) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::module("one", |s| &s.one, |s| &mut s.one),
                Self::module("three", |s| &s.three, |s| &mut s.three),
                Self::module("five", |s| &s.five, |s| &mut s.five),
                Self::module("pooled", |s| &s.pooled, |s| &mut s.pooled),
            ),
            |(one, three, five, pooled)| Inception {
                one,
                three,
                five,
                pooled,
                pooling: Pooling::Avg,
                buffer_pool: BufferPool::default(),
            },
        )
    }
}

impl<
    const I: usize,
    const A: usize,
    const RB: usize,
    const B: usize,
    const RC: usize,
    const C: usize,
    const Q: usize,
    const O: usize,
    const S: usize,
    const P: usize,
    T: Tape<f32, Cpu>,
> Module<Cpu32<Maps<I, S>, T>> for Inception<I, A, RB, B, RC, C, Q, O, S, P>
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

impl<
    const I: usize,
    const A: usize,
    const RB: usize,
    const B: usize,
    const RC: usize,
    const C: usize,
    const Q: usize,
    const O: usize,
    const S: usize,
    const P: usize,
> Inception<I, A, RB, B, RC, C, Q, O, S, P>
{
    /// Configures all convolutions and the pooling.
    pub fn configure(&mut self, activation: Activation, pooling: Pooling, engine: &Engine) {
        let Self { one, three, five, pooled, .. } = self;
        one.configure(activation, engine);
        three.configure(activation, engine);
        five.configure(activation, engine);
        pooled.configure(activation, engine);
        self.pooling = pooling;
    }

    fn convolutions(&mut self) -> [&mut dyn Block; 6] {
        let Self { one, three, five, pooled, .. } = self;
        [one, &mut three.reduce, &mut three.conv, &mut five.reduce, &mut five.conv, pooled]
    }

    /// Like `forward` without a tape; also returns the maps before pooling, `[groups][O][S][S]`.
    pub(super) fn forward_with_activations(&self, input: &Cpu32<Maps<I, S>>) -> (Vec<Lane>, Cpu32<Maps<O, P>>) {
        let mut buffers = Buffers::default();
        copy_lanes(input, &mut buffers.input);
        let output = self.compute(&mut buffers);
        (buffers.maps.to_vec(), output)
    }

    /// Returns the part of one group's maps that each branch computes.
    pub(super) fn branches<'a>(&self, values: &'a [Lane]) -> [&'a [Lane]; 4] {
        let (one, rest) = values.split_at(A * S * S);
        let (three, rest) = rest.split_at(B * S * S);
        let (five, pooled) = rest.split_at(C * S * S);
        [one, three, five, pooled]
    }

    /// Computes all values from the input in `buffers`, and returns the pooled maps.
    fn compute(&self, buffers: &mut Buffers) -> Cpu32<Maps<O, P>> {
        const {
            assert!(A + B + C + Q == O, "the maps are those of all branches");
        }
        let (engine, pooling) = (&self.one.engine, self.pooling);
        let Buffers { input, reduced: [reduced3, reduced5], surroundings, maps, .. } = buffers;
        let groups = input.len() / (I * S * S);
        reduced3.resize(groups * RB * S * S);
        reduced5.resize(groups * RC * S * S);
        surroundings.resize(input.len());
        maps.resize(groups * O * S * S);
        engine.split(Units(&mut surroundings[..], S * S), 1, |first, part| {
            engine.run(SlidingPool::<S> { pooling, maps: &input[first * S * S..], pooled: part.0 });
        });
        for (group, maps) in maps.chunks_exact_mut(O * S * S).enumerate() {
            let input = of_group::<I, S>(input, group);
            let (one, rest) = maps.split_at_mut(A * S * S);
            let (three, rest) = rest.split_at_mut(B * S * S);
            let (five, pooled) = rest.split_at_mut(C * S * S);
            self.one.forward(input, &[], one);
            self.three.forward(input, &mut reduced3[group * RB * S * S..][..RB * S * S], three);
            self.five.forward(input, &mut reduced5[group * RC * S * S..][..RC * S * S], five);
            self.pooled.forward(of_group::<I, S>(surroundings, group), &[], pooled);
        }
        let pooled = pool::<S, P>(engine, pooling, maps);
        tensor(self.one.weight.device(), pooled, (groups, Const, Const, Const, Const))
    }

    /// Adds the gradients of all parameters and of `input`, from that of `output`.
    fn backward(
        &self,
        gradients: &mut Gradients<f32, Cpu>,
        input: &Cpu32<Maps<I, S>>,
        output: &Cpu32<Maps<O, P>>,
        buffers: &mut Buffers,
    ) {
        let (engine, pooling) = (&self.one.engine, self.pooling);
        let Buffers { input: values, reduced: [reduced3, reduced5], surroundings, maps, between } = buffers;
        let pooled_gradient = take_gradient(gradients, output);
        pool_gradient::<S, P>(engine, (self.one.activation, pooling), &pooled_gradient, maps);
        let mut input_gradient = take_gradient(gradients, input);
        for (group, to_input) in lanes_mut(&mut input_gradient).chunks_exact_mut(I * S * S).enumerate() {
            let values = of_group::<I, S>(values, group);
            let (reduced3, reduced5) = (of_group::<RB, S>(reduced3, group), of_group::<RC, S>(reduced5, group));
            let [one, three, five, pooled] = self.branches(of_group::<O, S>(maps, group));
            self.one.weight_gradient(gradients, values, one);
            self.one.input_gradient(one, to_input);
            self.three.backward(gradients, (values, reduced3), three, between, to_input);
            self.five.backward(gradients, (values, reduced5), five, between, to_input);
            self.pooled.weight_gradient(gradients, of_group::<I, S>(surroundings, group), pooled);
            between.clear();
            between.resize(I * S * S);
            self.pooled.input_gradient(pooled, between);
            engine.split(Units(to_input, S * S), 1, |first, part| {
                let (maps, pooled_gradient) = (&values[first * S * S..], &between[first * S * S..]);
                engine.run(SlidingPoolGradient::<S> { pooling, maps, pooled_gradient, gradient: part.0 });
            });
        }
        *gradient_mut(gradients, input) = input_gradient;
    }
}

/// Returns the `M` maps of one group.
fn of_group<const M: usize, const S: usize>(values: &[Lane], group: usize) -> &[Lane] {
    &values[group * M * S * S..][..M * S * S]
}

impl<
    const I: usize,
    const A: usize,
    const RB: usize,
    const B: usize,
    const RC: usize,
    const C: usize,
    const Q: usize,
    const O: usize,
    const S: usize,
    const P: usize,
> Block for Inception<I, A, RB, B, RC, C, Q, O, S, P>
{
    fn init(&mut self, rng: &mut Xoshiro256PlusPlus) {
        self.convolutions().into_iter().for_each(|convolution| convolution.init(rng));
    }

    fn attach(&mut self, all: &Arc<Vec<f32>>, start: &mut usize) {
        self.convolutions().into_iter().for_each(|convolution| convolution.attach(all, start));
    }

    fn detach(&mut self) {
        self.convolutions().into_iter().for_each(|convolution| convolution.detach());
    }
}
