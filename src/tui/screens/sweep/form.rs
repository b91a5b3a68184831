//! The form of a new sweep: values of each hyperparameter, jobs and file, and how many runs they make.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use crate::{
    format::typed_path,
    sweep::{Grid, RunStatus, SweepPlan, key},
    train::{self, Group, Hyperparameter, RunSpec, Value},
    tui::{
        keys::{line_edit::LineEdit, motion::Motion},
        message::Effect,
        screens::sweep::board::Board,
        session::Session,
        widgets::folds::{Foldable, Folds},
    },
};

/// Default file of a sweep's table.
const FILE: &str = "sweep.csv";
/// Maximum bytes of a list of values.
const LIST: usize = 200;
const MAX_JOBS: u32 = 256;
/// Maximum number of runs in the preview of the map.
const MAX_PREVIEW: usize = 2_000;

/// A line of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SweepField {
    Of(Hyperparameter),
    /// Line above the hyperparameters of a group.
    Group(Group),
    Jobs,
    File,
    /// What a run in progress does during the sweep.
    CurrentRun,
    /// Line that starts the sweep.
    Start,
}

/// Choices for a run in progress.
pub(super) const CURRENT_RUN: [&str; 2] = ["pauses", "continues"];

impl Foldable for SweepField {
    fn group(self) -> Option<Self> {
        if let Self::Of(which) = self { which.group().map(Self::Group) } else { None }
    }

    fn is_group(self) -> bool {
        matches!(self, Self::Group(_))
    }
}

impl SweepField {
    /// Returns all lines, from top to bottom.
    pub fn all() -> impl Iterator<Item = Self> {
        let basic = Grid::order().filter(|which| which.group().is_none());
        let (swept, others): (Vec<_>, Vec<_>) = basic.partition(|which| which.is_swept());
        let basic = swept.into_iter().chain(others).map(Self::Of);
        basic.chain(Group::lines(Self::Group, Self::Of)).chain([Self::Jobs, Self::File, Self::CurrentRun, Self::Start])
    }

    pub(super) fn place(self) -> usize {
        Self::all().position(|field| field == self).unwrap_or(0)
    }

    pub(super) fn name(self) -> String {
        match self {
            Self::Of(which) if which.is_swept() => format!("{which}s"),
            Self::Of(which) => which.to_string(),
            Self::Group(group) => group.to_string(),
            Self::Jobs => "jobs".into(),
            Self::File => "file".into(),
            Self::CurrentRun => "current run".into(),
            Self::Start => String::new(),
        }
    }

    /// Returns a description in one line.
    pub(super) fn doc(self) -> String {
        match self {
            Self::Of(which) if which.is_swept() => format!("separated by commas: {}", which.doc()),
            Self::Of(which) => format!("of every run: {}", which.doc()),
            Self::Group(group) => group.doc().into(),
            Self::Jobs => "runs trained at the same time, on one thread each".into(),
            Self::File => "the table of results; created, or continued if it exists".into(),
            Self::CurrentRun => "pauses: the sweep has all cores; continues: both share them".into(),
            Self::Start => {
                "A sweep trains every combination of these values for a few epochs each. The map and the rank of \
                            this screen then show which values are good."
                    .into()
            }
        }
    }
}

/// The form.
#[derive(Debug)]
pub struct SweepForm {
    pub grid: Grid,
    /// Runs at the same time; `None` is one per core.
    pub jobs: Option<u32>,
    pub out: PathBuf,
    /// Whether a run in progress is paused for the sweep.
    pub pauses_run: bool,
    /// Line under the cursor, unless it is hidden: see [`SweepForm::cursor`].
    pub field: SweepField,
    pub folds: Folds<SweepField>,
    /// Text of the field while it is being typed.
    pub typing: Option<LineEdit>,
    /// What is wrong with the field.
    pub error: Option<String>,
    pub is_open: bool,
    /// Keys of the runs in a file, or why it cannot be continued.
    known: Option<(PathBuf, Result<HashSet<String>, String>)>,
    /// Number of runs, and of those that the file has already.
    counts: (usize, usize),
    /// The configurations, none of them trained.
    board: Board,
}

impl Default for SweepForm {
    fn default() -> Self {
        Self {
            grid: Grid::default(),
            jobs: None,
            out: FILE.into(),
            pauses_run: true,
            field: SweepField::Start,
            folds: Folds::default(),
            typing: None,
            error: None,
            is_open: false,
            known: None,
            counts: (0, 0),
            board: Board::default(),
        }
    }
}

impl SweepForm {
    /// Opens the form, with the cursor on the line that starts the sweep.
    pub(super) fn open(&mut self, session: &Session) -> Effect {
        (self.is_open, self.field, self.typing, self.error) = (true, SweepField::Start, None, None);
        self.prepare(session)
    }

    /// Counts the runs, and asks which of them are in the file.
    pub(super) fn prepare(&mut self, session: &Session) -> Effect {
        self.count(session);
        self.read_file()
    }

    /// Asks which runs are in the file.
    pub(super) fn read_file(&self) -> Effect {
        Effect::ReadKnownRuns(self.out.clone())
    }

    /// Takes the keys of the runs in a file.
    pub(super) fn take_known(&mut self, path: &Path, keys: &Result<HashSet<String>, String>, session: &Session) {
        if path == self.out {
            self.known = Some((path.to_owned(), keys.clone()));
            self.count(session);
        }
    }

    pub(super) fn plan(&self, session: &Session) -> SweepPlan {
        SweepPlan { grid: self.grid.clone(), limits: session.limits(), jobs: self.jobs, out: self.out.clone() }
    }

    /// Counts the runs, and those that the file has already.
    fn count(&mut self, session: &Session) {
        let runs = self.grid.runs();
        let keys = self.known.as_ref().filter(|(path, _)| *path == self.out).and_then(|(_, keys)| keys.as_ref().ok());
        let spec = |hyper| RunSpec::new(hyper, session.limits(), session.dataset.id.clone());
        let all = runs.len();
        let known = keys.filter(|keys| !keys.is_empty());
        let done =
            known.map_or(0, |keys| runs.into_iter().filter(|hyper| keys.contains(&key(&spec(hyper.clone())))).count());
        self.counts = (all, done);
        let waiting = self.grid.runs().into_iter().map(|hyper| (hyper, RunStatus::Waiting));
        self.board = if all > MAX_PREVIEW { Board::default() } else { Board::of_runs(&waiting.collect::<Vec<_>>()) };
    }

    /// Returns the configurations, none of them trained; empty if they are too many to be shown.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// Returns the number of runs, and of those that the file has already.
    pub fn counts(&self) -> (usize, usize) {
        self.counts
    }

    /// Returns what the last line does, in a word and in full.
    pub(super) fn start_label(&self) -> (&'static str, &'static str) {
        match self.counts {
            (all, done) if done > 0 && done == all => ("show", "show the results"),
            (_, done) if done > 0 => ("continue", "continue the sweep"),
            _ => ("start", "start the sweep"),
        }
    }

    /// Returns why the file cannot be continued.
    pub(super) fn file_error(&self) -> Option<&str> {
        let (path, keys) = self.known.as_ref()?;
        keys.as_ref().err().filter(|_| *path == self.out).map(String::as_str)
    }

    /// Returns whether a line is shown: not if its group is folded, nor if it is a choice for a run and none is in
    /// progress, nor if it is for delays and no network has any, for example.
    fn shows(&self, field: SweepField, session: &Session) -> bool {
        let exists = match field {
            SweepField::CurrentRun => session.is_training(),
            SweepField::Of(which) => !which.is_optional() || self.grid.uses(which),
            _ => true,
        };
        exists && self.folds.shows(field)
    }

    /// Returns the lines that are shown.
    pub(super) fn shown(&self, session: &Session) -> Vec<SweepField> {
        SweepField::all().filter(|&field| self.shows(field, session)).collect()
    }

    /// Returns the line under the cursor: `field` or, if that is hidden, the last one shown before it.
    pub fn cursor(&self, session: &Session) -> SweepField {
        if self.shows(self.field, session) {
            return self.field;
        }
        let before: Vec<SweepField> = SweepField::all().take(self.field.place()).collect();
        before.into_iter().rfind(|&field| self.shows(field, session)).unwrap_or(self.field)
    }

    /// Describes the values of a group that are not the default.
    pub(super) fn words(&self, group: Group) -> Vec<String> {
        group.words(|which| if self.grid.uses(which) { self.grid.values(which).to_vec() } else { Vec::new() })
    }

    pub(super) fn go(&mut self, motion: Motion, session: &Session) {
        match motion {
            Motion::Left => self.change(false, session),
            Motion::Right => self.change(true, session),
            motion => {
                let (fields, cursor) = (self.shown(session), self.cursor(session));
                let place = fields.iter().position(|&field| field == cursor).unwrap_or(0);
                let place = place.saturating_add_signed(motion.by(1, fields.len()));
                self.choose(fields[place.min(fields.len() - 1)]);
            }
        }
    }

    pub(super) fn choose(&mut self, field: SweepField) {
        if self.field != field {
            (self.field, self.typing, self.error) = (field, None, None);
        }
    }

    /// Adds or removes a value, or changes a number or a choice; opens or folds a group.
    fn change(&mut self, up: bool, session: &Session) {
        self.field = self.cursor(session);
        self.error = None;
        match self.field {
            SweepField::Group(_) => return self.folds.set(self.field, up),
            SweepField::Of(which) => self.change_values(which, up),
            SweepField::Jobs => {
                let jobs = self.jobs.unwrap_or(session.cores);
                let jobs = if up { (jobs + 1).min(MAX_JOBS) } else { jobs.saturating_sub(1).max(1) };
                self.jobs = Some(jobs).filter(|&jobs| jobs != session.cores);
            }
            SweepField::CurrentRun => self.pauses_run = !self.pauses_run,
            SweepField::File | SweepField::Start => {}
        }
        self.count(session);
    }

    fn change_values(&mut self, which: Hyperparameter, up: bool) {
        let mut values = self.grid.values(which).to_vec();
        if !which.is_swept() {
            values = values.first().map(|&value| which.step(value, up)).into_iter().collect();
        } else if up {
            values.extend(next_value(which, &values));
        } else if values.len() > 1 {
            values.pop();
        }
        let grid = self.grid.clone().with(which, values);
        match grid.validate() {
            Ok(()) => self.grid = grid,
            Err(error) => self.error = Some(error.to_string()),
        }
    }

    /// Opens the field under the cursor for typing, or takes the next choice; opens or folds a group.
    pub(super) fn edit(&mut self, session: &Session) {
        self.field = self.cursor(session);
        let text = match self.field {
            SweepField::Of(which) => self.grid.text(which),
            SweepField::Jobs => self.jobs.unwrap_or(session.cores).to_string(),
            SweepField::File => self.out.display().to_string(),
            SweepField::CurrentRun => return self.change(true, session),
            SweepField::Group(_) => return self.folds.toggle(self.field),
            SweepField::Start => return,
        };
        self.error = None;
        self.typing = Some(match self.field {
            SweepField::File => LineEdit::long(text),
            _ => LineEdit::with_room(text, LIST),
        });
    }

    /// Accepts the typed text. Wrong text stays in the field, with the reason in `error`. Returns whether the file
    /// changed.
    pub(super) fn accept(&mut self, session: &Session) -> bool {
        let Some(line) = self.typing.take() else { return false };
        let before = self.out.clone();
        match self.set(line.text.trim(), session) {
            Ok(()) => self.count(session),
            Err(reason) => (self.typing, self.error) = (Some(line), Some(reason)),
        }
        self.out != before
    }

    fn set(&mut self, text: &str, session: &Session) -> Result<(), String> {
        match self.field {
            SweepField::Of(which) => self.grid = self.grid.typed(which, text)?,
            SweepField::Jobs => {
                let jobs = u32::try_from(train::whole(text)?).ok().filter(|jobs| (1..=MAX_JOBS).contains(jobs));
                let jobs = jobs.ok_or_else(|| format!("1 to {MAX_JOBS}, not {text}"))?;
                self.jobs = Some(jobs).filter(|&jobs| jobs != session.cores);
            }
            SweepField::File if text.is_empty() => return Err("the name of a file, not nothing".into()),
            SweepField::File => self.out = typed_path(text),
            SweepField::Group(_) | SweepField::CurrentRun | SweepField::Start => {}
        }
        Ok(())
    }

    pub(super) fn cancel(&mut self) {
        (self.typing, self.error) = (None, None);
    }

    /// Returns to the default values; the file stays.
    pub(super) fn undo(&mut self, session: &Session) {
        let out = std::mem::take(&mut self.out);
        let folds = std::mem::take(&mut self.folds);
        let (field, is_open, known) = (self.field, self.is_open, self.known.take());
        *self = Self { out, field, folds, is_open, known, ..Self::default() };
        self.count(session);
    }

    /// Checks what a sweep needs, and returns its plan. Otherwise the cursor moves to the field that is wrong.
    pub(super) fn checked(&mut self, session: &Session) -> Option<SweepPlan> {
        let plan = self.plan(session);
        match session.images_of(&plan.limits) {
            Ok(_) => Some(plan),
            Err(error) => {
                self.error = Some(error);
                None
            }
        }
    }

    /// Shows why the sweep did not start.
    pub(super) fn refuse(&mut self, reason: &str) {
        (self.field, self.error) = (SweepField::File, Some(reason.to_owned()));
    }
}

/// Returns a further value for a list: the next unused name, or the number beside the last one, in the list's direction.
fn next_value(which: Hyperparameter, values: &[Value]) -> Option<Value> {
    if let Some(names) = which.names() {
        return names.iter().map(|&name| Value::Name(name)).find(|name| !values.contains(name));
    }
    let number = |value: Value| match value {
        Value::Real(value) => f64::from(value),
        Value::Whole(value) => value as f64,
        Value::Name(_) => 0.0,
    };
    let &last = values.last()?;
    let ascends = values.len() < 2 || number(values[values.len() - 2]) < number(last);
    Some(which.step(last, ascends)).filter(|next| !values.contains(next))
}
