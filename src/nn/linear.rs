//! Linear maps `y = W x + b` of groups of values, and their gradients, divided among threads.
//!
//! Shapes, for one group: input `[I]`, output `[O]`; weights `[O][I]`, bias `[O]`. Groups follow one another.

use super::{
    Activation, Engine,
    engine::Units,
    kernels::{DenseForward, DenseInputGradient, DenseWeightGradient, LANES, Lane, ZERO},
};

/// Computes the outputs, with an activation if there is one.
pub(super) fn forward<const I: usize>(
    engine: &Engine,
    activation: Option<Activation>,
    input: &[Lane],
    (weights, bias): (&[f32], &[f32]),
    output: &mut [Lane],
) {
    engine.split(Units(output, 1), 4, |first, part| {
        engine.run(DenseForward::<I> { activation, input, weights, bias, first, output: part.0 });
    });
}

/// Adds the gradients of weights and biases that `gradient`, that of the outputs, leads to.
pub(super) fn weight_gradient<const I: usize>(
    engine: &Engine,
    input: &[Lane],
    gradient: &[Lane],
    (weights, bias): (&mut [f32], &mut [f32]),
    transposed: &mut Vec<Lane>,
) {
    transpose::<I>(engine, input, transposed);
    let outputs = bias.len();
    engine.split((Units(bias, 1), Units(weights, I)), 4, |first, (bias, weights)| {
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

/// Adds the gradient of the input to `input_gradient`.
pub(super) fn input_gradient<const I: usize>(
    engine: &Engine,
    gradient: &[Lane],
    weights: &[f32],
    input_gradient: &mut [Lane],
) {
    engine.split(Units(input_gradient, 1), 8, |first, part| {
        engine.run(DenseInputGradient::<I> { gradient, weights, first, input_gradient: part.0 });
    });
}

/// Transposes `[groups][I]` lanes to `[groups][LANES][ceil(I / LANES)]`: each image's inputs together, padded with
/// zeros.
fn transpose<const I: usize>(engine: &Engine, input: &[Lane], transposed: &mut Vec<Lane>) {
    let columns = I.div_ceil(LANES);
    transposed.resize(input.len() / I * LANES * columns, ZERO);
    engine.split(Units(transposed, LANES * columns), 1, |first, part| {
        let groups = input[first * I..].chunks_exact(I).zip(part.0.chunks_exact_mut(LANES * columns));
        for (input, transposed) in groups {
            let transposed: &mut [f32] = pulp::bytemuck::cast_slice_mut(transposed);
            let input: &[[f32; LANES]] = pulp::bytemuck::cast_slice(input);
            for (image, values) in transposed.chunks_exact_mut(columns * LANES).enumerate() {
                for (value, lanes) in values.iter_mut().zip(input) {
                    *value = lanes[image];
                }
            }
        }
    });
}
