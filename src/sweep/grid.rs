//! The grid of a sweep: the values of each hyperparameter, and their combinations.

use std::{collections::BTreeMap, fmt, str::FromStr};

use sha2::{Digest, Sha256};

use crate::train::{Activation, Hyperparameter, Hyperparameters, InvalidHyperparameter, OptimizerKind, RunSpec, Value};

/// Values of each hyperparameter. [`Default`] is the report's grid of 81 runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid(BTreeMap<Hyperparameter, Vec<Value>>);

impl Default for Grid {
    fn default() -> Self {
        Self::of(&Hyperparameters::default())
            .with(Hyperparameter::Activation, [Activation::Tanh, Activation::Relu, Activation::Sigmoid])
            .with(Hyperparameter::LearningRate, [0.01_f32, 0.001, 0.0001])
            .with(Hyperparameter::Optimizer, [OptimizerKind::Sgd, OptimizerKind::Adam, OptimizerKind::Rmsprop])
            .with(Hyperparameter::BatchSize, [16_u32, 32, 64])
            .with(Hyperparameter::Epochs, [3_u32])
    }
}

/// Error for a grid without runs, or with invalid ones.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InvalidGrid {
    #[error("{factor}: expected at least one value, found none")]
    Empty { factor: String },
    #[error("{factor}: {value} is given twice")]
    Twice { factor: String, value: String },
    #[error(
        "expected at most {MAX_RUNS} runs, found more; leave out some values, or divide them between several sweeps"
    )]
    TooMany,
    #[error(transparent)]
    Hyperparameter(#[from] InvalidHyperparameter),
}

/// Maximum number of runs: more would take days on any machine, and their list much memory.
const MAX_RUNS: usize = 100_000;

impl Grid {
    /// Returns all hyperparameters in the order of the runs, the one that changes fastest last.
    pub fn order() -> impl Iterator<Item = Hyperparameter> {
        use Hyperparameter::{Activation, LearningRate, Network, Optimizer};
        Hyperparameter::starting_with(&[Network, Activation, LearningRate, Optimizer])
    }

    /// Returns the grid with a single run.
    pub fn of(hyper: &Hyperparameters) -> Self {
        Self(Hyperparameter::ALL.iter().map(|&which| (which, vec![hyper.get(which)])).collect())
    }

    /// Replaces the values of one hyperparameter.
    #[must_use]
    pub fn with<T: Into<Value>>(mut self, which: Hyperparameter, values: impl IntoIterator<Item = T>) -> Self {
        self.0.insert(which, values.into_iter().map(Into::into).collect());
        self
    }

    pub fn values(&self, which: Hyperparameter) -> &[Value] {
        self.0.get(&which).map_or(&[], Vec::as_slice)
    }

    /// Returns the values of one hyperparameter as a flag or a form has them: `0.01,0.001`.
    pub fn text(&self, which: Hyperparameter) -> String {
        self.values(which).iter().map(|value| value.readable()).collect::<Vec<_>>().join(",")
    }

    /// Replaces the values of one hyperparameter by those in a text, separated by commas, and checks all values.
    ///
    /// # Errors
    /// Returns what is wrong with the text or with the grid that it makes.
    pub fn typed(&self, which: Hyperparameter, text: &str) -> Result<Self, String> {
        let texts: Vec<&str> = text.split(',').map(str::trim).filter(|text| !text.is_empty()).collect();
        if !which.is_swept() && texts.len() > 1 {
            return Err(format!("one value, not {}: all runs of a sweep share it", texts.len()));
        }
        let values = texts.into_iter().map(|text| which.typed(text)).collect::<Result<Vec<_>, _>>()?;
        let grid = self.clone().with(which, values);
        grid.validate().map(|()| grid).map_err(|error| error.to_string())
    }

    /// Returns whether a value makes a difference to any run.
    pub fn uses(&self, which: Hyperparameter) -> bool {
        let has = |(other, choices): (_, &[&'static str])| {
            self.values(other).iter().any(|value| choices.iter().any(|choice| *value == Value::Name(choice)))
        };
        which.needs().is_none_or(has)
    }

    /// Returns every run, in the order of [`Grid::order`]. A hyperparameter that a run does not use stays at its default.
    pub fn runs(&self) -> Vec<Hyperparameters> {
        Self::order().fold(vec![Hyperparameters::default()], |runs, which| {
            let default = [which.default_value()];
            let with = |run: &Hyperparameters, value: Value| {
                let mut run = run.clone();
                run.set(which, value);
                run
            };
            let values = |run: &Hyperparameters| if run.uses(which) { self.values(which) } else { &default };
            runs.iter().flat_map(|run| values(run).iter().map(move |&value| with(run, value))).collect()
        })
    }

    /// Checks every value.
    ///
    /// # Errors
    /// If a hyperparameter has no value, a value twice, or a value out of range, or if there are too many runs.
    pub fn validate(&self) -> Result<(), InvalidGrid> {
        Self::order().try_for_each(|which| check_distinct(which, self.values(which)))?;
        Self::order().try_for_each(|which| self.values(which).iter().try_for_each(|&value| which.check(value)))?;
        let combinations = Self::order().fold(1_usize, |all, which| all.saturating_mul(self.values(which).len()));
        if combinations > MAX_RUNS { Err(InvalidGrid::TooMany) } else { Ok(()) }
    }
}

fn check_distinct(which: Hyperparameter, values: &[Value]) -> Result<(), InvalidGrid> {
    let factor = format!("{}{}", which.name(), if which.is_swept() { "s" } else { "" });
    if values.is_empty() {
        return Err(InvalidGrid::Empty { factor });
    }
    match values.iter().enumerate().find(|(place, value)| values[..*place].contains(value)) {
        Some((_, value)) => Err(InvalidGrid::Twice { factor, value: value.to_string() }),
        None => Ok(()),
    }
}

/// Returns an identifier of everything that a run's result depends on: eight digits of the data set's fingerprint, then
/// twelve of a hash of hyperparameters and limits. It is the same on every machine.
pub fn key(spec: &RunSpec) -> String {
    use Hyperparameter::{Activation, Pooling};
    let limit = |limit: Option<u32>| limit.map_or_else(|| "all".to_owned(), |images| images.to_string());
    // Later hyperparameters are added only if they are not at their default, so that older keys stay valid.
    let (later, first): (Vec<_>, Vec<_>) =
        Hyperparameter::starting_with(&[Activation, Pooling]).partition(|which| which.is_later());
    let used = |which| if spec.hyper.uses(which) { spec.hyper.get(which) } else { which.default_value() };
    let first = first.into_iter().map(|which| used(which).to_string());
    let images = [limit(spec.limits.train), limit(spec.limits.test), spec.limits.holdout.to_string()];
    let later = later.into_iter().filter(|&which| spec.hyper.mentions(which));
    let later = later.map(|which| format!("{which}={}", spec.hyper.get(which)));
    let teacher = spec.teacher().and_then(|teacher| teacher.fingerprint);
    let teacher = teacher.map(|fingerprint| format!("teacher={fingerprint}"));
    let text = first.chain(images).chain(later).chain(teacher).collect::<Vec<_>>().join(" ");
    let hash = Sha256::digest(text.as_bytes());
    let digits = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("{}-{}", digits(&spec.dataset.fingerprint.0[..4]), digits(&hash[..6]))
}

/// One of several equal parts of a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Number of the part, from 0.
    pub index: usize,
    pub count: usize,
}

/// Error for a text that is not `K/N`.
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
    /// Returns every `count`th of `runs`, beginning with number `index`.
    pub fn of<T>(self, runs: Vec<T>) -> Vec<T> {
        runs.into_iter().skip(self.index).step_by(self.count).collect()
    }
}
