//! The Parameters screen: a form of hyperparameters to start a run with.

pub(crate) mod form;
pub(crate) mod keys;
mod network;
mod view;

use crossterm::event::KeyEvent;
use ratatui::layout::{Position, Rect};

use self::form::{EPOCHS, Editor, Field, RATE};
use crate::{
    train::{Command, Event, Hyperparameter, Hyperparameters, Limits, RunSpec, Value},
    tui::{
        keys::{Action, Context, motion::Motion},
        message::{Effect, News, Response},
        screen::Screen,
        screen_view::{Cx, ScreenView, View},
        session::{Session, log::Level},
        widgets::surface::{Surface, Target},
    },
};

#[derive(Debug)]
pub struct ParametersScreen {
    pub form: Editor,
    /// Index of the tried configuration that was recalled last.
    recalled: Option<usize>,
    /// Index of the next preset.
    next_preset: usize,
}

impl ParametersScreen {
    pub(crate) fn new(session: &Session) -> Self {
        let dataset = &session.dataset;
        let spec =
            RunSpec { hyper: Hyperparameters::default(), limits: Limits::default(), dataset: dataset.id.clone() };
        Self { form: Editor::new(spec, dataset.train.len(), dataset.test.len()), recalled: None, next_preset: 0 }
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
        if let Err(reason) = self.form.check() {
            self.form.error = Some(reason);
            return Response::none();
        }
        session.begin(self.form.spec.clone())
    }

    /// Applies the values that need no restart.
    fn apply(&self, session: &mut Session) -> Vec<Effect> {
        let hyper = &self.form.spec.hyper;
        let mut effects = Vec::new();
        // Before the epochs, which may train a finished run.
        if self.form.differs(RATE) {
            effects.extend(session.send_to_trainable(Command::SetLearningRate(hyper.learning_rate)));
        }
        if self.form.differs(EPOCHS) {
            effects.extend(session.send_to_trainable(Command::SetEpochs(hyper.epochs)));
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

    /// Fills in what was tried before, from the newest to the oldest, then from the newest again.
    fn recall(&mut self, session: &mut Session) {
        let place = match self.recalled {
            Some(place) if place > 0 => place - 1,
            _ => session.tried.len().wrapping_sub(1),
        };
        let Some(tried) = session.tried.get(place) else {
            session.notify(Level::Warn, "nothing was tried before in this session");
            return;
        };
        self.form.spec = tried.spec.clone();
        self.form.error = None;
        self.recalled = Some(place);
    }

    fn choose(&mut self, field: Field) {
        if self.form.field != field {
            (self.form.field, self.form.error) = (field, None);
        }
    }
}

impl ScreenView for ParametersScreen {
    fn context(&self) -> Context {
        if self.form.typing.is_some() { Context::Typing } else { Context::Screen(Screen::Parameters) }
    }

    fn act(&mut self, cx: &mut Cx, action: Action) -> Option<Response> {
        if let Some(motion) = Motion::of(action) {
            self.go(motion);
            return Some(Response::none());
        }
        match action {
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
        view::draw(&self.form, self.recalled, view.session, view.area, surface);
    }

    fn click(&mut self, _cx: &mut Cx, target: Target, _area: Rect, _at: Position) -> Response {
        let field = match target {
            Target::Field(place) | Target::Choice(place, _) => Field::at(place),
            _ => None,
        };
        match (target, field) {
            (Target::Choice(_, name), Some(field)) => {
                self.choose(field);
                self.form.choose(name);
            }
            (_, Some(field)) if self.form.field == field && field.choices().is_none() => self.form.edit(),
            (_, Some(field)) => self.choose(field),
            (_, None) => {}
        }
        Response::none()
    }

    fn on_news(&mut self, _cx: &mut Cx, news: News) -> Response {
        match news {
            News::Worker(Event::Started(started)) => {
                self.recalled = None;
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
            Action::Recall => Some(!session.tried.is_empty()),
            _ => None,
        }
    }

    fn label(&self, session: &Session, action: Action) -> Option<&'static str> {
        (action == Action::Restart && !session.has_run()).then_some("train")
    }
}
