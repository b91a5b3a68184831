//! The Parameters screen: a form of hyperparameters to start a run with, and the runs that were tried before.

pub(crate) mod form;
pub(crate) mod keys;
mod network;
mod tried;
mod view;

use std::path::PathBuf;

use crossterm::event::KeyEvent;
use ratatui::layout::{Position, Rect};

use self::{
    form::{EPOCHS, Editor, Field, RATE},
    tried::Tried,
};
use crate::{
    train::{CannotRun, Command, Event, Hyperparameter, Hyperparameters, Limits, RunSpec, Value},
    tui::{
        keys::{Action, Context, motion::Motion},
        message::{Effect, News, Response},
        screen::Screen,
        screen_view::{Cx, ScreenView, View},
        session::{Session, log::Level},
        widgets::{
            folds::Foldable,
            form::fit,
            surface::{Surface, Target},
        },
    },
};

#[derive(Debug)]
pub struct ParametersScreen {
    pub form: Editor,
    /// Folder of the chosen run among those tried before.
    chosen: Option<PathBuf>,
    /// Whether the cursor is among the runs tried before, not in the form.
    pub recalling: bool,
    /// Index of the next preset.
    next_preset: usize,
}

impl ParametersScreen {
    pub(crate) fn new(session: &Session) -> Self {
        let dataset = &session.dataset;
        let spec = RunSpec::new(Hyperparameters::default(), Limits::default(), dataset.id.clone());
        let form = Editor::new(spec, session.images.train_images(), session.images.test_images());
        Self { form, chosen: None, recalling: false, next_preset: 0 }
    }

    /// Sets the default number of images that a run holds out.
    pub(crate) fn hold_out(&mut self, images: u32) {
        self.form.running.limits.holdout = images;
        self.form.undo();
    }

    /// Fills in values from another screen; the limits on images stay.
    pub(crate) fn edit(&mut self, values: Vec<(Hyperparameter, Value)>) {
        for (which, value) in values {
            self.form.spec.hyper.set(which, value);
        }
        self.form.error = None;
    }

    fn go(&mut self, motion: Motion) {
        match motion {
            Motion::Left => self.form.change(false),
            Motion::Right => self.form.change(true),
            motion => self.form.go(motion.by(1, Field::all().count())),
        }
    }

    fn restart(&mut self, session: &mut Session) -> Response {
        if let Some((field, reason)) = self.form.obstacle() {
            self.recalling = false;
            self.form.refuse(field, reason);
            return Response::none();
        }
        session.begin(self.form.spec.clone())
    }

    /// Applies the values that need no restart: all of them, or none if one is not possible.
    fn apply(&self, session: &mut Session) -> Vec<Effect> {
        let hyper = &self.form.spec.hyper;
        let (epochs, begun) = (hyper.epochs, session.live.epochs_begun());
        if self.form.differs(EPOCHS) && session.live.can_train() && epochs < begun {
            session.notify(Level::Bad, CannotRun::Epochs { epochs, begun }.to_string());
            return Vec::new();
        }
        let mut effects = Vec::new();
        // Before the epochs, which may train a finished run.
        if self.form.differs(RATE) {
            effects.extend(session.send_to_trainable(Command::SetLearningRate(hyper.learning_rate)));
        }
        if self.form.differs(EPOCHS) {
            effects.extend(session.send_to_trainable(Command::SetEpochs(epochs)));
        }
        if !self.form.can_apply() {
            session.notify(Level::Warn, "this learning rate and number of epochs are already in use");
        }
        effects
    }

    fn fill_preset(&mut self, session: &mut Session) {
        let Some(preset) = session.presets.get(self.next_preset).cloned() else { return };
        self.next_preset = (self.next_preset + 1) % session.presets.len();
        self.form.fill(preset.hyper);
        let text = format!("{}; {} restarts with it", preset.name, session.key(Action::Restart));
        session.notify(Level::Plain, text);
    }

    /// Moves the cursor between the form and the runs tried before.
    fn recall(&mut self, session: &mut Session) {
        if tried::ranked(session).is_empty() {
            session.notify(Level::Warn, "nothing was tried before on this data set");
            return;
        }
        self.recalling = !self.recalling;
    }

    /// Returns the place of the chosen run among those tried before, if the cursor is there.
    fn place(&self, tried: &[Tried]) -> Option<usize> {
        let place = tried.iter().position(|tried| Some(tried.path) == self.chosen.as_deref());
        (self.recalling && !tried.is_empty()).then_some(place.unwrap_or(0))
    }

    fn go_to_tried(&mut self, session: &Session, motion: Motion, page: usize) {
        let tried = tried::ranked(session);
        let Some(place) = self.place(&tried) else { return };
        let by = match motion {
            Motion::Left | Motion::Right => 0,
            motion => motion.by(1, page),
        };
        let place = place.saturating_add_signed(by).min(tried.len() - 1);
        self.chosen = Some(tried[place].path.to_owned());
    }

    /// Fills in the values of the chosen run.
    fn take(&mut self, session: &mut Session) {
        let tried = tried::ranked(session);
        let Some(place) = self.place(&tried) else { return };
        self.form.spec = tried[place].spec();
        self.form.error = self.form.check().err();
        self.recalling = false;
        let text = format!("the values of this run are in the form; {} trains with them", session.key(Action::Restart));
        session.notify(Level::Plain, text);
    }

    /// Chooses a run that was clicked; a second click takes its values.
    fn click_tried(&mut self, session: &mut Session, place: usize) {
        let tried = tried::ranked(session);
        let Some(clicked) = tried.get(place).map(|tried| tried.path.to_owned()) else { return };
        if self.place(&tried) == Some(place) {
            return self.take(session);
        }
        (self.chosen, self.recalling) = (Some(clicked), true);
    }
}

impl ScreenView for ParametersScreen {
    fn context(&self) -> Context {
        if self.form.typing.is_some() { Context::Typing } else { Context::Screen(Screen::Parameters) }
    }

    fn act(&mut self, cx: &mut Cx, action: Action) -> Option<Response> {
        if let Some(motion) = Motion::of(action) {
            if self.recalling {
                self.go_to_tried(cx.session, motion, view::page(&self.form.spec.hyper, cx.area));
            } else {
                self.go(motion);
            }
            return Some(Response::none());
        }
        match action {
            Action::Edit if self.recalling => self.take(cx.session),
            Action::Edit => self.form.edit(),
            Action::Accept => self.form.accept(),
            Action::Cancel => self.form.cancel(),
            Action::Restart => return Some(self.restart(cx.session)),
            Action::Apply => return Some(self.apply(cx.session).into()),
            Action::Undo => self.form.undo(),
            Action::Preset => self.fill_preset(cx.session),
            Action::Recall => self.recall(cx.session),
            _ => return None,
        }
        Some(Response::none())
    }

    fn type_in(&mut self, _cx: &mut Cx, key: &KeyEvent) {
        if let Some(line) = &mut self.form.typing {
            line.press(key);
            self.form.error = None;
        }
    }

    fn draw(&self, view: View, surface: &mut Surface) {
        view::draw(self, view.session, view.area, surface);
    }

    fn click(&mut self, cx: &mut Cx, target: Target, _area: Rect, _at: Position) -> Response {
        if let Target::Row(place) = target {
            self.click_tried(cx.session, place);
            return Response::none();
        }
        self.recalling = false;
        let field = match target {
            Target::Field(place) | Target::Choice(place, _) => Field::at(place),
            _ => None,
        };
        match (target, field) {
            (Target::Choice(_, name), Some(field)) => {
                self.form.go_to(field);
                self.form.choose(name);
            }
            (_, Some(group)) if group.is_group() => {
                self.form.go_to(group);
                self.form.edit();
            }
            (_, Some(field)) if self.form.cursor() == field && !field.choices().is_some_and(fit) => self.form.edit(),
            (_, Some(field)) => self.form.go_to(field),
            (_, None) => {}
        }
        Response::none()
    }

    fn on_news(&mut self, cx: &mut Cx, news: News) -> Response {
        match news {
            News::Worker(Event::Saved { kind, .. }) if cx.is_shown => return cx.session.list_after_save(*kind).into(),
            News::Worker(Event::Started(started)) => {
                self.recalling = false;
                let mut spec = started.spec.clone();
                spec.hyper.learning_rate = started.learning_rate;
                self.form.run_started(spec);
            }
            News::Worker(Event::LearningRateChanged(rate)) => {
                self.form.changed(RATE, |hyper| hyper.learning_rate = *rate);
            }
            News::Worker(Event::EpochsChanged(epochs)) => self.form.changed(EPOCHS, |hyper| hyper.epochs = *epochs),
            _ => {}
        }
        Response::none()
    }

    fn offers(&self, session: &Session, action: Action) -> Option<bool> {
        match action {
            Action::Apply => Some(session.live.can_train() && self.form.can_apply()),
            Action::Undo => Some(self.form.differences() > 0),
            Action::Recall => Some(!tried::ranked(session).is_empty()),
            _ => None,
        }
    }

    fn shown(&mut self, cx: &mut Cx) -> Vec<Effect> {
        cx.session.list_checkpoints()
    }

    fn close_all(&mut self) {
        self.recalling = false;
    }

    fn close(&mut self) -> bool {
        std::mem::take(&mut self.recalling)
    }

    fn label(&self, session: &Session, action: Action) -> Option<&'static str> {
        match action {
            Action::Restart if !session.has_run() => Some("train"),
            Action::Edit if self.recalling => Some("take values"),
            Action::Edit if self.form.cursor().is_group() => Some(self.form.folds.label(self.form.cursor())),
            Action::Up | Action::Down if self.recalling => Some("run"),
            Action::Recall if self.recalling => Some("form"),
            _ => None,
        }
    }
}
