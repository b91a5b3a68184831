//! Where a layer's kernels find its weights and bias.

use std::sync::Arc;

use dfdx::shapes::{HasShape, Rank1, Shape};

use super::layout::Cpu32;

/// Weights and bias of one layer as numbers that lie in one piece. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Parameters {
    all: Arc<Vec<f32>>,
    weights: usize,
    bias: usize,
    end: usize,
}

impl Parameters {
    /// Of these tensors. dfdx lends no slice of a tensor: they are copied.
    pub(super) fn copied<S: Shape, const O: usize>(weight: &Cpu32<S>, bias: &Cpu32<Rank1<O>>) -> Self {
        let weights = weight.shape().num_elements();
        let mut all = vec![0.0; weights + O];
        let (to_weight, to_bias) = all.split_at_mut(weights);
        weight.copy_into(to_weight);
        bias.copy_into(to_bias);
        Self { all: Arc::new(all), weights: 0, bias: weights, end: weights + O }
    }

    /// Takes so many weights and biases of `all`, from `start` on; moves `start` behind them.
    pub(super) fn of(all: &Arc<Vec<f32>>, start: &mut usize, [weights, biases]: [usize; 2]) -> Self {
        let taken = Self { all: all.clone(), weights: *start, bias: *start + weights, end: *start + weights + biases };
        *start = taken.end;
        taken
    }

    pub(super) fn weights(&self) -> &[f32] {
        &self.all[self.weights..self.bias]
    }

    pub(super) fn bias(&self) -> &[f32] {
        &self.all[self.bias..self.end]
    }
}
