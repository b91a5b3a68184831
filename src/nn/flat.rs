//! A module's parameters and gradients as one run of numbers, tensor after tensor in dfdx's order.

use std::mem::{swap, take};

use dfdx::{
    nn::{RecursiveWalker, TensorCollection, TensorOptions, TensorVisitor, ViewTensorRef},
    shapes::{HasShape, Shape},
    tensor::{Cpu, CpuError, Gradients, Tensor},
};

use super::{engine::Parts, layout::gradient_mut};

/// Copies the module's parameters into `flat`, which has just their length.
pub(crate) fn read_parameters<M: TensorCollection<f32, Cpu>>(module: &M, flat: &mut [f32]) {
    walk_ref(module, &mut Read { flat });
}

/// Swaps the module's gradients with `tensors`, of which there is one for each of its tensors, of the same length.
pub(crate) fn swap_gradients<M: TensorCollection<f32, Cpu>>(
    module: &M,
    gradients: &mut Gradients<f32, Cpu>,
    tensors: &mut [Vec<f32>],
) {
    walk_ref(module, &mut Swap { gradients, tensors });
}

/// Slices that are dealt out as if they were one.
pub(crate) struct Segments<'a, const N: usize>(pub [&'a mut [f32]; N]);

impl<const N: usize> Parts for Segments<'_, N> {
    fn units(&self) -> usize {
        self.0.iter().map(|segment| segment.len()).sum()
    }

    fn split_at(mut self, units: usize) -> (Self, Self) {
        let mut left = units;
        let rest = self.0.each_mut().map(|segment| {
            let length = left.min(segment.len());
            let (first, rest) = take(segment).split_at_mut(length);
            left -= first.len();
            *segment = first;
            rest
        });
        (self, Self(rest))
    }
}

fn walk_ref<M, V>(module: &M, visitor: &mut V)
where
    M: TensorCollection<f32, Cpu>,
    V: TensorVisitor<f32, Cpu, Viewer = ViewTensorRef, Err = CpuError, E2 = f32, D2 = Cpu>,
{
    M::iter_tensors(&mut RecursiveWalker { m: module, f: visitor }).map(drop).expect("copying cannot fail");
}

struct Read<'a> {
    flat: &'a mut [f32],
}

struct Swap<'a> {
    gradients: &'a mut Gradients<f32, Cpu>,
    tensors: &'a mut [Vec<f32>],
}

type Visited<S> = Result<Option<Tensor<S, f32, Cpu>>, CpuError>;

impl TensorVisitor<f32, Cpu> for Read<'_> {
    type Viewer = ViewTensorRef;
    type Err = CpuError;
    type E2 = f32;
    type D2 = Cpu;

    fn visit<S: Shape>(&mut self, _: TensorOptions<S, f32, Cpu>, tensor: &Tensor<S, f32, Cpu>) -> Visited<S> {
        tensor.copy_into(split_off(&mut self.flat, tensor));
        Ok(None)
    }
}

impl TensorVisitor<f32, Cpu> for Swap<'_> {
    type Viewer = ViewTensorRef;
    type Err = CpuError;
    type E2 = f32;
    type D2 = Cpu;

    fn visit<S: Shape>(&mut self, _: TensorOptions<S, f32, Cpu>, tensor: &Tensor<S, f32, Cpu>) -> Visited<S> {
        let mine = self.tensors.split_off_first_mut().expect("as many as there are tensors");
        swap(gradient_mut(self.gradients, tensor), mine);
        Ok(None)
    }
}

/// The next part of `flat`, as long as `tensor`.
fn split_off<'a, S: Shape>(flat: &mut &'a mut [f32], tensor: &Tensor<S, f32, Cpu>) -> &'a mut [f32] {
    let length = tensor.shape().num_elements();
    flat.split_off_mut(..length).expect("flat is as long as all tensors together")
}
