//! The parameters of a layer, as its kernels read them.

use std::sync::Arc;

use dfdx::shapes::{HasShape, Rank1, Shape};

use super::layout::Cpu32;

/// Weights and bias of one layer as contiguous numbers. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Parameters {
    all: Arc<Vec<f32>>,
    weights: usize,
    bias: usize,
    end: usize,
}

impl Parameters {
    /// Copies these tensors, since dfdx lends no slice of a tensor.
    pub(super) fn copied<S: Shape, const O: usize>(weight: &Cpu32<S>, bias: &Cpu32<Rank1<O>>) -> Self {
        let weights = weight.shape().num_elements();
        let mut all = vec![0.0; weights + O];
        let (to_weight, to_bias) = all.split_at_mut(weights);
        weight.copy_into(to_weight);
        bias.copy_into(to_bias);
        Self { all: Arc::new(all), weights: 0, bias: weights, end: weights + O }
    }

    /// Refers to the given numbers of weights and biases in `all` from `start` on, and advances `start` past them.
    pub(super) fn shared(all: &Arc<Vec<f32>>, start: &mut usize, [weights, biases]: [usize; 2]) -> Self {
        let parameters =
            Self { all: all.clone(), weights: *start, bias: *start + weights, end: *start + weights + biases };
        *start = parameters.end;
        parameters
    }

    pub(super) fn weights(&self) -> &[f32] {
        &self.all[self.weights..self.bias]
    }

    pub(super) fn bias(&self) -> &[f32] {
        &self.all[self.bias..self.end]
    }
}

/// Tensors of one block as contiguous numbers, in dfdx's order. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    all: Arc<Vec<f32>>,
    start: usize,
}

impl Packed {
    /// Refers to `count` numbers in `all` from `start` on, and advances `start` past them.
    pub(super) fn shared(all: &Arc<Vec<f32>>, start: &mut usize, count: usize) -> Self {
        let packed = Self { all: all.clone(), start: *start };
        *start += count;
        packed
    }

    /// Holds copies of the values of tensors, see [`values`].
    pub(super) fn copied<const N: usize>(tensors: [Vec<f32>; N]) -> Self {
        Self { all: Arc::new(tensors.concat()), start: 0 }
    }

    /// Returns slices of the given lengths, one after another from the first number on.
    pub(super) fn parts<const N: usize>(&self, lengths: [usize; N]) -> [&[f32]; N] {
        let mut rest = &self.all[self.start..];
        lengths.map(|length| {
            let (part, after) = rest.split_at(length);
            rest = after;
            part
        })
    }
}

/// Returns a copy of a tensor's values, of which dfdx lends no slice.
pub(super) fn values<S: Shape>(tensor: &Cpu32<S>) -> Vec<f32> {
    let mut values = vec![0.0; tensor.shape().num_elements()];
    tensor.copy_into(&mut values);
    values
}
