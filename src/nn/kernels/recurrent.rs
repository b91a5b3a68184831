//! One time step of a recurrent layer, and its gradients.
//!
//! Shapes, for one group: state `[H]`, products `[H][G]` of the `G` gates of each unit, and the values that a cell
//! keeps for the backward pass `[H][KEPT]`, each element a [`Lane`]; recurrent weights `[H][G][H]`. Groups follow one
//! another.

use super::{Isa, Kernel, Lane, ZERO, cell::Cell, splat};

/// Computes the states of some units after a time step.
pub struct RecurrentForward<'a, C: Cell<G>, const G: usize, const H: usize> {
    pub cell: C,
    /// Recurrent weights.
    pub weights: &'a [f32],
    /// Recurrent biases `[H][G]`; empty if the cell has none.
    pub bias: &'a [f32],
    /// Products of this step's input, with the input biases.
    pub input: &'a [Lane],
    /// States before this step.
    pub before: &'a [Lane],
    /// Values kept at the step before.
    pub kept_before: &'a [Lane],
    /// Number of the first unit to compute, counted over all groups.
    pub first: usize,
    /// States to compute, from `first` on.
    pub state: &'a mut [Lane],
    /// Values to keep, from unit `first` on.
    pub kept: &'a mut [Lane],
}

impl<C: Cell<G>, const G: usize, const H: usize> Kernel for RecurrentForward<'_, C, G, H> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let mut this = self;
        let mut done = 0;
        while done < this.state.len() {
            let left = (this.state.len() - done).min(H - (this.first + done) % H);
            // As many accumulators as registers allow.
            done += match left {
                16.. if A::WIDE && G == 1 => this.tile::<A, 16>(isa, done),
                4.. if A::WIDE || G == 1 => this.tile::<A, 4>(isa, done),
                2.. if A::WIDE => this.tile::<A, 2>(isa, done),
                _ => this.tile::<A, 1>(isa, done),
            };
        }
    }
}

impl<C: Cell<G>, const G: usize, const H: usize> RecurrentForward<'_, C, G, H> {
    #[inline(always)]
    fn tile<A: Isa, const N: usize>(&mut self, isa: A, done: usize) -> usize {
        let at = self.first + done;
        let (group, unit) = (at / H, at % H);
        let before: &[Lane; H] = self.before[group * H..].first_chunk().expect("a group has H states");
        let rows: &[[[f32; H]; G]] = self.weights.as_chunks().0.as_chunks().0;
        let rows: &[[[f32; H]; G]; N] = rows[unit..].first_chunk().expect("each unit has its gates' rows");
        let mut sums = [[ZERO; G]; N];
        if C::HAS_RECURRENT_BIAS {
            let bias: &[[f32; G]; N] = self.bias.as_chunks().0[unit..].first_chunk().expect("each gate has a bias");
            for n in 0..N {
                sums[n] = bias[n].map(splat);
            }
        }
        for i in 0..H {
            for n in 0..N {
                for g in 0..G {
                    sums[n][g] = isa.madd(before[i], splat(rows[n][g][i]), sums[n][g]);
                }
            }
        }
        let input: &[[Lane; G]; N] = self.input.as_chunks().0[at..].first_chunk().expect("each unit has products");
        for n in 0..N {
            let kept_before = &self.kept_before[(at + n) * C::KEPT..][..C::KEPT];
            let kept = &mut self.kept[(done + n) * C::KEPT..][..C::KEPT];
            self.state[done + n] = self.cell.forward(isa, input[n], sums[n], before[unit + n], kept_before, kept);
        }
        N
    }
}

/// Computes the gradients of some units' products at a time step, from those of the step after it.
pub struct RecurrentBackward<'a, C: Cell<G>, const G: usize, const H: usize> {
    pub cell: C,
    /// Recurrent weights.
    pub weights: &'a [f32],
    /// Gradients of the recurrent products of the step after this one; empty at the last step.
    pub after: &'a [Lane],
    /// States before this step.
    pub before: &'a [Lane],
    /// Values kept at the step before.
    pub kept_before: &'a [Lane],
    /// Values kept at this step.
    pub kept: &'a [Lane],
    /// Number of the first unit to compute, counted over all groups.
    pub first: usize,
    /// Gradients that reach each unit from `first` on past the products, `[2]`: of its state and of its memory.
    pub carried: &'a mut [Lane],
    /// Gradients to compute of the recurrent products, from unit `first` on.
    pub recurrent: &'a mut [Lane],
    /// Gradients to compute of the input's products, from unit `first` on; empty if they are the same.
    pub input: &'a mut [Lane],
}

impl<C: Cell<G>, const G: usize, const H: usize> Kernel for RecurrentBackward<'_, C, G, H> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        let mut this = self;
        let mut done = 0;
        while done < this.carried.len() / 2 {
            let left = (this.carried.len() / 2 - done).min(H - (this.first + done) % H);
            done += match left {
                16.. if A::WIDE => this.tile::<A, 16>(isa, done),
                4.. => this.tile::<A, 4>(isa, done),
                _ => this.tile::<A, 1>(isa, done),
            };
        }
    }
}

impl<C: Cell<G>, const G: usize, const H: usize> RecurrentBackward<'_, C, G, H> {
    #[inline(always)]
    fn tile<A: Isa, const N: usize>(&mut self, isa: A, done: usize) -> usize {
        let at = self.first + done;
        let (group, unit) = (at / H, at % H);
        let mut sums = [ZERO; N];
        if !self.after.is_empty() {
            let rows: &[[f32; H]] = self.weights.as_chunks().0;
            for (row, &gradient) in rows.iter().zip(&self.after[group * H * G..][..H * G]) {
                let weights: &[f32; N] = row[unit..].first_chunk().expect("each state has a weight");
                for n in 0..N {
                    sums[n] = isa.madd(gradient, splat(weights[n]), sums[n]);
                }
            }
        }
        for n in 0..N {
            let [state, memory] = &mut self.carried.as_chunks_mut::<2>().0[done + n];
            let gradient = isa.add_f32s(*state, sums[n]);
            let before = self.before[at + n];
            let kept_before = &self.kept_before[(at + n) * C::KEPT..][..C::KEPT];
            let kept = &self.kept[(at + n) * C::KEPT..][..C::KEPT];
            let gradients = self.cell.backward(isa, gradient, memory, before, kept_before, kept);
            *state = gradients.state;
            self.recurrent.as_chunks_mut().0[done + n] = gradients.recurrent;
            if let Some(input) = self.input.as_chunks_mut().0.get_mut(done + n) {
                *input = gradients.input;
            }
        }
        N
    }
}
