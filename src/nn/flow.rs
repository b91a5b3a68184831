//! Values on their way from one block to the next. As dfdx's tensors they would be copied, since these lend no slice.

use std::{
    mem::{replace, take},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use dfdx::{
    shapes::Shape,
    tensor::{Cpu, Gradients, PutTape, SplitTape, Tape},
};

use super::{
    aligned::AlignedLanes,
    kernels::{Lane, ZERO, lanes_mut, numbers, numbers_mut},
    layout::{Cpu32, Grouped, copy_lanes, gradient_mut, take_gradient, tensor},
};

/// The values of groups of images, and the tape that they were computed with.
pub(super) struct Flow<S: Shape, T> {
    pub values: Arc<AlignedLanes>,
    pub source: Source<S>,
    pub tape: T,
}

/// Where the gradient of some values goes.
pub(super) enum Source<S: Shape> {
    /// Gradient of a tensor, of which the values are a copy.
    Tensor(Cpu32<S>),
    /// Gradient of what a block computed.
    Block(OutputGradient),
}

impl<S: Shape, T: Tape<f32, Cpu>> From<Cpu32<S, T>> for Flow<S, T> {
    /// Copies the values.
    fn from(tensor: Cpu32<S, T>) -> Self {
        let (tensor, tape) = tensor.split_tape();
        let mut values = AlignedLanes::default();
        copy_lanes(&tensor, &mut values);
        Self { values: Arc::new(values), source: Source::Tensor(tensor), tape }
    }
}

impl<S: Grouped, T: Tape<f32, Cpu>> Flow<S, T> {
    /// Returns the values as a tensor.
    pub(super) fn into_tensor(self, device: &Cpu) -> Cpu32<S, T> {
        let Self { values, source, mut tape } = self;
        let shape = S::of_groups(values.len() / S::VALUES);
        let output = tensor(device, numbers(&values).to_vec(), shape);
        let of = output.clone();
        tape.add_backward_op(move |gradients| {
            let gradient = take_gradient(gradients, &of);
            source.write(gradients, values.len(), |sum, adds| {
                for (sum, gradient) in numbers_mut(sum).iter_mut().zip(gradient) {
                    *sum = if adds { *sum + gradient } else { gradient };
                }
            });
            Ok(())
        });
        output.put_tape(tape)
    }
}

impl<S: Shape> Source<S> {
    /// Lets `write` write the gradient of `length` lanes or, if its second argument is true, add to it.
    pub(super) fn write(
        &self,
        gradients: &mut Gradients<f32, Cpu>,
        length: usize,
        write: impl FnOnce(&mut [Lane], bool),
    ) {
        match self {
            Self::Tensor(tensor) => write(lanes_mut(gradient_mut(gradients, tensor)), true),
            Self::Block(gradient) => gradient.write(length, write),
        }
    }
}

/// The gradient of a block's output. Clones share it.
#[derive(Clone)]
pub(super) struct OutputGradient(Arc<Mutex<Slot>>);

struct Slot {
    lanes: AlignedLanes,
    is_written: bool,
}

impl OutputGradient {
    /// Creates a gradient of zero. If there is a tape, it takes `memory`.
    pub(super) fn new<T: Tape<f32, Cpu>>(memory: &mut AlignedLanes) -> Self {
        let lanes = if T::OWNS_TAPE { take(memory) } else { AlignedLanes::default() };
        Self(Arc::new(Mutex::new(Slot { lanes, is_written: false })))
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, length: usize, write: impl FnOnce(&mut [Lane], bool)) {
        let mut slot = self.slot();
        slot.lanes.resize(length);
        let adds = replace(&mut slot.is_written, true);
        write(&mut slot.lanes, adds);
    }

    /// Takes the gradient of `length` lanes, with its memory.
    pub(super) fn take(&self, length: usize) -> AlignedLanes {
        let mut slot = self.slot();
        let mut lanes = take(&mut slot.lanes);
        if !slot.is_written {
            lanes.resize(length);
            lanes.fill(ZERO);
        }
        lanes
    }
}

/// Returns lanes to be overwritten: those of `values`, or none if a pass still reads them.
pub(super) fn unshared(values: &mut Arc<AlignedLanes>) -> &mut AlignedLanes {
    if Arc::get_mut(values).is_none() {
        *values = Arc::default();
    }
    Arc::get_mut(values).expect("a new vector is not shared")
}

/// Like [`unshared`], with `length` lanes.
pub(super) fn unshared_lanes(values: &mut Arc<AlignedLanes>, length: usize) -> &mut [Lane] {
    let lanes = unshared(values);
    lanes.resize(length);
    lanes
}
