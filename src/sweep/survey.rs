//! What the runs of a sweep say together: which configuration is best, what each factor does, what fails.
//!
//! A [`Survey`] is made from a table from any source ([`Survey::read`]) or from results in memory ([`Survey::of`]). The values of
//! its factors are text, so that it takes other choices than this program's. Runs that differ in nothing but their seed are
//! one [`Configuration`] with a mean and a range.

mod column;
mod factor;
mod kind;
mod read;

use std::collections::{HashMap, HashSet};

use super::{MeasuredOn, Row, RunState};

pub use factor::{Factor, sort_by_size};
pub use read::{Fault, NotASweep, Reading};

pub(crate) use column::{Column, Set, What};
pub(crate) use kind::Kind;
pub(crate) use read::clipped;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// With this accuracy, 0 to 1.
    Accuracy(f64),
    /// A NaN or an infinity came up.
    Diverged,
    /// It did not come to a result, for reasons that are not the configuration's.
    Failed,
}

/// A value for each factor, where it is known.
type Labels = [Option<String>; Factor::COUNT];

/// A run's result.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    labels: Labels,
    pub outcome: Outcome,
    /// Mean cross-entropy.
    pub loss: Option<f64>,
    /// How long the run took.
    pub seconds: Option<f64>,
    pub seed: Option<String>,
}

impl Observation {
    /// One of which nothing else is known yet.
    pub fn new(outcome: Outcome) -> Self {
        Self { labels: Default::default(), outcome, loss: None, seconds: None, seed: None }
    }

    /// Sets a factor's value. Empty text, or NaN for a number, leaves it unknown.
    #[must_use]
    pub fn with(mut self, factor: Factor, value: impl AsRef<str>) -> Self {
        self.labels[factor.place()] = factor.label(value.as_ref());
        self
    }
}

impl From<&Row> for Observation {
    fn from(row: &Row) -> Self {
        let outcome = match (row.state, row.accuracy) {
            (RunState::Diverged, _) => Outcome::Diverged,
            (RunState::Done, Some(accuracy)) => Outcome::Accuracy(accuracy),
            (RunState::Done | RunState::Failed, _) => Outcome::Failed,
        };
        let measured_on = match row.measured_on {
            MeasuredOn::Test => "test",
            MeasuredOn::Validation => "validation",
        };
        let mut observation = Self::new(outcome)
            .with(Factor::DataSet, &row.dataset)
            .with(Factor::MeasuredOn, measured_on)
            .with(Factor::TrainingImages, row.training_images.to_string())
            .with(Factor::TestImages, row.test_images.to_string());
        for factor in Factor::ALL {
            if let Some(which) = factor.hyperparameter() {
                observation = observation.with(factor, row.hyper.get(which).to_string());
            }
        }
        observation.loss = row.loss;
        observation.seconds = Some(row.seconds);
        observation.seed = Some(row.hyper.seed.to_string());
        observation
    }
}

/// Which of a factor's values a configuration has, for each factor; `None` where that is unknown.
pub type Values = [Option<usize>; Factor::COUNT];

/// A result by its configuration.
#[derive(Clone, Debug, PartialEq)]
struct Run {
    values: Values,
    outcome: Outcome,
    loss: Option<f64>,
    seconds: Option<f64>,
    seed: Option<String>,
}

/// Runs that differ in nothing but their seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    values: Values,
    /// Of the runs that came to an end, in the order they were given.
    pub accuracies: Vec<f64>,
    pub losses: Vec<f64>,
    /// Of all its runs, however they ended, as far as it is known.
    pub seconds: Vec<f64>,
    /// Runs that diverged.
    pub diverged: usize,
    /// Runs without a result for reasons that are not the configuration's.
    pub failed: usize,
}

impl Configuration {
    fn new(values: Values) -> Self {
        Self { values, accuracies: Vec::new(), losses: Vec::new(), seconds: Vec::new(), diverged: 0, failed: 0 }
    }

    fn add(&mut self, run: &Run) {
        match run.outcome {
            Outcome::Accuracy(accuracy) => self.accuracies.push(accuracy),
            Outcome::Diverged => self.diverged += 1,
            Outcome::Failed => self.failed += 1,
        }
        self.losses.extend(run.loss);
        self.seconds.extend(run.seconds);
    }

    /// The place of its value in [`Survey::values`].
    pub fn value(&self, factor: Factor) -> Option<usize> {
        self.values[factor.place()]
    }

    /// Over its runs that came to an end; `None` where none did.
    pub fn accuracy(&self) -> Option<Summary> {
        Summary::of(&self.accuracies)
    }

    pub fn loss(&self) -> Option<Summary> {
        Summary::of(&self.losses)
    }

    /// All runs, however they ended.
    pub fn runs(&self) -> usize {
        self.accuracies.len() + self.diverged + self.failed
    }

    /// Runs with an accuracy at or below `threshold`, or diverged.
    pub fn failing(&self, threshold: f64) -> usize {
        self.accuracies.iter().filter(|&&accuracy| accuracy <= threshold).count() + self.diverged
    }
}

/// Numbers in four.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    pub mean: f64,
    pub min: f64,
    pub max: f64,
    pub count: usize,
}

impl Summary {
    /// `None` where there are no numbers.
    pub fn of<'a>(numbers: impl IntoIterator<Item = &'a f64>) -> Option<Self> {
        let (mut sum, mut min, mut max, mut count) = (0.0, f64::INFINITY, f64::NEG_INFINITY, 0);
        for &number in numbers {
            (sum, min, max, count) = (sum + number, number.min(min), number.max(max), count + 1);
        }
        (count > 0).then(|| Self { mean: sum / count as f64, min, max, count })
    }
}

/// What the configurations with one value of a factor have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// The place of the value in [`Survey::values`].
    pub value: usize,
    /// Over the means of the configurations; those without any result are not in it.
    pub accuracy: Option<Summary>,
    /// How many have the value, with and without a result.
    pub configurations: usize,
}

/// All results, and what can be told from them.
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    values: [Vec<String>; Factor::COUNT],
    runs: Vec<Run>,
    configurations: Vec<Configuration>,
    varying: Vec<Factor>,
}

impl Survey {
    /// From results in memory.
    pub fn of(observations: impl IntoIterator<Item = Observation>) -> Self {
        let observations: Vec<_> = observations.into_iter().map(with_the_runs_own_epochs).collect();
        let values = Factor::ALL.map(|factor| distinct(&observations, factor));
        let places = values.each_ref().map(|values| places(values));
        let runs = observations.into_iter().map(|observation| {
            let place = |factor: Factor| match &observation.labels[factor.place()] {
                Some(label) => places[factor.place()].get(&label.to_lowercase()).copied(),
                // What is the same everywhere is so here too.
                None if !Factor::SWEPT.contains(&factor) && values[factor.place()].len() == 1 => Some(0),
                None => None,
            };
            let Observation { outcome, loss, seconds, ref seed, .. } = observation;
            Run { values: Factor::ALL.map(place), outcome, loss, seconds, seed: seed.clone() }
        });
        let runs = runs.collect();
        Self::with(values, runs)
    }

    fn with(values: [Vec<String>; Factor::COUNT], runs: Vec<Run>) -> Self {
        let mut places: HashMap<Values, usize> = HashMap::new();
        let mut configurations: Vec<Configuration> = Vec::new();
        for run in &runs {
            let place = *places.entry(run.values).or_insert_with(|| {
                configurations.push(Configuration::new(run.values));
                configurations.len() - 1
            });
            configurations[place].add(run);
        }
        // Unknown values come last.
        configurations.sort_by_key(|configuration| configuration.values.map(|value| value.unwrap_or(usize::MAX)));
        let varying = Factor::ALL.into_iter().filter(|factor| varies(&configurations, *factor)).collect();
        Self { values, runs, configurations, varying }
    }

    /// Only these runs. Values keep their places, so that what is drawn of them keeps its colours.
    fn filtered(&self, keep: impl Fn(&Run) -> bool) -> Self {
        Self::with(self.values.clone(), self.runs.iter().filter(|run| keep(run)).cloned().collect())
    }

    /// Only the runs with an accuracy above `threshold`.
    #[must_use]
    pub fn over(&self, threshold: f64) -> Self {
        self.filtered(|run| matches!(run.outcome, Outcome::Accuracy(accuracy) if accuracy > threshold))
    }

    /// Only the configurations that `keep` wants.
    #[must_use]
    pub fn select(&self, keep: impl Fn(&Configuration) -> bool) -> Self {
        let kept: HashSet<Values> = self.configurations.iter().filter(|it| keep(it)).map(|it| it.values).collect();
        self.filtered(|run| kept.contains(&run.values))
    }

    /// Only the configurations of which `keep` wants the value of `factor`. Unknown ones are left out.
    #[must_use]
    pub fn only(&self, factor: Factor, keep: impl Fn(&str) -> bool) -> Self {
        self.select(|it| it.value(factor).is_some_and(|value| keep(&self.values(factor)[value])))
    }

    /// Every value of a factor, numbers by size and before names, names as they first came.
    pub fn values(&self, factor: Factor) -> &[String] {
        &self.values[factor.place()]
    }

    /// The place of a value in [`Survey::values`], whatever its case.
    pub fn find(&self, factor: Factor, value: &str) -> Option<usize> {
        let label = factor.label(value)?.to_lowercase();
        self.values(factor).iter().position(|value| value.to_lowercase() == label)
    }

    /// The value of a configuration, `?` where it is unknown.
    pub fn value(&self, configuration: &Configuration, factor: Factor) -> &str {
        configuration.value(factor).map_or("?", |value| &self.values(factor)[value])
    }

    /// In the order of their values.
    pub fn configurations(&self) -> &[Configuration] {
        &self.configurations
    }

    /// Runs, however they ended.
    pub fn runs(&self) -> usize {
        self.runs.len()
    }

    /// The different seeds, in the order they came.
    pub fn seeds(&self) -> Vec<&str> {
        let mut seeds = Vec::new();
        for seed in self.runs.iter().filter_map(|run| run.seed.as_deref()) {
            if !seeds.contains(&seed) {
                seeds.push(seed);
            }
        }
        seeds
    }

    /// Factors in which configurations differ.
    pub fn varying(&self) -> &[Factor] {
        &self.varying
    }

    /// Factors of which all configurations have the same value, with it.
    pub fn fixed(&self) -> Vec<(Factor, &str)> {
        let first = self.configurations.first();
        let fixed = Factor::ALL.into_iter().filter(|factor| !self.varying.contains(factor));
        fixed.filter_map(|factor| Some((factor, self.values(factor)[first?.value(factor)?].as_str()))).collect()
    }

    /// Those with a result, best mean accuracy first; then those without.
    pub fn ranking(&self) -> Vec<&Configuration> {
        let mut ranking: Vec<_> = self.configurations.iter().collect();
        let mean = |configuration: &Configuration| configuration.accuracy().map_or(-1.0, |accuracy| accuracy.mean);
        ranking.sort_by(|a, b| mean(b).total_cmp(&mean(a)));
        ranking
    }

    /// The best of those with a result.
    pub fn best(&self) -> Option<&Configuration> {
        self.ranking().first().copied().filter(|configuration| configuration.accuracy().is_some())
    }

    /// The worst of those with a result.
    pub fn worst(&self) -> Option<&Configuration> {
        self.ranking().into_iter().rfind(|configuration| configuration.accuracy().is_some())
    }

    /// For each value of a factor that a configuration has.
    pub fn effects(&self, factor: Factor) -> Vec<Effect> {
        let effect = |value| {
            let with_it = || self.configurations.iter().filter(move |it| it.value(factor) == Some(value));
            let means: Vec<f64> = with_it().filter_map(|it| Some(it.accuracy()?.mean)).collect();
            Effect { value, accuracy: Summary::of(&means), configurations: with_it().count() }
        };
        let all = (0..self.values(factor).len()).map(effect);
        all.filter(|effect| effect.configurations > 0).collect()
    }

    /// Configurations of which a run has an accuracy at or below `threshold`, or diverged.
    pub fn failing(&self, threshold: f64) -> Vec<&Configuration> {
        self.configurations.iter().filter(|configuration| configuration.failing(threshold) > 0).collect()
    }
}

/// A run without a result counts the epochs it came to, which are not its configuration's.
fn with_the_runs_own_epochs(mut observation: Observation) -> Observation {
    if !matches!(observation.outcome, Outcome::Accuracy(_)) {
        observation.labels[Factor::EPOCHS.place()] = None;
    }
    observation
}

fn varies(configurations: &[Configuration], factor: Factor) -> bool {
    let mut values = configurations.iter().map(|configuration| configuration.value(factor));
    let first = values.next();
    values.any(|value| Some(value) != first)
}

/// Numbers by size, then names as they first came; none where they go without saying.
fn distinct(observations: &[Observation], factor: Factor) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    for label in observations.iter().filter_map(|observation| observation.labels[factor.place()].as_ref()) {
        if seen.insert(label.to_lowercase()) {
            values.push(label.clone());
        }
    }
    if !factor.mentions(&values) {
        values.clear();
    }
    sort_by_size(&mut values);
    values
}

fn places(values: &[String]) -> HashMap<String, usize> {
    values.iter().enumerate().map(|(place, value)| (value.to_lowercase(), place)).collect()
}
