//! What a network must provide to be trained and inspected.

use std::{fmt::Debug, ops::Deref, sync::Arc};

use dfdx::{
    nn::TensorCollection,
    tensor::{Cpu, Tape},
};
use rand::rngs::Xoshiro256PlusPlus;

use super::{
    Activation, Engine, LayerInfo, Pooling, init,
    kernels::Lane,
    layout::{Cpu32, Features},
    regularization::Dropout,
};
use crate::data::CLASSES;

/// A network: blocks whose shapes the compiler checks, and how data passes through them.
pub(super) trait Model: TensorCollection<f32, Cpu, To<f32, Cpu> = Self> + Debug + Send + Sync + Sized {
    /// Name for people.
    const TITLE: &'static str;
    /// Layers in the order in which data passes through them, which is also the order of their parameters. The last
    /// one's values are the logits.
    const LAYERS: &'static [LayerInfo];

    /// Returns the blocks that have parameters, in dfdx's order.
    fn blocks(&mut self) -> Vec<&mut dyn Block>;

    /// Configures all blocks.
    fn configure(&mut self, activation: Activation, pooling: Pooling, engine: &Engine);

    /// Returns the ten logits of each image of 784 bytes.
    fn forward<T: Tape<f32, Cpu>>(&self, images: &[&[u8]], tape: T) -> Cpu32<Features<CLASSES>, T>;

    /// Returns the outputs of each of [`Model::LAYERS`] for up to sixteen images of 784 bytes, computed by the blocks'
    /// forward pass.
    fn inspect(&self, images: &[&[u8]]) -> Vec<Vec<Lane>>;

    /// Sets the number of empty rows that a recurrent network reads after an image.
    fn set_delay(&mut self, _rows: usize) {}

    /// Sets the values to drop in the next passes; `None` for none.
    fn set_dropout(&mut self, _dropout: Option<Dropout>) {}

    /// Returns the norm of the gradient of an image's loss with respect to the states after each time step, the mean
    /// over the images; `None` if the model is not recurrent.
    fn gradient_norms(&self, _images: &[&[u8]], _labels: &[u8]) -> Option<Vec<f64>> {
        None
    }

    /// Returns the activation of a layer's values in a run with this choice; `None` if they have none.
    fn activation(layer: &LayerInfo, chosen: Activation) -> Option<Activation> {
        layer.is_activated().then_some(chosen)
    }

    /// Draws initial weights from `seed`.
    fn init(&mut self, seed: u64) {
        let rng = &mut init::generator(seed);
        self.blocks().into_iter().for_each(|block| block.init(rng));
    }
}

/// A part of a model that has parameters.
pub(super) trait Block {
    /// Draws the initial weights.
    fn init(&mut self, rng: &mut Xoshiro256PlusPlus);

    /// Uses the parameters in `all` from `start` on instead of the tensors' values, and advances `start` past them.
    fn attach(&mut self, all: &Arc<Vec<f32>>, start: &mut usize);

    /// Uses the tensors' values again.
    fn detach(&mut self);
}

/// A model that computes with external parameters until this guard is dropped.
pub(super) struct Attached<'a, M: Model>(&'a mut M);

impl<'a, M: Model> Attached<'a, M> {
    /// Attaches `parameters`: all parameters of the model, in dfdx's order.
    pub(super) fn new(model: &'a mut M, parameters: &Arc<Vec<f32>>) -> Self {
        let start = &mut 0;
        model.blocks().into_iter().for_each(|block| block.attach(parameters, start));
        Self(model)
    }
}

impl<M: Model> Deref for Attached<'_, M> {
    type Target = M;

    fn deref(&self) -> &M {
        self.0
    }
}

impl<M: Model> Drop for Attached<'_, M> {
    fn drop(&mut self) {
        self.0.blocks().into_iter().for_each(Block::detach);
    }
}
