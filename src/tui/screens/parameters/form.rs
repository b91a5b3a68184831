//! The form of hyperparameters: its values, how they differ from the current run, and what is wrong with a value.

use crate::{
    train::{self, Group, Hyperparameter, Hyperparameters, Limits, RunSpec, Value},
    tui::{
        format,
        keys::line_edit::LineEdit,
        widgets::{
            folds::{Foldable, Folds},
            form::folded,
        },
    },
};

/// Fields that can be applied to the current run.
pub(super) const RATE: Field = Field::Of(Hyperparameter::LearningRate);
pub(super) const EPOCHS: Field = Field::Of(Hyperparameter::Epochs);

/// A line of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Of(Hyperparameter),
    /// Line above the hyperparameters of a group.
    Group(Group),
    /// Line above the limits of the images.
    Images,
    Holdout,
    TrainLimit,
    TestLimit,
}

impl Foldable for Field {
    fn group(self) -> Option<Self> {
        match self {
            Self::Of(which) => which.group().map(Self::Group),
            Self::Holdout | Self::TrainLimit | Self::TestLimit => Some(Self::Images),
            Self::Group(_) | Self::Images => None,
        }
    }

    fn is_group(self) -> bool {
        matches!(self, Self::Group(_) | Self::Images)
    }
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
        let basic = hyperparameters.filter(|which| which.group().is_none()).map(Self::Of);
        let images = [Self::Images, Self::Holdout, Self::TrainLimit, Self::TestLimit];
        basic.chain(Group::lines(Self::Group, Self::Of)).chain(images)
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
            Self::Group(group) => group.name(),
            Self::Images => "images",
            Self::Holdout => "holdout",
            Self::TrainLimit => "training images",
            Self::TestLimit => "test images",
        }
    }

    /// Returns a description in one line.
    pub fn doc(self) -> &'static str {
        match self {
            Self::Of(which) => which.doc(),
            Self::Group(group) => group.doc(),
            Self::Images => "the number of images used, and the holdout",
            Self::Holdout => "training images held out; the best checkpoint is then chosen by them",
            Self::TrainLimit => "use only the first n of them, or all",
            Self::TestLimit => "use only the first n of them, or all",
        }
    }

    /// Returns the names to choose from, unless the field is a number.
    pub fn choices(self) -> Option<&'static [&'static str]> {
        if let Self::Of(which) = self { which.names() } else { None }
    }

    /// Returns the value as it is shown and typed; empty for a group.
    pub fn value(self, spec: &RunSpec) -> String {
        let limits = &spec.limits;
        let all_or = |limit: Option<u32>| limit.map_or_else(|| "all".into(), |limit| limit.to_string());
        match self {
            Self::Of(which) => spec.hyper.get(which).readable(),
            Self::Group(_) | Self::Images => String::new(),
            Self::Holdout => limits.holdout.to_string(),
            Self::TrainLimit => all_or(limits.train),
            Self::TestLimit => all_or(limits.test),
        }
    }

    /// Describes the values of a group that are not the default, as far as they fit into `columns`.
    pub(super) fn folded(self, spec: &RunSpec, columns: usize) -> String {
        let hyper = &spec.hyper;
        let used = |which| if hyper.uses(which) { vec![hyper.get(which)] } else { Vec::new() };
        match self {
            Self::Group(group) => folded(&group.words(used), "off", columns),
            Self::Images => {
                let limits = format::limits(&spec.limits).into_iter();
                folded(&limits.filter(|limit| !limit.is_empty()).collect::<Vec<_>>(), "all", columns)
            }
            _ => String::new(),
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
            Self::Group(_) | Self::Images => {}
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
    /// Field under the cursor, unless it is hidden: see [`Editor::cursor`].
    pub field: Field,
    pub folds: Folds<Field>,
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
            folds: Folds::default(),
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
        if field.is_group() {
            return Field::all().any(|each| each.group() == Some(field) && self.differs(each));
        }
        field.value(&self.spec) != field.value(&self.running)
    }

    /// Returns the number of fields that differ from the current run.
    pub fn differences(&self) -> usize {
        Field::all().filter(|&field| !field.is_group() && self.differs(field)).count()
    }

    /// Returns whether a field is shown: not if its group is folded, nor if it is the delay of a network that has none,
    /// for example.
    fn shows(&self, field: Field) -> bool {
        let exists = |which: Hyperparameter| !which.is_optional() || self.spec.hyper.uses(which);
        self.folds.shows(field) && if let Field::Of(which) = field { exists(which) } else { true }
    }

    /// Returns the fields that are shown.
    pub(super) fn shown(&self) -> Vec<Field> {
        Field::all().filter(|&field| self.shows(field)).collect()
    }

    /// Returns the field under the cursor: `field` or, if that is hidden, the last one shown before it.
    pub fn cursor(&self) -> Field {
        if self.shows(self.field) {
            return self.field;
        }
        let before: Vec<Field> = Field::all().take(self.field.place()).collect();
        before.into_iter().rfind(|&field| self.shows(field)).unwrap_or(self.field)
    }

    pub fn go(&mut self, by: isize) {
        let (fields, cursor) = (self.shown(), self.cursor());
        let place = fields.iter().position(|&field| field == cursor).unwrap_or(0);
        self.field = fields[place.saturating_add_signed(by).min(fields.len() - 1)];
        self.error = None;
    }

    /// Moves the cursor to a field.
    pub(super) fn go_to(&mut self, field: Field) {
        if self.field != field {
            (self.field, self.error) = (field, None);
        }
    }

    /// Shows what is wrong with a field, which may be in a folded group.
    pub(super) fn refuse(&mut self, field: Field, reason: String) {
        self.folds.reveal(field);
        (self.field, self.typing, self.error) = (field, None, Some(reason));
    }

    /// Takes the next or previous choice, or a handy larger or smaller number; opens or folds a group.
    pub fn change(&mut self, up: bool) {
        self.field = self.cursor();
        match self.field {
            Field::Group(_) | Field::Images => return self.folds.set(self.field, up),
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

    /// Takes a choice of the field under the cursor by its name.
    pub fn choose(&mut self, name: &str) {
        self.error = self.field.set(&mut self.spec, name).and_then(|()| self.check()).err();
    }

    /// Opens the field under the cursor for typing; if it has choices, takes the next one instead. Opens or folds a
    /// group.
    pub fn edit(&mut self) {
        self.field = self.cursor();
        if self.field.is_group() {
            self.folds.toggle(self.field);
        } else if self.field.choices().is_some() {
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
        let check = |spec: &RunSpec| self.wrong_limit(&spec.limits).map_or(Ok(()), |(_, reason)| Err(reason));
        match self.field.set(&mut spec, &line.text).and_then(|()| check(&spec)) {
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

    /// Checks the values of the form, each by itself.
    pub fn check(&self) -> Result<(), String> {
        self.wrong().map_or(Ok(()), |(_, reason)| Err(reason))
    }

    /// Returns the field that keeps a run from being started, with the reason.
    pub(super) fn obstacle(&self) -> Option<(Field, String)> {
        let needs_holdout = || {
            let which = self.spec.needs_holdout()?;
            Some((Field::Holdout, format!("{which} needs held-out images, for example 5,000")))
        };
        self.wrong().or_else(needs_holdout)
    }

    /// Returns the first field that is wrong, with the reason.
    fn wrong(&self) -> Option<(Field, String)> {
        let wrong = |which: Hyperparameter| {
            let error = which.check(self.spec.hyper.get(which)).err()?;
            Some((Field::Of(which), error.to_string()))
        };
        Hyperparameter::ALL.iter().find_map(|&which| wrong(which)).or_else(|| self.wrong_limit(&self.spec.limits))
    }

    fn wrong_limit(&self, limits: &Limits) -> Option<(Field, String)> {
        let too_many = |limit: Option<u32>, images: u32| limit.is_some_and(|limit| limit > images);
        let only = |images, what| format!("there are only {} {what} images", format::grouped(images));
        let images = limits.train.unwrap_or(self.train_images);
        if too_many(limits.train, self.train_images) {
            Some((Field::TrainLimit, only(self.train_images, "training")))
        } else if too_many(limits.test, self.test_images) {
            Some((Field::TestLimit, only(self.test_images, "test")))
        } else if limits.holdout >= images {
            let images = format::grouped(images);
            Some((Field::Holdout, format!("the holdout must leave some of the {images} training images")))
        } else {
            None
        }
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
