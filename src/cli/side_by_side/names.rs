//! The names of runs in lines of text: what distinguishes each from the others, in columns.

use crate::{
    format::grouped,
    sweep::{MethodRun, Snapshot, SweepRun},
    train::{Hyperparameter, Hyperparameters, Kind},
};

/// Names of runs, aligned, and the heading of their columns.
pub(in crate::cli) struct RunNames {
    pub(super) heading: String,
    pub(super) names: Vec<String>,
}

impl RunNames {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        match &snapshot.methods {
            Some(methods) => Self::of_methods(methods),
            None => Self::of_sweep(snapshot.runs.iter().map(|(hyper, _)| hyper)),
        }
    }

    pub(super) fn of_runs(runs: &[SweepRun]) -> Self {
        match runs.iter().map(SweepRun::method).collect::<Option<Vec<_>>>() {
            Some(methods) => Self::of_methods(&methods),
            None => Self::of_sweep(runs.iter().map(|run| &run.hyper)),
        }
    }

    pub(in crate::cli) fn of_sweep<'a>(runs: impl IntoIterator<Item = &'a Hyperparameters> + Clone) -> Self {
        let factors = factors(runs.clone());
        let heading = aligned(&factors, |which| which.short_name().to_owned());
        let names = runs.into_iter().map(|run| aligned(&factors, |which| run.readable(which))).collect();
        Self { heading, names }
    }

    pub(in crate::cli) fn of_methods(runs: &[MethodRun]) -> Self {
        let line = |[network, pixels, images, epochs, seed]: [&str; 5]| {
            format!("{network:<9}  {pixels:<8}  {images:>6}  {epochs:>6}  {seed:>4}")
        };
        let name = |run: &MethodRun| {
            let images = run.train.map_or_else(|| "all".to_owned(), grouped);
            let [epochs, seed] = [run.hyper.epochs.to_string(), run.hyper.seed.to_string()];
            line([run.hyper.network.name(), run.pixels.name(), &images, &epochs, &seed])
        };
        let heading = line(["network", "pixels", "images", "epochs", "seed"]);
        Self { heading, names: runs.iter().map(name).collect() }
    }
}

/// Returns the hyperparameters that distinguish the runs of a sweep.
fn factors<'a>(runs: impl IntoIterator<Item = &'a Hyperparameters> + Clone) -> Vec<Hyperparameter> {
    use Hyperparameter::{Activation, BatchSize, LearningRate, Optimizer, Seed};
    let all = Hyperparameter::starting_with(&[Activation, LearningRate, Optimizer, BatchSize, Seed]);
    let is_mentioned = |which: &Hyperparameter| runs.clone().into_iter().any(|run| run.mentions(*which));
    all.filter(|which| which.is_swept()).filter(is_mentioned).collect()
}

/// Aligns names to the left and counts to the right, in columns that fit the longest value.
fn aligned(factors: &[Hyperparameter], text: impl Fn(Hyperparameter) -> String) -> String {
    let cell = |&which: &Hyperparameter| {
        let (text, width) = (text(which), which.short_name().len());
        match which.kind() {
            Kind::Names(_) => format!("{text:width$}"),
            Kind::Real { .. } => format!("{text:width$}", width = width.max(7)),
            Kind::Whole { .. } => format!("{text:>width$}"),
        }
    };
    factors.iter().map(cell).collect::<Vec<_>>().join("  ")
}
