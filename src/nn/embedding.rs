//! The embedding of a sequence of values with learned positions, as one dfdx operation.

use std::sync::Arc;

use dfdx::{
    nn::{ModuleVisitor, TensorCollection, TensorOptions},
    shapes::{Const, Dtype, Rank2},
    tensor::{Cpu, Gradients, Storage, Tape, Tensor},
    tensor_ops::Device,
};
use rand::rngs::Xoshiro256PlusPlus;

use super::{
    Engine,
    aligned::AlignedLanes,
    buffer_pool::BufferPool,
    engine::Units,
    init::glorot_uniform,
    kernels::{DenseForward, LANES, Lane, SumOverImages, lanes, lanes_mut},
    layout::{Cpu32, Tokens, gradient_mut, take_gradient, tensor},
    linear,
    model::Block,
    parameters::{Packed, values},
};

/// Turns each of `T` rows of `I` values into a token of `D` values: a linear map that all rows share, and the learned
/// vector of the row's position in place of a bias.
///
/// ```
/// use lenet_monitor::nn::{Embedding, Tokens};
/// use dfdx::prelude::*;
///
/// let embedding = Embedding::<28, 28, 56>::build(&Cpu::default());
/// let tokens: Tensor<Tokens<28, 56>, f32, _> = embedding.forward_data(1, |_| (), NoneTape);
/// ```
///
/// 28 rows give 28 tokens, not 27:
/// ```compile_fail
/// # use lenet_monitor::nn::{Embedding, Tokens};
/// # use dfdx::prelude::*;
/// # let embedding = Embedding::<28, 28, 56>::build(&Cpu::default());
/// let tokens: Tensor<Tokens<27, 56>, f32, _> = embedding.forward_data(1, |_| (), NoneTape);
/// ```
#[derive(Clone, Debug)]
pub struct Embedding<const T: usize, const I: usize, const D: usize, E: Dtype = f32, Dev: Storage<E> = Cpu> {
    pub weight: Tensor<Rank2<D, I>, E, Dev>,
    pub position: Tensor<Rank2<T, D>, E, Dev>,
    pub engine: Engine,
    /// Parameters to use instead of the tensors' values.
    attached: Option<Packed>,
    buffer_pool: BufferPool<Buffers>,
}

#[derive(Debug, Default)]
struct Buffers {
    /// `[T][I]` of each group.
    input: AlignedLanes,
    transposed: AlignedLanes,
}

impl<const T: usize, const I: usize, const D: usize, E: Dtype, Dev: Device<E>> TensorCollection<E, Dev>
    for Embedding<T, I, D, E, Dev>
{
    type To<E2: Dtype, D2: Device<E2>> = Embedding<T, I, D, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, Dev>>(visitor: &mut V) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        let zeros = TensorOptions::reset_to_zeros;
        visitor.visit_fields(
            (
                Self::tensor("weight", |s| &s.weight, |s| &mut s.detached().weight, zeros()),
                Self::tensor(
                    "position",
                    |s| &s.position,
                    |s| &mut s.detached().position,
                    TensorOptions::reset_to_zeros(),
                ),
            ),
            |(weight, position)| Embedding {
                weight,
                position,
                engine: Engine::default(),
                attached: None,
                buffer_pool: BufferPool::default(),
            },
        )
    }
}

impl<const T: usize, const I: usize, const D: usize, E: Dtype, Dev: Storage<E>> Embedding<T, I, D, E, Dev> {
    /// Makes the layer use its tensors' values again.
    fn detached(&mut self) -> &mut Self {
        self.attached = None;
        self
    }
}

impl<const T: usize, const I: usize, const D: usize> Embedding<T, I, D> {
    const PARAMETERS: [usize; 2] = [D * I, T * D];

    /// Returns the tokens of input data `[groups][T][I]` that `fill` writes and that needs no gradient.
    pub fn forward_data<P: Tape<f32, Cpu>>(
        &self,
        groups: usize,
        fill: impl FnOnce(&mut [Lane]),
        tape: P,
    ) -> Cpu32<Tokens<T, D>, P> {
        let mut buffers = self.buffer_pool.take();
        buffers.input.resize(groups * T * I);
        fill(&mut buffers.input);
        let parameters = self.parameters();
        let [weights, positions] = parameters.parts(Self::PARAMETERS);
        let mut values = vec![0.0; groups * T * D * LANES];
        self.engine.split(Units(lanes_mut(&mut values), D), 1, |first, part| {
            for (token, output) in (first..).zip(part.0.chunks_exact_mut(D)) {
                self.engine.run(DenseForward::<I> {
                    activation: None,
                    input: &buffers.input[token * I..][..I],
                    weights,
                    bias: &positions[token % T * D..][..D],
                    first: 0,
                    output,
                });
            }
        });
        let output = tensor(self.weight.device(), values, (groups, Const, Const, Const));
        self.buffer_pool.record(buffers, output, tape, || {
            let layer = self.clone();
            move |gradients, output, buffers| layer.backward(gradients, output, buffers)
        })
    }

    fn backward(&self, gradients: &mut Gradients<f32, Cpu>, output: &Cpu32<Tokens<T, D>>, buffers: &mut Buffers) {
        let gradient = take_gradient(gradients, output);
        let gradient = lanes(&gradient);
        let positions = gradient_mut(gradients, &self.position);
        self.engine.split(Units(positions, 1), LANES, |first, part| {
            self.engine.run(SumOverImages { values: gradient, per_group: T * D, first, sums: part.0 });
        });
        let Buffers { input, transposed } = buffers;
        let weights = gradient_mut(gradients, &self.weight);
        linear::weight_gradient::<I>(&self.engine, input, gradient, (weights, &mut [0.0; D]), transposed);
    }

    fn parameters(&self) -> Packed {
        self.attached.clone().unwrap_or_else(|| Packed::copied([values(&self.weight), values(&self.position)]))
    }
}

impl<const T: usize, const I: usize, const D: usize> Block for Embedding<T, I, D> {
    /// Draws Glorot-uniform weights and positions, as Keras.
    fn init(&mut self, rng: &mut Xoshiro256PlusPlus) {
        glorot_uniform(&mut self.weight, I, D, rng);
        glorot_uniform(&mut self.position, T, D, rng);
    }

    fn attach(&mut self, all: &Arc<Vec<f32>>, start: &mut usize) {
        self.attached = Some(Packed::shared(all, start, Self::PARAMETERS.iter().sum()));
    }

    fn detach(&mut self) {
        self.detached();
    }
}
