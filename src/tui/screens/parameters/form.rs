//! The form of hyperparameters: its values, how they differ from the current run, and what is wrong with a value.

use crate::{
    train::{self, Hyperparameter, Hyperparameters, Limits, RunSpec, Value},
    tui::{format, keys::line_edit::LineEdit},
};

/// Fields that can be applied to the current run.
pub(super) const RATE: Field = Field::Of(Hyperparameter::LearningRate);
pub(super) const EPOCHS: Field = Field::Of(Hyperparameter::Epochs);

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Of(Hyperparameter),
    Holdout,
    TrainLimit,
    TestLimit,
}

impl Field {
    /// Returns all fields, from top to bottom.
    pub fn all() -> impl Iterator<Item = Self> {
        let hyperparameters = Hyperparameter::starting_with(&[
            Hyperparameter::Network,
            Hyperparameter::Delay,
            Hyperparameter::Activation,
            Hyperparameter::Pooling,
        ]);
        hyperparameters.map(Self::Of).chain([Self::Holdout, Self::TrainLimit, Self::TestLimit])
    }

    /// Returns the fields that are shown: without the delay for a network that has none, for example.
    pub(super) fn shown(hyper: &Hyperparameters) -> impl Iterator<Item = Self> {
        let is_shown = |field: &Self| !matches!(field, Self::Of(which) if which.is_optional() && !hyper.uses(*which));
        Self::all().filter(is_shown)
    }

    /// Returns the position of the field among all fields.
    pub(crate) fn place(self) -> usize {
        Self::all().position(|field| field == self).unwrap_or(0)
    }

    /// Returns the field at a position among all fields.
    pub(super) fn at(place: usize) -> Option<Self> {
        Self::all().nth(place)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Of(which) => which.name(),
            Self::Holdout => "holdout",
            Self::TrainLimit => "training images",
            Self::TestLimit => "test images",
        }
    }

    /// Returns a description in one line.
    pub fn doc(self) -> &'static str {
        match self {
            Self::Of(which) => which.doc(),
            Self::Holdout => "training images held out; the best checkpoint is then chosen by them",
            Self::TrainLimit => "use only the first n of them, or all",
            Self::TestLimit => "use only the first n of them, or all",
        }
    }

    /// Returns the names to choose from, unless the field is a number.
    pub fn choices(self) -> Option<&'static [&'static str]> {
        if let Self::Of(which) = self { which.names() } else { None }
    }

    /// Returns the value as it is shown and typed.
    pub fn value(self, spec: &RunSpec) -> String {
        let limits = &spec.limits;
        let all_or = |limit: Option<u32>| limit.map_or_else(|| "all".into(), |limit| limit.to_string());
        match self {
            Self::Of(which) => spec.hyper.get(which).readable(),
            Self::Holdout => limits.holdout.to_string(),
            Self::TrainLimit => all_or(limits.train),
            Self::TestLimit => all_or(limits.test),
        }
    }

    /// Returns the choice in `spec` that makes a run ignore this field, if there is one.
    pub(super) fn ignored_by(self, spec: &RunSpec) -> Option<Value> {
        let Self::Of(which) = self else { return None };
        which.needs().filter(|_| !spec.hyper.uses(which)).map(|(other, _)| spec.hyper.get(other))
    }

    /// Stores typed text in `spec`, or returns why it is not a value.
    fn set(self, spec: &mut RunSpec, text: &str) -> Result<(), String> {
        let limits = &mut spec.limits;
        let text = text.trim();
        match self {
            Self::Of(which) => spec.hyper.set(which, which.typed(text)?),
            Self::Holdout => limits.holdout = if text.is_empty() { 0 } else { whole(text)? },
            Self::TrainLimit => limits.train = all_or_some(text)?,
            Self::TestLimit => limits.test = all_or_some(text)?,
        }
        Ok(())
    }
}

fn whole(text: &str) -> Result<u32, String> {
    let value = train::whole(text)?;
    u32::try_from(value).map_err(|_| format!("at most {}, not {value}", u32::MAX))
}

fn all_or_some(text: &str) -> Result<Option<u32>, String> {
    match text {
        "" | "all" => Ok(None),
        text => match whole(text)? {
            0 => Err("1 or more, or all".into()),
            limit => Ok(Some(limit)),
        },
    }
}

/// The form.
#[derive(Clone, Debug)]
pub struct Editor {
    /// Values of the form, with which a new run would start.
    pub spec: RunSpec,
    /// Values of the current run, with its current learning rate.
    pub running: RunSpec,
    pub field: Field,
    /// Text of the field while it is being typed.
    pub typing: Option<LineEdit>,
    /// What is wrong with the value of the field.
    pub error: Option<String>,
    /// Training images of the data set, the most that a limit may be.
    train_images: u32,
    /// Test images of the data set, likewise.
    test_images: u32,
}

impl Editor {
    pub fn new(running: RunSpec, train_images: usize, test_images: usize) -> Self {
        Self {
            spec: running.clone(),
            running,
            field: Field::Of(Hyperparameter::Network),
            typing: None,
            error: None,
            train_images: train_images as u32,
            test_images: test_images as u32,
        }
    }

    /// Takes the values of a new run, but keeps edits that the user has made.
    pub fn run_started(&mut self, spec: RunSpec) {
        if self.spec == self.running {
            self.spec = spec.clone();
        }
        self.running = spec;
    }

    /// Takes a value that changed in the current run, unless the user has edited it.
    pub(super) fn changed(&mut self, field: Field, change: impl Fn(&mut Hyperparameters)) {
        if !self.differs(field) {
            change(&mut self.spec.hyper);
        }
        change(&mut self.running.hyper);
    }

    /// Returns whether a value differs that needs no restart.
    pub(super) fn can_apply(&self) -> bool {
        [RATE, EPOCHS].into_iter().any(|field| self.differs(field))
    }

    pub fn differs(&self, field: Field) -> bool {
        field.value(&self.spec) != field.value(&self.running)
    }

    /// Returns the number of fields that differ from the current run.
    pub fn differences(&self) -> usize {
        Field::all().filter(|&field| self.differs(field)).count()
    }

    pub fn go(&mut self, by: isize) {
        let fields: Vec<Field> = Field::shown(&self.spec.hyper).collect();
        let place = fields.iter().position(|&field| field.place() >= self.field.place()).unwrap_or(0);
        self.field = fields[place.saturating_add_signed(by).min(fields.len() - 1)];
        self.error = None;
    }

    /// Takes the next or previous choice, or a handy larger or smaller number.
    pub fn change(&mut self, up: bool) {
        match self.field {
            Field::Of(which) => self.spec.hyper.step(which, up),
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

    /// Takes a choice of the field by its name.
    pub fn choose(&mut self, name: &str) {
        self.error = self.field.set(&mut self.spec, name).and_then(|()| self.check()).err();
    }

    /// Opens the field for typing; if it has choices, takes the next one instead.
    pub fn edit(&mut self) {
        if self.field.choices().is_some() {
            self.change(true);
        } else {
            self.typing = Some(LineEdit::new(self.field.value(&self.spec)));
            self.error = None;
        }
    }

    /// Accepts the typed text. A wrong value stays in the field, with the reason in `error`.
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

    /// Fills in hyperparameters, without limits on the images.
    pub fn fill(&mut self, hyper: Hyperparameters) {
        self.spec.hyper = hyper;
        self.spec.limits = Limits::default();
        self.error = None;
    }

    /// Checks that a run can be started with the values of the form.
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
                return Err(format!("there are only {} {what} images", format::grouped(images)));
            }
        }
        let images = limits.train.unwrap_or(self.train_images);
        if limits.holdout >= images {
            return Err(format!("the holdout must leave some of the {} training images", format::grouped(images)));
        }
        Ok(())
    }
}

/// Returns the next larger or smaller limit; `None`, all images, is above the largest.
fn next_limit(limit: Option<u32>, images: u32, up: bool) -> Option<u32> {
    let step = (images / 10).max(1);
    match (limit, up) {
        (None, true) => None,
        (None, false) => Some(images.saturating_sub(step).max(1)),
        (Some(limit), true) => Some(limit.saturating_add(step)).filter(|&limit| limit < images),
        (Some(limit), false) => Some(limit.saturating_sub(step).max(1)),
    }
}
