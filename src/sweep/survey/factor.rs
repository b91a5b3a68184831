//! The factors of a sweep, and a uniform spelling of their values.

use crate::train::Hyperparameter;

/// Part of a configuration: a property of its data, or a hyperparameter other than the seed. The order of
/// [`Factor::ALL`] is that of labels, and of a chart's axis from the outside in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Factor {
    DataSet,
    MeasuredOn,
    TrainingImages,
    TestImages,
    Of(Hyperparameter),
}

impl Factor {
    pub const POOLING: Self = Self::Of(Hyperparameter::Pooling);
    pub const EPOCHS: Self = Self::Of(Hyperparameter::Epochs);
    pub const ACTIVATION: Self = Self::Of(Hyperparameter::Activation);
    pub const OPTIMIZER: Self = Self::Of(Hyperparameter::Optimizer);
    pub const LEARNING_RATE: Self = Self::Of(Hyperparameter::LearningRate);
    pub const BATCH_SIZE: Self = Self::Of(Hyperparameter::BatchSize);

    pub(super) const COUNT: usize = 4 + Hyperparameter::ALL.len() - 1;

    pub const ALL: [Self; Self::COUNT] = {
        let mut all = [Self::DataSet; Self::COUNT];
        [all[1], all[2], all[3]] = [Self::MeasuredOn, Self::TrainingImages, Self::TestImages];
        [all[4], all[5]] = [Self::POOLING, Self::EPOCHS];
        let (mut place, mut next) = (6, 0);
        while next < Hyperparameter::ALL.len() {
            let which = Hyperparameter::ALL[next];
            if !matches!(which, Hyperparameter::Pooling | Hyperparameter::Epochs | Hyperparameter::Seed) {
                all[place] = Self::Of(which);
                place += 1;
            }
            next += 1;
        }
        all
    };

    /// Factors that the report varied. A CSV is expected to have these.
    pub const SWEPT: [Self; 4] = [Self::ACTIVATION, Self::OPTIMIZER, Self::LEARNING_RATE, Self::BATCH_SIZE];

    /// Returns the factor of a hyperparameter; `None` for the seed.
    pub fn of(which: Hyperparameter) -> Option<Self> {
        Self::ALL.into_iter().find(|factor| *factor == Self::Of(which))
    }

    /// Returns the hyperparameter of a factor, if it is one.
    pub fn hyperparameter(self) -> Option<Hyperparameter> {
        if let Self::Of(which) = self { Some(which) } else { None }
    }

    /// Returns the factor and the values of it without which configurations do not have this factor.
    pub(super) fn needs(self) -> Option<(Self, &'static [&'static str])> {
        let (other, choices) = self.hyperparameter()?.needs()?;
        Some((Self::of(other)?, choices))
    }

    /// Returns its index in [`Factor::ALL`].
    pub(super) fn place(self) -> usize {
        Self::ALL.iter().position(|factor| *factor == self).expect("the seed is not a factor")
    }

    /// Returns the name of its column in a sweep's CSV.
    pub fn column(self) -> &'static str {
        match self {
            Self::DataSet => "Data Set",
            Self::MeasuredOn => "Measured On",
            Self::TrainingImages => "Training Images",
            Self::TestImages => "Test Images",
            Self::Of(which) => which.column(),
        }
    }

    /// Returns its name in sentences.
    pub fn name(self) -> &'static str {
        match self {
            Self::DataSet => "data set",
            Self::MeasuredOn => "measured on",
            Self::TrainingImages => "training images",
            Self::TestImages => "test images",
            Self::Of(which) => which.name(),
        }
    }

    pub(super) fn is_number(self) -> bool {
        match self {
            Self::DataSet | Self::MeasuredOn => false,
            Self::TrainingImages | Self::TestImages => true,
            Self::Of(which) => which.names().is_none(),
        }
    }

    /// Returns whether texts mention these values: always, except for later hyperparameters at their default.
    pub(super) fn mentions(self, values: &[String]) -> bool {
        let is_default = |which: Hyperparameter| values == [which.default_value().to_string()];
        !self.hyperparameter().is_some_and(|which| which.is_later() && is_default(which))
    }

    /// Returns the uniform spelling of a value: `0.001` for `1e-3` and `0.0010`. `None` for an empty or invalid one.
    pub(super) fn label(self, text: &str) -> Option<String> {
        let text = text.trim();
        match text.parse::<f64>() {
            _ if text.is_empty() => None,
            Ok(number) if self.is_number() => number.is_finite().then(|| number_label(number)),
            _ => Some(text.to_owned()),
        }
    }
}

/// Sorts numbers by size, then names in their present order.
pub fn sort_by_size(values: &mut [String]) {
    let number = |label: &String| label.parse::<f64>().unwrap_or(f64::INFINITY);
    values.sort_by(|a, b| number(a).total_cmp(&number(b)));
}

/// Formats a number: `16`, `0.001`, `1e-5`.
fn number_label(number: f64) -> String {
    if number != 0.0 && number.abs() < 1e-4 { format!("{number:e}") } else { number.to_string() }
}
