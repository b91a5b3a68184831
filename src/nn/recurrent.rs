//! Recurrent layers over the rows of an image, as one dfdx operation.

use std::sync::Arc;

use dfdx::{
    nn::{ModuleVisitor, TensorCollection, TensorOptions},
    shapes::{Const, Dtype, Rank3, Shape},
    tensor::{Cpu, Gradients, PutTape, Storage, Tape, Tensor},
    tensor_ops::Device,
};
use rand::rngs::Xoshiro256PlusPlus;

use super::{
    Engine,
    aligned::AlignedLanes,
    buffer_pool::BufferPool,
    engine::Units,
    init::{glorot_uniform, orthogonal},
    kernels::{Cell, LANES, Lane, RecurrentBackward, RecurrentForward, ZERO, lanes, numbers},
    layout::{Cpu32, Features, gradient_mut, take_gradient, tensor},
    linear,
    model::Block,
    parameters::{Packed, values},
};

/// Units of which a thread's share is a multiple.
const TILE: usize = 16;

/// A layer of `H` units with `G` gates each that reads `I` values at each time step and returns its last state. `B` is
/// the number of biases of a gate: 2 if the cell has recurrent ones, otherwise 1.
///
/// ```
/// use lenet_monitor::nn::{Dense, Recurrent, Features, kernels::Lstm};
/// use dfdx::prelude::*;
///
/// let device = Cpu::default();
/// let lstm = Recurrent::<Lstm, 4, 1, 28, 112>::build(&device);
/// let state: Tensor<Features<112>, f32, _> = lstm.forward_data(28, 1, |_| (), NoneTape);
/// let output = Dense::<112, 10>::build(&device).forward(state);
/// ```
///
/// 112 units have no 128 states:
/// ```compile_fail
/// # use lenet_monitor::nn::{Dense, Recurrent, Features, kernels::Lstm};
/// # use dfdx::prelude::*;
/// # let device = Cpu::default();
/// # let lstm = Recurrent::<Lstm, 4, 1, 28, 112>::build(&device);
/// # let state: Tensor<Features<112>, f32, _> = lstm.forward_data(28, 1, |_| (), NoneTape);
/// let output = Dense::<128, 10>::build(&device).forward(state);
/// ```
///
/// An LSTM has four gates, not three:
/// ```compile_fail
/// # use lenet_monitor::nn::{Recurrent, kernels::Lstm};
/// # use dfdx::prelude::*;
/// # let device = Cpu::default();
/// let lstm = Recurrent::<Lstm, 3, 1, 28, 112>::build(&device);
/// ```
#[derive(Debug, Clone)]
pub struct Recurrent<
    C: Cell<G>,
    const G: usize,
    const B: usize,
    const I: usize,
    const H: usize,
    E: Dtype = f32,
    D: Storage<E> = Cpu,
> {
    /// Weights of the input.
    pub weight: Tensor<Rank3<H, G, I>, E, D>,
    /// Weights of the states before.
    pub recurrent: Tensor<Rank3<H, G, H>, E, D>,
    /// Biases of the input's products, then those of the states' products.
    pub bias: Tensor<Rank3<B, H, G>, E, D>,
    pub engine: Engine,
    cell: C,
    /// Parameters to use instead of the tensors' values.
    attached: Option<Packed>,
    buffer_pool: BufferPool<Buffers>,
}

/// Values of a pass through the layer, `[steps]` times those of all groups.
#[derive(Debug, Default)]
struct Buffers {
    /// `[I]`
    input: AlignedLanes,
    /// `[H][G]`: products of the input; in the backward pass their gradients, if the cell has recurrent biases.
    products: AlignedLanes,
    /// `[H]`: zeros, then the state after each step.
    states: AlignedLanes,
    /// `[H][KEPT]`: zeros, then what the cells keep of each step.
    kept: AlignedLanes,
    /// `[H][G]`: gradients of the products of the states.
    gradients: AlignedLanes,
    /// `[H][2]`, of one step: gradients that reach a unit past the products.
    carried: AlignedLanes,
    transposed: AlignedLanes,
}

impl<C: Cell<G>, const G: usize, const B: usize, const I: usize, const H: usize, E: Dtype, D: Device<E>>
    TensorCollection<E, D> for Recurrent<C, G, B, I, H, E, D>
{
    type To<E2: Dtype, D2: Device<E2>> = Recurrent<C, G, B, I, H, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(visitor: &mut V) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        let zeros = TensorOptions::reset_to_zeros;
        visitor.visit_fields(
            (
                Self::tensor("weight", |s| &s.weight, |s| &mut s.detached().weight, zeros()),
                Self::tensor(
                    "recurrent",
                    |s| &s.recurrent,
                    |s| &mut s.detached().recurrent,
                    TensorOptions::reset_to_zeros(),
                ),
                Self::tensor("bias", |s| &s.bias, |s| &mut s.detached().bias, TensorOptions::reset_to_zeros()),
            ),
            |(weight, recurrent, bias)| Recurrent {
                weight,
                recurrent,
                bias,
                engine: Engine::default(),
                cell: C::default(),
                attached: None,
                buffer_pool: BufferPool::default(),
            },
        )
    }
}

impl<C: Cell<G>, const G: usize, const B: usize, const I: usize, const H: usize, E: Dtype, D: Storage<E>>
    Recurrent<C, G, B, I, H, E, D>
{
    /// Makes the layer use its tensors' values again.
    fn detached(&mut self) -> &mut Self {
        self.attached = None;
        self
    }
}

impl<C: Cell<G>, const G: usize, const B: usize, const I: usize, const H: usize> Recurrent<C, G, B, I, H> {
    /// Numbers of weights, recurrent weights and biases.
    const PARAMETERS: [usize; 3] = [H * G * I, H * G * H, B * H * G];

    /// Returns the states after the last of `steps` steps, at least one, for input data that `fill` writes, step after
    /// step: `[steps][groups][I]`. The data needs no gradient.
    pub fn forward_data<T: Tape<f32, Cpu>>(
        &self,
        steps: usize,
        groups: usize,
        fill: impl FnOnce(&mut [Lane]),
        mut tape: T,
    ) -> Cpu32<Features<H>, T> {
        let mut buffers = self.buffer_pool.take();
        self.run(steps, groups, fill, &mut buffers);
        let last = numbers(&buffers.states[steps * groups * H..]).to_vec();
        let output = tensor(self.weight.device(), last, (groups, Const, Const));
        if T::OWNS_TAPE {
            let backward = Backward {
                parameters: self.parameters(),
                layer: self.clone(),
                output: output.clone(),
                buffers,
                groups,
            };
            tape.add_backward_op(move |gradients| {
                backward.run(gradients);
                Ok(())
            });
        } else {
            self.buffer_pool.give(buffers);
        }
        output.put_tape(tape)
    }

    /// Returns the states of one group after each step: `[steps][H]`.
    pub(super) fn states(&self, steps: usize, fill: impl FnOnce(&mut [Lane])) -> Vec<Lane> {
        let mut buffers = Buffers::default();
        self.run(steps, 1, fill, &mut buffers);
        buffers.states[H..].to_vec()
    }

    /// Returns the norm of the gradient with respect to the states after each step, the sum over images. `of_last`
    /// returns the gradient with respect to the last states, which it gets.
    pub(super) fn gradient_norms(
        &self,
        steps: usize,
        groups: usize,
        fill: impl FnOnce(&mut [Lane]),
        of_last: impl FnOnce(Cpu32<Features<H>>) -> Vec<f32>,
    ) -> Vec<f64> {
        let mut buffers = Buffers::default();
        self.run(steps, groups, fill, &mut buffers);
        let last = numbers(&buffers.states[steps * groups * H..]).to_vec();
        let output = tensor(self.weight.device(), last, (groups, Const, Const));
        let gradient = of_last(output.clone());
        let (parameters, layer) = (self.parameters(), self.clone());
        let mut norms = Vec::new();
        Backward { parameters, layer, output, buffers, groups }.products(lanes(&gradient), |recurrent, past, after| {
            norms.push(state_norms::<G, H>(recurrent, past, after));
        });
        norms.reverse();
        norms
    }

    fn run(&self, steps: usize, groups: usize, fill: impl FnOnce(&mut [Lane]), buffers: &mut Buffers) {
        const {
            assert!(B == 1 + C::HAS_RECURRENT_BIAS as usize, "B counts the biases of a gate");
        }
        let parameters = self.parameters();
        let Buffers { input, products, states, kept, .. } = buffers;
        input.resize(steps * groups * I);
        fill(input);
        products.resize(steps * groups * H * G);
        let [weights, recurrent, bias] = parameters.parts(Self::PARAMETERS);
        let (of_input, of_states) = bias.split_at(H * G);
        linear::forward::<I>(&self.engine, None, input, (weights, of_input), products);
        states.resize((steps + 1) * groups * H);
        kept.resize((steps + 1) * groups * H * C::KEPT);
        states[..groups * H].fill(ZERO);
        kept[..groups * H * C::KEPT].fill(ZERO);
        for step in 0..steps {
            let (before, state) = states[step * groups * H..].split_at_mut(groups * H);
            let (kept_before, kept) = kept[step * groups * H * C::KEPT..].split_at_mut(groups * H * C::KEPT);
            let input = &products[step * groups * H * G..][..groups * H * G];
            let parts = (Units(&mut state[..groups * H], 1), Units(&mut kept[..groups * H * C::KEPT], C::KEPT));
            self.engine.split(parts, TILE, |first, (state, kept)| {
                self.engine.run(RecurrentForward::<C, G, H> {
                    cell: self.cell,
                    weights: recurrent,
                    bias: of_states,
                    input,
                    before,
                    kept_before,
                    first,
                    state: state.0,
                    kept: kept.0,
                });
            });
        }
    }

    fn parameters(&self) -> Packed {
        let copied = || Packed::copied([values(&self.weight), values(&self.recurrent), values(&self.bias)]);
        self.attached.clone().unwrap_or_else(copied)
    }
}

impl<C: Cell<G>, const G: usize, const B: usize, const I: usize, const H: usize> Block for Recurrent<C, G, B, I, H> {
    /// Draws Glorot-uniform weights and orthogonal recurrent ones; biases are those of the cell.
    fn init(&mut self, rng: &mut Xoshiro256PlusPlus) {
        glorot_uniform(&mut self.weight, I, G * H, rng);
        orthogonal(&mut self.recurrent, H, rng);
        let input = (0..H).flat_map(|_| C::BIAS);
        let bias: Vec<f32> = input.chain(vec![0.0; (B - 1) * H * G]).collect();
        self.bias.copy_from(&bias);
    }

    fn attach(&mut self, all: &Arc<Vec<f32>>, start: &mut usize) {
        self.attached = Some(Packed::shared(all, start, Self::PARAMETERS.iter().sum()));
    }

    fn detach(&mut self) {
        self.detached();
    }
}

struct Backward<C: Cell<G>, const G: usize, const B: usize, const I: usize, const H: usize> {
    layer: Recurrent<C, G, B, I, H>,
    parameters: Packed,
    output: Cpu32<Features<H>>,
    buffers: Buffers,
    groups: usize,
}

impl<C: Cell<G>, const G: usize, const B: usize, const I: usize, const H: usize> Backward<C, G, B, I, H> {
    fn run(mut self, gradients: &mut Gradients<f32, Cpu>) {
        let gradient = take_gradient(gradients, &self.output);
        self.products(lanes(&gradient), |_, _, _| ());
        self.parameters(gradients);
        self.layer.buffer_pool.give(self.buffers);
    }

    /// Computes the gradients of all products, from the last step to the first. Before each step, `inspect` gets the
    /// recurrent weights, the gradients that reach the step's states past the products, and those of the products of
    /// the step after it, or none.
    fn products(&mut self, output: &[Lane], mut inspect: impl FnMut(&[f32], &[Lane], &[Lane])) {
        let (engine, per_step) = (&self.layer.engine, self.groups * H);
        let Buffers { products, states, kept, gradients, carried, .. } = &mut self.buffers;
        let [_, weights, _] = self.parameters.parts(Recurrent::<C, G, B, I, H>::PARAMETERS);
        let steps = states.len() / per_step - 1;
        gradients.resize(steps * per_step * G);
        carried.resize(2 * output.len());
        for (carried, &gradient) in carried.chunks_exact_mut(2).zip(output) {
            carried.copy_from_slice(&[gradient, ZERO]);
        }
        for step in (0..steps).rev() {
            let (gradients, after) = gradients[step * per_step * G..].split_at_mut(per_step * G);
            let after = if step + 1 < steps { &after[..per_step * G] } else { &[] };
            inspect(weights, carried, after);
            let products =
                if C::HAS_RECURRENT_BIAS { &mut products[step * per_step * G..][..per_step * G] } else { &mut [] };
            let parts = (Units(&mut carried[..], 2), (Units(gradients, G), Units(products, G)));
            engine.split(parts, TILE, |first, (carried, (recurrent, input))| {
                engine.run(RecurrentBackward::<C, G, H> {
                    cell: self.layer.cell,
                    weights,
                    after,
                    before: &states[step * per_step..][..per_step],
                    kept_before: &kept[step * per_step * C::KEPT..][..per_step * C::KEPT],
                    kept: &kept[(step + 1) * per_step * C::KEPT..][..per_step * C::KEPT],
                    first,
                    carried: carried.0,
                    recurrent: recurrent.0,
                    input: input.0,
                });
            });
        }
    }

    /// Adds the gradients of weights and biases, sums over all steps.
    fn parameters(&mut self, gradients: &mut Gradients<f32, Cpu>) {
        let layer = &self.layer;
        let Buffers { input, products, states, gradients: recurrent, transposed, .. } = &mut self.buffers;
        let mut bias = take_gradient(gradients, &layer.bias);
        let (of_input, of_states) = bias.split_at_mut(H * G);
        // Gradients of the recurrent biases are not wanted where there are none: those of the input are the same.
        let mut unused = vec![0.0; if C::HAS_RECURRENT_BIAS { 0 } else { H * G }];
        let of_states = if C::HAS_RECURRENT_BIAS { of_states } else { &mut unused };
        let of_products: &[Lane] = if C::HAS_RECURRENT_BIAS { products } else { recurrent };
        layer.weight_gradient::<I, _>(gradients, &layer.weight, (input, of_products), of_input, transposed);
        let before = &states[..states.len() - self.groups * H];
        layer.weight_gradient::<H, _>(gradients, &layer.recurrent, (before, recurrent), of_states, transposed);
        *gradient_mut(gradients, &layer.bias) = bias;
    }
}

/// Returns the sum over images of the norm of the gradient with respect to the states after a step: `past` has it as far
/// as it comes past the products, and `after` are the gradients of the products of the next step, if there is one.
fn state_norms<const G: usize, const H: usize>(recurrent: &[f32], past: &[Lane], after: &[Lane]) -> f64 {
    let images = past.len() / (2 * H) * LANES;
    let norm = |image: usize| {
        let (group, lane) = (image / LANES, image % LANES);
        let past = numbers(&past[group * 2 * H..][..2 * H]);
        let mut gradient: Vec<f32> = past.iter().skip(lane).step_by(2 * LANES).copied().collect();
        let after = after.get(group * H * G..(group + 1) * H * G).map_or(&[][..], numbers);
        for (product, row) in after.iter().skip(lane).step_by(LANES).zip(recurrent.chunks_exact(H)) {
            gradient.iter_mut().zip(row).for_each(|(gradient, weight)| *gradient += product * weight);
        }
        gradient.iter().map(|&gradient| f64::from(gradient).powi(2)).sum::<f64>().sqrt()
    };
    (0..images).map(norm).sum()
}

impl<C: Cell<G>, const G: usize, const B: usize, const I: usize, const H: usize> Recurrent<C, G, B, I, H> {
    /// Adds the gradients of `weight` and `bias` to which `inputs` and the `gradient` of their products lead.
    fn weight_gradient<const N: usize, S: Shape>(
        &self,
        gradients: &mut Gradients<f32, Cpu>,
        weight: &Cpu32<S>,
        (inputs, gradient): (&[Lane], &[Lane]),
        bias: &mut [f32],
        transposed: &mut AlignedLanes,
    ) {
        let weights = gradient_mut(gradients, weight);
        linear::weight_gradient::<N>(&self.engine, inputs, gradient, (weights, bias), transposed);
    }
}
