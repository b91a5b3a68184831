//! The form of hyperparameters: what it holds, what differs from the running run, and what is wrong with a value.

use crate::{
    train::{Activation, Hyperparameters, Limits, OptimizerKind, Pooling, RunSpec},
    tui::{format, keys::line_edit::LineEdit},
};

/// A line of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Activation,
    Pooling,
    Optimizer,
    LearningRate,
    BatchSize,
    Epochs,
    Seed,
    Holdout,
    TrainLimit,
    TestLimit,
}

impl Field {
    pub const ALL: [Self; 10] = [
        Self::Activation,
        Self::Pooling,
        Self::Optimizer,
        Self::LearningRate,
        Self::BatchSize,
        Self::Epochs,
        Self::Seed,
        Self::Holdout,
        Self::TrainLimit,
        Self::TestLimit,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::Pooling => "pooling",
            Self::Optimizer => "optimizer",
            Self::LearningRate => "learning rate",
            Self::BatchSize => "batch size",
            Self::Epochs => "epochs",
            Self::Seed => "seed",
            Self::Holdout => "holdout",
            Self::TrainLimit => "training images",
            Self::TestLimit => "test images",
        }
    }

    /// What it is, in a line.
    pub fn doc(self) -> &'static str {
        match self {
            Self::Activation => "the non-linearity after C1, C3, C5 and F6",
            Self::Pooling => "how S2 and S4 bring 2x2 values to one: their mean, or the largest",
            Self::Optimizer => "how gradients change the weights; the formulas are Keras's",
            Self::LearningRate => "the size of each change; can also be applied while training goes on",
            Self::BatchSize => "images a step, 1 to 4,096",
            Self::Epochs => "passes over the training images in all",
            Self::Seed => "of the first weights and of the order of the images",
            Self::Holdout => "training images set apart; the best checkpoint is then chosen by them",
            Self::TrainLimit => "only the first so many of them, or all",
            Self::TestLimit => "only the first so many of them, or all",
        }
    }

    /// The names to choose from, if it is no number.
    pub fn choices(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Activation => Some(Activation::NAMES),
            Self::Pooling => Some(Pooling::NAMES),
            Self::Optimizer => Some(OptimizerKind::NAMES),
            _ => None,
        }
    }

    /// The value as text, as it is shown and typed.
    pub fn value(self, spec: &RunSpec) -> String {
        let (hyper, limits) = (&spec.hyper, &spec.limits);
        let all_or = |limit: Option<u32>| limit.map_or_else(|| "all".into(), |limit| limit.to_string());
        match self {
            Self::Activation => hyper.activation.to_string(),
            Self::Pooling => hyper.pooling.to_string(),
            Self::Optimizer => hyper.optimizer.to_string(),
            Self::LearningRate => format::rate(hyper.learning_rate),
            Self::BatchSize => hyper.batch_size.to_string(),
            Self::Epochs => hyper.epochs.to_string(),
            Self::Seed => hyper.seed.to_string(),
            Self::Holdout => limits.holdout.to_string(),
            Self::TrainLimit => all_or(limits.train),
            Self::TestLimit => all_or(limits.test),
        }
    }

    /// Puts what was typed into `spec`, or says why not.
    fn set(self, spec: &mut RunSpec, text: &str) -> Result<(), String> {
        let (hyper, limits) = (&mut spec.hyper, &mut spec.limits);
        let text = text.trim();
        match self {
            Self::Activation => hyper.activation = choice(text)?,
            Self::Pooling => hyper.pooling = choice(text)?,
            Self::Optimizer => hyper.optimizer = choice(text)?,
            Self::LearningRate => {
                let rate = text.parse().map_err(|_| format!("a number such as 0.001, not `{text}`"))?;
                Hyperparameters::check_learning_rate(rate).map_err(refusal)?;
                hyper.learning_rate = rate;
            }
            Self::BatchSize => {
                let size = whole(text, u64::from(Hyperparameters::MAX_BATCH_SIZE))?;
                Hyperparameters::check_batch_size(size).map_err(refusal)?;
                hyper.batch_size = size;
            }
            Self::Epochs => {
                let epochs = whole(text, u64::from(Hyperparameters::MAX_EPOCHS))?;
                Hyperparameters::check_epochs(epochs).map_err(refusal)?;
                hyper.epochs = epochs;
            }
            Self::Seed => hyper.seed = whole_u64(text)?,
            Self::Holdout => limits.holdout = if text.is_empty() { 0 } else { whole(text, u64::from(u32::MAX))? },
            Self::TrainLimit => limits.train = all_or_some(text)?,
            Self::TestLimit => limits.test = all_or_some(text)?,
        }
        Ok(())
    }
}

fn choice<T: std::str::FromStr<Err: ToString>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

fn refusal(error: crate::train::InvalidHyperparameter) -> String {
    format!("{}, not {}", error.expected, error.found)
}

fn whole_u64(text: &str) -> Result<u64, String> {
    let digits: String = text.chars().filter(|&char| char != ',' && char != '_').collect();
    digits.parse().map_err(|_| format!("a whole number, not `{text}`"))
}

fn whole(text: &str, max: u64) -> Result<u32, String> {
    let value = whole_u64(text)?;
    u32::try_from(value).map_err(|_| format!("at most {max}, not {value}"))
}

fn all_or_some(text: &str) -> Result<Option<u32>, String> {
    match text {
        "" | "all" => Ok(None),
        text => match whole(text, u64::from(u32::MAX))? {
            0 => Err("1 or more, or all".into()),
            limit => Ok(Some(limit)),
        },
    }
}

/// The form.
#[derive(Clone, Debug)]
pub struct Editor {
    /// What would be trained.
    pub spec: RunSpec,
    /// What is being trained, its learning rate as it is now.
    pub running: RunSpec,
    pub field: Field,
    /// The field is being typed.
    pub typing: Option<LineEdit>,
    /// Why what was typed is no value.
    pub error: Option<String>,
    /// Images of the data set, which limits cannot exceed.
    train_images: u32,
    test_images: u32,
}

impl Editor {
    pub fn new(running: RunSpec, train_images: usize, test_images: usize) -> Self {
        Self {
            spec: running.clone(),
            running,
            field: Field::Activation,
            typing: None,
            error: None,
            train_images: train_images as u32,
            test_images: test_images as u32,
        }
    }

    /// A run began: edits not yet used stay, where the user has made some.
    pub fn run_started(&mut self, spec: RunSpec) {
        if self.spec == self.running {
            self.spec = spec.clone();
        }
        self.running = spec;
    }

    pub fn rate_changed(&mut self, rate: f32) {
        if self.spec.hyper.learning_rate == self.running.hyper.learning_rate {
            self.spec.hyper.learning_rate = rate;
        }
        self.running.hyper.learning_rate = rate;
    }

    pub fn differs(&self, field: Field) -> bool {
        field.value(&self.spec) != field.value(&self.running)
    }

    /// How many fields differ from the running run.
    pub fn differences(&self) -> usize {
        Field::ALL.into_iter().filter(|&field| self.differs(field)).count()
    }

    pub fn go(&mut self, by: isize) {
        let place = Field::ALL.iter().position(|&field| field == self.field).unwrap_or(0);
        self.field = Field::ALL[place.saturating_add_signed(by).min(Field::ALL.len() - 1)];
        self.error = None;
    }

    /// The next choice, or a handy next number.
    pub fn change(&mut self, up: bool) {
        let hyper = &mut self.spec.hyper;
        match self.field {
            Field::Activation => hyper.activation = beside(Activation::ALL, hyper.activation, up),
            Field::Pooling => hyper.pooling = beside(Pooling::ALL, hyper.pooling, up),
            Field::Optimizer => hyper.optimizer = beside(OptimizerKind::ALL, hyper.optimizer, up),
            Field::LearningRate => hyper.learning_rate = next_rate(hyper.learning_rate, up),
            Field::BatchSize => {
                let size = if up { hyper.batch_size.saturating_mul(2) } else { hyper.batch_size / 2 };
                hyper.batch_size = size.clamp(1, Hyperparameters::MAX_BATCH_SIZE);
            }
            Field::Epochs => {
                let epochs = if up { hyper.epochs.saturating_add(1) } else { hyper.epochs.saturating_sub(1) };
                hyper.epochs = epochs.clamp(1, Hyperparameters::MAX_EPOCHS);
            }
            Field::Seed => {
                hyper.seed = if up { hyper.seed.saturating_add(1) } else { hyper.seed.saturating_sub(1) };
            }
            Field::Holdout => self.change_holdout(up),
            Field::TrainLimit => self.spec.limits.train = next_limit(self.spec.limits.train, self.train_images, up),
            Field::TestLimit => self.spec.limits.test = next_limit(self.spec.limits.test, self.test_images, up),
        }
        self.error = self.check().err();
    }

    fn change_holdout(&mut self, up: bool) {
        let images = self.spec.limits.train.unwrap_or(self.train_images);
        let step = (images / 12).max(1);
        let holdout = &mut self.spec.limits.holdout;
        *holdout = if up { (*holdout + step).min(images.saturating_sub(1)) } else { holdout.saturating_sub(step) };
    }

    /// One of the field's choices, by its name.
    pub fn choose(&mut self, name: &str) {
        self.error = self.field.set(&mut self.spec, name).and_then(|()| self.check()).err();
    }

    /// Opens the field for typing; a choice moves on instead.
    pub fn edit(&mut self) {
        if self.field.choices().is_some() {
            self.change(true);
        } else {
            self.typing = Some(LineEdit::new(self.field.value(&self.spec)));
            self.error = None;
        }
    }

    /// Takes what was typed. A wrong value stays in the field, with the reason in `error`.
    pub fn accept(&mut self) {
        let Some(line) = &self.typing else { return };
        let mut spec = self.spec.clone();
        match self.field.set(&mut spec, &line.text).and_then(|()| self.check_images(&spec)) {
            Ok(()) => {
                self.spec = spec;
                self.typing = None;
                self.error = None;
            }
            Err(reason) => self.error = Some(reason),
        }
    }

    pub fn cancel(&mut self) {
        self.typing = None;
        self.error = None;
    }

    pub fn undo(&mut self) {
        self.spec = self.running.clone();
        self.error = None;
    }

    /// Hyperparameters from elsewhere, on all images.
    pub fn fill(&mut self, hyper: Hyperparameters) {
        self.spec.hyper = hyper;
        self.spec.limits = Limits::default();
        self.error = None;
    }

    /// Whether a run can be started with what the form holds.
    pub fn check(&self) -> Result<(), String> {
        self.spec.hyper.validate().map_err(|error| error.to_string())?;
        self.check_images(&self.spec)
    }

    fn check_images(&self, spec: &RunSpec) -> Result<(), String> {
        let limits = &spec.limits;
        for (limit, images, what) in
            [(limits.train, self.train_images, "training"), (limits.test, self.test_images, "test")]
        {
            if let Some(limit) = limit
                && limit > images
            {
                return Err(format!("there are {} {what} images", format::grouped(images)));
            }
        }
        let images = limits.train.unwrap_or(self.train_images);
        if limits.holdout >= images {
            return Err(format!("the holdout must leave some of {} training images", format::grouped(images)));
        }
        Ok(())
    }
}

fn beside<T: Copy + PartialEq>(all: &[T], now: T, up: bool) -> T {
    let place = all.iter().position(|&each| each == now).unwrap_or(0);
    all[(place + if up { 1 } else { all.len() - 1 }) % all.len()]
}

/// The next of 1, 2, 5, 10, 20, 50, ... in units of any power of ten.
fn next_rate(rate: f32, up: bool) -> f32 {
    let ladder = (-7..=1).flat_map(|power| [1.0, 2.0, 5.0].map(|step: f64| format!("{step}e{power}")));
    let steps = ladder.filter_map(|text| text.parse::<f32>().ok());
    let mut steps: Vec<f32> = steps.filter(|&step| step <= Hyperparameters::MAX_LEARNING_RATE).collect();
    if !up {
        steps.reverse();
    }
    let beyond = |step: &f32| if up { *step > rate * 1.000_1 } else { *step < rate * 0.999_9 };
    steps.into_iter().find(beyond).unwrap_or(rate)
}

/// `all` lies above the largest limit.
fn next_limit(limit: Option<u32>, images: u32, up: bool) -> Option<u32> {
    let step = (images / 10).max(1);
    match (limit, up) {
        (None, true) => None,
        (None, false) => Some(images.saturating_sub(step).max(1)),
        (Some(limit), true) => Some(limit.saturating_add(step)).filter(|&limit| limit < images),
        (Some(limit), false) => Some(limit.saturating_sub(step).max(1)),
    }
}
