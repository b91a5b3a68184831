//! A run of a sweep: what is trained, and on which data.

use std::sync::Arc;

use super::{
    grid::key,
    methods::plan::{MethodRun, Pixels},
};
use crate::{
    data::{Dataset, Disturbance, Kind},
    train::{CannotRun, Hyperparameters, Images, Limits, RunSpec, Teacher},
};

/// A run with its data.
#[derive(Clone, Debug)]
pub struct SweepRun {
    pub hyper: Hyperparameters,
    pub limits: Limits,
    /// Teacher of the run, if its answers have a weight.
    pub teacher: Option<Teacher>,
    pub dataset: Arc<Dataset>,
    /// Arrangement of the pixels in a comparison of methods, which measures its networks further. `None` in a sweep.
    pub pixels: Option<Pixels>,
}

impl SweepRun {
    /// Returns the runs of a sweep, which share limits and data set.
    pub fn of_sweep(runs: Vec<Hyperparameters>, limits: Limits, dataset: &Arc<Dataset>) -> Vec<Self> {
        let run = |hyper| Self { hyper, limits, teacher: None, dataset: Arc::clone(dataset), pixels: None };
        runs.into_iter().map(run).collect()
    }

    /// Returns the runs of a comparison of methods. `limits` apply to every run.
    pub fn of_methods(runs: &[MethodRun], limits: Limits, dataset: &Arc<Dataset>) -> Vec<Self> {
        let needs_permuted = runs.iter().any(|run| run.pixels == Pixels::Permuted);
        let permuted = needs_permuted.then(|| Arc::new(permuted(dataset)));
        let run = |run: &MethodRun| Self {
            hyper: run.hyper.clone(),
            teacher: None,
            limits: Limits { train: run.train.into_iter().chain(limits.train).min(), ..limits },
            dataset: match (run.pixels, &permuted) {
                (Pixels::Permuted, Some(permuted)) => Arc::clone(permuted),
                _ => Arc::clone(dataset),
            },
            pixels: Some(run.pixels),
        };
        runs.iter().map(run).collect()
    }

    pub fn spec(&self) -> RunSpec {
        let spec = RunSpec::new(self.hyper.clone(), self.limits, self.dataset.id.clone());
        RunSpec { teacher: self.teacher.clone(), ..spec }
    }

    /// Returns the run without its data, in a comparison of methods.
    pub fn method(&self) -> Option<MethodRun> {
        self.pixels.map(|pixels| MethodRun { hyper: self.hyper.clone(), train: self.limits.train, pixels })
    }

    /// Returns the run's identifier, see [`key()`].
    pub fn key(&self) -> String {
        key(&self.spec())
    }

    /// Returns the numbers of images of the run.
    ///
    /// # Errors
    /// If the run is not possible.
    pub fn images(&self) -> Result<Images, CannotRun> {
        self.spec().check(&self.dataset)
    }
}

/// Returns the data set with the pixels of all images permuted alike.
fn permuted(dataset: &Dataset) -> Dataset {
    let [train, test] = [&dataset.train, &dataset.test].map(|split| Disturbance::Permuted.apply(split));
    Dataset::new(Kind::Other, format!("{} permuted", dataset.id.name), train, test)
}
