//! What is swept: the values of each factor, and the runs they make.

use std::{collections::HashSet, fmt, hash::Hash, str::FromStr};

use sha2::{Digest, Sha256};

use crate::train::{Activation, Hyperparameters, InvalidHyperparameter, OptimizerKind, Pooling, RunSpec};

/// The values of each factor. [`Default`] is the report's grid of 81 runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    pub activations: Vec<Activation>,
    pub learning_rates: Vec<f32>,
    pub optimizers: Vec<OptimizerKind>,
    pub batch_sizes: Vec<u32>,
    /// Each combination is run once with each.
    pub seeds: Vec<u64>,
    /// Of every run.
    pub epochs: u32,
    /// Of every run.
    pub pooling: Pooling,
}

impl Default for Grid {
    fn default() -> Self {
        Self {
            activations: vec![Activation::Tanh, Activation::Relu, Activation::Sigmoid],
            learning_rates: vec![0.01, 0.001, 0.0001],
            optimizers: vec![OptimizerKind::Sgd, OptimizerKind::Adam, OptimizerKind::Rmsprop],
            batch_sizes: vec![16, 32, 64],
            seeds: vec![1],
            epochs: 3,
            pooling: Pooling::Avg,
        }
    }
}

/// A grid that makes no runs, or wrong ones.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InvalidGrid {
    #[error("{factor} has no value; expected one or more")]
    Empty { factor: &'static str },
    #[error("{factor} has {value} twice; expected each value once")]
    Twice { factor: &'static str, value: String },
    #[error(transparent)]
    Hyperparameter(#[from] InvalidHyperparameter),
}

impl Grid {
    /// Every run, in the order of the factors: the last one, the seed, changes fastest.
    pub fn runs(&self) -> Vec<Hyperparameters> {
        let mut runs = Vec::new();
        for &activation in &self.activations {
            for &learning_rate in &self.learning_rates {
                for &optimizer in &self.optimizers {
                    for &batch_size in &self.batch_sizes {
                        runs.extend(self.seeds.iter().map(|&seed| Hyperparameters {
                            activation,
                            pooling: self.pooling,
                            optimizer,
                            learning_rate,
                            batch_size,
                            epochs: self.epochs,
                            seed,
                        }));
                    }
                }
            }
        }
        runs
    }

    /// Checks every value.
    ///
    /// # Errors
    /// If a factor has no value, one twice, or one out of its range.
    pub fn validate(&self) -> Result<(), InvalidGrid> {
        different("activations", self.activations.iter().map(|value| value.name()))?;
        different("learning rates", self.learning_rates.iter().map(f32::to_string))?;
        different("optimizers", self.optimizers.iter().map(|value| value.name()))?;
        different("batch sizes", &self.batch_sizes)?;
        different("seeds", &self.seeds)?;
        self.runs().iter().try_for_each(|run| Ok(run.validate()?))
    }
}

fn different<T: Eq + Hash + Clone + fmt::Display>(
    factor: &'static str,
    values: impl IntoIterator<Item = T>,
) -> Result<(), InvalidGrid> {
    let mut seen = HashSet::new();
    for value in values {
        if !seen.insert(value.clone()) {
            return Err(InvalidGrid::Twice { factor, value: value.to_string() });
        }
    }
    if seen.is_empty() { Err(InvalidGrid::Empty { factor }) } else { Ok(()) }
}

/// What a run's result depends on, in a word: eight digits of the data set's fingerprint, then twelve of a sum over
/// hyperparameters and images. The same on every machine.
pub fn key(spec: &RunSpec) -> String {
    let Hyperparameters { activation, pooling, optimizer, learning_rate, batch_size, epochs, seed } = &spec.hyper;
    let limit = |limit: Option<u32>| limit.map_or_else(|| "all".to_owned(), |images| images.to_string());
    let (train, test, holdout) = (limit(spec.limits.train), limit(spec.limits.test), spec.limits.holdout);
    let text = format!(
        "{activation} {pooling} {optimizer} {learning_rate} {batch_size} {epochs} {seed} {train} {test} {holdout}"
    );
    let sum = Sha256::digest(text.as_bytes());
    let digits = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("{}-{}", digits(&spec.dataset.fingerprint.0[..4]), digits(&sum[..6]))
}

/// One of several equal parts of a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 0.
    pub index: usize,
    pub count: usize,
}

/// `found` is not `K/N`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected K/N with K from 0 to N-1, as in 0/4, found `{found}`")]
pub struct InvalidShard {
    found: String,
}

impl FromStr for Shard {
    type Err = InvalidShard;

    fn from_str(text: &str) -> Result<Self, InvalidShard> {
        let parts = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match parts {
            Some((index, count)) if index < count => Ok(Self { index, count }),
            _ => Err(InvalidShard { found: text.to_owned() }),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl Shard {
    /// Every `count`th of `runs`, from number `index` on.
    pub fn of<T>(self, runs: Vec<T>) -> Vec<T> {
        runs.into_iter().skip(self.index).step_by(self.count).collect()
    }
}
