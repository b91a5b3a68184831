//! Linear maps `y = W x + b` of groups of values, and their gradients, divided among threads.
//!
//! Shapes, for one group: input `[I]`, output `[O]`; weights `[O][I]`, bias `[O]`. Groups follow one another.

use super::{
    Activation, Engine,
    aligned::AlignedLanes,
    engine::Units,
    kernels::{DenseForward, DenseInputGradient, DenseWeightGradient, LANES, Lane, Transpose},
};

/// Multiply-adds below which handing out a share takes longer than it saves.
const WORTH_SHARING: usize = 1 << 15;

/// Returns the number of which a thread's share of `units` is a multiple: that of the kernel's widest tile, or all units
/// if they are not worth sharing.
fn multiple(tile: usize, units: usize, multiply_adds: usize) -> usize {
    if multiply_adds < WORTH_SHARING { units.max(1) } else { tile }
}

/// Computes the outputs, with an activation if there is one.
pub(super) fn forward<const I: usize>(
    engine: &Engine,
    activation: Option<Activation>,
    input: &[Lane],
    (weights, bias): (&[f32], &[f32]),
    output: &mut [Lane],
) {
    let multiple = multiple(4, output.len(), weights.len() * input.len() / I * LANES);
    engine.split(Units(output, 1), multiple, |first, part| {
        engine.run(DenseForward::<I> { activation, input, weights, bias, first, output: part.0 });
    });
}

/// Adds the gradients of weights and biases that `gradient`, that of the outputs, leads to.
pub(super) fn weight_gradient<const I: usize>(
    engine: &Engine,
    input: &[Lane],
    gradient: &[Lane],
    (weights, bias): (&mut [f32], &mut [f32]),
    transposed: &mut AlignedLanes,
) {
    transpose::<I>(engine, input, transposed);
    let outputs = bias.len();
    let multiple = multiple(4, outputs, outputs * input.len() * LANES);
    engine.split((Units(bias, 1), Units(weights, I)), multiple, |first, (bias, weights)| {
        engine.run(DenseWeightGradient::<I> {
            transposed_input: transposed,
            gradient,
            outputs,
            first,
            weights: weights.0,
            bias: bias.0,
        });
    });
}

/// Computes the gradient of the input; adds it to `input_gradient` if `adds`.
pub(super) fn input_gradient<const I: usize>(
    engine: &Engine,
    gradient: &[Lane],
    weights: &[f32],
    input_gradient: &mut [Lane],
    adds: bool,
) {
    let multiple = multiple(8, input_gradient.len(), input_gradient.len() * weights.len() / I * LANES);
    engine.split(Units(input_gradient, 1), multiple, |first, part| {
        engine.run(DenseInputGradient::<I> { gradient, weights, first, input_gradient: part.0, adds });
    });
}

/// Transposes `[groups][I]` lanes to `[groups][LANES][ceil(I / LANES)]`: each image's inputs together, padded with
/// zeros.
fn transpose<const I: usize>(engine: &Engine, input: &[Lane], transposed: &mut AlignedLanes) {
    let length = LANES * I.div_ceil(LANES);
    transposed.resize(input.len() / I * length);
    engine.split(Units(transposed, length), 1, |first, part| {
        for (values, transposed) in input[first * I..].chunks_exact(I).zip(part.0.chunks_exact_mut(length)) {
            engine.run(Transpose { values, transposed });
        }
    });
}
