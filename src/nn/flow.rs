//! Values on their way from one block to the next. As dfdx's tensors they would be copied, since these lend no slice.

use std::sync::Arc;

use dfdx::{
    shapes::Shape,
    tensor::{Cpu, Gradients, PutTape, SplitTape, Tape},
};

use super::{
    kernels::{Lane, ZERO, numbers},
    layout::{Cpu32, Grouped, gradient_mut, lanes_of, take_gradient, tensor},
};

/// The values of groups of images, and the tape that they were computed with.
pub(super) struct Flow<S: Shape, T> {
    pub values: Arc<Vec<Lane>>,
    pub source: Source<S>,
    pub tape: T,
}

/// Where the gradient of some values is kept.
pub(super) struct Source<S: Shape> {
    /// Identifies the gradient: the tensor that the values were copied from, or one of no groups.
    key: Cpu32<S>,
    /// Memory for the gradient, or none.
    memory: Vec<f32>,
}

impl<S: Shape, T: Tape<f32, Cpu>> From<Cpu32<S, T>> for Flow<S, T> {
    /// Copies the values.
    fn from(tensor: Cpu32<S, T>) -> Self {
        let (tensor, tape) = tensor.split_tape();
        Self { values: Arc::new(lanes_of(&tensor)), source: Source::of(tensor), tape }
    }
}

impl<S: Grouped, T: Tape<f32, Cpu>> Flow<S, T> {
    /// Returns the values as a tensor.
    pub(super) fn into_tensor(self) -> Cpu32<S, T> {
        let Self { values, mut source, mut tape } = self;
        let shape = S::of_groups(values.len() / S::VALUES);
        let output = tensor(source.key.device(), numbers(&values).to_vec(), shape);
        let of = output.clone();
        tape.add_backward_op(move |gradients| {
            let gradient = take_gradient(gradients, &of);
            let (mut sum, adds) = source.take_gradient(gradients, gradient.len());
            for (sum, gradient) in sum.iter_mut().zip(gradient) {
                *sum = if adds { *sum + gradient } else { gradient };
            }
            source.put_gradient(gradients, sum);
            Ok(())
        });
        output.put_tape(tape)
    }
}

impl<S: Shape> Source<S> {
    /// Creates the source of values that no tensor has. The gradient will be in `memory`.
    pub(super) fn new(device: &Cpu, memory: Vec<f32>) -> Self
    where
        S: Grouped,
    {
        Self { key: tensor(device, Vec::new(), S::of_groups(0)), memory }
    }

    /// Returns the source of the values of a tensor.
    pub(super) fn of(tensor: Cpu32<S>) -> Self {
        Self { key: tensor, memory: Vec::new() }
    }

    /// Returns what identifies the gradient.
    pub(super) fn key(&self) -> Cpu32<S> {
        self.key.clone()
    }

    /// Takes the gradient so far, of `length` numbers, out of `gradients`; if there is none, returns any numbers. Returns
    /// also whether it is to be added to.
    pub(super) fn take_gradient(&mut self, gradients: &mut Gradients<f32, Cpu>, length: usize) -> (Vec<f32>, bool) {
        let gradient = take_gradient(gradients, &self.key);
        if gradient.len() == length {
            return (gradient, true);
        }
        let mut memory = std::mem::take(&mut self.memory);
        memory.resize(length, 0.0);
        (memory, false)
    }

    pub(super) fn put_gradient(&self, gradients: &mut Gradients<f32, Cpu>, gradient: Vec<f32>) {
        *gradient_mut(gradients, &self.key) = gradient;
    }
}

/// Takes the gradient of `length` numbers that `key` identifies; it is zero if there is none.
pub(super) fn take_whole_gradient<S: Shape>(
    gradients: &mut Gradients<f32, Cpu>,
    key: &Cpu32<S>,
    length: usize,
) -> Vec<f32> {
    let mut gradient = take_gradient(gradients, key);
    gradient.resize(length, 0.0);
    gradient
}

/// Returns lanes to be overwritten: those of `values`, or none if a pass still reads them.
pub(super) fn unshared(values: &mut Arc<Vec<Lane>>) -> &mut Vec<Lane> {
    if Arc::get_mut(values).is_none() {
        *values = Arc::default();
    }
    Arc::get_mut(values).expect("a new vector is not shared")
}

/// Like [`unshared`], with `length` lanes.
pub(super) fn unshared_lanes(values: &mut Arc<Vec<Lane>>, length: usize) -> &mut [Lane] {
    let lanes = unshared(values);
    lanes.resize(length, ZERO);
    lanes
}
