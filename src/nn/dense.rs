//! The dense layer with its activation, as one dfdx operation.

use std::sync::Arc;

use dfdx::{
    nn::{Module, ModuleVisitor, TensorCollection, TensorOptions},
    shapes::{Dtype, Rank1, Rank2},
    tensor::{Cpu, Gradients, SplitTape, Storage, Tape, Tensor},
    tensor_ops::Device,
};
use rand::rngs::Xoshiro256PlusPlus;

use super::{
    Activation, Engine,
    aligned::AlignedLanes,
    buffer_pool::BufferPool,
    flow::{Flow, OutputGradient, Source, unshared, unshared_lanes},
    init::glorot_uniform,
    kernels::{ActivationBackward, Lane},
    layout::{Cpu32, Features, Grouped, copy_lanes, gradient_mut, take_gradient},
    linear,
    model::Block,
    parameters::Parameters,
};

/// A layer that turns `I` values per image into `O`. The input may also be maps with `I` values in all, in the order
/// channel, row, column.
///
/// ```
/// use lenet_monitor::nn::{Dense, Features, Maps};
/// use dfdx::prelude::*;
///
/// let device = Cpu::default();
/// let dense = Dense::<400, 120>::build(&device);
/// let maps: Tensor<Maps<16, 5>, f32, _> = device.zeros_like(&(1, Const, Const, Const, Const));
/// let output: Tensor<Features<120>, f32, _> = dense.forward(maps);
/// ```
///
/// Sixteen maps of four by four are 256 values, not 400:
/// ```compile_fail
/// # use lenet_monitor::nn::{Dense, Features, Maps};
/// # use dfdx::prelude::*;
/// # let device = Cpu::default();
/// # let dense = Dense::<400, 120>::build(&device);
/// let maps: Tensor<Maps<16, 4>, f32, _> = device.zeros_like(&(1, Const, Const, Const, Const));
/// let output = dense.forward(maps);
/// ```
///
/// 120 values come out, not 84:
/// ```compile_fail
/// # use lenet_monitor::nn::{Dense, Features, Maps};
/// # use dfdx::prelude::*;
/// # let device = Cpu::default();
/// # let dense = Dense::<400, 120>::build(&device);
/// # let maps: Tensor<Maps<16, 5>, f32, _> = device.zeros_like(&(1, Const, Const, Const, Const));
/// let output: Tensor<Features<84>, f32, _> = dense.forward(maps);
/// ```
#[derive(Debug, Clone)]
pub struct Dense<const I: usize, const O: usize, E: Dtype = f32, D: Storage<E> = Cpu> {
    pub weight: Tensor<Rank2<O, I>, E, D>,
    pub bias: Tensor<Rank1<O>, E, D>,
    /// `None` for logits.
    pub activation: Option<Activation>,
    pub engine: Engine,
    /// Parameters to use instead of the tensors' values.
    attached: Option<Parameters>,
    buffer_pool: BufferPool<Buffers>,
}

/// Scratch memory of a pass through the layer.
#[derive(Debug, Default)]
struct Buffers {
    /// Of data, or copied from a tensor.
    input: Arc<AlignedLanes>,
    /// The activated outputs.
    output: Arc<AlignedLanes>,
    transposed_input: AlignedLanes,
    /// Memory for the gradient of the outputs.
    gradient: AlignedLanes,
}

impl<const I: usize, const O: usize, E: Dtype, D: Device<E>> TensorCollection<E, D> for Dense<I, O, E, D> {
    type To<E2: Dtype, D2: Device<E2>> = Dense<I, O, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(visitor: &mut V) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::tensor("weight", |s| &s.weight, |s| &mut s.detached().weight, TensorOptions::reset_to_zeros()),
                Self::tensor("bias", |s| &s.bias, |s| &mut s.detached().bias, TensorOptions::reset_to_zeros()),
            ),
            |(weight, bias)| Dense {
                weight,
                bias,
                activation: None,
                engine: Engine::default(),
                attached: None,
                buffer_pool: BufferPool::default(),
            },
        )
    }
}

impl<const I: usize, const O: usize, E: Dtype, D: Storage<E>> Dense<I, O, E, D> {
    /// Makes the layer use its tensors' values again.
    fn detached(&mut self) -> &mut Self {
        self.attached = None;
        self
    }
}

impl<const I: usize, const O: usize, S: Grouped, T: Tape<f32, Cpu>> Module<Cpu32<S, T>> for Dense<I, O> {
    type Output = Cpu32<Features<O>, T>;
    type Error = <Cpu as dfdx::tensor::HasErr>::Err;

    fn try_forward(&self, input: Cpu32<S, T>) -> Result<Self::Output, Self::Error> {
        const { assert!(S::VALUES == I, "the input has I values per image") }
        let (input, tape) = input.split_tape();
        let mut buffers = self.buffer_pool.take();
        copy_lanes(&input, unshared(&mut buffers.input));
        let values = buffers.input.clone();
        Ok(self.forward_buffered(buffers, values, Some(Source::Tensor(input)), tape).into_tensor(self.weight.device()))
    }
}

impl<const I: usize, const O: usize> Dense<I, O> {
    /// Like `forward`, for `groups` groups of input data `[groups][I]` that `fill` writes and that need no gradient.
    pub fn forward_data<T: Tape<f32, Cpu>>(
        &self,
        groups: usize,
        fill: impl FnOnce(&mut [Lane]),
        tape: T,
    ) -> Cpu32<Features<O>, T> {
        let mut buffers = self.buffer_pool.take();
        fill(unshared_lanes(&mut buffers.input, groups * I));
        let input = buffers.input.clone();
        self.forward_buffered::<Features<I>, T>(buffers, input, None, tape).into_tensor(self.weight.device())
    }

    /// Like `forward`, without tensors.
    pub(super) fn flow<S: Grouped, T: Tape<f32, Cpu>>(&self, input: Flow<S, T>) -> Flow<Features<O>, T> {
        const { assert!(S::VALUES == I, "the input has I values per image") }
        self.forward_buffered(self.buffer_pool.take(), input.values, Some(input.source), input.tape)
    }

    /// Runs the layer. `source` is that of the input, if it needs a gradient.
    fn forward_buffered<S: Grouped, T: Tape<f32, Cpu>>(
        &self,
        mut buffers: Buffers,
        input: Arc<AlignedLanes>,
        source: Option<Source<S>>,
        mut tape: T,
    ) -> Flow<Features<O>, T> {
        let parameters = self.parameters();
        let output = unshared_lanes(&mut buffers.output, input.len() / I * O);
        linear::forward::<I>(&self.engine, self.activation, &input, (parameters.weights(), parameters.bias()), output);
        let values = buffers.output.clone();
        let of_output = OutputGradient::new::<T>(&mut buffers.gradient);
        if T::OWNS_TAPE {
            let (layer, of_output) = (self.clone(), of_output.clone());
            let backward = Backward::<I, O, S> { input, source, parameters, layer, of_output, buffers };
            tape.add_backward_op(move |gradients| {
                backward.run(gradients);
                Ok(())
            });
        } else {
            self.buffer_pool.give(buffers);
        }
        Flow { values, source: Source::Block(of_output), tape }
    }

    pub(super) fn parameters(&self) -> Parameters {
        self.attached.clone().unwrap_or_else(|| Parameters::copied(&self.weight, &self.bias))
    }

    /// Adds the gradients of weights and biases; `gradient` is that of the outputs before the activation.
    pub(super) fn weight_gradient(
        &self,
        gradients: &mut Gradients<f32, Cpu>,
        engine: &Engine,
        input: &[Lane],
        gradient: &[Lane],
        transposed: &mut AlignedLanes,
    ) {
        let mut bias = take_gradient(gradients, &self.bias);
        let weights = gradient_mut(gradients, &self.weight);
        linear::weight_gradient::<I>(engine, input, gradient, (weights, &mut bias), transposed);
        *gradient_mut(gradients, &self.bias) = bias;
    }
}

impl<const I: usize, const O: usize> Block for Dense<I, O> {
    fn init(&mut self, rng: &mut Xoshiro256PlusPlus) {
        glorot_uniform(&mut self.weight, I, O, rng);
    }

    fn attach(&mut self, all: &Arc<Vec<f32>>, start: &mut usize) {
        self.attached = Some(Parameters::shared(all, start, [O * I, O]));
    }

    fn detach(&mut self) {
        self.detached();
    }
}

struct Backward<const I: usize, const O: usize, S: Grouped> {
    input: Arc<AlignedLanes>,
    /// `None` if the input needs no gradient.
    source: Option<Source<S>>,
    parameters: Parameters,
    layer: Dense<I, O>,
    of_output: OutputGradient,
    buffers: Buffers,
}

impl<const I: usize, const O: usize, S: Grouped> Backward<I, O, S> {
    fn run(mut self, gradients: &mut Gradients<f32, Cpu>) {
        let Buffers { output, transposed_input, .. } = &mut self.buffers;
        let mut of_output = self.of_output.take(output.len());
        let gradient = &mut of_output[..];
        let engine = &self.layer.engine;
        if let Some(activation) = self.layer.activation {
            engine.run(ActivationBackward { activation, output, gradient });
        }
        self.layer.weight_gradient(gradients, engine, &self.input, gradient, transposed_input);
        if let Some(source) = &self.source {
            source.write(gradients, self.input.len(), |input_gradient, adds| {
                linear::input_gradient::<I>(engine, gradient, self.parameters.weights(), input_gradient, adds);
            });
        }
        self.buffers.gradient = of_output;
        self.layer.buffer_pool.give(self.buffers);
    }
}
