//! A network of any architecture, as the training loop sees it: pixels in, loss and logits out.

use super::{
    Activation, Activations, Architecture, Engine, LayerMeasures, NonFinite, Optimizer, Pooling, Regularization,
    TensorInfo, WrongLength,
    model::Model,
    models::{
        attention::AttentionNet,
        inception::InceptionNet,
        lenet5::LeNet5,
        mlp::Mlp,
        recurrent::{GruNet, LstmNet, Rnn},
        resnet::ResNet,
    },
    trainable::{AnyTrainable, Step, Trainable},
};
use crate::data::{CLASSES, PIXELS, Split};

/// A network and everything needed to train it. The choice of architecture costs one virtual call per step.
#[derive(Debug)]
pub struct Network {
    architecture: Architecture,
    model: Box<dyn AnyTrainable>,
}

impl Network {
    /// Creates a network with Keras's initial weights, drawn from `seed`.
    pub fn new(
        architecture: Architecture,
        activation: Activation,
        pooling: Pooling,
        seed: u64,
        engine: Engine,
    ) -> Self {
        fn trainable<M: Model + 'static>(
            (activation, pooling, seed, engine): (Activation, Pooling, u64, Engine),
        ) -> Box<dyn AnyTrainable> {
            Box::new(Trainable::<M>::new(activation, pooling, seed, engine))
        }
        let settings = (activation, pooling, seed, engine);
        let model = match architecture {
            Architecture::LeNet5 => trainable::<LeNet5>(settings),
            Architecture::Mlp => trainable::<Mlp>(settings),
            Architecture::Rnn => trainable::<Rnn>(settings),
            Architecture::Lstm => trainable::<LstmNet>(settings),
            Architecture::Gru => trainable::<GruNet>(settings),
            Architecture::ResNet => trainable::<ResNet>(settings),
            Architecture::Inception => trainable::<InceptionNet>(settings),
            Architecture::Attention => trainable::<AttentionNet>(settings),
        };
        Self { architecture, model }
    }

    /// Sets the number of empty rows that a recurrent network reads after an image, at first 0. Other networks ignore it.
    pub fn set_delay(&mut self, rows: u32) {
        self.model.set_delay(rows);
    }

    /// Sets what [`Network::train_step`] does against overfitting, at first nothing.
    pub fn set_regularization(&mut self, regularization: Regularization) {
        self.model.set_regularization(regularization);
    }

    pub fn architecture(&self) -> Architecture {
        self.architecture
    }

    /// Returns all parameters, layer after layer, in dfdx's order: weights before bias; convolutions
    /// `[out][in][row][column]`, dense layers `[out][in]`.
    pub fn parameters(&self) -> Vec<f32> {
        self.model.parameters().to_vec()
    }

    /// Returns the tensors that [`Network::parameters`] has the values of, in the same order.
    pub fn tensors(&self) -> Vec<TensorInfo> {
        self.model.tensors()
    }

    /// Replaces all parameters, in the order of [`Network::parameters`].
    ///
    /// # Errors
    /// If there are not exactly [`Architecture::parameters`] of them.
    pub fn set_parameters(&mut self, parameters: &[f32]) -> Result<(), WrongLength> {
        self.model.set_parameters(parameters)
    }

    /// Takes one step on the images `indices` (1 to 4,096 of them) of `split`.
    ///
    /// # Errors
    /// If the loss, a gradient or a new parameter is not finite.
    pub fn train_step(
        &mut self,
        split: &Split,
        indices: &[u32],
        optimizer: &mut Optimizer,
        learning_rate: f32,
    ) -> Result<Step, NonFinite> {
        self.model.train_step(split, indices, None, optimizer, learning_rate)
    }

    /// Takes a step as [`Network::train_step`] does, towards the labels and towards a teacher's answers. `teacher` has
    /// the logits or log-probabilities of each image of `indices`.
    ///
    /// # Errors
    /// As for [`Network::train_step`].
    pub fn distillation_step(
        &mut self,
        split: &Split,
        indices: &[u32],
        teacher: &[[f32; CLASSES]],
        optimizer: &mut Optimizer,
        learning_rate: f32,
    ) -> Result<Step, NonFinite> {
        self.model.train_step(split, indices, Some(teacher), optimizer, learning_rate)
    }

    /// Returns the mean cross-entropy of the images `indices` of `split`, and its gradient in the parameters' order,
    /// without regularization.
    pub fn gradients(&mut self, split: &Split, indices: &[u32]) -> (f32, Vec<f32>) {
        self.model.gradients(split, indices)
    }

    /// Returns the logits of any number of images of 784 bytes each, one after another in `pixels`. For the best speed,
    /// pass 64 or more at a time; a few hundred take about a millisecond.
    pub fn logits(&mut self, pixels: &[u8]) -> Vec<[f32; CLASSES]> {
        self.model.logits(pixels)
    }

    /// Returns measures of each layer that has parameters, over the images `indices` of `split`. `before` are all
    /// parameters before the newest update. Changes nothing.
    pub fn measures(&mut self, split: &Split, indices: &[u32], before: Option<&[f32]>) -> Vec<LayerMeasures> {
        self.model.measures(split, indices, before)
    }

    /// Returns the norm of the gradient of an image's cross-entropy with respect to the states after each time step,
    /// empty rows included: the mean over the images `indices` (one or more) of `split`. `None` if the network is not
    /// recurrent.
    pub fn gradient_norms(&mut self, split: &Split, indices: &[u32]) -> Option<Vec<f64>> {
        self.model.gradient_norms(split, indices)
    }

    /// Returns the outputs of each layer for one image of 784 bytes.
    pub fn inspect(&mut self, image: &[u8; PIXELS]) -> Activations {
        self.model.inspect(image)
    }
}
