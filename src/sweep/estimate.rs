//! Estimate of a sweep's duration on this machine, from a short trial of each kind of run.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use super::{Measurements, SweepRun};
use crate::{
    data::Dataset,
    nn::{Engine, Network, Optimizer, Simd},
    train::{Activation, Architecture, Hyperparameters, Images, OptimizerKind, evaluate},
};

/// Duration of the trial of each kind of run.
const TRIAL: Duration = Duration::from_millis(30);

/// Estimates the seconds that `runs` will take, `jobs` at a time with one thread each.
pub fn estimate(runs: &[SweepRun], jobs: usize, simd: Simd) -> f64 {
    let mut rates: HashMap<(Architecture, Activation, OptimizerKind, u32), f64> = HashMap::new();
    let mut evaluations: HashMap<(Architecture, Activation), f64> = HashMap::new();
    let seconds = |run: &SweepRun| {
        let (hyper, images) = (&run.hyper, run.images().ok()?);
        let kind = (hyper.network, hyper.activation, hyper.optimizer, hyper.batch_size);
        let training = *rates.entry(kind).or_insert_with(|| seconds_per_image(&run.dataset, images, hyper, simd));
        let evaluation = *evaluations
            .entry((hyper.network, hyper.activation))
            .or_insert_with(|| evaluation(&run.dataset, hyper, simd));
        let evaluated = f64::from(hyper.epochs) * f64::from(images.test + images.validation);
        let tested = f64::from(images.test) * run.pixels.map_or(0.0, Measurements::passes);
        Some(training * f64::from(hyper.epochs) * f64::from(images.train) + evaluation * (evaluated + tested))
    };
    runs.iter().filter_map(seconds).sum::<f64>() / jobs.clamp(1, runs.len().max(1)) as f64
}

fn network(hyper: &Hyperparameters, simd: Simd) -> Network {
    hyper.build_network(Engine::with_simd(1, simd))
}

fn seconds_per_image(dataset: &Dataset, images: Images, hyper: &Hyperparameters, simd: Simd) -> f64 {
    let mut network = network(hyper, simd);
    let mut optimizer = Optimizer::new(hyper.update_rule(), network.architecture().parameters());
    let order: Vec<u32> = (0..images.train).collect();
    let mut batches = order.chunks(hyper.batch_size as usize).cycle();
    let mut step = || {
        let batch = batches.next().expect("a cycle has no end");
        // Only the time matters, not the result.
        let _ = network.train_step(&dataset.train, batch, &mut optimizer, f32::MIN_POSITIVE);
        batch.len()
    };
    // The first step is not measured, since it allocates memory.
    step();
    let started = Instant::now();
    let mut trained = 0;
    while started.elapsed() < TRIAL {
        trained += step();
    }
    started.elapsed().as_secs_f64() / trained as f64
}

fn evaluation(dataset: &Dataset, hyper: &Hyperparameters, simd: Simd) -> f64 {
    let mut network = network(hyper, simd);
    let started = Instant::now();
    let images = evaluate(&mut network, &dataset.test).total();
    started.elapsed().as_secs_f64() / f64::from(images.max(1))
}
