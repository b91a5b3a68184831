//! The convolution block: a 5x5 convolution, its activation, and 2x2 pooling, as one dfdx operation.

use std::{mem::take, sync::Arc};

use dfdx::{
    nn::{Module, ModuleVisitor, TensorCollection, TensorOptions},
    shapes::{Const, Dtype, Rank1, Rank4},
    tensor::{Cpu, Gradients, SplitTape, Storage, Tape, Tensor},
    tensor_ops::Device,
};
use rand::rngs::Xoshiro256PlusPlus;

use super::{
    Activation, Engine, Pooling,
    aligned::AlignedLanes,
    buffer_pool::BufferPool,
    engine::{Chain, PerGroup, Units},
    flow::{Flow, OutputGradient, Source, unshared, unshared_lanes},
    init::glorot_uniform,
    kernels::{ConvForward, ConvInputGradient, ConvWeightGradient, LANES, Lane, ZERO, lanes_mut},
    layout::{Cpu32, Maps, copy_lanes, gradient_mut, take_gradient, tensor},
    model::Block,
    parameters::Parameters,
};

/// A layer that turns `I` maps of `S` x `S` into `O` maps of `P` x `P`.
///
/// On stable Rust a type cannot compute with its parameters, so all sides are spelled out: `Z = S - 4` is the side
/// after the convolution, `P = Z / 2` the side after pooling. Using a block with inconsistent sides does not compile.
///
/// ```
/// use lenet_monitor::nn::{ConvBlock, Maps};
/// use dfdx::prelude::*;
///
/// let device = Cpu::default();
/// let block = ConvBlock::<6, 16, 14, 10, 5>::build(&device);
/// let input: Tensor<Maps<6, 14>, f32, _> = device.zeros_like(&(1, Const, Const, Const, Const));
/// let output: Tensor<Maps<16, 5>, f32, _> = block.forward(input);
/// ```
///
/// Ten is not half of fourteen minus four:
/// ```compile_fail
/// # use lenet_monitor::nn::{ConvBlock, Maps};
/// # use dfdx::prelude::*;
/// # let device = Cpu::default();
/// let block = ConvBlock::<6, 16, 14, 10, 10>::build(&device);
/// # let input: Tensor<Maps<6, 14>, f32, _> = device.zeros_like(&(1, Const, Const, Const, Const));
/// let output = block.forward(input);
/// ```
///
/// Six maps are expected, not three:
/// ```compile_fail
/// # use lenet_monitor::nn::{ConvBlock, Maps};
/// # use dfdx::prelude::*;
/// # let device = Cpu::default();
/// # let block = ConvBlock::<6, 16, 14, 10, 5>::build(&device);
/// let input: Tensor<Maps<3, 14>, f32, _> = device.zeros_like(&(1, Const, Const, Const, Const));
/// let output = block.forward(input);
/// ```
///
/// Sixteen maps come out, not six:
/// ```compile_fail
/// # use lenet_monitor::nn::{ConvBlock, Maps};
/// # use dfdx::prelude::*;
/// # let device = Cpu::default();
/// # let block = ConvBlock::<6, 16, 14, 10, 5>::build(&device);
/// # let input: Tensor<Maps<6, 14>, f32, _> = device.zeros_like(&(1, Const, Const, Const, Const));
/// let output: Tensor<Maps<6, 5>, f32, _> = block.forward(input);
/// ```
#[derive(Debug, Clone)]
pub struct ConvBlock<
    const I: usize,
    const O: usize,
    const S: usize,
    const Z: usize,
    const P: usize,
    E: Dtype = f32,
    D: Storage<E> = Cpu,
> {
    pub weight: Tensor<Rank4<O, I, 5, 5>, E, D>,
    pub bias: Tensor<Rank1<O>, E, D>,
    pub activation: Activation,
    pub pooling: Pooling,
    pub engine: Engine,
    /// Parameters to use instead of the tensors' values.
    attached: Option<Parameters>,
    buffer_pool: BufferPool<Buffers>,
}

/// Scratch memory of a pass through the block.
#[derive(Debug, Default)]
struct Buffers {
    /// Of data, or copied from a tensor.
    input: Arc<AlignedLanes>,
    activated: AlignedLanes,
    output: Arc<AlignedLanes>,
    /// Memory for the gradient of the output.
    gradient: AlignedLanes,
}

impl<const I: usize, const O: usize, const S: usize, const Z: usize, const P: usize, E, D> TensorCollection<E, D>
    for ConvBlock<I, O, S, Z, P, E, D>
where
    E: Dtype,
    D: Device<E>,
{
    type To<E2: Dtype, D2: Device<E2>> = ConvBlock<I, O, S, Z, P, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(visitor: &mut V) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::tensor("weight", |s| &s.weight, |s| &mut s.detached().weight, TensorOptions::reset_to_zeros()),
                Self::tensor("bias", |s| &s.bias, |s| &mut s.detached().bias, TensorOptions::reset_to_zeros()),
            ),
            |(weight, bias)| ConvBlock {
                weight,
                bias,
                activation: Activation::Relu,
                pooling: Pooling::Avg,
                engine: Engine::default(),
                attached: None,
                buffer_pool: BufferPool::default(),
            },
        )
    }
}

impl<const I: usize, const O: usize, const S: usize, const Z: usize, const P: usize, E, D>
    ConvBlock<I, O, S, Z, P, E, D>
where
    E: Dtype,
    D: Storage<E>,
{
    /// Makes the block use its tensors' values again.
    fn detached(&mut self) -> &mut Self {
        self.attached = None;
        self
    }
}

impl<const I: usize, const O: usize, const S: usize, const Z: usize, const P: usize, T> Module<Cpu32<Maps<I, S>, T>>
    for ConvBlock<I, O, S, Z, P>
where
    T: Tape<f32, Cpu>,
{
    type Output = Cpu32<Maps<O, P>, T>;
    type Error = <Cpu as dfdx::tensor::HasErr>::Err;

    fn try_forward(&self, input: Cpu32<Maps<I, S>, T>) -> Result<Self::Output, Self::Error> {
        let (input, tape) = input.split_tape();
        let mut buffers = self.buffer_pool.take();
        copy_lanes(&input, unshared(&mut buffers.input));
        let values = buffers.input.clone();
        Ok(self.forward_buffered(buffers, values, Some(Source::Tensor(input)), tape).into_tensor(self.weight.device()))
    }
}

impl<const I: usize, const O: usize, const S: usize, const Z: usize, const P: usize> ConvBlock<I, O, S, Z, P> {
    /// Number of maps of which a thread's share is a multiple: those of the kernels' widest tile.
    const TILE: usize = if O.is_multiple_of(4) { 4 } else { 3 };

    /// Like `forward`, for `groups` groups of input data that `fill` writes and that need no gradient.
    pub fn forward_data<T: Tape<f32, Cpu>>(
        &self,
        groups: usize,
        fill: impl FnOnce(&mut [Lane]),
        tape: T,
    ) -> Cpu32<Maps<O, P>, T> {
        self.flow_of_data(groups, fill, tape).into_tensor(self.weight.device())
    }

    /// Like [`ConvBlock::forward_data`], without a tensor.
    pub(super) fn flow_of_data<T: Tape<f32, Cpu>>(
        &self,
        groups: usize,
        fill: impl FnOnce(&mut [Lane]),
        tape: T,
    ) -> Flow<Maps<O, P>, T> {
        let mut buffers = self.buffer_pool.take();
        fill(unshared_lanes(&mut buffers.input, groups * I * S * S));
        let input = buffers.input.clone();
        self.forward_buffered(buffers, input, None, tape)
    }

    /// Like `forward`, without tensors.
    pub(super) fn flow<T: Tape<f32, Cpu>>(&self, input: Flow<Maps<I, S>, T>) -> Flow<Maps<O, P>, T> {
        self.forward_buffered(self.buffer_pool.take(), input.values, Some(input.source), input.tape)
    }

    /// Like `forward` without a tape; also returns the activated maps before pooling, `[groups][O][Z][Z]`.
    pub(super) fn forward_with_activations(&self, input: &[Lane]) -> (Vec<Lane>, Cpu32<Maps<O, P>>) {
        let groups = input.len() / (I * S * S);
        let mut pooled = vec![0.0; groups * O * P * P * LANES];
        let mut activated = vec![ZERO; groups * O * Z * Z];
        self.compute(&self.parameters(), input, lanes_mut(&mut pooled), &mut activated);
        (activated, tensor(self.weight.device(), pooled, (groups, Const, Const, Const, Const)))
    }

    fn parameters(&self) -> Parameters {
        self.attached.clone().unwrap_or_else(|| Parameters::copied(&self.weight, &self.bias))
    }

    /// Computes the pooled maps of `input`, and those before pooling unless `activated` is empty.
    fn compute(&self, parameters: &Parameters, input: &[Lane], pooled: &mut [Lane], activated: &mut [Lane]) {
        let parts = (Units(pooled, P * P), Units(activated, Z * Z));
        self.engine.split(parts, Self::TILE, |first, (pooled, activated)| {
            self.engine.run(ConvForward::<I, S, Z> {
                activation: self.activation,
                pooling: self.pooling,
                input,
                weights: parameters.weights(),
                bias: parameters.bias(),
                first,
                pooled: pooled.0,
                activated: activated.0,
            });
        });
    }

    /// Runs the block. `source` is that of the input, if it needs a gradient.
    fn forward_buffered<T: Tape<f32, Cpu>>(
        &self,
        mut buffers: Buffers,
        input: Arc<AlignedLanes>,
        source: Option<Source<Maps<I, S>>>,
        mut tape: T,
    ) -> Flow<Maps<O, P>, T> {
        const {
            assert!(Z + 4 == S, "Z is S after a 5x5 convolution");
            assert!(2 * P == Z, "P is half of Z");
        }
        let parameters = self.parameters();
        let groups = input.len() / (I * S * S);
        buffers.activated.resize(if T::OWNS_TAPE { groups * O * Z * Z } else { 0 });
        let output = unshared_lanes(&mut buffers.output, groups * O * P * P);
        self.compute(&parameters, &input, output, &mut buffers.activated);
        let values = buffers.output.clone();
        let of_output = OutputGradient::new::<T>(&mut buffers.gradient);
        if T::OWNS_TAPE {
            let backward = Backward::<I, O, S, Z, P> {
                input,
                source,
                parameters,
                weight: self.weight.clone(),
                bias: self.bias.clone(),
                of_output: of_output.clone(),
                activation: self.activation,
                pooling: self.pooling,
                engine: self.engine.clone(),
                buffers,
                buffer_pool: self.buffer_pool.clone(),
            };
            tape.add_backward_op(move |gradients| {
                backward.run(gradients);
                Ok(())
            });
        } else {
            self.buffer_pool.give(buffers);
        }
        Flow { values, source: Source::Block(of_output), tape }
    }
}

impl<const I: usize, const O: usize, const S: usize, const Z: usize, const P: usize> Block
    for ConvBlock<I, O, S, Z, P>
{
    fn init(&mut self, rng: &mut Xoshiro256PlusPlus) {
        glorot_uniform(&mut self.weight, I * 25, O * 25, rng);
    }

    fn attach(&mut self, all: &Arc<Vec<f32>>, start: &mut usize) {
        self.attached = Some(Parameters::shared(all, start, [O * I * 25, O]));
    }

    fn detach(&mut self) {
        self.detached();
    }
}

struct Backward<const I: usize, const O: usize, const S: usize, const Z: usize, const P: usize> {
    input: Arc<AlignedLanes>,
    /// `None` if the input needs no gradient.
    source: Option<Source<Maps<I, S>>>,
    parameters: Parameters,
    weight: Cpu32<Rank4<O, I, 5, 5>>,
    bias: Cpu32<Rank1<O>>,
    of_output: OutputGradient,
    activation: Activation,
    pooling: Pooling,
    engine: Engine,
    buffers: Buffers,
    buffer_pool: BufferPool<Buffers>,
}

impl<const I: usize, const O: usize, const S: usize, const Z: usize, const P: usize> Backward<I, O, S, Z, P> {
    fn run(mut self, gradients: &mut Gradients<f32, Cpu>) {
        let mut maps = take(&mut self.buffers.activated);
        let of_output = self.of_output.take(maps.len() / 4);
        self.weight_gradient(gradients, &of_output, &mut maps);
        if let Some(source) = &self.source {
            self.input_gradient(gradients, source, &maps);
        }
        (self.buffers.activated, self.buffers.gradient) = (maps, of_output);
        self.buffer_pool.give(self.buffers);
    }

    /// Replaces the activated maps by the gradient of their pre-activations, and adds the gradients of weights and bias.
    ///
    /// Each half of the groups has sums of its own, so that either of two threads processes the maps that it has
    /// computed. The number of threads changes neither the halves nor any bit.
    fn weight_gradient(&self, gradients: &mut Gradients<f32, Cpu>, pooled_gradient: &[Lane], maps: &mut [Lane]) {
        let groups = maps.len() / (O * Z * Z);
        let half = groups.div_ceil(2);
        let mut sums = [take_gradient(gradients, &self.bias), take_gradient(gradients, &self.weight)];
        let outputs_of_rest = if groups > 1 { O } else { 0 };
        let mut rest = [vec![0.0; outputs_of_rest], vec![0.0; outputs_of_rest * I * 25]];
        let (first_maps, rest_maps) = maps.split_at_mut(half * O * Z * Z);
        let halves = [(&mut sums, first_maps), (&mut rest, rest_maps)].map(|([bias, weights], maps)| {
            let maps = PerGroup(maps.chunks_exact_mut(O * Z * Z).collect(), Z * Z);
            ((Units(&mut bias[..], 1), Units(&mut weights[..], I * 25)), maps)
        });
        let halves = Chain(halves.into());
        self.engine.split(halves, ConvBlock::<I, O, S, Z, P>::TILE, |first, halves| {
            for (unit, ((bias, weights), mut maps)) in halves.numbered(first) {
                let (group, map) = (unit / O * half, unit % O);
                let pooled_gradient = pooled_gradient.chunks_exact(O * P * P).skip(group);
                let pooled_gradient: Vec<_> = pooled_gradient.map(|group| &group[map * P * P..]).collect();
                self.engine.run(ConvWeightGradient::<I, S, Z> {
                    activation: self.activation,
                    pooling: self.pooling,
                    input: &self.input[group * I * S * S..],
                    pooled_gradient: &pooled_gradient,
                    maps: &mut maps.0,
                    weights: weights.0,
                    bias: bias.0,
                });
            }
        });
        for (sum, rest) in sums.iter_mut().flatten().zip(rest.iter().flatten()) {
            *sum += rest;
        }
        [*gradient_mut(gradients, &self.bias), *gradient_mut(gradients, &self.weight)] = sums;
    }

    fn input_gradient(&self, gradients: &mut Gradients<f32, Cpu>, source: &Source<Maps<I, S>>, maps: &[Lane]) {
        source.write(gradients, self.input.len(), |input_gradient, adds| {
            self.engine.split(Units(input_gradient, S * S), 1, |first, part| {
                self.engine.run(ConvInputGradient::<I, S, Z> {
                    gradient: maps,
                    weights: self.parameters.weights(),
                    first,
                    input_gradient: part.0,
                    adds,
                });
            });
        });
    }
}
