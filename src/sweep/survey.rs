//! Statistics over the runs of a sweep: the best configuration, the effect of each factor, the failures.
//!
//! A [`Survey`] is made from a table from any source ([`Survey::read`]) or from results in memory ([`Survey::of`]). The
//! values of its factors are text, so that it accepts values that this program does not offer. Runs that differ only in
//! their seed are one [`Configuration`] with a mean and a range.

mod column;
mod factor;
mod kind;
mod read;

use std::collections::{HashMap, HashSet};

use super::{MeasuredOn, Row, RunState};

pub use factor::{Factor, sort_by_size};
pub use read::{Fault, NotASweep, Reading};

pub(crate) use column::{Column, Metric, Set};
pub(crate) use kind::TableKind;
pub(crate) use read::clipped;

/// Outcome of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// The run is done, with this accuracy, 0 to 1.
    Accuracy(f64),
    /// A NaN or an infinity was computed.
    Diverged,
    /// The run has no result, for a reason other than its configuration.
    Failed,
}

/// Value of each factor, if known.
type Labels = [Option<String>; Factor::COUNT];

/// Result of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    labels: Labels,
    pub outcome: Outcome,
    /// Mean cross-entropy.
    pub loss: Option<f64>,
    /// Duration of the run.
    pub seconds: Option<f64>,
    pub seed: Option<String>,
}

impl Observation {
    /// Creates an observation with only an outcome.
    pub fn new(outcome: Outcome) -> Self {
        Self { labels: Default::default(), outcome, loss: None, seconds: None, seed: None }
    }

    /// Sets a factor's value. Empty text, or NaN for a number, leaves it unknown.
    #[must_use]
    pub fn with(mut self, factor: Factor, value: impl AsRef<str>) -> Self {
        self.labels[factor.place()] = factor.label(value.as_ref());
        self
    }

    /// Returns the value of a factor; `None` if it is unknown, or makes no difference to the run.
    fn label(&self, factor: Factor) -> Option<&String> {
        let ignores = factor.needs().is_some_and(|(other, choices)| {
            let is_choice = |label: &String| choices.iter().any(|choice| label.eq_ignore_ascii_case(choice));
            self.labels[other.place()].as_ref().is_some_and(|label| !is_choice(label))
        });
        self.labels[factor.place()].as_ref().filter(|_| !ignores)
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

/// Index of the value of each factor in [`Survey::values`]; `None` if unknown.
pub type Values = [Option<usize>; Factor::COUNT];

/// Result of a run, with its configuration as indices.
#[derive(Clone, Debug, PartialEq)]
struct Run {
    values: Values,
    outcome: Outcome,
    loss: Option<f64>,
    seconds: Option<f64>,
    seed: Option<String>,
}

/// Runs that differ only in their seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    values: Values,
    /// Accuracies of the runs with a result, in the order given.
    pub accuracies: Vec<f64>,
    pub losses: Vec<f64>,
    /// Known durations of all runs, whatever their outcome.
    pub seconds: Vec<f64>,
    /// Number of runs that diverged.
    pub diverged: usize,
    /// Number of runs without a result for a reason other than the configuration.
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

    /// Returns the index of its value in [`Survey::values`].
    pub fn value(&self, factor: Factor) -> Option<usize> {
        self.values[factor.place()]
    }

    /// Summarizes the accuracies; `None` if no run has a result.
    pub fn accuracy(&self) -> Option<Summary> {
        Summary::of(&self.accuracies)
    }

    pub fn loss(&self) -> Option<Summary> {
        Summary::of(&self.losses)
    }

    /// Counts all runs, whatever their outcome.
    pub fn runs(&self) -> usize {
        self.accuracies.len() + self.diverged + self.failed
    }

    /// Counts the runs with an accuracy at or below `threshold`, and those that diverged.
    pub fn failing(&self, threshold: f64) -> usize {
        self.accuracies.iter().filter(|&&accuracy| accuracy <= threshold).count() + self.diverged
    }
}

/// Mean, range and count of some numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    pub mean: f64,
    pub min: f64,
    pub max: f64,
    pub count: usize,
}

impl Summary {
    /// Summarizes numbers; `None` if there are none.
    pub fn of<'a>(numbers: impl IntoIterator<Item = &'a f64>) -> Option<Self> {
        let (mut sum, mut min, mut max, mut count) = (0.0, f64::INFINITY, f64::NEG_INFINITY, 0);
        for &number in numbers {
            (sum, min, max, count) = (sum + number, number.min(min), number.max(max), count + 1);
        }
        (count > 0).then(|| Self { mean: sum / count as f64, min, max, count })
    }
}

/// Effect of one value of a factor, over the configurations that have it.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// Index of the value in [`Survey::values`].
    pub value: usize,
    /// Summary of the configurations' mean accuracies, without configurations that have no result.
    pub accuracy: Option<Summary>,
    /// Number of configurations with the value, including those without a result.
    pub configurations: usize,
}

/// All results, grouped by configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    values: [Vec<String>; Factor::COUNT],
    runs: Vec<Run>,
    configurations: Vec<Configuration>,
    varying: Vec<Factor>,
}

impl Survey {
    /// Makes a survey of results in memory.
    pub fn of(observations: impl IntoIterator<Item = Observation>) -> Self {
        let observations: Vec<_> = observations.into_iter().map(without_partial_epochs).collect();
        let values = Factor::ALL.map(|factor| distinct(&observations, factor));
        let places = values.each_ref().map(|values| places(values));
        let runs = observations.into_iter().map(|observation| {
            let place = |factor: Factor| match observation.label(factor) {
                Some(label) => places[factor.place()].get(&label.to_lowercase()).copied(),
                None if observation.labels[factor.place()].is_some() => None,
                // Unknown, but the same in every other run.
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

    /// Keeps only these runs. Values keep their indices, so that charts keep their colours.
    fn filtered(&self, keep: impl Fn(&Run) -> bool) -> Self {
        Self::with(self.values.clone(), self.runs.iter().filter(|run| keep(run)).cloned().collect())
    }

    /// Keeps only the runs with an accuracy above `threshold`.
    #[must_use]
    pub fn above(&self, threshold: f64) -> Self {
        self.filtered(|run| matches!(run.outcome, Outcome::Accuracy(accuracy) if accuracy > threshold))
    }

    /// Keeps only the configurations for which `keep` returns `true`.
    #[must_use]
    pub fn select(&self, keep: impl Fn(&Configuration) -> bool) -> Self {
        let kept: HashSet<Values> = self.configurations.iter().filter(|it| keep(it)).map(|it| it.values).collect();
        self.filtered(|run| kept.contains(&run.values))
    }

    /// Keeps only the configurations with a known value of `factor` for which `keep` returns `true`.
    #[must_use]
    pub fn only(&self, factor: Factor, keep: impl Fn(&str) -> bool) -> Self {
        self.select(|it| it.value(factor).is_some_and(|value| keep(&self.values(factor)[value])))
    }

    /// Returns every value of a factor: numbers by size, then names in the order of their first appearance.
    pub fn values(&self, factor: Factor) -> &[String] {
        &self.values[factor.place()]
    }

    /// Returns the index of a value in [`Survey::values`], ignoring case.
    pub fn find(&self, factor: Factor, value: &str) -> Option<usize> {
        let label = factor.label(value)?.to_lowercase();
        self.values(factor).iter().position(|value| value.to_lowercase() == label)
    }

    /// Returns the value of a configuration, as [`Survey::text`].
    pub fn value(&self, configuration: &Configuration, factor: Factor) -> &str {
        self.text(factor, configuration.value(factor))
    }

    /// Returns the value with this index; for none, `-` if not every configuration has the factor, otherwise `?`.
    pub fn text(&self, factor: Factor, value: Option<usize>) -> &str {
        match value {
            Some(value) => &self.values(factor)[value],
            None if factor.needs().is_some() => "-",
            None => "?",
        }
    }

    /// Returns the configurations in the order of their values.
    pub fn configurations(&self) -> &[Configuration] {
        &self.configurations
    }

    /// Counts the runs, whatever their outcome.
    pub fn runs(&self) -> usize {
        self.runs.len()
    }

    /// Returns the distinct seeds, in the order of their first appearance.
    pub fn seeds(&self) -> Vec<&str> {
        let mut seeds = Vec::new();
        for seed in self.runs.iter().filter_map(|run| run.seed.as_deref()) {
            if !seeds.contains(&seed) {
                seeds.push(seed);
            }
        }
        seeds
    }

    /// Returns the factors in which configurations differ.
    pub fn varying(&self) -> &[Factor] {
        &self.varying
    }

    /// Returns the factors that have the same value in all configurations, with that value.
    pub fn fixed(&self) -> Vec<(Factor, &str)> {
        let first = self.configurations.first();
        let fixed = Factor::ALL.into_iter().filter(|factor| !self.varying.contains(factor));
        fixed.filter_map(|factor| Some((factor, self.values(factor)[first?.value(factor)?].as_str()))).collect()
    }

    /// Returns the configurations by mean accuracy, the best first; those without a result are last.
    pub fn ranking(&self) -> Vec<&Configuration> {
        let mut ranking: Vec<_> = self.configurations.iter().collect();
        let mean = |configuration: &Configuration| configuration.accuracy().map_or(-1.0, |accuracy| accuracy.mean);
        ranking.sort_by(|a, b| mean(b).total_cmp(&mean(a)));
        ranking
    }

    /// Returns the best configuration with a result.
    pub fn best(&self) -> Option<&Configuration> {
        self.ranking().first().copied().filter(|configuration| configuration.accuracy().is_some())
    }

    /// Returns the worst configuration with a result.
    pub fn worst(&self) -> Option<&Configuration> {
        self.ranking().into_iter().rfind(|configuration| configuration.accuracy().is_some())
    }

    /// Returns the effect of each value of a factor that a configuration has.
    pub fn effects(&self, factor: Factor) -> Vec<Effect> {
        let effect = |value| {
            let with_it = || self.configurations.iter().filter(move |it| it.value(factor) == Some(value));
            let means: Vec<f64> = with_it().filter_map(|it| Some(it.accuracy()?.mean)).collect();
            Effect { value, accuracy: Summary::of(&means), configurations: with_it().count() }
        };
        let all = (0..self.values(factor).len()).map(effect);
        all.filter(|effect| effect.configurations > 0).collect()
    }

    /// Returns the configurations with a run that has an accuracy at or below `threshold`, or that diverged.
    pub fn failing(&self, threshold: f64) -> Vec<&Configuration> {
        self.configurations.iter().filter(|configuration| configuration.failing(threshold) > 0).collect()
    }
}

/// Forgets the epochs of a run without a result: it counts the epochs until it ended, not those of its configuration.
fn without_partial_epochs(mut observation: Observation) -> Observation {
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

/// Returns numbers by size, then names in the order of their first appearance; none if they need not be mentioned.
fn distinct(observations: &[Observation], factor: Factor) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    for label in observations.iter().filter_map(|observation| observation.label(factor)) {
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
