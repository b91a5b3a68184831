//! The network as the training loop sees it: pixels in, loss and logits out.

use std::sync::Arc;

use dfdx::{
    losses::cross_entropy_with_logits_loss,
    nn::{BuildModule, ZeroGrads},
    shapes::{Const, HasShape},
    tensor::{AsArray, Cpu, Gradients, NoneTape, OwnedTape, SplitTape, Tape, Trace},
    tensor_ops::Backward,
};

use super::{
    Activation, Activations, Engine, LeNet5, Optimizer, Pooling,
    adaptive_threads::AdaptiveThreads,
    flat::{read_parameters, swap_gradients},
    kernels::{Finite, LANES},
    layout::{Cpu32, per_image, tensor},
};
use crate::data::{CLASSES, PIXELS, Split};

/// A step's outcome.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Mean cross-entropy of the batch, before the update.
    pub loss: f32,
    /// Images predicted right, before the update.
    pub correct: u32,
}

/// A NaN or an infinity came up. The parameters are not to be used any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place} is not finite")]
pub struct NonFinite {
    /// `loss`, `gradient` or `parameters`.
    pub place: &'static str,
}

/// Parameters or moments whose number does not fit the network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} numbers, found {found}")]
pub struct WrongLength {
    pub expected: usize,
    pub found: usize,
}

/// Weights and biases of five layers.
const TENSORS: usize = 10;

/// LeNet-5 with what it takes to train it.
#[derive(Debug)]
pub struct Network {
    device: Cpu,
    engine: Engine,
    model: LeNet5,
    /// The model's parameters as one run of numbers, lent to it for each batch. Its tensors keep the initial ones: they
    /// are there for what the tape knows of them.
    parameters: Arc<Vec<f32>>,
    /// The newest batch's, tensor after tensor, while they are used; else zero.
    gradient: [Vec<f32>; TENSORS],
    /// Between steps: zero for each parameter.
    gradients: Gradients<f32, Cpu>,
    /// Of steps, and of passes without gradients.
    threads: [AdaptiveThreads; 2],
}

impl Network {
    /// Weights and biases of all layers.
    pub const PARAMETERS: usize = 61_706;

    /// Glorot-uniform weights drawn from `seed`, biases zero.
    pub fn new(activation: Activation, pooling: Pooling, seed: u64, engine: Engine) -> Self {
        let device = Cpu::default();
        let mut model: LeNet5 = BuildModule::build(&device);
        model.configure(activation, pooling, &engine);
        model.init(seed);
        let mut parameters = vec![0.0; Self::PARAMETERS];
        read_parameters(&model, &mut parameters);
        let gradients = model.alloc_grads();
        let mut gradient = [const { Vec::new() }; TENSORS];
        swap_gradients(&model, &mut model.alloc_grads(), &mut gradient);
        Self {
            device,
            engine,
            model,
            parameters: Arc::new(parameters),
            gradient,
            gradients,
            threads: Default::default(),
        }
    }

    /// All parameters, layer after layer, in dfdx's order: weights before bias; convolutions `[out][in][row][column]`,
    /// dense layers `[out][in]`.
    pub fn parameters(&self) -> Vec<f32> {
        self.parameters.to_vec()
    }

    /// # Errors
    /// If they are not [`Network::PARAMETERS`] many.
    pub fn set_parameters(&mut self, parameters: &[f32]) -> Result<(), WrongLength> {
        if parameters.len() != Self::PARAMETERS {
            return Err(WrongLength { expected: Self::PARAMETERS, found: parameters.len() });
        }
        self.parameters = Arc::new(parameters.to_vec());
        Ok(())
    }

    /// One step on the images `indices` (1 to 4,096 of them) of `split`.
    ///
    /// # Errors
    /// If loss, gradients or the new parameters are not finite.
    pub fn train_step(
        &mut self,
        split: &Split,
        indices: &[u32],
        optimizer: &mut Optimizer,
        learning_rate: f32,
    ) -> Result<Step, NonFinite> {
        let engine = self.engine.clone();
        let mut threads = std::mem::take(&mut self.threads[0]);
        let step = engine.enter_adaptively(&mut threads, indices.len(), || {
            let step = self.backward(split, indices);
            self.apply(&step, optimizer, learning_rate).map(|()| step)
        });
        self.threads[0] = threads;
        step
    }

    /// Changes the parameters by the gradient of the batch that gave `step`.
    fn apply(&mut self, step: &Step, optimizer: &mut Optimizer, learning_rate: f32) -> Result<(), NonFinite> {
        if !step.loss.is_finite() {
            return Err(NonFinite { place: "loss" });
        }
        let gradient = self.gradient.each_mut().map(Vec::as_mut_slice);
        // Nobody else has them now: the step has given back what it was lent.
        let parameters = Arc::make_mut(&mut self.parameters);
        match optimizer.update(&self.engine, learning_rate, gradient, parameters) {
            Finite { gradient: false, .. } => Err(NonFinite { place: "gradient" }),
            Finite { parameters: false, .. } => Err(NonFinite { place: "parameters" }),
            _ => Ok(()),
        }
    }

    /// Mean cross-entropy of the images `indices` of `split`, and its gradient in the parameters' order.
    pub fn gradients(&mut self, split: &Split, indices: &[u32]) -> (f32, Vec<f32>) {
        let engine = self.engine.clone();
        let step = engine.enter(|| self.backward(split, indices));
        let gradient = self.gradient.concat();
        self.gradient.iter_mut().for_each(|gradient| gradient.fill(0.0));
        (step.loss, gradient)
    }

    /// Logits of any number of images of 784 bytes each, one after the other in `pixels`. For the best speed, hand over
    /// 64 or more at a time; a few hundred take about a millisecond.
    pub fn logits(&mut self, pixels: &[u8]) -> Vec<[f32; CLASSES]> {
        /// So many images' maps stay in the second cache from layer to layer.
        const AT_ONCE: usize = 64;
        let images: Vec<_> = pixels.chunks_exact(PIXELS).collect();
        let engine = self.engine.clone();
        let mut threads = std::mem::take(&mut self.threads[1]);
        let logits = engine.enter_adaptively(&mut threads, images.len().next_multiple_of(LANES), || {
            images.chunks(AT_ONCE).flat_map(|images| rows(&self.forward(images, NoneTape))).collect()
        });
        self.threads[1] = threads;
        logits
    }

    /// What each layer makes of one image of 784 bytes.
    pub fn inspect(&mut self, image: &[u8; PIXELS]) -> Activations {
        let engine = self.engine.clone();
        self.model.lend(&self.parameters);
        let activations = engine.enter(|| self.model.inspect(image));
        self.model.own();
        activations
    }

    /// Loss and gradient of a batch; the gradient stays in `self.gradient`.
    fn backward(&mut self, split: &Split, indices: &[u32]) -> Step {
        let gradients = std::mem::replace(&mut self.gradients, Gradients::leaky());
        let images: Vec<_> = indices.iter().map(|&index| split.image(index as usize)).collect();
        let labels = indices.iter().map(|&index| split.label(index as usize));
        // The tape begins with a tensor that nothing depends on; only the gradients it carries matter.
        let (_, tape): (_, OwnedTape<f32, Cpu>) = tensor(&self.device, vec![0.0], ()).traced(gradients).split_tape();
        let logits = self.forward(&images, tape);
        let correct = rows(&logits).iter().zip(labels.clone()).filter(|(row, label)| argmax(row) == *label).count();
        let loss = cross_entropy_with_logits_loss(logits, self.one_hot(labels));
        let value = loss.array();
        self.gradients = loss.backward();
        swap_gradients(&self.model, &mut self.gradients, &mut self.gradient);
        Step { loss: value, correct: correct as u32 }
    }

    fn forward<T: Tape<f32, Cpu>>(&mut self, images: &[&[u8]], tape: T) -> Cpu32<(usize, Const<CLASSES>), T> {
        self.model.lend(&self.parameters);
        let logits = self.model.forward(images, tape);
        self.model.own();
        per_image(logits, images.len())
    }

    fn one_hot(&self, labels: impl ExactSizeIterator<Item = u8>) -> Cpu32<(usize, Const<CLASSES>)> {
        let count = labels.len();
        let mut targets = vec![0.0; count * CLASSES];
        for (row, label) in targets.chunks_exact_mut(CLASSES).zip(labels) {
            row[usize::from(label)] = 1.0;
        }
        tensor(&self.device, targets, (count, Const))
    }
}

fn rows<T>(logits: &Cpu32<(usize, Const<CLASSES>), T>) -> Vec<[f32; CLASSES]> {
    let mut values = vec![[0.0; CLASSES]; logits.shape().0];
    logits.copy_into(values.as_flattened_mut());
    values
}

/// The class of the largest, the first of several.
pub fn argmax(logits: &[f32; CLASSES]) -> u8 {
    let best = (1..CLASSES).fold(0, |best, class| if logits[class] > logits[best] { class } else { best });
    best as u8
}

/// `exp(x_i) / sum exp(x_j)`.
pub fn softmax(logits: &[f32; CLASSES]) -> [f32; CLASSES] {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exp = logits.map(|logit| (logit - max).exp());
    let sum: f32 = exp.iter().sum();
    exp.map(|value| value / sum)
}
