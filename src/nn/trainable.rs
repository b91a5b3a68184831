//! A model and everything needed to train it: parameters, gradients, a tape for each batch, and the number of threads
//! that is fastest.

use std::{fmt::Debug, hint::black_box, sync::Arc};

use dfdx::{
    nn::{BuildModule, ZeroGrads},
    tensor::{AsArray, Cpu, Gradients, NoneTape, OwnedTape, SplitTape, Trace},
    tensor_ops::Backward,
};

use super::{
    Activation, Activations, Engine, LayerInfo, LayerMeasures, LayerOutput, NonFinite, Optimizer, Pooling, WrongLength,
    activations::first_image_values,
    adaptive_threads::AdaptiveThreads,
    flat::{self, TensorInfo, parameters_by_tensor, swap_gradients},
    kernels::{Finite, LANES},
    layout::{rows, tensor},
    loss::Loss,
    math::softmax,
    measures::Sample,
    model::{Attached, Model},
    regularization::Regularization,
};
use crate::data::{CLASSES, PIXELS, Split};

/// Number of images whose maps stay in the second-level cache from layer to layer.
const CHUNK: usize = 64;

/// The result of a training step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Mean cross-entropy of the batch, before the update.
    pub loss: f32,
    /// Number of images predicted correctly before the update.
    pub correct: u32,
}

/// A [`Trainable`] of any model. [`Network`](super::Network) documents the methods.
pub(super) trait AnyTrainable: Debug + Send + Sync {
    fn set_delay(&mut self, rows: u32);
    fn set_regularization(&mut self, regularization: Regularization);
    fn parameters(&self) -> &[f32];
    fn tensors(&self) -> Vec<TensorInfo>;
    fn set_parameters(&mut self, parameters: &[f32]) -> Result<(), WrongLength>;
    fn train_step(
        &mut self,
        split: &Split,
        indices: &[u32],
        teacher: Option<&[[f32; CLASSES]]>,
        optimizer: &mut Optimizer,
        learning_rate: f32,
    ) -> Result<Step, NonFinite>;
    fn gradients(&mut self, split: &Split, indices: &[u32]) -> (f32, Vec<f32>);
    fn measures(&mut self, split: &Split, indices: &[u32], before: Option<&[f32]>) -> Vec<LayerMeasures>;
    fn gradient_norms(&mut self, split: &Split, indices: &[u32]) -> Option<Vec<f64>>;
    fn logits(&mut self, pixels: &[u8]) -> Vec<[f32; CLASSES]>;
    fn inspect(&mut self, image: &[u8; PIXELS]) -> Activations;
}

#[derive(Debug)]
pub(super) struct Trainable<M> {
    device: Cpu,
    engine: Engine,
    model: M,
    /// The chosen activation.
    activation: Activation,
    regularization: Regularization,
    /// The model's parameters, attached to it for each pass. Its tensors keep the initial values: they only identify
    /// the parameters on the tape.
    parameters: Arc<Vec<f32>>,
    /// Gradient of the newest batch, tensor after tensor, while it is in use; otherwise zero.
    gradient: Vec<Vec<f32>>,
    /// Zero for each parameter between steps.
    gradients: Gradients<f32, Cpu>,
    /// Timing of steps, and of passes without gradients.
    threads: [AdaptiveThreads; 2],
}

impl<M: Model> Trainable<M> {
    /// Builds a model with initial weights drawn from `seed` and zero biases.
    pub(super) fn new(activation: Activation, pooling: Pooling, seed: u64, engine: Engine) -> Self {
        keep_freed_memory();
        let device = Cpu::default();
        let mut model = M::build(&device);
        model.configure(activation, pooling, &engine);
        model.init(seed);
        let tensors = parameters_by_tensor(&model);
        let gradient = tensors.iter().map(|tensor| vec![0.0; tensor.len()]).collect();
        let gradients = model.alloc_grads();
        let parameters = Arc::new(tensors.concat());
        let threads = [(); 2].map(|()| AdaptiveThreads::new(engine.threads()));
        Self {
            device,
            engine,
            model,
            activation,
            regularization: Regularization::default(),
            parameters,
            gradient,
            gradients,
            threads,
        }
    }

    /// Updates the parameters by the gradient of the batch that produced `step`.
    fn apply(&mut self, step: &Step, optimizer: &mut Optimizer, learning_rate: f32) -> Result<(), NonFinite> {
        if !step.loss.is_finite() {
            return Err(NonFinite { place: "loss" });
        }
        let gradient = self.gradient.iter_mut().map(Vec::as_mut_slice).collect();
        // Copies nothing: the pass has detached the parameters that it attached.
        let parameters = Arc::make_mut(&mut self.parameters);
        match optimizer.update(&self.engine, learning_rate, gradient, parameters) {
            Finite { gradient: false, .. } => Err(NonFinite { place: "gradient" }),
            Finite { parameters: false, .. } => Err(NonFinite { place: "parameters" }),
            _ => Ok(()),
        }
    }

    /// Returns the loss and the correct predictions of a batch; the gradient is left in `self.gradient`.
    fn backward(&mut self, split: &Split, indices: &[u32], loss: Loss) -> Step {
        let gradients = std::mem::replace(&mut self.gradients, Gradients::leaky());
        let images: Vec<_> = indices.iter().map(|&index| split.image(index as usize)).collect();
        let labels = indices.iter().map(|&index| split.label(index as usize));
        // The tape begins with a tensor that nothing depends on; only the gradients it carries matter.
        let (_, tape): (_, OwnedTape<f32, Cpu>) = tensor(&self.device, vec![0.0], ()).traced(gradients).split_tape();
        let logits = Attached::new(&mut self.model, &self.parameters).forward(&images, tape);
        let (loss, correct) = loss.of(logits, labels);
        let value = loss.array();
        self.gradients = loss.backward();
        swap_gradients(&self.model, &mut self.gradients, &mut self.gradient);
        Step { loss: value, correct }
    }

    /// Combines each layer's values with its description, and with its kernels if it has any.
    fn outputs(&self, values: Vec<Vec<f32>>) -> Vec<LayerOutput> {
        let mut rest = &self.parameters[..];
        let output = |(info, values): (&'static LayerInfo, _)| {
            let kernels = rest[..info.kernel_weights()].to_vec();
            rest = &rest[info.parameters..];
            LayerOutput { info, values, kernels }
        };
        M::LAYERS.iter().zip(values).map(output).collect()
    }
}

impl<M: Model> AnyTrainable for Trainable<M> {
    fn set_delay(&mut self, rows: u32) {
        self.model.set_delay(rows as usize);
    }

    fn set_regularization(&mut self, regularization: Regularization) {
        self.regularization = regularization;
    }

    fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    fn tensors(&self) -> Vec<TensorInfo> {
        flat::tensors(&self.model)
    }

    fn set_parameters(&mut self, parameters: &[f32]) -> Result<(), WrongLength> {
        let expected = self.parameters.len();
        if parameters.len() != expected {
            return Err(WrongLength { expected, found: parameters.len() });
        }
        self.parameters = Arc::new(parameters.to_vec());
        Ok(())
    }

    fn train_step(
        &mut self,
        split: &Split,
        indices: &[u32],
        teacher: Option<&[[f32; CLASSES]]>,
        optimizer: &mut Optimizer,
        learning_rate: f32,
    ) -> Result<Step, NonFinite> {
        let engine = self.engine.clone();
        let mut threads = std::mem::take(&mut self.threads[0]);
        let loss = Loss::new(&self.regularization, teacher);
        let step = engine.enter_adaptively(&mut threads, indices.len(), || {
            self.model.set_dropout(self.regularization.dropout(optimizer.steps()));
            let step = self.backward(split, indices, loss);
            self.model.set_dropout(None);
            self.apply(&step, optimizer, learning_rate).map(|()| step)
        });
        self.threads[0] = threads;
        step
    }

    fn gradients(&mut self, split: &Split, indices: &[u32]) -> (f32, Vec<f32>) {
        let engine = self.engine.clone();
        let step = engine.enter(|| self.backward(split, indices, Loss::default()));
        let gradient = self.gradient.concat();
        self.gradient.iter_mut().for_each(|gradient| gradient.fill(0.0));
        (step.loss, gradient)
    }

    fn measures(&mut self, split: &Split, indices: &[u32], before: Option<&[f32]>) -> Vec<LayerMeasures> {
        let (_, gradient) = self.gradients(split, indices);
        let images: Vec<_> = indices.iter().map(|&index| split.image(index as usize)).collect();
        let engine = self.engine.clone();
        let groups: Vec<_> = engine.enter(|| {
            let model = Attached::new(&mut self.model, &self.parameters);
            images.chunks(LANES).map(|images| model.inspect(images)).collect()
        });
        let mut start = 0;
        let mut measures = Vec::new();
        for (place, info) in M::LAYERS.iter().enumerate().filter(|(_, info)| info.parameters > 0) {
            let range = start..start + info.parameters;
            start = range.end;
            let sample = Sample {
                info,
                activation: M::activation(info, self.activation),
                gradient: &gradient[range.clone()],
                before: before.map(|before| &before[range.clone()]),
                parameters: &self.parameters[range],
                outputs: groups.iter().map(|layers| &layers[place][..]).collect(),
                images: images.len(),
            };
            measures.push(sample.measures());
        }
        measures
    }

    fn gradient_norms(&mut self, split: &Split, indices: &[u32]) -> Option<Vec<f64>> {
        let engine = self.engine.clone();
        engine.enter(|| {
            let model = Attached::new(&mut self.model, &self.parameters);
            let mut mean = Vec::new();
            // All time steps of a chunk are in memory.
            for chunk in indices.chunks(CHUNK) {
                let images: Vec<_> = chunk.iter().map(|&index| split.image(index as usize)).collect();
                let labels: Vec<_> = chunk.iter().map(|&index| split.label(index as usize)).collect();
                let norms = model.gradient_norms(&images, &labels)?;
                mean.resize(norms.len(), 0.0);
                let share = chunk.len() as f64 / indices.len() as f64;
                mean.iter_mut().zip(norms).for_each(|(mean, norm)| *mean += share * norm);
            }
            Some(mean)
        })
    }

    fn logits(&mut self, pixels: &[u8]) -> Vec<[f32; CLASSES]> {
        let images: Vec<_> = pixels.chunks_exact(PIXELS).collect();
        let engine = self.engine.clone();
        let mut threads = std::mem::take(&mut self.threads[1]);
        let logits = engine.enter_adaptively(&mut threads, images.len().next_multiple_of(LANES), || {
            let model = Attached::new(&mut self.model, &self.parameters);
            images.chunks(CHUNK).flat_map(|images| rows(&model.forward(images, NoneTape), images.len())).collect()
        });
        self.threads[1] = threads;
        logits
    }

    fn inspect(&mut self, image: &[u8; PIXELS]) -> Activations {
        let engine = self.engine.clone();
        let lanes = engine.enter(|| Attached::new(&mut self.model, &self.parameters).inspect(&[image]));
        let layers = self.outputs(lanes.iter().map(|lanes| first_image_values(lanes)).collect());
        let logits =
            layers.last().and_then(|last| last.values.first_chunk()).expect("the last layer outputs the logits");
        Activations { probabilities: softmax(logits), layers }
    }
}

/// Makes the allocator of glibc keep what is freed, up to twice this size, instead of returning it to the system after
/// each step and asking for it in the next: it adapts to the largest block that was freed.
fn keep_freed_memory() {
    drop(black_box(Vec::<u8>::with_capacity(16 << 20)));
}
