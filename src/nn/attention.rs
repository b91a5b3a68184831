//! Multi-head self-attention with its normalisation and its shortcut, as one dfdx operation.

use std::sync::Arc;

use dfdx::{
    nn::{Module, ModuleVisitor, TensorCollection, TensorOptions},
    shapes::{Dtype, HasShape, Rank2, Rank3},
    tensor::{Cpu, Gradients, SplitTape, Storage, Tape, Tensor},
    tensor_ops::Device,
};
use rand::rngs::Xoshiro256PlusPlus;

use super::{
    Engine,
    aligned::AlignedLanes,
    buffer_pool::BufferPool,
    engine::Units,
    init::glorot_uniform,
    kernels::{Add, AttentionForward, AttentionKeyGradient, AttentionQueryGradient, LANES, Lane, lanes, lanes_mut},
    layout::{Cpu32, Tokens, copy_lanes, gradient_mut, take_gradient, tensor},
    linear,
    model::Block,
    norm::Normalized,
    parameters::{Packed, values},
};

/// Tokens of `D` values that read each other through `H` heads of `C = D / H` values: `x + W_o attention(norm(x))`.
///
/// The maps to queries, keys, values and back have no biases (Vaswani et al., 2017). The normalisation comes first
/// (Xiong et al., 2020), so that training needs no warm-up; it has no gain and bias, which these maps can learn as well.
///
/// ```
/// use lenet_monitor::nn::{SelfAttention, Tokens};
/// use dfdx::prelude::*;
///
/// let device = Cpu::default();
/// let attention = SelfAttention::<56, 4, 14>::build(&device);
/// let tokens: Tensor<Tokens<28, 56>, f32, _> = device.zeros_like(&(1, Const, Const, Const));
/// let output: Tensor<Tokens<28, 56>, f32, _> = attention.forward(tokens);
/// ```
///
/// Four heads of 14 values do not read tokens of 57:
/// ```compile_fail
/// # use lenet_monitor::nn::{SelfAttention, Tokens};
/// # use dfdx::prelude::*;
/// # let device = Cpu::default();
/// # let attention = SelfAttention::<56, 4, 14>::build(&device);
/// let tokens: Tensor<Tokens<28, 57>, f32, _> = device.zeros_like(&(1, Const, Const, Const));
/// let output = attention.forward(tokens);
/// ```
///
/// Five heads of 14 values do not make 56:
/// ```compile_fail
/// # use lenet_monitor::nn::{SelfAttention, Tokens};
/// # use dfdx::prelude::*;
/// # let device = Cpu::default();
/// let attention = SelfAttention::<56, 5, 14>::build(&device);
/// let tokens: Tensor<Tokens<28, 56>, f32, _> = device.zeros_like(&(1, Const, Const, Const));
/// let output = attention.forward(tokens);
/// ```
#[derive(Clone, Debug)]
pub struct SelfAttention<const D: usize, const H: usize, const C: usize, E: Dtype = f32, Dev: Storage<E> = Cpu> {
    /// Maps to queries, keys and values, each `[H][C][D]`.
    pub projections: Tensor<Rank3<3, D, D>, E, Dev>,
    /// Map of the heads' outputs.
    pub output: Tensor<Rank2<D, D>, E, Dev>,
    pub engine: Engine,
    /// Parameters to use instead of the tensors' values.
    attached: Option<Packed>,
    buffer_pool: BufferPool<Buffers>,
}

/// Values of a pass, for each token of each group.
#[derive(Debug, Default)]
struct Buffers {
    /// `[D]`
    input: AlignedLanes,
    normalized: Normalized,
    /// Queries, keys and values `[3][H][C]`.
    projected: AlignedLanes,
    /// `[H][T]`
    weights: AlignedLanes,
    /// Outputs of the heads `[H][C]`.
    heads: AlignedLanes,
    /// Gradients of the projections, of the products and of values `[D]`.
    gradients: [AlignedLanes; 3],
    transposed: AlignedLanes,
}

impl<const D: usize, const H: usize, const C: usize, E: Dtype, Dev: Device<E>> TensorCollection<E, Dev>
    for SelfAttention<D, H, C, E, Dev>
{
    type To<E2: Dtype, D2: Device<E2>> = SelfAttention<D, H, C, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, Dev>>(visitor: &mut V) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        let zeros = TensorOptions::reset_to_zeros;
        visitor.visit_fields(
            (
                Self::tensor("projections", |s| &s.projections, |s| &mut s.detached().projections, zeros()),
                Self::tensor("output", |s| &s.output, |s| &mut s.detached().output, TensorOptions::reset_to_zeros()),
            ),
            |(projections, output)| SelfAttention {
                projections,
                output,
                engine: Engine::default(),
                attached: None,
                buffer_pool: BufferPool::default(),
            },
        )
    }
}

impl<const D: usize, const H: usize, const C: usize, E: Dtype, Dev: Storage<E>> SelfAttention<D, H, C, E, Dev> {
    /// Makes the layer use its tensors' values again.
    fn detached(&mut self) -> &mut Self {
        self.attached = None;
        self
    }
}

impl<const T: usize, const D: usize, const H: usize, const C: usize, P: Tape<f32, Cpu>> Module<Cpu32<Tokens<T, D>, P>>
    for SelfAttention<D, H, C>
{
    type Output = Cpu32<Tokens<T, D>, P>;
    type Error = <Cpu as dfdx::tensor::HasErr>::Err;

    fn try_forward(&self, input: Cpu32<Tokens<T, D>, P>) -> Result<Self::Output, Self::Error> {
        let (input, tape) = input.split_tape();
        let mut buffers = self.buffer_pool.take();
        let parameters = self.parameters();
        let output = self.run(&input, &parameters, &mut buffers);
        Ok(self.buffer_pool.record(buffers, output, tape, || {
            let layer = self.clone();
            move |gradients, output, buffers| layer.backward(gradients, &parameters, &input, output, buffers)
        }))
    }
}

impl<const D: usize, const H: usize, const C: usize> SelfAttention<D, H, C> {
    const PARAMETERS: [usize; 2] = [3 * D * D, D * D];

    /// Returns the weights `[T][H][T]` with which each token reads the others, and the output.
    pub(super) fn weights<const T: usize>(&self, input: &Cpu32<Tokens<T, D>>) -> (Vec<Lane>, Cpu32<Tokens<T, D>>) {
        let mut buffers = Buffers::default();
        let output = self.run(input, &self.parameters(), &mut buffers);
        (buffers.weights.to_vec(), output)
    }

    fn run<const T: usize>(
        &self,
        input: &Cpu32<Tokens<T, D>>,
        parameters: &Packed,
        buffers: &mut Buffers,
    ) -> Cpu32<Tokens<T, D>> {
        const { assert!(D == H * C, "the heads share a token's values") }
        let engine = &self.engine;
        let [projections, output] = parameters.parts(Self::PARAMETERS);
        let Buffers { input: tokens, normalized, projected, weights, heads, .. } = buffers;
        copy_lanes(input, tokens);
        let count = tokens.len() / D;
        normalized.compute::<D>(engine, tokens);
        projected.resize(count * 3 * D);
        linear::forward::<D>(engine, None, &normalized.values, (projections, &[0.0; D].repeat(3)), projected);
        weights.resize(count * H * T);
        heads.resize(count * D);
        engine.split((Units(&mut weights[..], H * T), Units(&mut heads[..], D)), 1, |first, (weights, output)| {
            engine.run(AttentionForward::<T, H, C> { projected, first, weights: weights.0, output: output.0 });
        });
        let mut values = vec![0.0; count * D * LANES];
        linear::forward::<D>(engine, None, heads, (output, &[0.0; D]), lanes_mut(&mut values));
        engine.run(Add { from: tokens, to: lanes_mut(&mut values) });
        tensor(input.device(), values, *input.shape())
    }

    fn backward<const T: usize>(
        &self,
        gradients: &mut Gradients<f32, Cpu>,
        parameters: &Packed,
        input: &Cpu32<Tokens<T, D>>,
        output: &Cpu32<Tokens<T, D>>,
        buffers: &mut Buffers,
    ) {
        let engine = &self.engine;
        let [projections, map] = parameters.parts(Self::PARAMETERS);
        let Buffers { normalized, projected, weights, heads, gradients: scratch, transposed, .. } = buffers;
        let [of_projected, of_products, of_values] = scratch;
        let gradient = take_gradient(gradients, output);
        let gradient = lanes(&gradient);

        let of_map = gradient_mut(gradients, &self.output);
        linear::weight_gradient::<D>(engine, heads, gradient, (of_map, &mut [0.0; D]), transposed);
        of_values.resize(gradient.len());
        linear::input_gradient::<D>(engine, gradient, map, of_values, false);

        of_projected.resize(projected.len());
        of_products.resize(weights.len());
        let parts = (Units(&mut of_products[..], H * T), Units(&mut of_projected[..], 3 * D));
        engine.split(parts, 1, |first, (products, projected_gradient)| {
            engine.run(AttentionQueryGradient::<T, H, C> {
                projected,
                weights,
                gradient: of_values,
                first,
                products: products.0,
                projected_gradient: projected_gradient.0,
            });
        });
        engine.split(Units(&mut of_projected[..], 3 * D), 1, |first, projected_gradient| {
            engine.run(AttentionKeyGradient::<T, H, C> {
                projected,
                weights,
                gradient: of_values,
                products: of_products,
                first,
                projected_gradient: projected_gradient.0,
            });
        });

        let of_map = gradient_mut(gradients, &self.projections);
        let of_bias = &mut [0.0; D].repeat(3);
        linear::weight_gradient::<D>(engine, &normalized.values, of_projected, (of_map, of_bias), transposed);
        linear::input_gradient::<D>(engine, of_projected, projections, of_values, false);
        let input_gradient = lanes_mut(gradient_mut(gradients, input));
        engine.run(Add { from: gradient, to: input_gradient });
        normalized.backward::<D>(engine, of_values, input_gradient);
    }

    fn parameters(&self) -> Packed {
        self.attached.clone().unwrap_or_else(|| Packed::copied([values(&self.projections), values(&self.output)]))
    }
}

impl<const D: usize, const H: usize, const C: usize> Block for SelfAttention<D, H, C> {
    /// Draws Glorot-uniform weights, for each of the four maps.
    fn init(&mut self, rng: &mut Xoshiro256PlusPlus) {
        glorot_uniform(&mut self.projections, D, D, rng);
        glorot_uniform(&mut self.output, D, D, rng);
    }

    fn attach(&mut self, all: &Arc<Vec<f32>>, start: &mut usize) {
        self.attached = Some(Packed::shared(all, start, Self::PARAMETERS.iter().sum()));
    }

    fn detach(&mut self) {
        self.detached();
    }
}
