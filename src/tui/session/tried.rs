//! Configurations to return to: those trained in this session, and presets.

use std::path::PathBuf;

use crate::{
    train::{Activation, EpochRecord, Hyperparameters, OptimizerKind, Recipe, RunSpec, State},
    tui::session::live::Live,
};

/// A configuration that was trained in this session, and its result.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Folder of the run.
    pub run_dir: PathBuf,
    pub spec: RunSpec,
    /// Learning rate in force at its end.
    pub learning_rate: f32,
    pub state: Option<State>,
    /// Number of complete epochs.
    pub epochs: u32,
    pub best: Option<EpochRecord>,
}

impl Trial {
    /// Returns the trial of the current run, if it has started.
    pub fn of(live: &Live) -> Option<Self> {
        let started = live.started.as_ref()?;
        let state = if live.is_under_way() { None } else { live.state };
        Some(Self {
            run_dir: started.run_dir.clone(),
            spec: started.spec.clone(),
            learning_rate: live.learning_rate,
            state,
            epochs: live.epochs_done(),
            best: live.best().cloned(),
        })
    }
}

/// A named configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Preset {
    pub name: String,
    pub hyper: Hyperparameters,
}

/// Returns the built-in presets: the report's best run, one of those that it found to fail, and the recipes.
pub fn presets() -> Vec<Preset> {
    let best = Hyperparameters::default();
    let worst = Hyperparameters {
        activation: Activation::Sigmoid,
        optimizer: OptimizerKind::Sgd,
        learning_rate: 0.01,
        batch_size: 64,
        ..best.clone()
    };
    let preset = |name: &str, hyper| Preset { name: name.into(), hyper };
    let recipe = |recipe: Recipe| preset(&format!("the recipe `{recipe}`: {}", recipe.doc()), recipe.hyperparameters());
    vec![
        preset("the report's best", best),
        preset("the report's worst", worst),
        recipe(Recipe::Fast),
        recipe(Recipe::Best),
    ]
}
