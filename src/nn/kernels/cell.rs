//! The cells of recurrent layers, by the formulas of Keras 3: what a unit does with the products of its gates.
//!
//! Names in the formulas: `x` the product of the input with its bias, `u` that of the states before, `h` the state, `s`
//! the sigmoid, and `*` element by element.

use super::{Isa, Lane, ZERO, activation, splat};
use crate::nn::Activation;

/// A cell with `G` gates.
pub trait Cell<const G: usize>: Copy + Default + std::fmt::Debug + Send + Sync + 'static {
    /// Number of values that a unit keeps of each step for the backward pass.
    const KEPT: usize;
    /// Whether the products of the states have biases of their own, and so gradients of their own.
    const HAS_RECURRENT_BIAS: bool;
    /// Initial value of the biases of each gate.
    const BIAS: [f32; G];

    /// Returns the state of a unit after a step. `kept_before` are the values kept at the step before, or zeros.
    fn forward<I: Isa>(
        self,
        isa: I,
        input: [Lane; G],
        recurrent: [Lane; G],
        before: Lane,
        kept_before: &[Lane],
        kept: &mut [Lane],
    ) -> Lane;

    /// Returns the gradients of a unit's products from that of its state. `memory` is the gradient of the cell's
    /// memory, from the step after this one and then for the step before.
    fn backward<I: Isa>(
        self,
        isa: I,
        gradient: Lane,
        memory: &mut Lane,
        before: Lane,
        kept_before: &[Lane],
        kept: &[Lane],
    ) -> CellGradients<G>;
}

/// Gradients of a unit at a step.
pub struct CellGradients<const G: usize> {
    /// Gradients of the products of the input.
    pub input: [Lane; G],
    /// Gradients of the products of the states before.
    pub recurrent: [Lane; G],
    /// Gradient of the unit's state before that comes past the products.
    pub state: Lane,
}

/// `h = tanh(x + u)`
#[derive(Clone, Copy, Debug, Default)]
pub struct SimpleRnn;

impl Cell<1> for SimpleRnn {
    const KEPT: usize = 1;
    const HAS_RECURRENT_BIAS: bool = false;
    const BIAS: [f32; 1] = [0.0];

    #[inline(always)]
    fn forward<I: Isa>(self, isa: I, [x]: [Lane; 1], [u]: [Lane; 1], _: Lane, _: &[Lane], kept: &mut [Lane]) -> Lane {
        let state = activation::apply(isa, Activation::Tanh, isa.add_f32s(x, u));
        kept[0] = state;
        state
    }

    #[inline(always)]
    fn backward<I: Isa>(
        self,
        isa: I,
        gradient: Lane,
        _: &mut Lane,
        _: Lane,
        _: &[Lane],
        kept: &[Lane],
    ) -> CellGradients<1> {
        let product = [activation::backward(isa, Activation::Tanh, kept[0], gradient)];
        CellGradients { input: product, recurrent: product, state: ZERO }
    }
}

/// Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al. (2000). Gates in Keras's order:
///
/// `i = s(x_i + u_i)`, `f = s(x_f + u_f)`, `g = tanh(x_g + u_g)`, `o = s(x_o + u_o)`, `c = f * c_before + i * g`,
/// `h = o * tanh(c)`
#[derive(Clone, Copy, Debug, Default)]
pub struct Lstm;

impl Cell<4> for Lstm {
    /// `i`, `f`, `g`, `o`, `c`, `tanh(c)`
    const KEPT: usize = 6;
    const HAS_RECURRENT_BIAS: bool = false;
    const BIAS: [f32; 4] = [0.0, 1.0, 0.0, 0.0];

    #[inline(always)]
    fn forward<I: Isa>(
        self,
        isa: I,
        x: [Lane; 4],
        u: [Lane; 4],
        _: Lane,
        kept_before: &[Lane],
        kept: &mut [Lane],
    ) -> Lane {
        let i = activation::apply(isa, Activation::Sigmoid, isa.add_f32s(x[0], u[0]));
        let f = activation::apply(isa, Activation::Sigmoid, isa.add_f32s(x[1], u[1]));
        let g = activation::apply(isa, Activation::Tanh, isa.add_f32s(x[2], u[2]));
        let o = activation::apply(isa, Activation::Sigmoid, isa.add_f32s(x[3], u[3]));
        let c = isa.madd(f, kept_before[4], isa.mul_f32s(i, g));
        let tanh = activation::apply(isa, Activation::Tanh, c);
        kept.copy_from_slice(&[i, f, g, o, c, tanh]);
        isa.mul_f32s(o, tanh)
    }

    #[inline(always)]
    fn backward<I: Isa>(
        self,
        isa: I,
        gradient: Lane,
        memory: &mut Lane,
        _: Lane,
        kept_before: &[Lane],
        kept: &[Lane],
    ) -> CellGradients<4> {
        let &[i, f, g, o, _, tanh] = kept else { unreachable!("six values are kept") };
        let of_tanh = isa.mul_f32s(gradient, o);
        let of_c = isa.add_f32s(*memory, activation::backward(isa, Activation::Tanh, tanh, of_tanh));
        *memory = isa.mul_f32s(of_c, f);
        let products = [
            activation::backward(isa, Activation::Sigmoid, i, isa.mul_f32s(of_c, g)),
            activation::backward(isa, Activation::Sigmoid, f, isa.mul_f32s(of_c, kept_before[4])),
            activation::backward(isa, Activation::Tanh, g, isa.mul_f32s(of_c, i)),
            activation::backward(isa, Activation::Sigmoid, o, isa.mul_f32s(gradient, tanh)),
        ];
        CellGradients { input: products, recurrent: products, state: ZERO }
    }
}

/// Cho et al. (2014) as cuDNN computes it (`reset_after`). Gates in Keras's order:
///
/// `z = s(x_z + u_z)`, `r = s(x_r + u_r)`, `g = tanh(x_g + r * u_g)`, `h = z * h_before + (1 - z) * g`
#[derive(Clone, Copy, Debug, Default)]
pub struct Gru;

impl Cell<3> for Gru {
    /// `z`, `r`, `g`, `u_g`
    const KEPT: usize = 4;
    const HAS_RECURRENT_BIAS: bool = true;
    const BIAS: [f32; 3] = [0.0; 3];

    #[inline(always)]
    fn forward<I: Isa>(self, isa: I, x: [Lane; 3], u: [Lane; 3], before: Lane, _: &[Lane], kept: &mut [Lane]) -> Lane {
        let z = activation::apply(isa, Activation::Sigmoid, isa.add_f32s(x[0], u[0]));
        let r = activation::apply(isa, Activation::Sigmoid, isa.add_f32s(x[1], u[1]));
        let g = activation::apply(isa, Activation::Tanh, isa.madd(r, u[2], x[2]));
        kept.copy_from_slice(&[z, r, g, u[2]]);
        isa.madd(z, isa.sub_f32s(before, g), g)
    }

    #[inline(always)]
    fn backward<I: Isa>(
        self,
        isa: I,
        gradient: Lane,
        _: &mut Lane,
        before: Lane,
        _: &[Lane],
        kept: &[Lane],
    ) -> CellGradients<3> {
        let &[z, r, g, u] = kept else { unreachable!("four values are kept") };
        let of_g = isa.mul_f32s(gradient, isa.sub_f32s(splat(1.0), z));
        let of_g = activation::backward(isa, Activation::Tanh, g, of_g);
        let of_z = isa.mul_f32s(gradient, isa.sub_f32s(before, g));
        let of_z = activation::backward(isa, Activation::Sigmoid, z, of_z);
        let of_r = activation::backward(isa, Activation::Sigmoid, r, isa.mul_f32s(of_g, u));
        CellGradients {
            input: [of_z, of_r, of_g],
            recurrent: [of_z, of_r, isa.mul_f32s(of_g, r)],
            state: isa.mul_f32s(gradient, z),
        }
    }
}
