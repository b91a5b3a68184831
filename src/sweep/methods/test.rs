//! The tests of a trained network, and what it cost.

use super::{
    measurements::{Measurements, TESTS},
    plan::Pixels,
};
use crate::{
    data::Disturbance,
    sweep::run::SweepRun,
    train::{EpochRecord, Hyperparameters, Trainer},
};

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

    /// Returns how many times the test images pass through a network after its training, for an estimate.
    pub(in crate::sweep) fn passes(pixels: Pixels) -> f64 {
        if pixels == Pixels::InPlace { TESTS.len() as f64 } else { 0.0 }
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
            for (accuracy, test) in measurements.tests.iter_mut().zip(TESTS) {
                if let Ok(disturbance) = test.parse::<Disturbance>() {
                    let evaluation = trainer.evaluate_on(&disturbance.apply(&images), &mut proceed)?;
                    *accuracy = Some(evaluation.accuracy());
                }
            }
        }
        Some(measurements)
    }
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
    let layers = hyper.network.layers();
    let per_parameter = 2 + hyper.update_rule().moments();
    let outputs: usize = layers.iter().map(|layer| layer.kind.values()).sum();
    4 * (hyper.network.parameters() * per_parameter + outputs * hyper.batch_size as usize) as u64
}
