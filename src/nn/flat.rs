//! A module's parameters and gradients as plain numbers, tensor after tensor in dfdx's order.

use std::mem::{swap, take};

use dfdx::{
    nn::{RecursiveWalker, TensorCollection, TensorOptions, TensorVisitor, ViewTensorName, ViewTensorRef},
    shapes::{HasShape, Shape},
    tensor::{Cpu, CpuError, Gradients, Tensor},
};

use super::{engine::Parts, layout::gradient_mut};

/// Returns the module's parameters, tensor after tensor.
pub(super) fn parameters_by_tensor<M: TensorCollection<f32, Cpu>>(module: &M) -> Vec<Vec<f32>> {
    let mut read = Read { tensors: Vec::new() };
    walk_ref(module, &mut read);
    read.tensors
}

/// A tensor of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// Names of the fields that lead to it, joined by dots: `c1.weight`.
    pub name: String,
    pub shape: Vec<usize>,
}

/// Returns the module's tensors.
pub(super) fn tensors<M: TensorCollection<f32, Cpu>>(module: &M) -> Vec<TensorInfo> {
    let mut list = List { tensors: Vec::new() };
    let walker = &mut RecursiveWalker { m: (module, String::new()), f: &mut list };
    M::iter_tensors(walker).map(drop).expect("listing cannot fail");
    list.tensors
}

/// Swaps the module's gradients with `tensors`: one vector per tensor of the module, of the same length.
pub(super) fn swap_gradients<M: TensorCollection<f32, Cpu>>(
    module: &M,
    gradients: &mut Gradients<f32, Cpu>,
    tensors: &mut [Vec<f32>],
) {
    walk_ref(module, &mut Swap { gradients, tensors });
}

/// Slices that are divided as if they were one.
pub(super) struct Segments<'a>(pub Vec<&'a mut [f32]>);

impl Parts for Segments<'_> {
    fn units(&self) -> usize {
        self.0.iter().map(|segment| segment.len()).sum()
    }

    fn split_at(mut self, units: usize) -> (Self, Self) {
        let mut left = units;
        let rest = self.0.iter_mut().map(|segment| {
            let length = left.min(segment.len());
            let (first, rest) = take(segment).split_at_mut(length);
            left -= first.len();
            *segment = first;
            rest
        });
        let rest = Self(rest.collect());
        (self, rest)
    }
}

fn walk_ref<M, V>(module: &M, visitor: &mut V)
where
    M: TensorCollection<f32, Cpu>,
    V: TensorVisitor<f32, Cpu, Viewer = ViewTensorRef, Err = CpuError, E2 = f32, D2 = Cpu>,
{
    M::iter_tensors(&mut RecursiveWalker { m: module, f: visitor }).map(drop).expect("copying cannot fail");
}

struct Read {
    tensors: Vec<Vec<f32>>,
}

struct List {
    tensors: Vec<TensorInfo>,
}

struct Swap<'a> {
    gradients: &'a mut Gradients<f32, Cpu>,
    tensors: &'a mut [Vec<f32>],
}

type Visited<S> = Result<Option<Tensor<S, f32, Cpu>>, CpuError>;

impl TensorVisitor<f32, Cpu> for Read {
    type Viewer = ViewTensorRef;
    type Err = CpuError;
    type E2 = f32;
    type D2 = Cpu;

    fn visit<S: Shape>(&mut self, _: TensorOptions<S, f32, Cpu>, tensor: &Tensor<S, f32, Cpu>) -> Visited<S> {
        let mut values = vec![0.0; tensor.shape().num_elements()];
        tensor.copy_into(&mut values);
        self.tensors.push(values);
        Ok(None)
    }
}

impl TensorVisitor<f32, Cpu> for List {
    type Viewer = (ViewTensorRef, ViewTensorName);
    type Err = CpuError;
    type E2 = f32;
    type D2 = Cpu;

    fn visit<S: Shape>(
        &mut self,
        _: TensorOptions<S, f32, Cpu>,
        (tensor, name): (&Tensor<S, f32, Cpu>, String),
    ) -> Visited<S> {
        self.tensors.push(TensorInfo { name, shape: tensor.shape().concrete().into_iter().collect() });
        Ok(None)
    }
}

impl TensorVisitor<f32, Cpu> for Swap<'_> {
    type Viewer = ViewTensorRef;
    type Err = CpuError;
    type E2 = f32;
    type D2 = Cpu;

    fn visit<S: Shape>(&mut self, _: TensorOptions<S, f32, Cpu>, tensor: &Tensor<S, f32, Cpu>) -> Visited<S> {
        let values = self.tensors.split_off_first_mut().expect("there is one vector per tensor");
        swap(gradient_mut(self.gradients, tensor), values);
        Ok(None)
    }
}
