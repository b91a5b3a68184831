//! The factors of a sweep, and one spelling for each of their values.

/// What a configuration consists of. The order is that of labels, and of a chart's axis from the outside in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Factor {
    DataSet,
    MeasuredOn,
    TrainingImages,
    TestImages,
    Pooling,
    Epochs,
    Activation,
    Optimizer,
    LearningRate,
    BatchSize,
}

impl Factor {
    pub(super) const COUNT: usize = Self::ALL.len();

    pub const ALL: [Self; 10] = [
        Self::DataSet,
        Self::MeasuredOn,
        Self::TrainingImages,
        Self::TestImages,
        Self::Pooling,
        Self::Epochs,
        Self::Activation,
        Self::Optimizer,
        Self::LearningRate,
        Self::BatchSize,
    ];

    /// What the report swept. A CSV is expected to have these.
    pub const SWEPT: [Self; 4] = [Self::Activation, Self::Optimizer, Self::LearningRate, Self::BatchSize];

    /// The column's name in a sweep's CSV.
    pub fn column(self) -> &'static str {
        match self {
            Self::DataSet => "Data Set",
            Self::MeasuredOn => "Measured On",
            Self::TrainingImages => "Training Images",
            Self::TestImages => "Test Images",
            Self::Pooling => "Pooling",
            Self::Epochs => "Epochs",
            Self::Activation => "Activation",
            Self::Optimizer => "Optimizer",
            Self::LearningRate => "Learning Rate",
            Self::BatchSize => "Batch Size",
        }
    }

    /// Its name within a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::DataSet => "data set",
            Self::MeasuredOn => "measured on",
            Self::TrainingImages => "training images",
            Self::TestImages => "test images",
            Self::Pooling => "pooling",
            Self::Epochs => "epochs",
            Self::Activation => "activation",
            Self::Optimizer => "optimizer",
            Self::LearningRate => "learning rate",
            Self::BatchSize => "batch size",
        }
    }

    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::TrainingImages | Self::TestImages | Self::Epochs | Self::LearningRate | Self::BatchSize)
    }

    /// One spelling for each value: `1e-3` and `0.0010` are both `0.001`. `None` for what is no value.
    pub(super) fn label(self, text: &str) -> Option<String> {
        let text = text.trim();
        match text.parse::<f64>() {
            _ if text.is_empty() => None,
            Ok(number) if self.is_number() => number.is_finite().then(|| number_label(number)),
            _ => Some(text.to_owned()),
        }
    }
}

/// Numbers by size, then names in the order they have.
pub fn sort_by_size(values: &mut [String]) {
    let number = |label: &String| label.parse::<f64>().unwrap_or(f64::INFINITY);
    values.sort_by(|a, b| number(a).total_cmp(&number(b)));
}

/// `16`, `0.001`, `1e-5`.
fn number_label(number: f64) -> String {
    if number != 0.0 && number.abs() < 1e-4 { format!("{number:e}") } else { number.to_string() }
}
