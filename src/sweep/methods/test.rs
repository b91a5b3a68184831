//! The tests of a trained network, and what it cost.

use super::{
    measurements::{Measurements, TESTS},
    plan::Pixels,
};
use crate::{
    data::{Disturbance, SIDE, Split},
    nn::Network,
    sweep::run::SweepRun,
    train::{EpochRecord, Hyperparameter, Hyperparameters, LayerKind, Trainer, evaluate_while},
};

/// Number of images over which the gradient's norms are averaged: they differ much between images.
const GRADIENT_IMAGES: usize = 1_024;
/// Images whose gradients are computed at once: with long delays, each takes much memory.
const GRADIENT_CHUNK: usize = 64;
/// Accuracy on the test set that a network has to reach to have learned.
const LEARNED: f64 = 0.98;

impl Measurements {
    /// Returns what is known of a run before it is trained.
    pub(in crate::sweep) fn before(hyper: &Hyperparameters, pixels: Pixels) -> Self {
        Self {
            pixels,
            parameters: hyper.network.parameters() as u32,
            memory: memory(hyper),
            images_per_second: None,
            epochs_to_98: None,
            accuracy_by_epoch: Vec::new(),
            tests: [None; TESTS.len()],
            gradient_by_step: Vec::new(),
        }
    }

    /// Returns how many times a network reads the test images after its training, for an estimate.
    pub(in crate::sweep) fn passes(run: &SweepRun) -> f64 {
        let tests = || {
            TESTS.iter().map(|test| match delay(test) {
                Some(rows) if run.hyper.uses(Hyperparameter::Delay) => f64::from(SIDE as u32 + rows) / SIDE as f64,
                Some(_) => 0.0,
                None => 1.0,
            })
        };
        if run.pixels == Some(Pixels::InPlace) { tests().sum() } else { 0.0 }
    }

    /// Tests a network; `None` if it was interrupted. Its delay is that of `hyper` before and after.
    fn test_network(
        &mut self,
        hyper: &Hyperparameters,
        network: &mut Network,
        images: &Split,
        proceed: &mut impl FnMut() -> bool,
    ) -> Option<()> {
        for (accuracy, test) in self.tests.iter_mut().zip(TESTS) {
            let evaluation = match (test.parse::<Disturbance>(), delay(test)) {
                (Ok(disturbance), _) => evaluate_while(network, &disturbance.apply(images), &mut *proceed)?,
                (_, Some(rows)) if hyper.uses(Hyperparameter::Delay) => {
                    network.set_delay(rows);
                    let evaluation = evaluate_while(network, images, &mut *proceed);
                    network.set_delay(hyper.delay);
                    evaluation?
                }
                _ => continue,
            };
            *accuracy = Some(evaluation.accuracy());
        }
        self.gradient_by_step = gradient_by_step(network, images);
        Some(())
    }

    /// Measures a run that is done. `proceed` is called every few milliseconds; `None` once it returns `false`.
    pub(in crate::sweep) fn of(
        run: &SweepRun,
        pixels: Pixels,
        trainer: &mut Trainer,
        mut proceed: impl FnMut() -> bool,
    ) -> Option<Self> {
        let history = trainer.history();
        let accuracy_by_epoch: Vec<f64> = history.iter().map(|record| record.test_accuracy).collect();
        let mut measurements = Self {
            images_per_second: Some(images_per_second(history)),
            epochs_to_98: accuracy_by_epoch
                .iter()
                .position(|&accuracy| accuracy >= LEARNED)
                .map(|place| place as u32 + 1),
            accuracy_by_epoch,
            ..Self::before(&run.hyper, pixels)
        };
        if pixels == Pixels::InPlace {
            let images = run.dataset.test.first(trainer.images().test as usize);
            measurements.test_network(&run.hyper, trainer.network(), &images, &mut proceed)?;
        }
        Some(measurements)
    }
}

/// Returns the number of empty rows of a test with a delay.
fn delay(test: &str) -> Option<u32> {
    test.strip_prefix("delay ")?.parse().ok()
}

/// Returns the mean norm of the gradient by the state after each step, over the first images; empty if the network is
/// not recurrent.
fn gradient_by_step(network: &mut Network, images: &Split) -> Vec<f64> {
    let indices: Vec<u32> = (0..images.len().min(GRADIENT_IMAGES) as u32).collect();
    let mut sums: Vec<f64> = Vec::new();
    for chunk in indices.chunks(GRADIENT_CHUNK) {
        let Some(norms) = network.gradient_norms(images, chunk) else { return Vec::new() };
        sums.resize(norms.len(), 0.0);
        sums.iter_mut().zip(norms).for_each(|(sum, norm)| *sum += norm * chunk.len() as f64);
    }
    sums.iter().map(|sum| sum / indices.len() as f64).collect()
}

/// Returns the images per second of all epochs together, to a tenth.
fn images_per_second(history: &[EpochRecord]) -> f64 {
    let images: f64 = history.iter().map(|record| f64::from(record.images)).sum();
    let seconds: f64 = history.iter().map(|record| record.train_seconds).sum();
    if seconds > 0.0 { (images / seconds * 10.0).round() / 10.0 } else { 0.0 }
}

/// Returns the bytes that training needs for numbers of four bytes each: the parameters, their gradients and the
/// optimizer's moments, and the outputs of all layers for one batch. Temporary results of kernels are not counted.
fn memory(hyper: &Hyperparameters) -> u64 {
    let per_parameter = 2 + hyper.update_rule().moments();
    let values = |kind: LayerKind| match kind {
        LayerKind::Steps { steps, units } => LayerKind::Steps { steps: steps + hyper.delay as usize, units }.values(),
        kind => kind.values(),
    };
    let outputs: usize = hyper.network.layers().iter().map(|layer| values(layer.kind)).sum();
    4 * (hyper.network.parameters() * per_parameter + outputs * hyper.batch_size as usize) as u64
}
